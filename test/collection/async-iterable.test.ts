// toAsyncIterable over a collection: it gives the newest view, and ends with the collection or with its store.
import { groupBy, query, sum } from 'tidemap/collection'
import { createStore, toAsyncIterable } from 'tidemap/store'
import { describe, expect, test } from 'vitest'
import { countSubscriptions } from '../support/open-subscriptions.ts'

const setUp = () => {
  const store = createStore<string, number>([['a', 1]])
  return { store, rows: query(store, { where: (n) => n > 0 }) }
}

describe.each(['store', 'query'] as const)('where the %s is disposed', (which) => {
  test('who waits for the next view is told that there is none (F28)', async () => {
    const { store, rows } = setUp()
    const views = toAsyncIterable(rows)[Symbol.asyncIterator]()
    const first = await views.next()
    const waiting = views.next()

    if (which === 'store') store.dispose()
    else rows.dispose()

    expect([...first.value!]).toEqual([['a', 1]])
    expect(await waiting).toEqual({ done: true, value: undefined })
    expect(await views.next()).toEqual({ done: true, value: undefined })
  })

  test('a view that has not been asked for yet is given, and then it ends', async () => {
    const { store, rows } = setUp()
    const seen: unknown[] = []
    const reading = (async () => {
      for await (const view of toAsyncIterable(rows)) seen.push(view.get('a'))
    })()

    void store.set('a', 2)
    if (which === 'store') store.dispose()
    else rows.dispose()
    await reading

    expect(seen).toEqual([1, 2])
  })

  test('before it begins, it gives the view as it is and ends', async () => {
    const { store, rows } = setUp()
    if (which === 'store') store.dispose()
    else rows.dispose()
    const seen: unknown[] = []

    for await (const view of toAsyncIterable(rows)) seen.push(view.size)

    expect(seen).toEqual([1])
  })
})

test('a group table over a query ends with the store at the bottom', async () => {
  const { store, rows } = setUp()
  const totals = groupBy(rows, () => 'all', { sum: sum((n: number) => n) })
  const views = toAsyncIterable(totals)[Symbol.asyncIterator]()
  await views.next()
  const waiting = views.next()

  store.dispose()

  expect(await waiting).toEqual({ done: true, value: undefined })
})

test('leaving the loop leaves no subscription behind (M3)', async () => {
  const { store, rows } = setUp()
  const counts = countSubscriptions(store)

  for await (const view of toAsyncIterable(rows)) if (view.size > 0) break

  expect(counts).toEqual({ open: 0, made: 1 })
})
