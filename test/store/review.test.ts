import { createStore, type Store } from 'tidemap'
import { describe, expect, test } from 'vitest'
import { deferred } from '../support/deferred.ts'
import { unhandledRejections } from '../support/unhandled-rejections.ts'

describe('what a hostile review found', () => {
  test('a subscription with an equality hears of many small steps: it compares with what it was told last', async () => {
    const store = createStore([['n', 0]])
    const told: unknown[] = []
    store.subscribeKey(
      'n',
      (value, previous) => told.push([previous, value]),
      (a, b) => Math.abs(a - b) < 1,
    )

    for (let n = 0.5; n <= 2; n += 0.5) await store.set('n', n)

    expect(told).toEqual([
      [0, 1],
      [1, 2],
    ])
  })

  test('replacing values in the same order is nothing to those who listen to membership', async () => {
    const store = createStore([
      ['a', 1],
      ['b', 2],
    ])
    const orders: string[][] = []
    store.subscribeKeys((view) => orders.push([...view.keys()]))

    await store.replace([
      ['a', 1],
      ['b', 3],
    ])
    await store.replace([
      ['b', 3],
      ['a', 1],
    ])

    expect(orders).toEqual([['b', 'a']])
  })

  test('a recipe that dispose reaches by a write of its own is no unhandled rejection', async () => {
    const store = createStore([['a', 1]])
    const gate = deferred()

    const seen = await unhandledRejections(async () => {
      void store.update('a', async (n = 0) => {
        await gate.promise
        await store.set('b', 2)
        return n + 1
      })
      store.dispose()
      gate.resolve()
    })

    expect(seen).toEqual([])
  })

  test('dispose does not wait for a promise that was set and never settles', async () => {
    const store: Store<string, number> = createStore([['a', 1]])
    const setting = store.set('a', new Promise<number>(() => {}))

    store.dispose()

    await expect(setting).rejects.toMatchObject({ code: 'STORE_DISPOSED' })
    await store.idle()
    expect(store.isBusy()).toBe(false)
  })

  test('a selection that reads the version follows every view', async () => {
    const store = createStore([['a', 1]])
    const selection = store.select((view) => view.version)

    await store.set('a', 2)

    expect(selection.value).toBe(store.view.version)
  })

  test('options that are null, and signals that are none, are refused as arguments', async () => {
    const store = createStore([['a', 1]])

    await expect(store.load('a', { signal: {} as AbortSignal })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    })
    await expect(store.transaction(() => 1, null as never)).resolves.toBe(1)
  })
})
