// The exact sum against what the processor rounds correctly: one addition of two numbers.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ExactSum } from '../../src/collection/exact-sum.ts'

const sumOf = (numbers: readonly number[], taken: readonly number[] = []): number => {
  const sum = new ExactSum()
  for (const number of [...numbers, ...taken]) sum.add(number)
  for (const number of taken) sum.remove(number)
  return sum.result
}

/** There is one zero: what is left of -0 when it has been added to nothing is 0. */
const plain = (number: number) => number + 0

const any = fc.double()

test('the sum of two numbers is the one the processor gives, whatever they are', () => {
  fc.assert(
    fc.property(any, any, (a, b) => {
      expect(sumOf([a, b])).toBe(plain(a + b))
    }),
    { numRuns: 2000 },
  )
})

test.each([
  [[Number.MIN_VALUE, Number.MIN_VALUE], 2 * Number.MIN_VALUE],
  [[Number.MAX_VALUE, Number.MAX_VALUE, -Number.MAX_VALUE], Number.MAX_VALUE],
  [[Number.MAX_VALUE, Number.MAX_VALUE], Number.POSITIVE_INFINITY],
  [[2 ** 53, 1, 1], 2 ** 53 + 2],
  [[2 ** 53, 1], 2 ** 53], // half way: to even
  [[2 ** 53, 1, Number.MIN_VALUE], 2 ** 53 + 2], // a little more than half way
  [[1, 1e100, 1, -1e100], 2],
  [[0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1], 1],
  [[Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY], Number.NaN],
  [[-0], 0],
  [[], 0],
])('%j adds up to %d', (numbers, expected) => {
  expect(sumOf(numbers)).toBe(expected)
})

test('numbers that have come and gone leave nothing behind', () => {
  fc.assert(
    fc.property(fc.array(any), fc.array(any), (left, taken) => {
      expect(sumOf(left, taken)).toBe(sumOf(left))
    }),
    { numRuns: 500 },
  )
})

test('the order does not matter', () => {
  fc.assert(
    fc.property(fc.array(any), (numbers) => {
      expect(sumOf([...numbers].reverse())).toBe(sumOf(numbers))
    }),
  )
})
