import { expect, test } from 'vitest'
import { isThenable } from '../../src/core/thenable.ts'

const then = (resolve: (value: number) => void) => resolve(1)

test.each([
  ['a promise', Promise.resolve(1)],
  ['an object with the method', { then }],
  ['a function with the method', Object.assign(() => {}, { then })],
])('%s is what await waits for', async (_, value) => {
  expect(isThenable(value)).toBe(true)
  expect(await value).toBe(1)
})

// biome-ignore lint/suspicious/noThenProperty: a thing that looks like a thenable is what this is about
const lookalike = { then: 1 }

test.each([[null], [undefined], [0], ['then'], [{}], [lookalike], [() => {}], [Symbol('then')]])(
  '%o is not',
  async (value) => {
    expect(isThenable(value)).toBe(false)
    expect(await value).toBe(value)
  },
)
