import { expect, test } from 'vitest'
import { Epoch } from '../../src/core/epoch.ts'
import { Journal } from '../../src/core/journal.ts'

// The engine grows a Map when its entries are a power of two, in one step: what a test cannot see, but which write does it can be told.
test.each([7, 10, 14, 17].map((power) => 2 ** power))(
  'with %i keys the index has grown some writes ago, so that no write waits for two Maps',
  (full) => {
    const epoch = new Epoch<number>()

    for (let key = 0; key < full; key++) epoch.push(key, false)

    const strangers = epoch.index.size - full
    expect(strangers).toBeGreaterThan(0)
    expect(strangers).toBeLessThanOrEqual(full / 100)
  },
)

test('what was written while one epoch took over from another is known to both, and to no third', () => {
  const [first, second, third] = [new Epoch<number>(), new Epoch<number>(), new Epoch<number>()]
  const [one, two] = [new Journal<number>(0, 0), new Journal<number>(1, 0)]
  first.after = second.before = one
  second.after = third.before = two

  expect(first.journalWith(second)).toBe(one)
  expect(second.journalWith(first)).toBe(one)
  expect(second.journalWith(third)).toBe(two)
  expect(third.journalWith(second)).toBe(two)
  expect(first.journalWith(third)).toBeUndefined()
  expect(third.journalWith(first)).toBeUndefined()
  expect(first.journalWith(new Epoch())).toBeUndefined()
})
