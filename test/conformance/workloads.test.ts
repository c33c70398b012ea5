// The workloads of Go's own benchmarks, in counted work: no clock, no machine. sync-map/README.md has the format.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { SyncMap } from '../../src/core/sync-map.ts'
import { CountingMutex } from '../support/counting-mutex.ts'

interface Counts {
  readonly calls: number
  readonly locks: number
  readonly promos: number
  readonly copies: number
  readonly visited: number
  readonly copied: number
}

interface Workload {
  readonly name: string
  readonly params: { readonly N: number; readonly hits?: number; readonly misses?: number }
  readonly setup: Counts
  readonly run: Counts
  readonly final: {
    readonly live: number
    readonly read: number
    readonly deletedInRead: number
    readonly dirty: number | null
    readonly amended: boolean
    readonly misses: number
  }
}

const workloads = JSON.parse(
  readFileSync(new URL('./sync-map/workloads.json', import.meta.url), 'utf8'),
) as Workload[]

type Work = (map: SyncMap<number, number>, n: number, hits: number, misses: number) => Promise<unknown>

interface Steps {
  readonly setup?: Work
  readonly run: Work
}

/** Every key is stored and then loaded until the whole of dirty has been promoted. */
const warm: Work = async (map, _, hits) => {
  for (let j = 0; j < hits; j++) await map.loadOrStore(j, j)
  for (let j = 0; j < 2 * hits; j++) await map.load(j % hits)
}
const one: Work = (map) => map.loadOrStore(0, 0)
const stored: Work = async (map, _, hits) => {
  for (let j = 0; j < hits; j++) await map.store(j, j)
}
const storedAndRead: Work = async (map, n, hits, misses) => {
  await stored(map, n, hits, misses)
  await map.range(() => true)
}

type Step = (map: SyncMap<number, number>, i: number, hits: number, misses: number) => Promise<unknown>

const each =
  (step: Step): Work =>
  async (map, n, hits, misses) => {
    for (let i = 0; i < n; i++) await step(map, i, hits, misses)
  }

/** One of the warm keys, or now and then a key that was never seen. */
const hitOr = (i: number, hits: number, misses: number) =>
  i % (hits + misses) < hits ? i % (hits + misses) : i

const steps: Record<string, Steps> = {
  LoadMostlyHits: { setup: warm, run: each((map, i, hits, misses) => map.load(i % (hits + misses))) },
  LoadMostlyMisses: { setup: warm, run: each((map, i, hits, misses) => map.load(i % (hits + misses))) },
  LoadOrStoreBalanced: {
    setup: warm,
    run: each((map, i, hits, misses) => map.loadOrStore(hitOr(i, hits, misses), i)),
  },
  LoadOrStoreUnique: { run: each((map, i) => map.loadOrStore(i, i)) },
  LoadOrStoreCollision: { setup: one, run: each((map) => map.loadOrStore(0, 0)) },
  LoadAndDeleteBalanced: {
    setup: warm,
    run: each((map, i, hits, misses) => map.loadAndDelete(hitOr(i, hits, misses))),
  },
  LoadAndDeleteUnique: { run: each((map, i) => map.loadAndDelete(i)) },
  LoadAndDeleteCollision: {
    setup: one,
    run: each(async (map) => {
      const [, loaded] = await map.loadAndDelete(0)
      if (loaded) await map.store(0, 0)
    }),
  },
  Range: {
    setup: stored,
    run: async (map, n) => {
      for (let i = 0; i < n / 100; i++) await map.range(() => true)
    },
  },
  AdversarialAlloc: {
    run: async (map, n) => {
      let stores = 0
      let since = 0
      for (let i = 0; i < n; i++) {
        await map.load(i)
        if (++since <= stores) continue
        await map.loadOrStore(i, stores)
        since = 0
        stores++
      }
    },
  },
  AdversarialDelete: {
    setup: stored,
    run: each(async (map, i, hits) => {
      await map.load(i)
      if (i % hits !== 0) return
      await map.range(() => false)
      await map.delete(i / hits)
      await map.store(i, i)
    }),
  },
  DeleteCollision: { setup: one, run: each((map) => map.delete(0)) },
  SwapCollision: { setup: one, run: each((map) => map.swap(0, 0)) },
  SwapMostlyHits: { setup: warm, run: each(swapOrReplace) },
  SwapMostlyMisses: { setup: warm, run: each(swapOrReplace) },
  CompareAndSwapCollision: {
    setup: one,
    run: each(async (map) => {
      if (await map.compareAndSwap(0, 0, 42)) await map.compareAndSwap(0, 42, 0)
    }),
  },
  CompareAndSwapNoExistingKey: {
    run: each(async (map, i) => {
      if (await map.compareAndSwap(i, 0, 0)) await map.delete(i)
    }),
  },
  CompareAndSwapValueNotEqual: {
    setup: (map) => map.store(0, 0),
    run: each((map) => map.compareAndSwap(0, 1, 2)),
  },
  CompareAndSwapMostlyHits: { setup: warm, run: each(swapSame) },
  CompareAndSwapMostlyMisses: { setup: warm, run: each(swapSame) },
  CompareAndDeleteCollision: {
    setup: one,
    run: each(async (map) => {
      if (await map.compareAndDelete(0, 0)) await map.store(0, 0)
    }),
  },
  CompareAndDeleteMostlyHits: { setup: warm, run: each(deleteAndStore) },
  CompareAndDeleteMostlyMisses: { setup: warm, run: each(deleteAndStore) },
  Clear: {
    run: each(async (map, i) => {
      await map.clear()
      await map.store(i % 256, i % 256)
    }),
  },
  WriteHeavyNewKeys: {
    setup: storedAndRead,
    run: each(async (map, i, hits) => {
      await map.store(hits + i, i)
      await map.load(hits + i)
    }),
  },
  ChurnWindow: {
    setup: storedAndRead,
    run: each(async (map, i, hits) => {
      await map.store(hits + i, i)
      await map.delete(i)
      if (i % 16 === 15) await map.range(() => true)
    }),
  },
  UpdateStableKeys: {
    setup: storedAndRead,
    run: each(async (map, i, hits) => {
      await map.store(i % hits, i)
      await map.load((i * 7) % hits)
    }),
  },
}

function swapOrReplace(map: SyncMap<number, number>, i: number, hits: number, misses: number) {
  const j = i % (hits + misses)
  if (j < hits) return map.swap(j, j)
  return map.swap(i, i).then(() => map.delete(i))
}

function swapSame(map: SyncMap<number, number>, i: number, hits: number, misses: number) {
  const key = hitOr(i, hits, misses)
  return map.compareAndSwap(key, key, key)
}

async function deleteAndStore(map: SyncMap<number, number>, i: number, hits: number, misses: number) {
  const key = hitOr(i, hits, misses)
  if (await map.compareAndDelete(key, key)) await map.store(key, key)
}

/**
 * What a call may touch on average in our map, views of every age included: the log, its folding, the evacuation. Go's own touches one
 * entry a call, and copies read besides.
 */
const PER_CALL = 5

describe('the workloads of Go cost no more turns, promotions and entries than in Go', () => {
  test.each(workloads)('$name', async ({ name, params, setup, run, final }) => {
    const { N, hits = 0, misses = 0 } = params
    const mutex = new CountingMutex()
    const map = new SyncMap<number, number>(null, { mutex })
    const work = steps[name]!
    await work.setup?.(map, N, hits, misses)
    const before = { locks: mutex.taken, promos: map.promotions, touched: map.touched }

    await work.run(map, N, hits, misses)

    const inside = map.inspect()
    expect(before).toMatchObject({ locks: setup.locks, promos: setup.promos })
    expect({ locks: mutex.taken - before.locks, promos: map.promotions - before.promos }).toEqual({
      locks: run.locks,
      promos: run.promos,
    })
    expect({
      live: map.size,
      read: inside.read.size,
      deletedInRead: [...inside.read.values()].filter(({ state }) => state !== 'value').length,
      dirty: inside.dirty && inside.dirty.shared.length + inside.dirty.own.size,
      amended: inside.amended,
      misses: inside.misses,
    }).toEqual(final)
    expect(map.touched - before.touched).toBeLessThanOrEqual(PER_CALL * run.calls + run.visited + run.copied)
  })
})
