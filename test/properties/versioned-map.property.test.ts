// VersionedMap against a twin that copies a whole Map at every write: N1-N6, W1, W2, E1-E3, L1 and L2 as seen from outside.
import fc from 'fast-check'
import { VersionedMap } from 'tidemap/core'
import { describe, expect, test } from 'vitest'
import { shareOf } from '../support/share.ts'
import { isMapOfViews, range, type Seen } from '../support/versioned-map-program.ts'

/** Runs random programs on as many keys; looks up each of `probes` in every view that is checked. What it has seen, for so many programs. */
function holds(keyCount: number, probes: readonly number[], length: number, count: number): Seen {
  const seen: Seen = { views: 0, diffs: 0, diffsAcrossEpochs: 0 }
  const make = () => new VersionedMap<unknown, unknown>()
  const numRuns = shareOf(count)
  fc.assert(isMapOfViews(make, keyCount, probes, length, seen), { numRuns })
  const scaled = (seenByAll: number) => (seenByAll * count) / numRuns
  return {
    views: scaled(seen.views),
    diffs: scaled(seen.diffs),
    diffsAcrossEpochs: scaled(seen.diffsAcrossEpochs),
  }
}

describe('VersionedMap is a Map whose every state stays', () => {
  test('with few keys, so that they come and go often', () => {
    const seen = holds(40, range(0, 42), 500, 100)

    expect(seen.views).toBeGreaterThan(1000)
    expect(seen.diffs - seen.diffsAcrossEpochs).toBeGreaterThan(1000)
    expect(seen.diffsAcrossEpochs).toBeGreaterThan(1000)
  })

  test('with two keys, so that one key has many incarnations', () => {
    const seen = holds(1, range(0, 3), 1000, 40)

    expect(seen.views).toBeGreaterThan(1000)
    expect(seen.diffs - seen.diffsAcrossEpochs).toBeGreaterThan(1000)
    expect(seen.diffsAcrossEpochs).toBeGreaterThan(100)
  })

  test('with thousands of keys, so that the vector has several levels', () => {
    const probes = range(0, 100).map((i) => i * 61)

    const seen = holds(6000, probes, 120, 15)

    expect(seen.views).toBeGreaterThan(50)
    expect(seen.diffs - seen.diffsAcrossEpochs).toBeGreaterThan(10)
    expect(seen.diffsAcrossEpochs).toBeGreaterThan(10)
  })
})
