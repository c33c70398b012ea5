import { createStore, type Store } from 'tidemap/store'
import { describe, expect, test, vi } from 'vitest'
import { reasonOf, thrownBy } from '../support/failure.ts'
import { holdTurn } from '../support/held-turn.ts'
import { isSettled } from '../support/settled.ts'

const numbers = (): Store<string, number> =>
  createStore<string, number>([
    ['a', 1],
    ['b', 2],
  ])

describe('batch', () => {
  test('runs at once where the map is free: one promotion, one round', () => {
    const store = numbers()
    const rounds: unknown[] = []
    store.subscribe((_view, _previous, changes) => rounds.push(changes.length))

    const done = store.batch((tx) => {
      tx.set('a', 10)
      tx.set('b', 20)
      tx.set('c', tx.size)
    })

    expect([...store.values()]).toEqual([10, 20, 2])
    expect(rounds).toEqual([3])
    expect(isSettled(done)).toBe(true)
  })

  test('runs in its turn where any key is held', async () => {
    const store = numbers()
    const holder = holdTurn(store, ['z'])
    const body = vi.fn((tx: { set(key: string, value: number): void }) => tx.set('a', 10))

    const done = store.batch(body)
    const early = [body.mock.calls.length, store.get('a')]
    await holder.release()
    await done

    expect(early).toEqual([0, 1])
    expect(store.get('a')).toBe(10)
  })

  test('resolves to what its body returns', async () => {
    expect(await numbers().batch((tx) => tx.get('a'))).toBe(1)
  })

  test('F23: rolls back on throw, with the error as it is', async () => {
    const store = numbers()
    const before = store.view
    const error = new Error('no')

    const reason = await reasonOf(
      store.batch((tx) => {
        tx.clear()
        throw error
      }),
    )

    expect(reason).toBe(error)
    expect(store.view).toBe(before)
    expect(store.isBusy()).toBe(false)
  })

  test('refuses a body that returns a promise, rolled back; what the promise rejects with is nobody’s', async () => {
    const store = numbers()
    const before = store.view

    const reason = await reasonOf(
      store.batch(async (tx) => {
        tx.set('a', 10)
        await Promise.resolve()
        tx.set('b', 20)
      }),
    )

    expect(reason).toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('synchronous'),
    })
    expect(store.view).toBe(before)
  })

  test('F24: its tx is closed afterwards', async () => {
    const store = numbers()
    const kept: { set(key: string, value: number): void }[] = []

    await store.batch((tx) => void kept.push(tx))

    expect(thrownBy(() => kept[0]?.set('a', 10))).toMatchObject({ code: 'TRANSACTION_CLOSED' })
  })
})
