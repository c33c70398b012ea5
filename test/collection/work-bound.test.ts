// What a promotion costs a subscribed query depends on what has changed, not on how many rows there are: counted, not timed.
import { aggregate, max, query, sum } from 'tidemap/collection'
import { createStore } from 'tidemap/store'
import { describe, expect, test } from 'vitest'
import { NativeWork } from '../support/native-work.ts'

/** Two neighbouring views may name this many keys for one change: the logs of both sides of a fold, and what was folded. */
const MOST_NAMED = 96

describe.each([1_000, 10_000, 100_000])('with %i rows', (size) => {
  const depth = Math.ceil(Math.log2(size)) + 5 // a binary search in each node of the tree
  const entries = Array.from({ length: size }, (_, key) => [key, (key * 7919) % size] as const)

  test('a changed row costs O(log n) comparisons, and a bounded amount of everything else', () => {
    const store = createStore<number, number>(entries)
    let compared = 0
    let filtered = 0
    let told = 0
    const top = query(store, {
      where: (n) => ++filtered > 0 && n >= 0,
      orderBy: (a, b) => ++compared * 0 + b - a,
      offset: 5,
      limit: 10,
    })
    top.subscribe(() => told++)
    let mostCompared = 0
    let allCompared = 0
    let mostWork = 0
    const times = 500
    for (let i = 0; i < times; i++) {
      compared = 0
      const key = (i * 104_729) % size
      const value = i % 3 === 0 ? size + i : (i * 31) % size
      const work = NativeWork.of(() => void store.set(key, value))
      mostCompared = Math.max(mostCompared, compared)
      allCompared += compared
      mostWork = Math.max(mostWork, work)
    }

    expect(told).toBeGreaterThan(times / 4)
    expect(mostCompared).toBeLessThanOrEqual(MOST_NAMED * 3 * depth)
    expect(allCompared / times).toBeLessThanOrEqual(8 * depth)
    expect(filtered).toBeLessThanOrEqual(size + 3 * times)
    expect(mostWork).toBeLessThanOrEqual(40_000)
  })

  test('a row that comes or goes costs as much, also in the promotion in which the map of the store is compacted', () => {
    const store = createStore<number, number>(entries)
    const gone = Array.from({ length: size / 2 }, (_, key) => key)
    const first = store.view
    void store.batch((tx) => gone.forEach((key) => void tx.delete(key)))
    let compared = 0
    const top = query(store, { orderBy: (a, b) => ++compared * 0 + b - a, limit: 10 })
    top.subscribe(() => {})
    let mostCompared = 0
    let mostWork = 0
    for (let key = size / 2; key < size / 2 + size / 32 + 50; key++) {
      for (const write of [() => store.delete(key), () => store.set(key + size, size + key)]) {
        compared = 0
        mostWork = Math.max(
          mostWork,
          NativeWork.of(() => void write()),
        )
        mostCompared = Math.max(mostCompared, compared)
      }
    }

    expect(store.view.keysThatMayDiffer(first)).toBeUndefined() // it has been compacted
    expect([...top.keys()]).toEqual(
      [...store.view]
        .sort(([, a], [, b]) => b - a)
        .slice(0, 10)
        .map(([key]) => key),
    )
    expect(mostCompared).toBeLessThanOrEqual(MOST_NAMED * 3 * depth)
    expect(mostWork).toBeLessThanOrEqual(40_000)
  })

  test('a changed row costs a total as much, also where it was the largest', () => {
    const store = createStore<number, number>(entries)
    const whole = aggregate(store, { total: sum((n: number) => n), most: max((n: number) => n) })
    let told = 0
    whole.subscribe(() => told++)
    let most = 0
    for (let i = 0; i < 300; i++) {
      const key = (i * 104_729) % size
      most = Math.max(
        most,
        NativeWork.of(() => void store.set(key, size + i)),
      )
      most = Math.max(
        most,
        NativeWork.of(() => void store.set(key, -1)),
      )
    }

    expect(told).toBe(600)
    expect(most).toBeLessThanOrEqual(8000)
  })
})
