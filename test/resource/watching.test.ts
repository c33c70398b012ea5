// Who keeps a key alive, and what is loaded again for them: focus, reconnect, polling, and the garbage of what nobody uses.
import { createResource, loadOrCompute, type ResourceOptions } from 'tidemap/resource'
import { createStore } from 'tidemap/store'
import { describe, expect, test } from 'vitest'
import { deferred } from '../support/deferred.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { FakePort } from '../support/fake-ports.ts'
import { FakeServer } from '../support/fake-server.ts'
import { microtasks } from '../support/settled.ts'

function setUp(options: Partial<ResourceOptions<string, string>> = {}) {
  const clock = new FakeClock()
  clock.advance(1000)
  const focus = new FakePort()
  const online = new FakePort()
  const server = new FakeServer<string, string>()
  const store = createStore<string, string>()
  const resource = createResource<string, string>({
    store,
    load: server.load,
    retry: 0,
    clock,
    focus,
    online,
    ...options,
  })
  const loaded = async (key: string, value = key.toUpperCase()): Promise<void> => {
    const loading = resource.load(key)
    server.last.answer(value)
    await loading
    await microtasks()
    server.requests.length = 0
  }
  return { clock, focus, online, server, store, resource, loaded }
}

describe.each(['focus', 'online'] as const)('on %s', (port) => {
  const off = port === 'focus' ? { refetchOnFocus: false } : { refetchOnReconnect: false }

  test('what is watched and stale is loaded again, and nothing else', async () => {
    const world = setUp({ staleTime: 100 })
    const { resource, server, clock, loaded } = world
    for (const key of ['stale', 'unwatched']) await loaded(key)
    clock.advance(100)
    await loaded('fresh')
    resource.watch('stale')
    resource.watch('fresh')
    world[port].switch(false)
    expect(server.requests).toEqual([])
    world[port].switch(true)

    expect(server.requests.map(({ key }) => key)).toEqual(['stale'])
    world[port].switch(true)
    expect(server.requests).toHaveLength(1)
  })

  test('it can be turned off', () => {
    const world = setUp(off)
    world.resource.watch('a')
    world[port].switch(true)

    expect(world.server.requests).toEqual([])
    expect(world[port].listeners).toBe(0)
  })

  test('it is listened to while somebody watches, and no longer', () => {
    const world = setUp()
    expect(world[port].listeners).toBe(0)
    const stops = ['a', 'a', 'b'].map((key) => world.resource.watch(key))
    expect(world[port].listeners).toBe(1)
    stops[0]!()
    stops[0]!()
    stops[2]!()
    expect(world[port].listeners).toBe(1)
    stops[1]!()
    expect(world[port].listeners).toBe(0)
    world.resource.watch('a')
    expect(world[port].listeners).toBe(1)
  })
})

describe('polling', () => {
  test('loads what is watched every interval, while the page is looked at, one request at a time', async () => {
    const { resource, server, clock, focus } = setUp({ refetchInterval: 100 })
    const stop = resource.watch('a')
    clock.advance(99)
    expect(server.requests).toHaveLength(0)
    clock.advance(1)
    expect(server.requests).toHaveLength(1)
    clock.advance(100)
    expect(server.requests).toHaveLength(1)
    server.last.answer('A')
    await microtasks()
    focus.switch(false)
    clock.advance(100)
    expect(server.requests).toHaveLength(1)
    focus.switch(true)
    server.last.answer('A')
    await microtasks()
    clock.advance(100)
    const polled = server.requests.length
    expect(polled).toBeGreaterThan(1)

    server.last.answer('A')
    await microtasks()
    stop()
    clock.advance(1000)
    expect(server.requests).toHaveLength(polled)
  })

  test('sets no timer while nobody watches', () => {
    const { resource, clock } = setUp({ refetchInterval: 100, gcTime: Number.POSITIVE_INFINITY })
    resource.status('a')
    resource.watch('a')()

    expect(clock.timers).toBe(0)
  })
})

describe('what nobody uses', () => {
  test('is forgotten after gcTime: the value it has loaded goes from the store', async () => {
    const { store, clock, loaded, resource } = setUp({ gcTime: 500 })
    await loaded('a')
    clock.advance(499)
    expect(store.has('a')).toBe(true)
    clock.advance(1)

    expect(store.has('a')).toBe(false)
    expect(resource.status('a').status).toBe('pending')
    expect(clock.timers).toBe(0)
  })

  test('what somebody has written stays: it is theirs', async () => {
    const { store, clock, loaded } = setUp({ gcTime: 500 })
    await loaded('a')
    await store.set('a', 'edited')
    clock.advance(10_000)

    expect(store.get('a')).toBe('edited')
  })

  test.each<[string, (world: ReturnType<typeof setUp>) => unknown]>([
    ['watches it', ({ resource }) => resource.watch('a')],
    ['listens to its status', ({ resource }) => resource.subscribeStatus('a', () => {})],
    ['waits for it (`F52`)', ({ resource }) => void resource.refetch('a')],
  ])('is kept while somebody %s', async (_how, use) => {
    const world = setUp({ gcTime: 500 })
    await world.loaded('a')
    use(world)
    world.clock.advance(10_000)

    expect(world.store.has('a')).toBe(true)
  })

  test('is kept while somebody waits for a key that is not there yet (`F52`)', async () => {
    const { resource, server, clock } = setUp({ gcTime: 500 })
    const loading = resource.load('a')
    clock.advance(10_000)
    expect(resource.load('a')).toBe(loading)
    server.last.answer('A')

    expect(await loading).toBe('A')
    expect(server.requests).toHaveLength(1)
  })

  test('its time begins when the last who used it has left, and again with every read', async () => {
    const { store, resource, clock, loaded } = setUp({ gcTime: 500 })
    await loaded('a')
    const stop = resource.watch('a')
    clock.advance(1000)
    stop()
    clock.advance(400)
    resource.get('a')
    clock.advance(400)
    resource.status('a')
    clock.advance(499)
    expect(store.has('a')).toBe(true)
    clock.advance(1)
    expect(store.has('a')).toBe(false)
  })

  test('is kept while a writer or a pending layer is on it', async () => {
    const { store, clock, loaded } = setUp({ gcTime: 500 })
    await loaded('a')
    const { promise, resolve } = deferred()
    const holding = store.transaction(() => promise, { keys: ['a'] })
    clock.advance(2000)
    expect(store.has('a')).toBe(true)
    resolve()
    await holding
    clock.advance(500)

    expect(store.has('a')).toBe(false)
  })

  test('with a gcTime of 0, too: a key that a writer is on is looked at again, and nobody spins for it', async () => {
    const { store, clock, loaded } = setUp({ gcTime: 0 })
    await loaded('a')
    const { promise, resolve } = deferred()
    const holding = store.transaction(() => promise, { keys: ['a'] })
    clock.advance(3)
    expect([store.has('a'), clock.timers]).toEqual([true, 1])
    resolve()
    await holding
    clock.advance(1)

    expect([store.has('a'), clock.timers]).toEqual([false, 0])
  })

  test('one timer does for all', async () => {
    const { clock, loaded, store } = setUp({ gcTime: 500 })
    for (const key of ['a', 'b', 'c']) {
      await loaded(key)
      clock.advance(100)
    }
    expect(clock.timers).toBe(1)
    clock.advance(200)
    expect([...store.keys()]).toEqual(['b', 'c'])
    clock.advance(100)
    expect([...store.keys()]).toEqual(['c'])
  })
})

describe('beside others', () => {
  test('loadOrCompute and a resource over one key: whoever stores first wins, the other takes that', async () => {
    const { resource, server, store } = setUp()
    const { promise, resolve } = deferred<string>()
    const computing = loadOrCompute(store, 'a', () => promise)
    const loading = resource.load('a')
    resolve('computed')

    expect(await computing).toEqual(['computed', false])
    expect(await loading).toBe('computed')
    expect(server.last.signal.aborted).toBe(true)
  })

  test('two resources over one store hear of each other as of any writer', async () => {
    const { resource, server, store, clock } = setUp({ staleTime: 100 })
    const other = createResource<string, string>({ store, load: () => 'of the other', clock })
    const loading = resource.load('a')
    await other.load('a')

    expect(await loading).toBe('of the other')
    expect(server.last.signal.aborted).toBe(true)
    expect(resource.status('a')).toMatchObject({ data: 'of the other', isStale: false })
  })
})
