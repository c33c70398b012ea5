// What goes wrong with stores, and must not with layers: lost updates, listeners that throw or write, work that never ends.
import { loadOrCompute, optimistic } from 'tidemap/resource'
import { createStore, type Transaction } from 'tidemap/store'
import { describe, expect, test, vi } from 'vitest'
import { deferred } from '../support/deferred.ts'
import { reasonOf } from '../support/failure.ts'
import { microtasks } from '../support/settled.ts'

const increment = (tx: Transaction<string, number>): void => tx.set('n', (tx.get('n') ?? 0) + 1)
const never = new Promise<never>(() => {})

describe('layers and what goes wrong', () => {
  test.each([
    [0, 1, 2],
    [2, 1, 0],
    [1, 0, 2],
  ])(
    'F22: read-modify-writes of every kind all count, whoever is answered first: %s, %s, %s',
    async (...order) => {
      const store = createStore([['n', 0]])
      const answers = [deferred(), deferred(), deferred()]
      const plusOne = (n = 0): number => n + 1
      const all = [
        optimistic(store, increment, () => answers[0]!.promise),
        store.update('n', (n) => answers[1]!.promise.then(() => plusOne(n)), { optimistic: plusOne }),
        optimistic(store, increment, () => answers[2]!.promise),
      ]
      expect([store.get('n'), store.confirmed.get('n')]).toEqual([3, 0])
      for (const i of order) {
        answers[i]!.resolve()
        await microtasks()
      }
      await Promise.all(all)
      expect([store.get('n'), store.view === store.confirmed]).toEqual([3, true])
    },
  )

  test('F24: the tx of { optimistic } that is kept is closed, also while the write still runs', async () => {
    const store = createStore([['n', 0]])
    const kept: Transaction<string, number>[] = []
    const gate = deferred()
    const done = store.transaction(() => gate.promise, { optimistic: (tx) => void kept.push(tx) })
    expect(kept).toHaveLength(1)
    expect(() => kept[0]?.set('n', 2)).toThrow(expect.objectContaining({ code: 'TRANSACTION_CLOSED' }))
    expect(() => kept[0]?.get('n')).toThrow(expect.objectContaining({ code: 'TRANSACTION_CLOSED' }))
    gate.resolve()
    await done
    expect(store.get('n')).toBe(0)
  })

  test('F25: a confirm that never settles keeps nobody waiting: others write, and the store is idle', async () => {
    const store = createStore([['n', 0]])
    void optimistic(store, increment, () => never)
    await store.update('n', (n = 0) => n + 10)
    await store.transaction((tx) => tx.set('m', 1))
    await store.idle()
    expect([store.get('n'), store.confirmed.get('n')]).toEqual([11, 10])
  })

  test('F25: a factory that never settles is left by its abort, and the next caller has one of its own', async () => {
    const store = createStore<string, number>()
    const controller = new AbortController()
    const left = loadOrCompute(store, 'n', () => never, { signal: controller.signal })
    await store.set('m', 1)
    controller.abort('enough')
    expect(await reasonOf(left)).toBe('enough')
    expect(await loadOrCompute(store, 'n', () => 5)).toEqual([5, false])
  })

  test('F29: a listener that throws at a layer is reported, and neither the layer nor anybody else is harmed', async () => {
    const onError = vi.fn()
    const store = createStore([['n', 0]], { onError })
    const error = new Error('mine')
    const heard: unknown[] = []
    store.subscribe(() => {
      throw error
    })
    store.subscribe((view) => heard.push(view.get('n')))
    const answers = [deferred(), deferred()]
    const refused = optimistic(store, increment, () => answers[0]!.promise)
    const done = optimistic(store, increment, () => answers[1]!.promise)

    answers[0]!.reject(error)
    expect(await reasonOf(refused)).toBe(error)
    answers[1]!.resolve()
    await done

    expect(heard).toEqual([1, 2, 1, 1])
    expect(onError.mock.calls).toEqual([[error], [error], [error], [error]])
    expect([store.confirmed.get('n'), store.inspect().layers]).toEqual([1, 0])
  })

  test('F30: a listener that writes at a layer: all hear of the layer first, then of the write under it', async () => {
    const store = createStore<string, number>([['n', 0]])
    const heard: string[] = []
    const hear = (name: string) => (view: ReadonlyMap<string, number>) => {
      heard.push(`${name} ${view.get('n')}`)
      if (name === 'first' && view.get('n') === 1) void store.set('n', 10)
      if (name === 'first' && view.get('n') === 11) void optimistic(store, increment, () => never)
    }
    store.subscribe(hear('first'))
    store.subscribe(hear('second'))
    void optimistic(store, increment, () => never)
    await microtasks()
    expect(heard).toEqual(['first 1', 'second 1', 'first 11', 'second 11', 'first 12', 'second 12'])
    expect(store.get('n')).toBe(12)
  })
})
