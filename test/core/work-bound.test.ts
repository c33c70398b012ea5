// No operation does more for a larger map than for a small one, the depth of the vector apart: counted, not timed.
import { describe, expect, test } from 'vitest'
import { LOG_SIZE } from '../../src/core/segment.ts'
import { SyncMap } from '../../src/core/sync-map.ts'
import { WIDTH } from '../../src/core/vector.ts'
import { VersionedMap } from '../../src/core/versioned-map.ts'
import { NativeWork } from '../support/native-work.ts'

// `npm run mutate`, where every test is run for many a mutant, sets a limit: a cost that grows with the size shows at 10,000 as well
const limit = Number(process.env['TIDEMAP_MOST_KEYS'] ?? 1_000_000)
const sizes = [1_000, 10_000, 100_000, 1_000_000].filter((size) => size <= limit)

/** How many levels of nodes a vector of so many slots has. */
const depth = (slots: number) => Math.max(1, Math.ceil(Math.log(slots) / Math.log(WIDTH)))

/** What one written key may touch: the whole log folded along paths that share nothing, and a step of the evacuation. */
function mostForOneKey(slots: number): number {
  const path = depth(slots) * WIDTH
  const fold = LOG_SIZE * (path + 1)
  const evacuation = WIDTH + (WIDTH + 2 * path) // a leaf is read; its slots are written to two leaves at most
  return 1 + fold + evacuation + 1 // and the log, and the slot's copy in the next epoch
}

/** What each of many written keys may touch, all in one step: its path, and half a step of the evacuation; and one fold. */
const mostForEachKey = (slots: number) => (depth(slots) + 1) * WIDTH + 1 + mostForOneKey(slots) / LOG_SIZE

const entries = (count: number) => Array.from({ length: count }, (_, i) => [i, i] as const)

/** Keys all over the map, none twice. */
function* scattered(count: number, size: number): Generator<number> {
  for (let i = 0; i < count; i++) yield (i * 7919 + 13) % size
}

const look = (map: { readonly view: unknown }): unknown => map.view

/** The most work that any single step did, by what the map says. */
function mostTouched(
  map: { readonly touched: number },
  steps: Iterable<number>,
  step: (key: number) => void,
) {
  let most = 0
  for (const key of steps) {
    const before = map.touched
    step(key)
    const touched = map.touched - before
    if (touched < 0) throw new Error(`${key}: work that was done is not forgotten`)
    most = Math.max(most, touched)
  }
  return most
}

describe.each(sizes)('VersionedMap with %i keys', (size) => {
  const slots = 3 * size
  const identity = () => new VersionedMap<number, number>(entries(size))

  test('takes a view without touching an entry', () => {
    const map = identity()
    const before = map.touched
    map.set(0, -1)
    const afterTheWrite = map.touched

    const work = NativeWork.of(() => map.view)

    expect(work).toBe(0)
    expect(afterTheWrite).toBeGreaterThan(before)
    expect(map.touched).toBe(afterTheWrite)
  })

  test('updates a key, with a view each time', () => {
    const map = identity()

    const most = mostTouched(map, scattered(3000, size), (key) => {
      map.set(key, -key)
      look(map)
    })

    expect(most).toBeLessThanOrEqual(mostForOneKey(slots))
  })

  test('adds a key, with a view each time', () => {
    const map = identity()

    const most = mostTouched(map, scattered(3000, size), (key) => {
      map.set(size + key, key)
      look(map)
    })

    expect(most).toBeLessThanOrEqual(mostForOneKey(slots))
  })

  test('deletes keys, with a view each time, until the dead slots have been left behind', () => {
    const map = identity()
    const older = map.view
    const left = () => map.view.keysThatMayDiffer(older) === undefined // views of two epochs cannot tell
    let deleted = 0

    const most = mostTouched(map, scattered(size, size), (key) => {
      if (deleted % (size / 10) === 0 && deleted > 0 && left()) return
      if (map.delete(key)) deleted++
      look(map)
    })

    expect(left()).toBe(true)
    expect(deleted).toBeGreaterThan(size / 2)
    expect(most).toBeLessThanOrEqual(mostForOneKey(slots))
  })

  test('tells neighbouring views apart by the keys written in between, also across a compaction', () => {
    const fresh = new VersionedMap<number, number>(entries(size))
    const first = fresh.view
    const half = new Set(entries(size / 2).map(([key]) => key))
    fresh.apply(half, new Map(), half.size)
    const work = new NativeWork()
    const found = new Set<string>()
    let most = 0
    const begin = size / 2 + WIDTH // the keys after it may die: more are dead than live then
    for (let key = size / 2; key < begin; key++) fresh.delete(key)

    for (let key = begin; key < begin + size / WIDTH; key++) {
      const older = fresh.view
      fresh.delete(key)
      fresh.set(key + 1, -key)
      const newer = fresh.view
      for (const changes of [() => newer.changesSince(older), () => older.changesSince(newer)]) {
        const before = work.count
        const [one, other, ...others] = changes()
        most = Math.max(most, work.count - before)
        found.add(`${one?.key === key} ${other?.key === key + 1} ${others.length}`)
      }
    }
    work.stop()

    expect(fresh.view.keysThatMayDiffer(first)).toBeUndefined() // it has been compacted
    expect([...found]).toEqual(['true true 0'])
    expect(most).toBeLessThanOrEqual(8 * (2 * LOG_SIZE + 2))
  })

  test('lets a key come and go again and again, with a view each time', () => {
    const map = identity()

    const most = mostTouched(map, scattered(3000, size), (key) => {
      map.delete(size + (key % 10))
      map.set(size + (key % 10), key)
      look(map)
    })

    expect(most).toBeLessThanOrEqual(2 * mostForOneKey(slots))
    expect(map.view.size).toBe(size + 10)
  })

  test('applies many changes at once, for each a constant', () => {
    const map = identity()
    const written = new Map(entries(1000))
    const deleted = new Set(scattered(1000, size))
    look(map)

    const most = mostTouched(map, [0], () => map.apply(deleted, written, 2000))

    expect(most).toBeLessThanOrEqual(2000 * mostForEachKey(slots))
  })

  test('finds what changed between two near views without looking at the rest', () => {
    const map = identity()
    const older = map.view
    for (const key of scattered(100, size)) map.set(key, -key - 1)
    const newer = map.view
    let changes = 0

    const work = NativeWork.of(() => {
      changes = newer.changesSince(older).length
    })

    expect(changes).toBe(100)
    // a few lookups for each key that is in one of the logs or differs in the vectors
    expect(work).toBeLessThanOrEqual(8 * (2 * LOG_SIZE + 100))
  })

  test('is cleared without touching an entry', () => {
    const map = identity()
    look(map)
    const before = map.touched

    const work = NativeWork.of(() => map.clear())

    expect(map.touched).toBe(before)
    expect(work).toBeLessThanOrEqual(WIDTH + 2) // one empty node, and a look for entries where none is
    expect(map.size).toBe(0)
  })
})

test('what VersionedMap says it touched is what the engine sees', () => {
  const size = 100_000
  const map = new VersionedMap<number, number>(entries(size))
  map.view.get(0)
  const work = new NativeWork()
  let most = 0

  try {
    for (const key of scattered(70_000, size)) {
      const before = work.count
      map.delete(key)
      map.view.get(key)
      most = Math.max(most, work.count - before)
    }
  } finally {
    work.stop()
  }

  // each touched entry costs one or two calls of a Map besides, and a node has its owner as a 33rd element
  expect(most).toBeLessThanOrEqual(1.2 * mostForOneKey(size))
})

test.each(sizes.slice(0, 3))(
  'an old view of %i keys finds one that came and went again and again in few steps',
  (size) => {
    const map = new VersionedMap<number, number>(entries(size))
    const views = [map.view]
    for (let i = 1; i < size; i++) {
      const key = i % 50 // one key alone would be slow in V8's own Map: what it deletes stays in its bucket for long
      map.delete(key)
      if (key === 7 && Math.floor(i / 50) % (size / 1000) === 0) views.push(map.view)
      map.set(key, i)
    }
    const work = new NativeWork()
    const counted = {
      get touched() {
        return work.count
      },
    }

    const most = mostTouched(counted, views.keys(), (i) => views[i]?.get(7))
    work.stop()

    expect(views.map((view) => view.get(7))).toEqual([7, ...views.slice(1).map(() => undefined)])
    expect(most).toBeLessThanOrEqual(4)
  },
)

test('V1: the newest view is read as the native Map is, however often, and compared with itself for nothing', () => {
  const map = new VersionedMap<number, number>(entries(1000))
  for (let key = 0; key < 20; key++) map.set(key, -key)
  const view = map.view

  const reading = NativeWork.of(() => {
    for (let key = 0; key < 1000; key++) {
      view.get(key)
      view.has(key)
    }
  })
  const comparing = NativeWork.of(() => view.changesSince(view))

  expect(reading).toBe(2000)
  expect(comparing).toBe(0)
})

test('many writes of one key, with a view each time, share a path: the log is taken in by the dozen', () => {
  const map = new VersionedMap<number, number>(entries(1000))
  const writes = 10 * LOG_SIZE
  const path = depth(1000) * WIDTH
  const touchedBy = (write: (i: number) => void) => {
    const before = map.touched
    for (let i = 0; i < writes; i++) {
      write(i)
      look(map)
    }
    return map.touched - before
  }

  const bySet = touchedBy((i) => map.set(7, i))
  const byApply = touchedBy((i) => map.apply(new Set(), new Map([[7, i]]), 1))

  expect(bySet).toBeLessThanOrEqual(2 * writes + (writes / LOG_SIZE) * path)
  expect(byApply).toBeLessThanOrEqual(2 * writes + (writes / LOG_SIZE + 1) * path)
})

test('N4: writes that nobody looks at in between copy every node once at most', () => {
  const size = 1000
  const map = new VersionedMap<number, number>(entries(size))
  look(map)
  const writes = 10 * size

  const touched = mostTouched(map, [0], () => {
    for (let i = 0; i < writes; i++) map.set((i * 7919) % size, i)
  })

  expect(touched).toBeLessThanOrEqual(2 * writes + 2 * size + depth(size) * WIDTH)
})

test('dead slots are left behind as fast as many changes at once make them', () => {
  const size = 1000
  const map = new VersionedMap<number, number>(entries(size))
  const older = map.view
  let key = size

  for (let i = 0; i < 20; i++) {
    const deleted = new Set(Array.from({ length: size / 2 }, (_, j) => key - size + j))
    const written = new Map(Array.from({ length: size / 2 }, (_, j) => [key + j, j] as const))
    map.apply(deleted, written, size)
    key += size / 2
  }

  // two epochs on, nothing but a full comparison can tell
  expect(map.view.keysThatMayDiffer(older)).toBeUndefined()
  expect([...map.view.keys()]).toEqual(Array.from({ length: size }, (_, j) => key - size + j))
})

test('an old view that is read often takes the log into itself, once', () => {
  const map = new VersionedMap<number, number>(entries(1000))
  for (let i = 0; i < 20 + 15 * LOG_SIZE; i++) map.set(i, -i) // the log has 20, the others have been taken in
  const view = map.view
  map.set(0, 1)
  const readAll = () => {
    for (let key = 0; key < 1000; key++) view.get(key)
  }

  const first = NativeWork.of(readAll)
  const second = NativeWork.of(readAll)
  const third = NativeWork.of(readAll)

  expect(first - second).toBeGreaterThan(WIDTH) // at least one node was copied
  expect(first - second).toBeLessThan(mostForOneKey(1000))
  expect(third).toBe(second)
})

describe('S2: SyncMap', () => {
  const few = 40

  test.each(sizes)('makes dirty and promotes it by exchanging sets, with %i keys deleted', (size) => {
    const map = new SyncMap<number, number>(entries(size))
    for (let key = 0; key < size; key++) map.deleteLocked(key)

    const making = NativeWork.of(() => map.storeLocked(size, 0))
    const promoting = NativeWork.of(() => map.promoteLocked())

    expect(making).toBeLessThanOrEqual(few + mostForOneKey(size))
    expect(promoting).toBeLessThanOrEqual(few)
    expect([map.size, map.view.size, map.inspect().read.size]).toEqual([1, 1, 1])
  })

  test.each(sizes)('promotes %i keys that only dirty has by exchanging sets', (size) => {
    const map = new SyncMap<number, number>()
    for (let key = 0; key < size; key++) map.storeLocked(key, key)
    for (let miss = 1; miss < size; miss++) map.loadLocked(-1)
    const before = map.view
    const touched = map.touched

    const last = NativeWork.of(() => map.loadLocked(-1))

    expect(last).toBeLessThanOrEqual(few)
    expect([before.size, map.view.size, map.touched]).toEqual([0, size, touched])
  })

  test.each(sizes.slice(0, 3))('publishes, with %i keys deleted, in as few steps', (size) => {
    const map = new SyncMap<number, number>(entries(size))
    for (let key = 0; key < size; key++) map.deleteLocked(key)

    const work = NativeWork.of(() => map.publishLocked())

    expect(work).toBeLessThanOrEqual(few)
    expect([map.view.size, map.inspect().read.size]).toEqual([0, 0])
  })

  test.each(sizes.slice(0, 3))(
    'is cleared, with %i keys in read and as many in dirty, in as few steps',
    (size) => {
      const map = new SyncMap<number, number>(entries(size))
      for (let key = 0; key < size; key++) map.storeLocked(size + key, key)
      for (let key = 0; key < size; key += 2) map.deleteLocked(key)

      const work = NativeWork.of(() => map.clearLocked())

      expect(work).toBeLessThanOrEqual(few)
      expect([map.size, map.view.size, map.inspect().read.size]).toEqual([0, 0, 0])
    },
  )

  test.each(sizes)('does no more for any call than VersionedMap for one key, with %i keys', (size) => {
    const map = new SyncMap<number, number>(entries(size))
    const calls = [
      (key: number) => map.store(key, -key),
      (key: number) => map.delete(key),
      (key: number) => map.store(size + key, key),
      (key: number) => map.load(2 * size + key),
      (key: number) => map.loadOrStore(key, key),
      (key: number) => map.swap(key, 1),
      (key: number) => map.compareAndSwap(key, 1, 2),
      (key: number) => map.compareAndDelete(key, 2),
      (key: number) => map.loadAndDelete(size + key),
    ]
    const work = new NativeWork()
    let most = 0
    let mostByEngine = 0

    try {
      let i = 0
      for (const key of scattered(20_000, size)) {
        const before = [map.touched, work.count] as const
        void calls[i++ % calls.length]!(key)
        if (i % 10 === 0) map.view.get(key)
        most = Math.max(most, map.touched - before[0])
        mostByEngine = Math.max(mostByEngine, work.count - before[1])
      }
    } finally {
      work.stop()
    }

    expect(most).toBeLessThanOrEqual(mostForOneKey(3 * size))
    expect(mostByEngine).toBeLessThanOrEqual(1.2 * mostForOneKey(3 * size))
  })
})
