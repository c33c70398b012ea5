// A collection that nobody reaches is garbage, without dispose: it holds no subscription while nobody listens.
import type { Observable } from 'rxjs'
import { createStore } from 'tidemap'
import { count, groupBy, indexBy, query } from 'tidemap/collection'
import { expect, test } from 'vitest'
import { alive } from '../support/collected.ts'

const range = (count: number) => Array.from({ length: count }, (_, i) => i)

const entries = range(100).map((i) => [i, { n: i }] as const)

test('queries and groups that were read, and subscribed to and left again, are collected', async () => {
  const store = createStore<number, { n: number }>(entries)
  const collections = range(50).flatMap(() => {
    const top = query(store, { orderBy: (a, b) => b.n - a.n, limit: 10 })
    const over = query(top, { where: ({ n }) => n % 2 === 0 })
    const groups = groupBy(store, ({ n }) => n % 3, { n: count() })
    const index = indexBy(store, ({ n }) => n % 3)
    const all = [top, over, groups, index, index.group(1)]
    for (const one of all) {
      const stop = one.subscribe(() => {})
      const seen: Observable<unknown> = one.view$
      seen.subscribe().unsubscribe()
      void store.set(1, { n: Math.random() })
      stop()
    }
    return all.map((one) => new WeakRef(one))
  })

  expect(await alive(collections)).toBe(0)
  expect(store.size).toBe(100)
})

test('a query with subscribers keeps no view that it has left behind, neither its own nor those of its source', async () => {
  const store = createStore<number, { n: number }>(entries)
  const top = query(store, { orderBy: (a, b) => b.n - a.n, limit: 10 })
  top.subscribe(() => {})
  const views = range(200).flatMap((i) => {
    void store.set(i % 100, { n: i })
    return [new WeakRef(store.view), new WeakRef(top.view)]
  })
  void store.set(0, { n: 1000 })

  expect(await alive(views)).toBe(0)
})

test('a query whose result never changes follows its source without keeping old views of it', async () => {
  const store = createStore<number, { n: number }>(entries)
  const none = query(store, { where: ({ n }) => n < 0 })
  const held = none.view
  none.subscribe(() => {})
  const views = range(200).map((i) => {
    void store.set(i % 100, { n: i })
    return new WeakRef(store.view)
  })
  void store.set(0, { n: 1000 })

  expect(await alive(views)).toBe(0)
  expect(none.view).toBe(held)
})

test('of the groups of an index that have lost their last row only a bounded number is remembered', async () => {
  const store = createStore<number, { of: object }>()
  const index = indexBy(store, ({ of }) => of)
  index.subscribe(() => {})
  const names = range(200).map((i) => {
    const of = { i }
    void store.set(1, { of })
    return new WeakRef(of)
  })

  expect(await alive(names)).toBeLessThan(100)
  expect(index.size).toBe(1)
})
