// What resources and flights leave behind: nothing that nobody can reach.
import { createResource, loadOrCompute } from 'tidemap/resource'
import { createStore } from 'tidemap/store'
import { describe, expect, test } from 'vitest'
import { alive, heapUsed } from '../support/collected.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { countedController } from '../support/listener-count.ts'
import { microtasks } from '../support/settled.ts'

describe('loadOrCompute', () => {
  test('10,000 keys seen once, each deleted again, leave the heap as it was', async () => {
    const store = createStore<number, object>()
    const round = async (from: number): Promise<void> => {
      for (let key = from; key < from + 10_000; key++) {
        await loadOrCompute(store, key, (id) => ({ id, text: 'x'.repeat(100) }))
        await store.delete(key)
      }
    }
    await round(0)
    const before = await heapUsed()
    await round(10_000)

    expect((await heapUsed()) - before).toBeLessThan(512 * 1024)
  })

  test('a long-lived signal keeps no listener, an aborted flight keeps nothing alive', async () => {
    const store = createStore<string, object>()
    const caller = countedController()
    const factories: WeakRef<WeakKey>[] = []
    for (let i = 0; i < 100; i++) {
      const factory = (): Promise<object> => new Promise(() => {})
      factories.push(new WeakRef(factory))
      const leaving = new AbortController()
      const left = loadOrCompute(store, `k${i}`, factory, { signal: leaving.signal }).catch(() => {})
      leaving.abort()
      await left
      await loadOrCompute(store, `c${i}`, () => ({}), { signal: caller.signal })
    }

    expect(caller.listeners).toBe(0)
    expect(await alive(factories)).toBeLessThanOrEqual(1)
    expect(store.has('k0')).toBe(false)
  })
})

describe('a resource', () => {
  test('forgets what nobody uses: values, statuses, promises, entries', async () => {
    const clock = new FakeClock()
    const store = createStore<number, object>()
    const resource = createResource<number, object>({ store, load: (id) => ({ id }), clock, gcTime: 1000 })
    const values: WeakRef<WeakKey>[] = []
    const round = async (from: number): Promise<void> => {
      for (let key = from; key < from + 1000; key++) {
        const value = await resource.load(key)
        values.push(new WeakRef(value), new WeakRef(resource.status(key)))
      }
      await microtasks()
      clock.advance(10_000)
      for (let i = 0; i < 100; i++) await store.set(-i - 1, {}) // the store keeps up to 32 replaced values, and says so
    }
    await round(0)
    const before = await heapUsed()
    await round(1000)

    expect(await alive(values)).toBeLessThanOrEqual(32)
    expect((await heapUsed()) - before).toBeLessThan(512 * 1024)
    expect(clock.timers).toBe(0)
    expect(store.size).toBe(100)
  })

  test('that was disposed is collected, though its store lives on', async () => {
    const store = createStore<string, number>()
    const make = (): WeakRef<WeakKey> => {
      const resource = createResource<string, number>({ store, load: () => 1 })
      void resource.load('a')
      resource.watch('a')
      resource.subscribeStatus('b', () => {})
      resource.dispose()
      return new WeakRef(resource)
    }
    const resource = make()
    await store.set('c', 1)

    expect(await alive([resource])).toBe(0)
    expect(store.get('c')).toBe(1)
  })
})
