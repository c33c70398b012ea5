import { createStore } from 'tidemap/store'
import { describe, expect, test } from 'vitest'
import { deferred } from '../support/deferred.ts'
import { reasonOf } from '../support/failure.ts'
import { holdTurn } from '../support/held-turn.ts'
import { isSettled } from '../support/settled.ts'

const numbers = () => createStore<string, number>([['a', 1]])

describe('idle', () => {
  test('is settled where nothing runs or waits', () => {
    expect(isSettled(numbers().idle())).toBe(true)
  })

  test('resolves when nothing runs or waits any more, for everybody who asked', async () => {
    const store = numbers()
    const gates = [deferred<number>(), deferred<number>()]
    const order: string[] = []
    void store.update('a', () => gates[0]!.promise).then(() => order.push('first'))
    void store.update('a', () => gates[1]!.promise).then(() => order.push('second'))

    const idle = [store.idle(), store.idle()].map((promise) => promise.then(() => order.push('idle')))
    gates[0]?.resolve(1)
    await Promise.resolve()
    gates[1]?.resolve(2)
    await Promise.all(idle)

    expect(order).toEqual(['first', 'second', 'idle', 'idle'])
  })

  test('may be asked again when somebody else is at it', async () => {
    const store = numbers()
    const order: string[] = []

    for (const name of ['first', 'second']) {
      void store.update('a', async () => 1)
      await store.idle()
      order.push(name)
    }

    expect(order).toEqual(['first', 'second'])
  })

  test('resolves after writers that failed or were aborted, too', async () => {
    const store = numbers()
    const controller = new AbortController()
    const failed = reasonOf(store.update('a', () => Promise.reject(new Error('no'))))
    const aborted = reasonOf(store.set('a', 9, { signal: controller.signal }))

    controller.abort('enough')
    await store.idle()

    expect(await aborted).toBe('enough')
    expect(await failed).toMatchObject({ message: 'no' })
    expect(store.isBusy()).toBe(false)
  })
})

describe('isBusy', () => {
  test('of a key: whether a writer of it would have to wait now', async () => {
    const store = numbers()
    const holder = holdTurn(store, ['a'])

    const busy = [store.isBusy('a'), store.isBusy('b'), store.isBusy()]
    await holder.release()

    expect(busy).toEqual([true, false, true])
    expect([store.isBusy('a'), store.isBusy()]).toEqual([false, false])
  })

  test('every key is busy while somebody holds the whole map, or waits for it', async () => {
    const store = numbers()
    const first = holdTurn(store, ['a'])
    const second = holdTurn(store)

    const waiting = store.isBusy('b')
    await first.release()
    const held = store.isBusy('b')
    await second.release()

    expect([waiting, held, store.isBusy('b')]).toEqual([true, true, false])
  })

  test('undefined is a key, not the absence of one', async () => {
    const store = createStore<string | undefined, number>()
    const holder = holdTurn(store, ['a'])

    expect([store.isBusy(undefined), store.isBusy()]).toEqual([false, true])
    await holder.release()
  })

  test('a write that has nothing to wait for makes nothing busy', () => {
    const store = numbers()

    void store.update('a', (a = 0) => a + 1)

    expect([store.isBusy('a'), store.isBusy()]).toEqual([false, false])
  })
})

describe('inspect', () => {
  test('shows what is inside as Go’s map would show it, and who works on it', async () => {
    const store = createStore<string, number>([['a', 1]], { promotion: 'misses' })
    const holder = holdTurn(store, ['a'])
    await store.set('b', 2)
    const set = store.set('a', 9)
    await store.load('b')

    const inside = store.inspect()

    expect(inside).toEqual({
      read: new Map([['a', { state: 'value', value: 1 }]]),
      amended: true,
      dirty: { shared: ['a'], own: new Map([['b', { state: 'value', value: 2 }]]) },
      misses: 1,
      promotions: 0,
      running: 1,
      waiting: 1,
      layers: 1,
    })
    await holder.release()
    await set
  })

  test('is at rest when nothing is to be done', async () => {
    const store = numbers()

    await store.set('b', 2)
    await store.delete('a')

    expect(store.inspect()).toEqual({
      read: new Map([['b', { state: 'value', value: 2 }]]),
      amended: false,
      dirty: null,
      misses: 0,
      promotions: 2,
      running: 0,
      waiting: 0,
      layers: 0,
    })
  })
})
