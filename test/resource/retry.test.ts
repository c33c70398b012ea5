// Retries, backoff, and what waits for the network or for somebody to look.
import { createResource, type ResourceOptions } from 'tidemap/resource'
import { createStore } from 'tidemap/store'
import { describe, expect, test, vi } from 'vitest'
import { reasonOf } from '../support/failure.ts'
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
    clock,
    focus,
    online,
    ...options,
  })
  const fail = async (reason: unknown): Promise<void> => {
    server.last.fail(reason)
    await microtasks()
  }
  const pass = async (ms: number): Promise<void> => {
    clock.advance(ms)
    await microtasks()
  }
  return { clock, focus, online, server, store, resource, fail, pass }
}

describe('a failed load', () => {
  test('is never tried again where retry is false', async () => {
    const { resource, server, fail, pass } = setUp({ retry: false })
    const loading = reasonOf(resource.load('a'))

    await fail('no')
    await pass(60_000)

    expect(await loading).toBe('no')
    expect(server.requests).toHaveLength(1)
  })

  test('is tried again until it succeeds where retry is true', async () => {
    const { resource, server, fail, pass } = setUp({ retry: true, retryDelay: 10 })
    const loading = resource.load('a')

    for (let i = 0; i < 20; i++) {
      await fail(`no ${i}`)
      await pass(10)
    }
    server.last.answer('yes')

    expect(await loading).toBe('yes')
    expect(server.requests).toHaveLength(21)
  })

  test('is tried again three times, and the status counts', async () => {
    const { resource, server, fail, pass } = setUp({ random: () => 1 })
    const loading = reasonOf(resource.load('a'))

    for (const [i, delay] of [1000, 2000, 4000].entries()) {
      await fail(`no ${i}`)
      expect(resource.status('a')).toMatchObject({
        status: 'pending',
        fetchStatus: 'fetching',
        failureCount: i + 1,
        failureReason: `no ${i}`,
        error: null,
      })
      await pass(delay - 1)
      expect(server.requests).toHaveLength(i + 1)
      await pass(1)
      expect(server.requests).toHaveLength(i + 2)
    }
    await fail('the last')

    expect(await loading).toBe('the last')
    expect(resource.status('a')).toMatchObject({ status: 'error', error: 'the last', failureCount: 4 })
  })

  test('succeeds in the end as if nothing had been', async () => {
    const { resource, server, fail, pass } = setUp({ random: () => 1 })
    const loading = resource.load('a')
    await fail('no')
    await pass(1000)
    server.last.answer('A')

    expect(await loading).toBe('A')
    expect(resource.status('a')).toMatchObject({ status: 'success', failureCount: 0, failureReason: null })
  })

  test('waits for a random part of a delay that doubles up to 30 seconds: full jitter', async () => {
    const random = vi.fn(() => 0.5)
    const { resource, clock, server, fail } = setUp({ random, retry: 10 })
    void resource.load('a')
    const delays: number[] = []
    for (let i = 0; i < 7; i++) {
      await fail('no')
      const before = clock.now()
      while (server.requests.length === i + 1) {
        clock.advance(1)
        if (clock.timers === 0) await microtasks()
      }
      delays.push(clock.now() - before)
    }

    expect(delays).toEqual([500, 1000, 2000, 4000, 8000, 15_000, 15_000])
    expect(random).toHaveBeenCalledTimes(7)
  })

  test('retry and retryDelay may be functions of the failures before and the error', async () => {
    const retry = vi.fn((failures: number, error: unknown) => error === 'try again' && failures < 5)
    const retryDelay = vi.fn(() => 10)
    const { resource, fail, pass } = setUp({ retry, retryDelay })
    const loading = reasonOf(resource.load('a'))
    await fail('try again')
    await pass(10)
    await fail('never mind')

    expect(await loading).toBe('never mind')
    expect(retry.mock.calls).toEqual([
      [0, 'try again'],
      [1, 'never mind'],
    ])
    expect(retryDelay.mock.calls).toEqual([[0, 'try again']])
  })

  test('a retry that throws fails the load with that', async () => {
    const error = new Error('of retry')
    const { resource, fail } = setUp({
      retry: () => {
        throw error
      },
    })
    const loading = reasonOf(resource.load('a'))
    await fail('no')

    expect(await loading).toBe(error)
  })

  test('can be given up while it waits for another attempt: no timer is left (`F50`)', async () => {
    const { resource, clock, server, fail, pass } = setUp({ gcTime: Number.POSITIVE_INFINITY })
    const leaving = new AbortController()
    const loading = reasonOf(resource.load('a', { signal: leaving.signal }))
    await fail('no')
    expect(clock.timers).toBe(1)

    leaving.abort('gone')
    expect(clock.timers).toBe(0)
    expect(await loading).toBe('gone')
    expect(resource.status('a')).toMatchObject({ status: 'pending', fetchStatus: 'idle', failureCount: 0 })
    await pass(100_000)
    expect(server.requests).toHaveLength(1)
  })

  test('is not tried again after a set has won', async () => {
    const { resource, store, server, fail, pass } = setUp()
    const loading = resource.load('a')
    await fail('no')
    await store.set('a', 'set')

    expect(await loading).toBe('set')
    await pass(100_000)
    expect(server.requests).toHaveLength(1)
  })

  test('waits for somebody to look before it is tried again', async () => {
    const { resource, server, focus, fail, pass } = setUp({ retryDelay: 10 })
    void resource.load('a')
    await fail('no')
    focus.switch(false)
    await pass(10)
    expect(server.requests).toHaveLength(1)
    expect(resource.status('a').fetchStatus).toBe('paused')

    focus.switch(true)
    await microtasks()
    expect(server.requests).toHaveLength(2)
    expect(resource.status('a').fetchStatus).toBe('fetching')
    expect(focus.listeners).toBe(0)
  })
})

describe('without a network', () => {
  test("'online': a load waits, paused, and goes on with the network", async () => {
    const { resource, server, online } = setUp()
    online.switch(false)
    const loading = resource.load('a')
    expect(resource.status('a')).toMatchObject({ status: 'pending', fetchStatus: 'paused' })
    expect(server.requests).toHaveLength(0)

    online.switch(true)
    await microtasks()
    expect(resource.status('a').fetchStatus).toBe('fetching')
    server.last.answer('A')
    expect(await loading).toBe('A')
    expect(online.listeners).toBe(0)
  })

  test("'online': a paused load can be given up: no listener is left", async () => {
    const { resource, server, online, focus } = setUp()
    online.switch(false)
    const leaving = new AbortController()
    const loading = reasonOf(resource.load('a', { signal: leaving.signal }))
    leaving.abort('gone')

    expect(await loading).toBe('gone')
    expect([online.listeners, focus.listeners]).toEqual([0, 0])
    online.switch(true)
    await microtasks()
    expect(server.requests).toHaveLength(0)
  })

  test("'offlineFirst': the first attempt is made, another one waits", async () => {
    const { resource, server, online, fail, pass } = setUp({ networkMode: 'offlineFirst', retryDelay: 10 })
    online.switch(false)
    void resource.load('a')
    expect(server.requests).toHaveLength(1)
    await fail('no')
    await pass(10)
    expect(server.requests).toHaveLength(1)
    expect(resource.status('a').fetchStatus).toBe('paused')

    online.switch(true)
    await microtasks()
    expect(server.requests).toHaveLength(2)
  })

  test("'always': the network is not asked", async () => {
    const { resource, server, online, fail, pass } = setUp({ networkMode: 'always', retryDelay: 10 })
    online.switch(false)
    void resource.load('a')
    await fail('no')
    await pass(10)

    expect(server.requests).toHaveLength(2)
  })

  test('a port that is turned off is a network that is always there', async () => {
    const { resource, server } = setUp({ online: false, focus: false })
    void resource.load('a')
    resource.watch('a')()

    expect(server.requests).toHaveLength(1)
  })
})
