import { describe, expect, test } from 'vitest'
import { SyncMap } from '../../src/core/sync-map.ts'
import { deviations, recorded } from '../support/sync-map-replay.ts'

const files = [
  'matrix',
  'scenarios',
  'pending',
  'random-3',
  'random-8',
  'random-50',
  'mixed-keys',
  'read-mostly',
  'write-mostly',
  'disjoint',
  'delete-readd',
  'miss-storm',
  'cas',
  'clear',
  'range',
]

test('the recording is whole: 424 sequences with 13,827 operations', () => {
  const all = files.flatMap(recorded)

  const operations = all.reduce((sum, { ops }) => sum + ops.length, 0)

  expect([all.length, operations]).toEqual([424, 13_827])
})

describe('SyncMap goes through the states of Go, step by step', () => {
  // Levels 1-4: results, states, promotions and turns; and what finds the mutex free is done when the call returns.
  test.each(files)('%s', async (file) => {
    const found = await deviations(recorded(file), SyncMap, { pending: 'let pass', callbacks: 'synchronous' })

    expect(found).toEqual([])
  })

  test.each(files)('%s, where the callbacks of Range await what they call', async (file) => {
    const found = await deviations(recorded(file), SyncMap, { pending: 'let pass', callbacks: 'async' })

    expect(found).toEqual([])
  })

  // Levels 1-3, and the mutex's real queue: whoever holds the mutex uses the Locked methods, and these take no turns to count.
  test('pending, where the others are the holder of the mutex', async () => {
    const found = await deviations(recorded('pending'), SyncMap, {
      pending: 'held',
      callbacks: 'synchronous',
    })

    expect(found).toEqual([])
  })
})
