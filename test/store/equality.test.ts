import { createStore } from 'tidemap/store'
import { describe, expect, test, vi } from 'vitest'
import { reasonOf } from '../support/failure.ts'
import { holdTurn } from '../support/held-turn.ts'
import { isSettled } from '../support/settled.ts'

const byId = (one: { id: number }, other: { id: number }) => one.id === other.id

describe('equality of values', () => {
  test.each<[name: string, one: unknown, other: unknown, isEqual: boolean]>([
    ['NaN and NaN', Number.NaN, Number.NaN, true],
    ['0 and -0', 0, -0, false],
    ['one object twice', byId, byId, true],
    ['two objects of the same content', {}, {}, false],
    ['undefined and undefined', undefined, undefined, true],
    ['undefined and null', undefined, null, false],
    ['1 and "1"', 1, '1', false],
  ])('is Object.is by default: %s', async (_name, one, other, isEqual) => {
    const store = createStore<string, unknown>([['a', one]])
    const before = store.view
    const listener = vi.fn()
    store.subscribeKey('a', listener)

    await store.set('a', other)

    expect(store.view === before).toBe(isEqual)
    expect(listener).toHaveBeenCalledTimes(isEqual ? 0 : 1)
  })

  test('may be the store’s own: an equal write resolves, publishes nothing, tells nobody, and the old value stays', async () => {
    const first = { id: 1, note: 'first' }
    const store = createStore([['a', first]], { equal: byId })
    const before = store.view
    const listener = vi.fn()
    store.subscribe(listener)
    const second = { id: 1, note: 'second' }

    const promise = store.set('a', second)
    await store.update('a', () => second)
    await store.setMany([['a', second]])
    await store.replace([['a', second]])
    await store.transaction((tx) => tx.set('a', second))
    await store.swap('a', second)

    expect(isSettled(promise)).toBe(true)
    expect(store.view).toBe(before)
    expect(store.get('a')).toBe(first)
    expect(listener).not.toHaveBeenCalled()
  })

  test('a new key has nothing to be equal to: the equality is not asked', async () => {
    const equal = vi.fn(() => true)
    const store = createStore<string, number | undefined>([], { equal })

    await store.set('a', undefined)
    await store.setMany([['b', undefined]])
    await store.batch((tx) => tx.set('c', undefined))

    expect(equal).not.toHaveBeenCalled()
    expect([...store.keys()]).toEqual(['a', 'b', 'c'])
  })

  test('it decides what compareAndSwap and compareAndDelete compare, in a tx too', async () => {
    const store = createStore([['a', { id: 1 }]], { equal: byId })

    const results = [
      await store.compareAndSwap('a', { id: 2 }, { id: 3 }),
      await store.compareAndSwap('a', { id: 1 }, { id: 3 }),
      await store.transaction((tx) => tx.compareAndSwap('a', { id: 3 }, { id: 4 })),
      await store.transaction((tx) => tx.compareAndDelete('a', { id: 3 })),
      await store.compareAndDelete('a', { id: 4 }),
    ]

    expect(results).toEqual([false, true, true, false, true])
  })

  test('replace: entries that are equal are no change; the others are', async () => {
    const store = createStore(
      [
        ['a', { id: 1 }],
        ['b', { id: 2 }],
      ],
      { equal: byId },
    )
    const a = store.get('a')
    const rounds: unknown[] = []
    store.subscribe((_view, _previous, changes) =>
      rounds.push(changes.map(({ type, key }) => `${type} ${key}`)),
    )

    await store.replace([
      ['a', { id: 1 }],
      ['c', { id: 3 }],
    ])

    expect(rounds[0]).toEqual(['delete b', 'add c'])
    expect(store.get('a')).toBe(a)
  })

  test('replace: one value that is not equal is a change, in the same keys', async () => {
    const store = createStore([
      ['a', 1],
      ['b', 2],
    ])

    await store.replace([
      ['a', 1],
      ['b', 3],
    ])

    expect([...store.view.values()]).toEqual([1, 3])
  })

  test('a layer that turns out equal is confirmed as no change', async () => {
    const first = { id: 1 }
    const store = createStore([['a', first]], { equal: byId })
    const holder = holdTurn(store, ['a'])
    const listener = vi.fn()
    store.subscribeKey('a', listener)

    const set = store.set('a', { id: 1 })
    await holder.release()
    await set

    expect(listener).not.toHaveBeenCalled()
    expect(store.get('a')).toBe(first)
    expect(store.confirmed).toBe(store.view)
  })

  test('one that throws rejects the write with its error and changes nothing', async () => {
    const error = new Error('cannot compare')
    const store = createStore<string, number>([['a', 1]], {
      equal: () => {
        throw error
      },
    })
    const before = store.view

    const reasons = await Promise.all(
      [
        store.set('a', 2),
        store.update('a', () => 2),
        store.setMany([['a', 2]]),
        store.replace([['a', 2]]),
        store.transaction((tx) => tx.set('a', 2)),
        store.swap('a', 2),
        store.compareAndSwap('a', 1, 2),
        store.set('a', Promise.resolve(2)),
      ].map(reasonOf),
    )

    expect(reasons).toEqual(Array(8).fill(error))
    expect(store.view).toBe(before)
    expect(store.isBusy()).toBe(false)
  })
})
