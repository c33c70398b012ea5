// Surroundings that behave badly: ports that call back at once, clocks that go back, loaders and listeners that end what they are called by.
import { createResource, type ResourceOptions } from 'tidemap/resource'
import { createStore } from 'tidemap/store'
import { describe, expect, test, vi } from 'vitest'
import { reasonOf } from '../support/failure.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { FakePort } from '../support/fake-ports.ts'
import { FakeServer } from '../support/fake-server.ts'
import { microtasks } from '../support/settled.ts'

function setUp<K = string>(options: Partial<ResourceOptions<K, string>> = {}) {
  const clock = new FakeClock()
  clock.advance(10_000)
  const focus = new FakePort()
  const online = new FakePort()
  const server = new FakeServer<K, string>()
  const store = createStore<K, string>()
  const errors: unknown[] = []
  const resource = createResource<K, string>({
    store,
    load: server.load,
    clock,
    focus,
    online,
    onError: (error) => errors.push(error),
    ...options,
  })
  return { clock, focus, online, server, store, resource, errors }
}

describe('a port that calls back in the middle of subscribe', () => {
  /** Says of itself that it is off until somebody subscribes. */
  class EagerPort extends FakePort {
    override subscribe(listener: () => void): () => void {
      const stop = super.subscribe(listener)
      this.switch(true)
      return stop
    }
  }

  test('ends the waiting of a paused load, and keeps no listener (F34)', async () => {
    const online = new EagerPort(false)
    const { resource, server } = setUp({ online })

    const loading = resource.load('a')
    await microtasks()
    server.last.answer('A')

    expect(await loading).toBe('A')
    expect(online.listeners).toBe(0)
  })

  test('is listened to once, though what it sets off watches another key', () => {
    const focus = new EagerPort(true)
    const load = (): string => {
      world.resource.watch('b')
      return 'A'
    }
    const world = setUp({ focus, load })

    world.resource.watch('a')

    expect(focus.listeners).toBe(1)
  })
})

describe('a clock that is set back', () => {
  test('keeps nothing for longer than another gcTime (M1)', async () => {
    const { clock, store, resource } = setUp({ load: (key) => key, gcTime: 1000 })
    await Promise.all(['a', 'b', 'c'].map((key) => resource.load(key)))

    clock.setBack(9000)
    await resource.load('d')
    await microtasks()
    clock.advance(1000)
    clock.advance(1000)

    expect([...store]).toEqual([])
    expect(clock.timers).toBe(0)
  })

  test('makes nothing stale, and leaves no timer that fires at once again and again', async () => {
    const { clock, resource } = setUp({ load: (key) => key, staleTime: 1000 })
    await resource.load('a')
    const heard = vi.fn()
    const stop = resource.subscribeStatus('a', heard)

    clock.setBack(5000)
    clock.advance(5999)
    const before = heard.mock.calls.length
    clock.advance(1)
    stop()

    expect([before, heard.mock.calls.length]).toEqual([0, 1])
    expect(resource.status('a').isStale).toBe(true)
  })

  test('that throws leaves the listeners as they were: they hear of the next change (F34)', async () => {
    const { clock, resource, server } = setUp({ staleTime: 1000 })
    void resource.load('a')
    server.last.answer('A')
    await microtasks()
    const heard = vi.fn()
    resource.subscribeStatus('a', heard)
    const now = vi.spyOn(clock, 'now').mockImplementation(() => {
      throw new Error('no time')
    })

    expect(() => resource.refetch('a')).toThrow('no time')
    now.mockRestore()
    server.last.answer('B')
    await microtasks()

    expect(heard).toHaveBeenLastCalledWith(expect.objectContaining({ status: 'success', data: 'B' }))
  })
})

describe('a load that is called off in the tick in which it may go on', () => {
  test('makes no request when the network comes back', async () => {
    const { online, server, resource } = setUp()
    online.switch(false)
    const controller = new AbortController()
    const loading = reasonOf(resource.load('a', { signal: controller.signal }))

    online.switch(true)
    controller.abort('left')

    expect(await loading).toBe('left')
    await microtasks()
    expect(server.requests).toEqual([])
  })

  test('makes no request when the delay of its retry has passed', async () => {
    const { clock, server, resource } = setUp({ retryDelay: 100 })
    const controller = new AbortController()
    const loading = reasonOf(resource.load('a', { signal: controller.signal }))
    server.last.fail('no')
    await microtasks()

    clock.advance(100)
    controller.abort('left')
    await microtasks()

    expect(await loading).toBe('left')
    expect(server.requests).toHaveLength(1)
    expect(clock.timers).toBe(1) // that of the garbage
  })

  test('makes no request where a listener of its status ends the resource as it goes on (F28)', async () => {
    const { online, server, resource } = setUp()
    online.switch(false)
    const loading = reasonOf(resource.load('a'))
    resource.subscribeStatus('a', ({ fetchStatus }) => {
      if (fetchStatus === 'fetching') resource.dispose()
    })

    online.switch(true)
    await microtasks()

    expect(await loading).toMatchObject({ code: 'RESOURCE_DISPOSED' })
    expect(server.requests).toEqual([])
  })
})

describe('a loader', () => {
  test('that aborts its caller at once is called off: everything is as before (F50)', async () => {
    const controller = new AbortController()
    const signals: AbortSignal[] = []
    const { resource, store } = setUp({
      load: (_key, { signal }) => {
        signals.push(signal)
        controller.abort('left')
        return 'late'
      },
    })
    const before = resource.status('a')

    const loading = reasonOf(resource.load('a', { signal: controller.signal }))

    expect(await loading).toBe('left')
    await microtasks()
    expect(signals.map(({ aborted }) => aborted)).toEqual([true])
    expect(resource.status('a')).toEqual(before)
    expect(store.size).toBe(0)
  })

  test('that ends its resource at once rejects its callers, and stores nothing (F28)', async () => {
    const load = (): string => {
      resource.dispose()
      return 'late'
    }
    const { resource, store, clock } = setUp({ load })

    const loading = reasonOf(resource.load('a'))

    expect(await loading).toMatchObject({ code: 'RESOURCE_DISPOSED' })
    await microtasks()
    expect([store.size, clock.timers]).toEqual([0, 0])
  })

  test('that ends its resource is the last one that focus or invalidate calls (F28)', async () => {
    const calls: string[] = []
    const load = (key: string) => {
      calls.push(key)
      resource.dispose()
      return key
    }
    const { resource, focus } = setUp({ load })
    resource.watch('a')
    resource.watch('b')

    focus.switch(true)
    await resource.invalidate()

    expect(calls).toEqual(['a'])
  })

  test('that ends the watching of another key is the last one that focus calls', async () => {
    const calls: string[] = []
    const { resource, focus } = setUp({
      load: (key) => {
        calls.push(key)
        stop()
        return key
      },
    })
    resource.watch('a')
    const stop = resource.watch('b')

    focus.switch(true)
    await microtasks()

    expect(calls).toEqual(['a'])
    expect(resource.status('b').fetchStatus).toBe('idle')
  })

  test('that writes its own key at once is overtaken by that (F45)', async () => {
    const { resource, store } = setUp({
      load: (key) => {
        void store.set(key, 'written')
        return 'loaded'
      },
    })

    expect(await resource.load('a')).toBe('written')
    expect(store.get('a')).toBe('written')
    expect(resource.status('a').fetchStatus).toBe('idle')
  })
})

test('invalidating in a listener of the status ends: it tells what is new once', async () => {
  const { resource, server, errors } = setUp({ staleTime: Number.POSITIVE_INFINITY })
  const heard: unknown[] = []
  resource.subscribeStatus('a', ({ status, isStale }) => {
    heard.push([status, isStale])
    void resource.invalidate('a')
  })

  const loading = resource.load('a')
  server.last.answer('A')
  server.requests[0]?.answer('A')
  while (resource.status('a').fetchStatus === 'fetching') {
    server.last.answer('A')
    await microtasks()
  }

  expect(await loading).toBe('A')
  expect(heard.at(-1)).toEqual(['success', true])
  expect(heard.length).toBeLessThan(10)
  expect(errors).toEqual([])
})

test('ending the resource in a listener of the status tells nobody afterwards', async () => {
  const { resource } = setUp({ load: (key) => key })
  const second = vi.fn()
  resource.subscribeStatus('a', () => resource.dispose())
  resource.subscribeStatus('a', second)

  const loading = reasonOf(resource.load('a'))

  expect(await loading).toMatchObject({ code: 'RESOURCE_DISPOSED' })
  await microtasks()
  expect(second).not.toHaveBeenCalled()
})

test('a resource over a disposed store reads, and refuses all else with STORE_DISPOSED (F28)', async () => {
  const clock = new FakeClock()
  const focus = new FakePort()
  const store = createStore<string, string>([['a', 'A']])
  store.dispose()

  const load = vi.fn(() => 'B')
  const resource = createResource<string, string>({ store, load, clock, focus })
  resource.watch('a')
  resource.subscribeStatus('a', () => {})
  await resource.prefetch(['b'])
  await resource.invalidate()

  expect(resource.get('a')).toBe('A')
  expect(resource.status('a').data).toBe('A')
  expect(await reasonOf(resource.load('a'))).toMatchObject({ code: 'STORE_DISPOSED' })
  expect(load).not.toHaveBeenCalled()
  expect([clock.timers, focus.listeners]).toEqual([0, 0])
  resource.dispose()
})

test('a disposed resource loads nothing for a key that is still watched, whatever is invalidated', async () => {
  const { resource, server, clock } = setUp()
  const stop = resource.watch('a')
  resource.dispose()

  await resource.invalidate('a')
  await resource.invalidate()
  stop()

  expect(server.requests).toEqual([])
  expect(clock.timers).toBe(0)
})

test('with gcTime 0 a value goes as soon as nobody uses it, and a watched one stays (F52)', async () => {
  const { resource, store, clock } = setUp({ load: (key) => key, gcTime: 0 })
  const stop = resource.watch('b')
  await Promise.all([resource.load('a'), resource.load('b')])

  clock.advance(1)
  const watched = [...store.keys()]
  stop()
  clock.advance(1)

  expect(watched).toEqual(['b'])
  expect(store.size).toBe(0)
  expect(clock.timers).toBe(0)
})

test('with staleTime Infinity a value is loaded again for no reason but an invalidation', async () => {
  const { resource, server, focus, online, clock } = setUp({ staleTime: Number.POSITIVE_INFINITY })
  const loading = resource.load('a')
  server.last.answer('A')
  await loading
  resource.watch('a')

  clock.advance(1e12)
  focus.switch(true)
  online.switch(true)
  void resource.load('a')
  const before = server.requests.length
  void resource.invalidate('a')

  expect([before, server.requests.length]).toEqual([1, 2])
})

test.each([false, 0] as const)('with refetchInterval %s nothing is polled', async (refetchInterval) => {
  const { resource, server, clock } = setUp({ refetchInterval, gcTime: Number.POSITIVE_INFINITY })
  resource.watch('a')

  expect(clock.timers).toBe(0)
  clock.advance(100_000)
  expect(server.requests).toEqual([])
})

test('a poll neither doubles nor ends a load that is between two attempts', async () => {
  const { resource, server, clock } = setUp({ refetchInterval: 100, retryDelay: 250, staleTime: 1e6 })
  resource.watch('a')
  const loading = resource.load('a')
  server.last.fail('no')
  await microtasks()

  clock.advance(249)
  await microtasks()
  const before = server.requests.length
  clock.advance(1)
  await microtasks()
  server.last.answer('A')

  expect(await loading).toBe('A')
  expect([before, server.requests.length]).toEqual([1, 2])
})

test('looking at a page without a network loads nothing until there is one', async () => {
  const { resource, server, focus, online } = setUp()
  resource.watch('a')
  online.switch(false)

  focus.switch(false)
  focus.switch(true)
  const offline = [server.requests.length, resource.status('a').fetchStatus]
  online.switch(true)
  await microtasks()

  expect(offline).toEqual([0, 'paused'])
  expect(server.requests).toHaveLength(1)
})

describe.each(['set', 'delete'] as const)('a %s of the key in any microtask of its load', (write) => {
  test.each(Array.from({ length: 12 }, (_, i) => i))(
    'number %i: the write stays (F45, F47)',
    async (ticks) => {
      const { resource, store } = setUp({ load: async (key) => key, staleTime: Number.POSITIVE_INFINITY })
      const loading = resource.load('a')
      for (let i = 0; i < ticks; i++) await Promise.resolve()

      const writing = write === 'set' ? store.set('a', 'written') : store.delete('a')
      const value = await loading
      await writing
      await microtasks()

      expect(store.get('a')).toBe(write === 'set' ? 'written' : undefined)
      expect(['a', 'written']).toContain(value)
      expect(resource.status('a')).toMatchObject({
        status: write === 'set' ? 'success' : 'pending',
        fetchStatus: 'idle',
        isStale: write === 'delete',
      })
      expect(await resource.load('a')).toBe(write === 'set' ? 'written' : 'a')
    },
  )
})

test('keys are told apart as those of a Map: NaN, objects, functions, symbols (F19)', async () => {
  const keys: readonly unknown[] = [Number.NaN, {}, {}, () => 1, Symbol('a'), '__proto__', null, undefined, 0]
  const { resource, store } = setUp<unknown>({
    load: undefined,
    loadMany: (asked) => new Map(asked.map((key) => [key, String(keys.indexOf(key))])),
  })

  const values = await Promise.all([...keys, Number.NaN, -0].map((key) => resource.load(key)))

  expect(values).toEqual(['-1', '1', '2', '3', '4', '5', '6', '7', '8', '-1', '8']) // indexOf finds no NaN
  expect(store.size).toBe(keys.length)
  for (const key of keys) expect(resource.status(key).status).toBe('success')
})

test('two resources over one store and key: the last one that loads it has it, and both show it (F47)', async () => {
  const { resource, store, clock } = setUp({ load: () => 'first', staleTime: 1e6, gcTime: 1000 })
  const second = createResource<string, string>({ store, load: () => 'second', clock, gcTime: 1e6 })
  const heard = vi.fn()
  resource.subscribeStatus('a', heard)

  const values = await Promise.all([resource.load('a'), second.refetch('a')])
  await microtasks()

  expect(values[1]).toBe(store.get('a'))
  expect(resource.status('a')).toMatchObject({ status: 'success', fetchStatus: 'idle', data: store.get('a') })
  expect(second.status('a')).toMatchObject({ status: 'success', fetchStatus: 'idle', data: store.get('a') })
  expect(heard).toHaveBeenLastCalledWith(expect.objectContaining({ data: store.get('a') }))
})
