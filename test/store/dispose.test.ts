import { createStore, type Store } from 'tidemap/store'
import { describe, expect, test, vi } from 'vitest'
import { deferred } from '../support/deferred.ts'
import { reasonOf } from '../support/failure.ts'
import { holdTurn } from '../support/held-turn.ts'
import { NativeWork } from '../support/native-work.ts'
import { microtasks } from '../support/settled.ts'
import { unhandledRejections } from '../support/unhandled-rejections.ts'
import { beforeTheWrite, writeMethods } from '../support/write-methods.ts'

const example = (): Store<string, number> => createStore(beforeTheWrite)
const disposed = { code: 'STORE_DISPOSED' }

describe('dispose', () => {
  test.each(writeMethods)(
    'F28: $name that waits is rejected with STORE_DISPOSED, and its layer goes',
    async ({ example: write }) => {
      const store = example()
      const holder = holdTurn(store)

      const promise = write(store)
      store.dispose()

      expect(await reasonOf(promise)).toMatchObject(disposed)
      expect([...store]).toEqual(beforeTheWrite)
      await holder.release()
      expect([...store]).toEqual(beforeTheWrite)
    },
  )

  test.each(writeMethods)(
    'F28: $name afterwards is rejected with STORE_DISPOSED',
    async ({ example: write }) => {
      const store = example()
      const before = store.view

      store.dispose()

      expect(await reasonOf(write(store))).toMatchObject(disposed)
      expect(store.view).toBe(before)
    },
  )

  test('F28: who runs may end, and what it writes is confirmed', async () => {
    const store = example()
    const gate = deferred<number>()

    const running = store.update('a', () => gate.promise)
    const transaction = store.transaction(
      async (tx) => {
        await gate.promise
        tx.set('b', 20)
      },
      { keys: ['b'] },
    )
    store.dispose()
    gate.resolve(10)
    await Promise.all([running, transaction])

    expect([...store.values()]).toEqual([10, 20])
    expect(store.isBusy()).toBe(false)
  })

  test('reads go on working', async () => {
    const store = example()
    const selection = store.select((view) => view.size)

    store.dispose()

    expect([store.get('a'), store.size, [...store.keys()], selection.value]).toEqual([1, 2, ['a', 'b'], 2])
    expect(await store.load('a')).toEqual([1, true])
    expect(store.view.get('b')).toBe(2)
    expect(store.confirmed).toBe(store.view)
  })

  test('a load that waits is rejected; one that comes later is answered from what is confirmed', async () => {
    const store = example()
    const holder = holdTurn(store, ['a'])

    const waiting = store.load('a')
    store.dispose()
    const later = store.load('a')

    expect(await reasonOf(waiting)).toMatchObject(disposed)
    expect(await later).toEqual([1, true])
    await holder.release()
  })

  test('subscriptions end: nobody hears of what a running writer does then', async () => {
    const store = example()
    const gate = deferred<number>()
    const listener = vi.fn()
    store.subscribe(listener)
    store.subscribeKey('a', listener)
    store.subscribeKeys(listener)
    store.subscribePending(listener)
    store.select((view) => view.get('a')).subscribe(listener)
    const running = store.update('a', () => gate.promise)

    store.dispose()
    gate.resolve(10)
    await running

    expect(listener).not.toHaveBeenCalled()
    expect(store.get('a')).toBe(10)
  })

  test('ending a subscription afterwards is fine, and so is a new one', () => {
    const store = example()
    const stops = [
      store.subscribe(() => {}),
      store.subscribeKey('a', () => {}),
      store.select((view) => view.size).subscribe(() => {}),
    ]

    store.dispose()
    for (const stop of stops) stop()
    stops.push(
      store.subscribe(() => {}),
      store.select((view) => view.size).subscribe(() => {}),
    )
    for (const stop of stops) stop()

    expect(store.size).toBe(2)
  })

  test.each<[name: string, subscribe: (store: Store<string, number>, listener: () => void) => () => void]>([
    ['subscribe', (store, listener) => store.subscribe(listener)],
    ['subscribeKey', (store, listener) => store.subscribeKey('a', listener)],
    ['subscribeKeys', (store, listener) => store.subscribeKeys(listener)],
  ])(
    '%s: one that ended with the store takes none of those with it that came later',
    async (_name, subscribe) => {
      const store = example()
      const gate = deferred()
      const running = store.transaction(async (tx) => {
        await gate.promise
        tx.delete('a')
      })
      const stop = subscribe(store, () => {})
      const heard: string[] = []

      store.dispose()
      subscribe(store, () => heard.push('first'))
      stop()
      subscribe(store, () => heard.push('second'))
      gate.resolve()
      await running

      expect(heard).toEqual(['first', 'second'])
    },
  )

  test('who subscribes afterwards hears of each write that was running', async () => {
    const store = example()
    const gates = [deferred<number>(), deferred<number>()]
    const running = ['a', 'b'].map((key, i) => store.update(key, () => gates[i]!.promise))
    const heard: unknown[] = []

    store.dispose()
    for (const key of ['a', 'b']) store.subscribeKey(key, (value) => heard.push(value))
    store.dispose()
    for (const [i, gate] of gates.entries()) gate.resolve(10 * i)
    await Promise.all(running)

    expect(heard).toEqual([0, 10])
  })

  test('twice is once', async () => {
    const store = example()
    const holder = holdTurn(store)
    const set = store.set('a', 9)

    store.dispose()
    store.dispose()

    expect(await reasonOf(set)).toMatchObject(disposed)
    await holder.release()
  })

  test('the round of the layers that go with it is told', () => {
    const store = example()
    void holdTurn(store, ['a'])
    void store.set('a', 9)
    const heard: unknown[] = []
    store.subscribeKey('a', (value) => heard.push(value))

    store.dispose()

    expect(heard).toEqual([1])
    expect(store.isPending('a')).toBe(false)
  })

  test('F11: many pending writes of one key go in one step: work that grows with their number, and one round', async () => {
    const counts = [500, 1000].map((count) => {
      const store = example()
      void holdTurn(store, ['a'])
      for (let i = 0; i < count; i++) void store.set('a', 100 + i)
      const rounds = vi.fn()
      store.subscribe(rounds)
      const work = NativeWork.of(() => store.dispose())
      return { work, rounds: rounds.mock.calls.length, shown: store.get('a') }
    })

    expect(counts[1]?.work).toBeLessThan(2.5 * (counts[0]?.work ?? 0))
    for (const { rounds, shown } of counts) expect([rounds, shown]).toEqual([1, 1])
  })

  test('the last round is one state in which nobody waits any more, and who waited is told after it', async () => {
    const store = example()
    const holder = holdTurn(store, ['a'])
    const order: unknown[] = []
    const writes = [store.set('a', 9), store.delete('a'), store.set('b', 20)]
    for (const write of writes) write.catch(() => order.push('rejected'))
    store.subscribe((view) => order.push([...view, store.inspect().waiting, store.pendingKeys().size]))

    store.dispose()
    await microtasks()

    expect(order).toEqual([[['a', 1], ['b', 20], 0, 0], 'rejected', 'rejected'])
    await holder.release()
  })

  test('in a listener: everybody still hears of the round it is in, and of those that wait', async () => {
    const store = example()
    const heard: [string[], string[]] = [[], []]
    store.subscribeKey('a', (value) => {
      heard[0].push(`a${value}`)
      void store.set('b', 20)
      store.dispose()
    })
    store.subscribeKey('a', (value) => heard[1].push(`a${value}`))
    store.subscribeKey('b', (value) => heard[1].push(`b${value}`))

    await store.set('a', 10)

    expect(heard).toEqual([['a10'], ['a10', 'b20']])
    expect(await reasonOf(store.set('a', 11))).toMatchObject(disposed)
  })

  test('a listener that writes while it goes on is refused, and harms nobody', async () => {
    const onError = vi.fn()
    const store = createStore<string, number>(beforeTheWrite, { onError })
    const holder = holdTurn(store, ['a'])
    const reasons: Promise<unknown>[] = []
    const set = store.set('a', 9)
    store.subscribeKey('a', () => reasons.push(reasonOf(store.set('b', 20))))

    store.dispose()

    expect(await reasonOf(set)).toMatchObject(disposed)
    expect(await Promise.all(reasons)).toMatchObject([disposed])
    expect([store.get('b'), onError.mock.calls.length]).toEqual([2, 0])
    await holder.release()
  })

  test('in a recipe: it may end, and its listeners hear of nothing that comes after', async () => {
    const store = example()

    const updated = await store.update('a', (a = 0) => {
      store.dispose()
      return a + 1
    })

    expect([updated, store.get('a')]).toEqual([2, 2])
    expect(await reasonOf(store.set('a', 9))).toMatchObject(disposed)
  })

  test('idle() resolves when the last one has ended', async () => {
    const store = example()
    const holder = holdTurn(store)
    const set = store.set('a', 9)
    const order: string[] = []
    const idle = store.idle().then(() => order.push('idle'))

    store.dispose()
    await reasonOf(set)
    order.push('rejected')
    await holder.release()
    await idle

    expect(order).toEqual(['rejected', 'idle'])
  })
})

describe('promises that were dropped on purpose (L8)', () => {
  test('the helper sees what is left to the process', async () => {
    const error = new Error('nobody looks')

    const reasons = await unhandledRejections(() => void Promise.reject(error))

    expect(reasons).toEqual([error])
  })

  test.each(writeMethods)(
    'dispose never makes an unhandled rejection: $name, waiting and afterwards',
    async ({ example: write }) => {
      const reasons = await unhandledRejections(async () => {
        const store = example()
        const holder = holdTurn(store)
        void write(store)
        store.dispose()
        void write(store)
        await holder.release()
      })

      expect(reasons).toEqual([])
    },
  )

  test('nor for a load, a promise that was given, or a transaction over several stores', async () => {
    const reasons = await unhandledRejections(async () => {
      const store = example()
      const holder = holdTurn(store)
      void store.load('a')
      void store.set('a', Promise.resolve(1))
      store.dispose()
      void store.set('a', Promise.reject(new Error('offline')))
      await holder.release()
    })

    expect(reasons).toEqual([])
  })

  test('nor do SUPERSEDED and LOCK_BUSY, which the caller did not give either', async () => {
    const reasons = await unhandledRejections(async () => {
      const store = example()
      const gate = deferred<number>()
      void store.update('a', () => gate.promise, { ifBusy: 'latest' })
      void store.update('a', () => gate.promise, { ifBusy: 'latest' })
      void store.update('a', () => 1, { ifBusy: 'fail' })
      gate.resolve(1)
      await store.idle()
    })

    expect(reasons).toEqual([])
  })

  test('what the caller gave is one, once: what was thrown, and the reason of an abort', async () => {
    const error = new Error('no')

    const reasons = await unhandledRejections(async () => {
      const store = example()
      const controller = new AbortController()
      void store.update('a', () => Promise.reject(error))
      void store.update('a', () => new Promise<number>(() => {}), { signal: controller.signal })
      await Promise.resolve()
      controller.abort('enough')
    })

    expect(reasons).toEqual(expect.arrayContaining([error, 'enough']))
    expect(reasons.length).toBe(2)
  })
})
