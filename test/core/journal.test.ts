import { expect, test } from 'vitest'
import { Journal } from '../../src/core/journal.ts'

test('J1: tells which keys were written between two versions, and nothing of what was before it', () => {
  const journal = new Journal<string>(5, 0)
  journal.add('a', 6)
  journal.add('b', 7)
  journal.add('c', 7)
  journal.add('a', 8)

  expect(journal.keysBetween(5, 8)).toEqual(new Set(['a', 'b', 'c']))
  expect(journal.keysBetween(6, 7)).toEqual(new Set(['b', 'c']))
  expect(journal.keysBetween(8, 6)).toEqual(new Set(['b', 'c', 'a']))
  expect(journal.keysBetween(7, 9)).toEqual(new Set(['a']))
  expect(journal.keysBetween(8, 8)).toEqual(new Set())
  expect(journal.keysBetween(4, 8)).toBeUndefined()
})

test.each([
  [8, 32],
  [800, 100],
])('J2: of %i slots it keeps %i keys, and with one more gives up for good', (slots, limit) => {
  const journal = new Journal<number>(0, slots)
  for (let version = 1; version <= limit; version++) journal.add(version, version)
  const full = journal.keysBetween(0, limit)

  journal.add(0, limit + 1)
  const tooMany = journal.keysBetween(0, limit)
  journal.add(1, limit + 2)

  expect(full?.size).toBe(limit)
  expect(tooMany).toBeUndefined()
  expect(journal.keysBetween(limit + 1, limit + 2)).toBeUndefined()
})
