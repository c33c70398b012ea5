// createResource: what loads bring, who waits for them, and who wins. Fault rows are named as (`F45`).
import { createStore as createDraftStore } from 'tidemap'
import { createResource, optimistic, type ResourceOptions, type Status } from 'tidemap/resource'
import { createStore as createPlainStore, type WritableStore } from 'tidemap/store'
import { describe, expect, test, vi } from 'vitest'
import { deferred } from '../support/deferred.ts'
import { reasonOf, thrownBy } from '../support/failure.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { FakePort } from '../support/fake-ports.ts'
import { FakeServer } from '../support/fake-server.ts'
import { isSettled, microtasks } from '../support/settled.ts'
import { thenable } from '../support/thenable.ts'
import { unhandledRejections } from '../support/unhandled-rejections.ts'

type Options = Partial<ResourceOptions<string, string>> & { entries?: Iterable<readonly [string, string]> }

const flavours: [string, (entries: Iterable<readonly [string, string]>) => WritableStore<string, string>][] =
  [
    ['tidemap', (entries) => createDraftStore<string, string>(entries)],
    ['tidemap/store', (entries) => createPlainStore<string, string>(entries)],
  ]

describe.each(flavours)('a resource over a store of %s', (_name, createStore) => {
  function setUp({ entries = [], ...options }: Options = {}) {
    const clock = new FakeClock()
    clock.advance(1000) // so that 0 is a time of its own
    const focus = new FakePort()
    const online = new FakePort()
    const server = new FakeServer<string, string>()
    const store = options.store ?? createStore(entries)
    const resource = createResource<string, string>({
      store,
      load: server.load,
      retry: 0,
      clock,
      focus,
      online,
      ...options,
    })
    return { clock, focus, online, server, store, resource }
  }

  /** Answers the last request and lets it arrive. */
  async function answer(server: FakeServer<string, string>, value: string): Promise<void> {
    server.last.answer(value)
    await microtasks()
  }

  describe('load', () => {
    test('of an absent key asks the loader at once, stores what it brings, and gives it', async () => {
      const { resource, server, store } = setUp()

      const loading = resource.load('a')
      expect(server.requests.map(({ key }) => key)).toEqual(['a'])
      await answer(server, 'A')

      expect(await loading).toBe('A')
      expect(store.get('a')).toBe('A')
      expect(resource.get('a')).toBe('A')
    })

    test('is one request for all, and one promise, tagged as React reads it, until it settles and afterwards (`F51`)', async () => {
      const { resource, server } = setUp({ staleTime: 1000 })

      const loading = resource.load('a')
      expect(resource.load('a')).toBe(loading)
      expect(loading).toMatchObject({ status: 'pending' })
      await answer(server, 'A')

      expect(loading).toMatchObject({ status: 'fulfilled', value: 'A' })
      expect(resource.load('a')).toBe(loading)
      expect(server.requests).toHaveLength(1)
    })

    test('a loader that never answers is asked once, however often one comes back (`F51`)', async () => {
      const { resource, server } = setUp()
      const promises = new Set<unknown>()
      for (let i = 0; i < 100; i++) {
        promises.add(resource.load('a'))
        await Promise.resolve()
      }

      expect([promises.size, server.requests.length]).toEqual([1, 1])
    })

    test('of a fresh key gives what is there; of a stale one too, and loads it again in the background', async () => {
      const { resource, server, store, clock } = setUp({ staleTime: 100 })
      void resource.load('a')
      await answer(server, 'old')

      clock.advance(99)
      expect(await resource.load('a')).toBe('old')
      expect(server.requests).toHaveLength(1)
      clock.advance(1)
      expect(await resource.load('a')).toBe('old')
      expect(server.requests).toHaveLength(2)
      expect(resource.status('a')).toMatchObject({ status: 'success', fetchStatus: 'fetching', data: 'old' })

      await answer(server, 'new')
      expect(store.get('a')).toBe('new')
    })

    test('ensure takes what is there, however stale', async () => {
      const { resource, server } = setUp({ entries: [['a', 'old']] })

      expect(await resource.ensure('a')).toBe('old')
      expect(server.requests).toEqual([])
      const absent = resource.ensure('b')
      await answer(server, 'B')
      expect(await absent).toBe('B')
    })

    test('an answer equal to what is there publishes nothing, and keeps the promise', async () => {
      const { resource, server, store, clock } = setUp({ entries: [['a', 'same']] })
      const view = store.view
      const promise = resource.load('a')
      clock.advance(50)
      await answer(server, 'same')

      expect(store.view).toBe(view)
      expect(resource.status('a')).toMatchObject({ updatedAt: 1050, fetchStatus: 'idle' })
      expect(resource.load('a')).toBe(promise)
    })

    test.each<[string, () => string | PromiseLike<string>]>([
      ['a plain value', () => 'A'],
      ['a thenable', () => thenable((resolve) => resolve('A'))],
    ])('takes %s (`F53`)', async (_what, load) => {
      const { resource } = setUp({ load })
      expect(await resource.load('a')).toBe('A')
    })

    test('the loader runs outside of any turn, and may write the store', async () => {
      const { resource, store } = setUp({
        load: async () => {
          await store.set('b', 'beside')
          return `a after ${store.get('b')}`
        },
      })
      expect(await resource.load('a')).toBe('a after beside')
    })

    test.each<[string, (world: { dispose: () => void }) => void]>([
      ['ends the resource', (world) => world.dispose()],
    ])('a loader that %s in its very call leaves nobody waiting', async (_what, act) => {
      const world = { dispose: () => {} }
      const { resource } = setUp({
        load: () => {
          act(world)
          return new Promise<string>(() => {})
        },
      })
      world.dispose = () => resource.dispose()

      expect(await reasonOf(resource.load('a'))).toMatchObject({ code: 'RESOURCE_DISPOSED' })
    })

    test('a loader that sets its key in its very call has answered', async () => {
      const store = createStore([])
      const { resource } = setUp({
        store,
        load: (key) => {
          void store.set(key, 'set by the loader')
          return new Promise<string>(() => {})
        },
      })

      expect(await resource.load('a')).toBe('set by the loader')
    })

    test('a caller who leaves because its request was replaced takes nothing from who replaced it (`F48`)', async () => {
      const { resource, server } = setUp()
      const leaving = new AbortController()
      const first = reasonOf(resource.load('a', { signal: leaving.signal }))
      server.last.signal.addEventListener('abort', () => leaving.abort('gone'))
      const second = resource.refetch('a')
      server.last.answer('A')

      expect(await first).toBe('gone')
      expect(await second).toBe('A')
    })

    test('throws LOCK_REENTRANT to a recipe that asks its own store (`F8`)', async () => {
      const { resource, store } = setUp()
      let thrown: unknown
      await store.batch(() => {
        thrown = thrownBy(() => resource.load('a'))
      })
      expect(thrown).toMatchObject({ code: 'LOCK_REENTRANT' })
    })
  })

  describe('a load that fails', () => {
    test.each<[string, (error: unknown) => string | PromiseLike<string>]>([
      ['rejects', (error) => Promise.reject(error)],
      [
        'throws at once',
        (error) => {
          throw error
        },
      ],
    ])(
      'because its loader %s, rejects with the very error; the status has it, the map does not; the next call tries again (`F53`)',
      async (_how, fail) => {
        const error = { not: 'even an Error' }
        const load = vi.fn((_key: string): string | PromiseLike<string> => fail(error))
        const { resource, store } = setUp({ load })

        const loading = resource.load('a')
        expect(await reasonOf(loading)).toBe(error)

        expect(loading).toMatchObject({ status: 'rejected', reason: error })
        expect(resource.status('a')).toEqual({
          status: 'error',
          fetchStatus: 'idle',
          data: undefined,
          error,
          updatedAt: 0,
          errorUpdatedAt: 1000,
          failureCount: 1,
          failureReason: error,
          isStale: true,
        })
        expect(store.has('a')).toBe(false)
        load.mockImplementation(() => 'A')
        expect(await resource.load('a')).toBe('A')
        expect(resource.status('a')).toMatchObject({ status: 'success', error: null, failureCount: 0 })
      },
    )

    test('in the background leaves the value, and says so', async () => {
      const { resource, server } = setUp({ entries: [['a', 'old']] })
      void resource.load('a')
      server.last.fail('no')
      await microtasks()

      expect(resource.status('a')).toMatchObject({
        status: 'error',
        data: 'old',
        error: 'no',
        fetchStatus: 'idle',
      })
    })

    test('whose promise was dropped, or prefetched by nobody, crashes no process (`F54`)', async () => {
      const { resource } = setUp({ load: () => Promise.reject(new Error('no')) })
      const unhandled = await unhandledRejections(() => {
        void resource.load('a')
        void resource.prefetch(['b'])
        void resource.refetch('c')
        void resource.load('d', { signal: new AbortController().signal })
        void resource.invalidate()
      })
      expect(unhandled).toEqual([])
    })
  })

  describe('when a caller aborts', () => {
    test('that caller alone is told; the load goes on for the others (`F48`, `F49`)', async () => {
      const { resource, server } = setUp()
      const leaving = new AbortController()
      const first = resource.load('a', { signal: leaving.signal })
      const second = resource.load('a', { signal: new AbortController().signal })

      leaving.abort('gone')
      expect(await reasonOf(first)).toBe('gone')
      expect(server.last.signal.aborted).toBe(false)
      await answer(server, 'A')
      expect(await second).toBe('A')
    })

    test('and was the last, the load is called off and everything is as before (`F50`)', async () => {
      const { resource, server } = setUp()
      const before = resource.status('a')
      const leaving = new AbortController()
      const loading = resource.load('a', { signal: leaving.signal })
      leaving.abort('gone')

      expect(await reasonOf(loading)).toBe('gone')
      expect(server.last.signal.reason).toBe('gone')
      expect(resource.status('a')).toEqual(before)
      await answer(server, 'too late')
      expect(resource.get('a')).toBeUndefined()
    })

    test('an error from before is back, when another attempt is called off (`F50`)', async () => {
      const { resource, server } = setUp()
      const failing = reasonOf(resource.load('a'))
      server.last.fail('no')
      await failing
      const before = resource.status('a')
      const leaving = new AbortController()
      const loading = reasonOf(resource.load('a', { signal: leaving.signal }))
      expect(resource.status('a')).toMatchObject({
        status: 'pending',
        fetchStatus: 'fetching',
        failureCount: 0,
      })
      leaving.abort('gone')

      await loading
      expect(resource.status('a')).toEqual(before)
    })

    test('work that somebody watches, or waits for without a signal, is never cancelled by others (`F48`)', async () => {
      const { resource, server } = setUp()
      for (const stay of [
        () => resource.watch('a'),
        () => void resource.load('b'),
        () => void resource.prefetch(['c']),
      ]) {
        const key = ['a', 'b', 'c'][server.requests.length]!
        stay()
        const leaving = new AbortController()
        const loading = reasonOf(resource.load(key, { signal: leaving.signal }))
        leaving.abort('gone')
        await loading
        expect([key, server.last.signal.aborted]).toEqual([key, false])
      }
    })

    test('the last watcher leaves a load that nobody waits for: it is called off', async () => {
      const { resource, server, focus } = setUp({ entries: [['a', 'old']] })
      const stop = resource.watch('a')
      focus.switch(true)
      expect(resource.status('a').fetchStatus).toBe('fetching')

      stop()

      expect(server.last.signal.aborted).toBe(true)
      expect(resource.status('a')).toMatchObject({ status: 'success', fetchStatus: 'idle', data: 'old' })
    })
  })

  describe('a write during a load', () => {
    test('set wins: who waits gets what was set, the loader is told to stop, its answer is dropped (`F45`)', async () => {
      const { resource, server, store } = setUp()
      const loading = resource.load('a')
      await store.set('a', 'set')

      expect(await loading).toBe('set')
      expect(server.last.signal.reason).toMatchObject({ code: 'SUPERSEDED' })
      await answer(server, 'late')
      expect(store.get('a')).toBe('set')
      expect(resource.status('a')).toMatchObject({
        status: 'success',
        data: 'set',
        fetchStatus: 'idle',
        updatedAt: 1000,
      })
    })

    test('an equal set wins too', async () => {
      const { resource, server, store } = setUp({ entries: [['a', 'old']] })
      void resource.refetch('a')
      await store.set('a', 'old')
      await answer(server, 'late')

      expect(store.get('a')).toBe('old')
    })

    test('delete wins: nothing is stored; who has waited gets the answer all the same', async () => {
      const { resource, server, store } = setUp()
      const loading = resource.load('a')
      await store.delete('a')
      await microtasks()
      expect(resource.status('a').fetchStatus).toBe('idle')
      await answer(server, 'A')

      expect(await loading).toBe('A')
      expect(store.has('a')).toBe(false)
    })

    test('who has waited through a delete can still leave, and the last one ends it', async () => {
      const { resource, server, store } = setUp()
      const leaving = new AbortController()
      const loading = reasonOf(resource.load('a', { signal: leaving.signal }))
      await store.delete('a')
      await microtasks()
      leaving.abort('gone')

      expect([await loading, server.last.signal.reason]).toEqual(['gone', 'gone'])
    })

    test('who asks after a delete gets a load of their own, and whoever waited before goes along (`F47`)', async () => {
      const { resource, server, store } = setUp()
      const before = resource.load('a')
      void store.delete('a')
      const after = resource.load('a')
      server.requests[0]!.answer('old')
      await microtasks()
      expect(isSettled(after)).toBe(false)
      server.requests[1]!.answer('new')

      expect(await Promise.all([before, after])).toEqual(['new', 'new'])
      expect(store.get('a')).toBe('new')
    })

    test('in the turn before its own', async () => {
      const { resource, server, store } = setUp()
      const loading = resource.load('a')
      const { promise, resolve } = deferred()
      const holding = store.transaction(
        async (tx) => {
          await promise
          tx.set('a', 'written')
        },
        { keys: ['a'] },
      )
      await answer(server, 'loaded')
      expect(isSettled(loading)).toBe(false)
      resolve()
      await holding

      expect(await loading).toBe('written')
      expect(store.get('a')).toBe('written')
    })

    test.each(Array.from({ length: 12 }, (_, ticks) => ticks))(
      'nobody waits for ever, whatever happens %i turns of the microtask queue after the answer',
      async (ticks) => {
        for (const how of ['set', 'delete', 'refetch', 'invalidate', 'fail'] as const) {
          const { resource, server, store } = setUp()
          const loading = resource.load('a').catch((reason: unknown) => reason)
          if (how === 'fail') server.last.fail('no')
          else server.last.answer('A')
          for (let i = 0; i < ticks; i++) await undefined
          if (how === 'set') void store.set('a', 'set')
          else if (how === 'refetch') void resource.refetch('a')
          else if (how === 'invalidate') void resource.invalidate('a')
          else void store.delete('a')
          await microtasks()
          server.last.answer('B')

          expect(await loading).toBeTypeOf('string')
          await microtasks()
          expect(resource.status('a').fetchStatus).toBe('idle')
          if (how === 'set') expect(store.get('a')).toBe('set')
          if (how === 'delete') expect(store.has('a')).toBe(false)
          resource.dispose()
        }
      },
    )

    test('a pending layer is shown, and a refetch under it never flickers', async () => {
      const { resource, server, store } = setUp({ entries: [['a', 'old']] })
      const { promise, resolve } = deferred()
      const holding = store.transaction(() => promise, { keys: ['a'] })
      const shown: unknown[] = []
      resource.subscribeStatus('a', ({ data }) => shown.push(data))
      const setting = store.set('a', 'optimistic')
      void resource.refetch('a')
      await answer(server, 'loaded')
      resolve()
      await Promise.all([holding, setting])
      await microtasks()

      expect(new Set(shown)).toEqual(new Set(['optimistic']))
      expect(store.get('a')).toBe('optimistic')
    })
  })

  describe('refetch and invalidate', () => {
    test('refetch replaces a load under way; whoever waits gets the newer answer, the older is dropped (`F47`)', async () => {
      const { resource, server } = setUp()
      const first = resource.load('a')
      const second = resource.refetch('a')
      expect(server.requests[0]!.signal.aborted).toBe(true)
      expect(resource.load('a')).toBe(first)
      server.requests[1]!.answer('new')
      await microtasks()
      server.requests[0]!.answer('old')
      await microtasks()

      expect(await Promise.all([first, second])).toEqual(['new', 'new'])
      expect(resource.get('a')).toBe('new')
    })

    test('invalidate makes a fresh value stale, and loads again what is watched only', async () => {
      const { resource, server } = setUp({
        staleTime: 1000,
        entries: [
          ['a', 'A'],
          ['b', 'B'],
        ],
      })
      resource.watch('a')
      const done = resource.invalidate()

      expect(resource.status('b').isStale).toBe(true)
      expect(server.requests.map(({ key }) => key)).toEqual(['a'])
      await answer(server, 'new A')
      await done
      expect(resource.status('a')).toMatchObject({ data: 'new A', isStale: false })
    })

    test('invalidate during a load: it began too early, and is made again (`F46`)', async () => {
      const { resource, server } = setUp({ staleTime: 1000 })
      const loading = resource.load('a')
      const done = resource.invalidate('a')
      server.requests[0]!.answer('old')
      await microtasks()
      expect(isSettled(loading)).toBe(false)
      server.requests[1]!.answer('new')

      expect(await loading).toBe('new')
      await done
      expect(resource.status('a')).toMatchObject({ data: 'new', isStale: false })
    })

    test('invalidate takes one key, or a predicate of key and status', async () => {
      const { resource } = setUp({
        staleTime: 1000,
        entries: [
          ['a1', 'x'],
          ['a2', 'x'],
          ['b', 'y'],
        ],
      })
      const stale = () => ['a1', 'a2', 'b'].filter((key) => resource.status(key).isStale)
      await resource.invalidate('a1')
      expect(stale()).toEqual(['a1'])
      await resource.invalidate((_key, { data }) => data === 'y')
      expect(stale()).toEqual(['a1', 'b'])
      await resource.invalidate('nobody knows it')
      expect(stale()).toEqual(['a1', 'b'])
    })

    test('invalidate resolves, though what it loads fails', async () => {
      const { resource, server } = setUp({ entries: [['a', 'A']] })
      resource.watch('a')
      const done = resource.invalidate('a')
      server.last.fail('no')

      expect(await done).toBeUndefined()
    })

    test('a function is a key, where the resource knows it as one', async () => {
      const key = vi.fn(() => true)
      const store = createPlainStore<() => boolean, string>([[key, 'A']])
      const resource = createResource<() => boolean, string>({ store, load: () => 'B', staleTime: 1000 })
      resource.status(key)
      await resource.invalidate(key)

      expect(key).not.toHaveBeenCalled()
      expect(resource.status(key).isStale).toBe(true)
    })

    test('prefetch loads what is absent or stale, once, and waits for all', async () => {
      const { resource, server, store } = setUp({ staleTime: 1000, entries: [['fresh', 'F']] })
      const done = resource.prefetch(['fresh', 'a', 'b', 'a'])

      expect(server.requests.map(({ key }) => key)).toEqual(['a', 'b'])
      server.requests[0]!.answer('A')
      server.requests[1]!.fail('no')
      await done
      expect([store.get('a'), store.has('b')]).toEqual(['A', false])
    })
  })

  describe('status', () => {
    test('of a key that nobody knows is one frozen object', () => {
      const { resource } = setUp()
      expect(resource.status('a')).toBe(resource.status('b'))
      expect(resource.status('a')).toEqual({
        status: 'pending',
        fetchStatus: 'idle',
        data: undefined,
        error: null,
        updatedAt: 0,
        errorUpdatedAt: 0,
        failureCount: 0,
        failureReason: null,
        isStale: true,
      })
      expect(Object.isFrozen(resource.status('a'))).toBe(true)
    })

    test('is the same object until something of it changes', async () => {
      const { resource, server, store } = setUp({ staleTime: 100 })
      void resource.load('a')
      const fetching = resource.status('a')
      expect(resource.status('a')).toBe(fetching)
      await store.set('b', 'of no concern')
      expect(resource.status('a')).toBe(fetching)
      await answer(server, 'A')

      const done = resource.status('a')
      expect(done).not.toBe(fetching)
      expect(resource.status('a')).toBe(done)
    })

    test('goes through its states, each told once, in order', async () => {
      const { resource, server, store, clock } = setUp({ staleTime: 100 })
      const told: string[] = []
      resource.subscribeStatus('a', ({ status, fetchStatus, data, isStale }) =>
        told.push([status, fetchStatus, data, isStale ? 'stale' : 'fresh'].join(' ')),
      )
      void resource.load('a')
      await answer(server, 'A')
      clock.advance(100)
      void resource.load('a')
      server.last.fail('no')
      await microtasks()
      await store.set('a', 'set')
      await store.delete('a')
      await microtasks()

      expect(told).toEqual([
        'pending fetching  stale',
        'success idle A fresh',
        'success idle A stale',
        'success fetching A stale',
        'error idle A stale',
        'success idle set fresh',
        'pending idle  stale',
      ])
    })

    test('is already new when the listeners of the store hear of the value', async () => {
      const { resource, server, store } = setUp()
      const seen: unknown[] = []
      store.subscribeKey('a', () => seen.push(resource.status('a')))
      void resource.load('a')
      await answer(server, 'A')

      expect(seen).toMatchObject([{ status: 'success', fetchStatus: 'idle', data: 'A' }])
    })

    test('counts what the store has from the beginning as loaded when it is told, or first looked at', () => {
      const entries = [['a', 'A']] as const
      const now = setUp({ entries, staleTime: 100 })
      expect(now.resource.status('a')).toMatchObject({ status: 'success', updatedAt: 1000, isStale: false })
      const before = setUp({ entries, staleTime: 100, initialUpdatedAt: 900 })
      expect(before.resource.status('a')).toMatchObject({ updatedAt: 900, isStale: true })
    })

    test('a listener that throws is reported and harms nobody (`F29`)', () => {
      const error = new Error('of a listener')
      const errors: unknown[] = []
      const { resource } = setUp({ onError: (error) => errors.push(error) })
      const told = vi.fn()
      resource.subscribeStatus('a', () => {
        throw error
      })
      resource.subscribeStatus('a', told)
      void resource.load('a')

      expect(told).toHaveBeenCalledTimes(1)
      expect(errors).toEqual([error])
    })

    test('a listener that changes the status is told of it afterwards, and all hear the same order (`F30`)', async () => {
      const { resource, server } = setUp()
      const told: string[] = []
      resource.subscribeStatus('a', ({ fetchStatus, status }) => {
        told.push(`first ${status} ${fetchStatus}`)
        if (status === 'success' && told.length < 4) void resource.refetch('a')
      })
      resource.subscribeStatus('a', ({ fetchStatus, status }) => told.push(`second ${status} ${fetchStatus}`))
      void resource.load('a')
      await answer(server, 'A')

      expect(told).toEqual([
        'first pending fetching',
        'second pending fetching',
        'first success idle',
        'second success idle',
        'first success fetching',
        'second success fetching',
      ])
    })

    test('a listener that never stops changing it is stopped (`F32`)', () => {
      const errors: unknown[] = []
      const { resource } = setUp({ entries: [['a', 'A']], onError: (error) => errors.push(error) })
      const calls = vi.fn((status: Status<string>) => {
        if (status.fetchStatus === 'idle') void resource.refetch('a')
        else controller.abort()
        controller = new AbortController()
        void resource.load('a', { signal: controller.signal }).catch(() => {})
      })
      let controller = new AbortController()
      const stop = resource.subscribeStatus('a', calls)
      void resource.refetch('a')
      stop()

      expect(calls.mock.calls.length).toBeLessThan(1100)
    })

    test('not told any more: who has left, also in the round itself (`F31`)', () => {
      const { resource } = setUp()
      const told = vi.fn()
      resource.subscribeStatus('a', () => stop())
      const stop = resource.subscribeStatus('a', told)
      void resource.load('a')

      expect(told).not.toHaveBeenCalled()
    })
  })

  describe('dispose', () => {
    test.each<[string, string, (world: ReturnType<typeof setUp>) => void]>([
      ['of the resource', 'RESOURCE_DISPOSED', ({ resource }) => resource.dispose()],
      ['of the store', 'STORE_DISPOSED', ({ store }) => store.dispose()],
    ])(
      '%s rejects who waits with %s, quietly, aborts, and leaves nothing behind (`F28`)',
      async (_whose, code, end) => {
        const world = setUp({ entries: [['b', 'B']], refetchInterval: 10, staleTime: 50 })
        const { resource, server, store, clock, focus, online } = world
        let loading!: Promise<string>
        const unhandled = await unhandledRejections(() => {
          loading = resource.load('a')
          resource.watch('b')
          resource.subscribeStatus('b', () => {})
          end(world)
        })

        expect(unhandled).toEqual([])
        expect(await reasonOf(loading)).toMatchObject({ code })
        expect(server.last.signal.reason).toMatchObject({ code })
        expect([clock.timers, focus.listeners, online.listeners]).toEqual([0, 0, 0])
        expect(await reasonOf(resource.load('c'))).toMatchObject({ code })
        resource.watch('b')()
        resource.subscribeStatus('b', () => {})()
        await resource.prefetch(['d'])
        const { length } = server.requests
        void resource.invalidate('b') // which is still watched
        expect(server.requests).toHaveLength(length)
        expect(clock.timers).toBe(0)
        expect(store.get('b')).toBe('B')
        expect(resource.status('b')).toBe(resource.status('b'))
      },
    )
  })

  test('refuses options of the wrong shape', () => {
    const store = createStore([])
    const load = () => 'x'
    for (const options of [
      undefined,
      { load },
      { store: new Map(), load },
      { store },
      { store, load: 'x' },
      { store, load, staleTime: -1 },
      { store, load, gcTime: Number.NaN },
      { store, load, retry: 'often' },
      { store, load, networkMode: 'sometimes' },
      { store, loadMany: 5 },
    ]) {
      expect(thrownBy(() => createResource(options as never))).toMatchObject({ code: 'INVALID_ARGUMENT' })
    }
  })
})

test('status$ is an observable of the store of tidemap, and is not there over the plain one', async () => {
  const store = createDraftStore<string, number>()
  const resource = createResource({ store, load: (_key: string) => 1, staleTime: 1000 })
  const told: string[] = []
  const subscription = resource.status$('a').subscribe({
    next: ({ status, fetchStatus }) => told.push(`${status} ${fetchStatus}`),
    complete: () => told.push('complete'),
  })
  await resource.load('a')
  await microtasks()
  store.dispose()

  expect(told).toEqual(['pending idle', 'pending fetching', 'success idle', 'complete'])
  expect(subscription.closed).toBe(true)
  expect('status$' in createResource({ store: createPlainStore<string, number>(), load: () => 1 })).toBe(
    false,
  )
})

test('what was loaded and not published yet stays where an optimistic write lies over it: no status goes back to pending, and who listens knows the last', async () => {
  let frame = (): void => {}
  const store = createPlainStore<string, string>([], {
    promotion: (promote) => {
      frame = promote
    },
  })
  const users = createResource({ store, load: (key: string) => Promise.resolve(`${key}!`) })
  const told: Status<string>[] = []
  users.subscribeStatus('a', (status) => told.push(status))
  await users.load('a')
  await microtasks()

  const answer = deferred()
  const liked = optimistic(
    store,
    (tx) => tx.set('a', `${tx.get('a')}!`),
    () => answer.promise,
  )
  expect(users.status('a')).toMatchObject({ status: 'success', data: 'a!' })
  expect(told.at(-1)).toBe(users.status('a'))

  frame()
  expect(users.status('a')).toMatchObject({ status: 'success', data: 'a!!' })
  expect(told.at(-1)).toBe(users.status('a'))

  answer.resolve()
  await liked
  users.dispose()
})
