// loadOrCompute: one flight a key, a way out for each caller, and a write meanwhile wins. Fault rows are named as (`F48`).
import { createStore as createDraftStore } from 'tidemap'
import { type FactoryContext, loadOrCompute } from 'tidemap/resource'
import {
  createStore as createPlainStore,
  type StoreOptions,
  transaction,
  type WritableStore,
} from 'tidemap/store'
import { describe, expect, test, vi } from 'vitest'
import { deferred } from '../support/deferred.ts'
import { reasonOf, thrownBy } from '../support/failure.ts'
import { countedController } from '../support/listener-count.ts'
import { isSettled, microtasks } from '../support/settled.ts'
import { thenable } from '../support/thenable.ts'
import { unhandledRejections } from '../support/unhandled-rejections.ts'

type Entries = Iterable<readonly [string, string]>
type TestStore = WritableStore<string, string>

const flavours: [string, (entries?: Entries, options?: StoreOptions<string>) => TestStore][] = [
  ['tidemap', (entries = [], options) => createDraftStore<string, string>(entries, options)],
  ['tidemap/store', (entries = [], options) => createPlainStore<string, string>(entries, options)],
]

/** A factory whose every run the test ends itself. */
function server() {
  const requests: {
    answer: (value: string) => void
    fail: (reason: unknown) => void
    signal: AbortSignal
  }[] = []
  const factory = vi.fn((_key: string, { signal }: FactoryContext) => {
    const { promise, resolve, reject } = deferred<string>()
    requests.push({ answer: resolve, fail: reject, signal })
    return promise
  })
  return { factory, requests }
}

/** A writer that holds the turn of `key` until it is told to end. */
function hold(store: TestStore, key: string): () => Promise<unknown> {
  const { promise, resolve } = deferred()
  const ended = store.transaction(() => promise, { keys: [key] })
  return () => {
    resolve()
    return ended
  }
}

describe.each(flavours)('loadOrCompute over a store of %s', (_name, createStore) => {
  describe('of a key that is there', () => {
    test('gives its value, loaded, and calls nobody', async () => {
      const store = createStore([['a', 'there']])
      const { factory } = server()

      expect(await loadOrCompute(store, 'a', factory)).toEqual(['there', true])
      expect(factory).not.toHaveBeenCalled()
    })

    test('waits for the writers that came before it, as load does', async () => {
      const store = createStore()
      const { factory } = server()
      const writing = deferred<string>()
      void store.set('a', writing.promise)

      const asked = loadOrCompute(store, 'a', factory)
      writing.resolve('written')

      expect(await asked).toEqual(['written', true])
      expect(factory).not.toHaveBeenCalled()
    })

    test('sees what is committed and not published yet', async () => {
      const store = createStore([], { promotion: 'misses' })
      await store.set('a', 'dirty')

      expect(await loadOrCompute(store, 'a', server().factory)).toEqual(['dirty', true])
    })
  })

  describe('of a key that is absent', () => {
    test('calls the factory with the key before it returns, and stores what it resolves to', async () => {
      const store = createStore()
      const { factory, requests } = server()

      const asked = loadOrCompute(store, 'a', factory)
      expect(factory).toHaveBeenCalledExactlyOnceWith('a', { signal: expect.any(AbortSignal) })
      requests[0]!.answer('computed')

      expect(await asked).toEqual(['computed', false])
      expect(store.get('a')).toBe('computed')
      expect(await loadOrCompute(store, 'a', factory)).toEqual(['computed', true])
    })

    test('is one run for everybody who asks meanwhile, and one for each key (`F51`)', async () => {
      const store = createStore()
      const { factory, requests } = server()

      const asked = [1, 2, 3].map(() => loadOrCompute(store, 'a', factory))
      const other = loadOrCompute(store, 'b', factory)
      requests[1]!.answer('of b')
      expect(await other).toEqual(['of b', false])
      requests[0]!.answer('of a')

      expect(await Promise.all(asked)).toEqual(Array(3).fill(['of a', false]))
      expect(factory).toHaveBeenCalledTimes(2)
    })

    test('computes in each store for itself', async () => {
      const { factory, requests } = server()
      void loadOrCompute(createStore(), 'a', factory)
      void loadOrCompute(createStore(), 'a', factory)

      expect(requests).toHaveLength(2)
    })

    test.each<[string, (value: string) => string | PromiseLike<string>]>([
      ['a plain value', (value) => value],
      ['a promise', (value) => Promise.resolve(value)],
      ['a thenable', (value) => thenable((resolve) => resolve(value))],
    ])('takes %s from the factory (`F53`)', async (_what, give) => {
      const store = createStore()

      expect(await loadOrCompute(store, 'a', (key) => give(`${key}!`))).toEqual(['a!', false])
      expect(store.get('a')).toBe('a!')
    })

    test('holds no turn while the factory runs: it may use the store, also its own key', async () => {
      const store = createStore()
      const computed = await loadOrCompute(store, 'a', async () => {
        await store.set('b', 'beside')
        expect(store.isBusy()).toBe(false)
        return `a after ${store.get('b')}`
      })

      expect(computed).toEqual(['a after beside', false])
    })

    test('stores its result in a turn, after the writers that came before', async () => {
      const store = createStore()
      const { factory, requests } = server()
      const asked = loadOrCompute(store, 'a', factory)
      const release = hold(store, 'a')
      requests[0]!.answer('computed')
      await microtasks()

      expect([isSettled(asked), store.has('a')]).toEqual([false, false])
      await release()
      expect(await asked).toEqual(['computed', false])
    })

    test('is one promotion', async () => {
      const store = createStore()
      const views: unknown[] = []
      store.subscribe((_view, _previous, changes) => views.push(changes))

      await loadOrCompute(store, 'a', () => 'computed')

      expect(views).toEqual([[{ type: 'add', key: 'a', value: 'computed', previous: undefined }]])
    })
  })

  describe('when the factory fails', () => {
    test.each<[string, (error: unknown) => string | PromiseLike<string>]>([
      ['rejects', (error) => Promise.reject(error)],
      [
        'throws at once',
        (error) => {
          throw error
        },
      ],
      [
        'gives a thenable that throws in its then',
        (error) =>
          thenable(() => {
            throw error
          }),
      ],
      ['gives a thenable that rejects', (error) => thenable((_resolve, reject) => reject(error))],
    ])(
      'and %s, everybody gets the very error, nothing is stored, and the next call tries again (`F53`)',
      async (_how, fail) => {
        const store = createStore()
        const error = { not: 'even an Error' }
        const view = store.view

        const asked = [1, 2].map(() => loadOrCompute(store, 'a', () => fail(error)))

        for (const promise of asked) expect(await reasonOf(promise)).toBe(error)
        expect(store.view).toBe(view)
        expect(await loadOrCompute(store, 'a', () => 'again')).toEqual(['again', false])
      },
    )

    test('so it is with a value that the store cannot take: freezing it throws', async () => {
      const store = createStore()
      const error = new Error('of a trap')
      const value = new Proxy(
        {},
        {
          ownKeys: () => {
            throw error
          },
        },
      )

      expect(await reasonOf(loadOrCompute(store, 'a', () => value as never))).toBe(error)
      expect(await loadOrCompute(store, 'a', () => 'again')).toEqual(['again', false])
    })
  })

  describe('when a caller aborts', () => {
    test('that caller alone is told, with its reason untouched; the others go on (`F48`)', async () => {
      const store = createStore()
      const { factory, requests } = server()
      const leaving = new AbortController()
      const reason = { why: 'it left' }

      const first = loadOrCompute(store, 'a', factory, { signal: leaving.signal })
      const second = loadOrCompute(store, 'a', factory)
      leaving.abort(reason)

      expect(await reasonOf(first)).toBe(reason)
      expect(requests[0]!.signal.aborted).toBe(false)
      requests[0]!.answer('computed')
      expect(await second).toEqual(['computed', false])
    })

    test('that has joined, it is told at once, not when the work ends (`F49`)', async () => {
      const store = createStore()
      const joined = new AbortController()
      void loadOrCompute(store, 'a', server().factory)
      const second = loadOrCompute(store, 'a', server().factory, { signal: joined.signal })

      joined.abort('gone')
      await Promise.resolve()

      expect(isSettled(second)).toBe(true)
      expect(await reasonOf(second)).toBe('gone')
    })

    test('before it calls, it is refused and nothing begins (`F49`)', async () => {
      const store = createStore()
      const { factory } = server()

      expect(await reasonOf(loadOrCompute(store, 'a', factory, { signal: AbortSignal.abort('early') }))).toBe(
        'early',
      )
      expect(factory).not.toHaveBeenCalled()
    })

    test('and was the last, the signal of the factory aborts, and what it gives later is void', async () => {
      const store = createStore()
      const { factory, requests } = server()
      const [one, two] = [new AbortController(), new AbortController()]
      const promises = [one, two].map(({ signal }) => loadOrCompute(store, 'a', factory, { signal }))

      one.abort('first')
      expect(requests[0]!.signal.aborted).toBe(false)
      two.abort('last')
      expect(requests[0]!.signal.reason).toBe('last')
      requests[0]!.answer('too late')

      expect(await Promise.all(promises.map(reasonOf))).toEqual(['first', 'last'])
      await microtasks()
      expect(store.has('a')).toBe(false)
    })

    test('and was the last, the next call starts a new flight at once, which the old one cannot disturb (`F47`)', async () => {
      const store = createStore()
      const { factory, requests } = server()
      const leaving = new AbortController()
      const first = reasonOf(loadOrCompute(store, 'a', factory, { signal: leaving.signal }))
      leaving.abort('gone')

      const second = loadOrCompute(store, 'a', factory)
      requests[0]!.answer('old')
      await microtasks()
      expect([isSettled(second), store.has('a')]).toEqual([false, false])
      requests[1]!.answer('new')

      expect(await second).toEqual(['new', false])
      expect(await first).toBe('gone')
    })

    test('while the result waits for its turn, and was the last, the place in the line goes too', async () => {
      const store = createStore()
      const { factory, requests } = server()
      const leaving = new AbortController()
      const asked = loadOrCompute(store, 'a', factory, { signal: leaving.signal })
      const release = hold(store, 'a')
      requests[0]!.answer('computed')
      await microtasks()
      expect(store.inspect().waiting).toBe(1)

      leaving.abort('gone')
      expect(store.inspect().waiting).toBe(0)
      await release()

      expect(await reasonOf(asked)).toBe('gone')
      expect(store.has('a')).toBe(false)
    })

    test('while it waits to look, and was the last, the factory is never called', async () => {
      const store = createStore()
      const { factory } = server()
      const leaving = new AbortController()
      const release = hold(store, 'a')
      const asked = loadOrCompute(store, 'a', factory, { signal: leaving.signal })

      leaving.abort('gone')
      expect(await reasonOf(asked)).toBe('gone')
      await release()

      expect(factory).not.toHaveBeenCalled()
    })

    test('no long-lived signal keeps a listener, however the flight ends', async () => {
      const store = createStore()
      const caller = countedController()
      const { factory, requests } = server()
      const outcomes = [
        loadOrCompute(store, 'a', () => 'computed', { signal: caller.signal }),
        loadOrCompute(store, 'b', () => Promise.reject('failed'), { signal: caller.signal }).catch(() => {}),
        loadOrCompute(store, 'c', factory, { signal: caller.signal }),
        loadOrCompute(store, 'c', factory, { signal: caller.signal }),
      ]
      requests[0]!.answer('of c')
      await Promise.all(outcomes)

      expect(caller.everAdded).toBe(4)
      expect(caller.listeners).toBe(0)
    })
  })

  describe('when somebody sets the key meanwhile (`F45`)', () => {
    test.each<[string, (store: TestStore) => unknown]>([
      ['set', (store) => store.set('a', 'set')],
      ['setMany', (store) => store.setMany([['a', 'set']])],
      ['replace', (store) => store.replace([['a', 'set']])],
      ['update', (store) => store.transaction((tx) => void tx.update('a', () => 'set'))],
      ['loadOrStore', (store) => store.loadOrStore('a', 'set')],
      ['swap', (store) => store.swap('a', 'set')],
      ['batch', (store) => store.batch((tx) => tx.set('a', 'set'))],
      ['transaction over stores', (store) => transaction([store], (tx) => tx.set('a', 'set'))],
    ])(
      'by %s, that wins at once: everybody gets it, and the factory is told to stop',
      async (_how, write) => {
        const store = createStore()
        const { factory, requests } = server()
        const asked = [1, 2].map(() => loadOrCompute(store, 'a', factory))

        await write(store)

        expect(await Promise.all(asked)).toEqual([
          ['set', true],
          ['set', true],
        ])
        expect(requests[0]!.signal.reason).toMatchObject({ code: 'SUPERSEDED' })
        requests[0]!.answer('too late')
        await microtasks()
        expect(store.get('a')).toBe('set')
      },
    )

    test('in the very turn before its own', async () => {
      const store = createStore()
      const { factory, requests } = server()
      const asked = loadOrCompute(store, 'a', factory)
      const release = hold(store, 'a')
      const setting = store.set('a', 'set')
      requests[0]!.answer('computed')
      await microtasks()
      await release()

      expect(await asked).toEqual(['set', true])
      await setting
      expect(store.get('a')).toBe('set')
    })

    test('the factory aborts after the commit, when the store is whole again', async () => {
      const store = createStore()
      const { factory, requests } = server()
      const asked = loadOrCompute(store, 'a', factory)
      const seen: unknown[] = []
      requests[0]!.signal.addEventListener('abort', () => {
        seen.push(store.get('a'))
        void store.set('b', 'written on abort')
      })

      await store.set('a', 'set')
      await asked

      expect([seen, store.get('b')]).toEqual([['set'], 'written on abort'])
    })

    test('a write of another key is none of its business', async () => {
      const store = createStore()
      const { factory, requests } = server()
      const asked = loadOrCompute(store, 'a', factory)
      await store.set('b', 'x')
      await store.delete('b')
      await store.setMany([['c', 'y']])
      requests[0]!.answer('computed')

      expect(await asked).toEqual(['computed', false])
    })

    test('a write that fails is none', async () => {
      const store = createStore()
      const { factory, requests } = server()
      const asked = loadOrCompute(store, 'a', factory)
      await reasonOf(
        store.transaction((tx) => {
          tx.set('a', 'set')
          throw new Error('no')
        }),
      )
      requests[0]!.answer('computed')

      expect(await asked).toEqual(['computed', false])
    })

    test('a pending layer counts when it is confirmed, not while it only shows', async () => {
      const store = createStore()
      const { factory, requests } = server()
      const asked = loadOrCompute(store, 'a', factory)
      const release = hold(store, 'a')
      const controller = new AbortController()
      const setting = store.set('a', 'never', { signal: controller.signal })
      requests[0]!.answer('computed')
      controller.abort('no')
      await reasonOf(setting)
      await release()

      expect(await asked).toEqual(['computed', false])
    })
  })

  describe('when somebody deletes the key meanwhile (`F45`)', () => {
    test.each<[string, (store: TestStore) => unknown]>([
      ['delete of the absent key', (store) => store.delete('a')],
      ['clear', (store) => store.clear()],
      ['replace', (store) => store.replace([])],
      ['set and delete', (store) => Promise.all([store.set('a', 'x'), store.delete('a')])],
      ['loadAndDelete', (store) => store.loadAndDelete('a')],
      ['delete in a transaction', (store) => store.transaction((tx) => void tx.delete('a'))],
    ])(
      'by %s, nothing is stored; who has waited gets the computed value all the same',
      async (_how, write) => {
        const store = createStore()
        const { factory, requests } = server()
        const asked = loadOrCompute(store, 'a', factory)

        await write(store)
        await microtasks()
        expect(requests[0]!.signal.aborted).toBe(false)
        requests[0]!.answer('computed')

        expect(await asked).toEqual(['computed', false])
        expect(store.has('a')).toBe(false)
      },
    )

    test.each(Array.from({ length: 10 }, (_, ticks) => ticks))(
      '%i turns of the microtask queue after the answer, nobody waits for ever, and the delete wins or comes after',
      async (ticks) => {
        const store = createStore()
        const { factory, requests } = server()
        const asked = loadOrCompute(store, 'a', factory)
        requests[0]!.answer('computed')
        for (let i = 0; i < ticks; i++) await undefined
        void store.delete('a')

        expect(await asked).toEqual(['computed', false])
        expect(store.has('a')).toBe(false)
      },
    )

    test('who asks afterwards sets off a computation of its own (`F46`, `F47`)', async () => {
      const store = createStore()
      const { factory, requests } = server()
      const before = loadOrCompute(store, 'a', factory)
      await store.delete('a')

      const after = loadOrCompute(store, 'a', factory)
      requests[1]!.answer('new')
      expect(await after).toEqual(['new', false])
      requests[0]!.answer('old')

      expect(await before).toEqual(['new', true])
      expect(store.get('a')).toBe('new')
    })
  })

  describe('when the store is disposed (`F28`)', () => {
    test('who waits is rejected with STORE_DISPOSED, the factory is told to stop, and a dropped promise harms nobody', async () => {
      const store = createStore()
      const { factory, requests } = server()
      let asked!: Promise<unknown>
      const unhandled = await unhandledRejections(() => {
        asked = loadOrCompute(store, 'a', factory)
        store.dispose()
        requests[0]!.answer('too late')
      })

      expect(unhandled).toEqual([])
      expect(await reasonOf(asked)).toMatchObject({ code: 'STORE_DISPOSED' })
      expect(requests[0]!.signal.reason).toMatchObject({ code: 'STORE_DISPOSED' })
      expect(store.has('a')).toBe(false)
    })

    test('later calls are rejected', async () => {
      const store = createStore([['a', 'there']])
      store.dispose()

      expect(await reasonOf(loadOrCompute(store, 'a', server().factory))).toMatchObject({
        code: 'STORE_DISPOSED',
      })
    })

    test('while it waits to look, the factory is never called', async () => {
      const store = createStore()
      const { factory } = server()
      const release = hold(store, 'a')
      const asked = loadOrCompute(store, 'a', factory)
      store.dispose()
      await release()

      expect(await reasonOf(asked)).toMatchObject({ code: 'STORE_DISPOSED' })
      expect(factory).not.toHaveBeenCalled()
    })
  })

  describe('refuses', () => {
    test('what is no store, no function, no signal', async () => {
      const store = createStore()
      const refused = [
        loadOrCompute(new Map() as never, 'a', () => 'x'),
        loadOrCompute(null as never, 'a', () => 'x'),
        loadOrCompute(store, 'a', 'x' as never),
        loadOrCompute(store, 'a', () => 'x', { signal: {} as never }),
      ]
      for (const promise of refused)
        expect(await reasonOf(promise)).toMatchObject({ code: 'INVALID_ARGUMENT' })
    })

    test('a recipe or transaction that asks its own store (`F8`)', async () => {
      const store = createStore()
      let thrown: unknown
      await store.batch(() => {
        thrown = thrownBy(() => loadOrCompute(store, 'a', () => 'x'))
      })

      expect(thrown).toMatchObject({ code: 'LOCK_REENTRANT' })
    })
  })

  test('a failure that nobody handles is unhandled: it is the callers own (`F54`)', async () => {
    const store = createStore()
    const error = new Error('of the factory')

    expect(
      await unhandledRejections(() => void loadOrCompute(store, 'a', () => Promise.reject(error))),
    ).toEqual([error])
  })

  test('loadOrStore stays eager: a function is a value there', async () => {
    const store = createPlainStore<string, () => string>()
    const value = () => 'never called'

    expect(await store.loadOrStore('f', value)).toEqual([value, false])
    expect(store.get('f')).toBe(value)
  })
})
