// What nobody can reach any more is garbage, at once or after a number of writes that is said here.
import { describe, expect, test } from 'vitest'
import { KeyedMutex } from '../../src/core/keyed-mutex.ts'
import { type AcquireOptions, type Lock, Mutex } from '../../src/core/mutex.ts'
import { LOG_SIZE } from '../../src/core/segment.ts'
import { SyncMap } from '../../src/core/sync-map.ts'
import { WIDTH } from '../../src/core/vector.ts'
import { VersionedMap } from '../../src/core/versioned-map.ts'
import type { View } from '../../src/core/view.ts'
import { alive, heapUsed } from '../support/collected.ts'

const megabyte = 2 ** 20

const range = (count: number) => Array.from({ length: count }, (_, i) => i)

/** The same at every run: a Lehmer generator. */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state * 48_271) % 2_147_483_647
    return state % below
  }
}

describe('views', () => {
  test('M2: that nobody holds are collected after the next write', async () => {
    const map = new VersionedMap(range(1000).map((i) => [i, i] as const))
    const views = range(1000).map((i) => {
      map.set(i, -i)
      return new WeakRef(map.view)
    })

    const before = await alive(views)
    map.set(0, 0)
    const after = await alive(views)

    expect([before, after]).toEqual([1, 0])
  })

  test('N6: an old one that is held keeps none of the later ones, and a late one none of the older', async () => {
    const map = new VersionedMap(range(100).map((i) => [i, i] as const))
    const take = (): WeakRef<WeakKey>[] =>
      range(500).map((i) => {
        map.set(i % 150, -i)
        return new WeakRef(map.view)
      })

    const earlier = take()
    map.set(0, 1000)
    const held = map.view
    const later = take()
    map.set(0, 0)

    expect([await alive(earlier), await alive(later)]).toEqual([0, 0])
    expect(held.get(0)).toBe(1000)
  })

  test('of a SyncMap that nobody holds are collected after the next promotion', async () => {
    const map = new SyncMap<number, number>()
    const views = range(500).map((i) => {
      map.storeLocked(i, i)
      map.publishLocked()
      return new WeakRef(map.view)
    })

    expect(await alive(views)).toBe(1)
    expect(map.size).toBe(500)
  })
})

describe('values', () => {
  test('that were overwritten stay no longer than the log is long', async () => {
    const map = new VersionedMap<string, object>()
    const values = range(1000).map(() => {
      const value = {}
      map.set('a', value)
      return new WeakRef(value)
    })

    expect(await alive(values)).toBeLessThanOrEqual(LOG_SIZE)
    expect(map.size).toBe(1)
  })

  test('of a view that is held stay, and of those written later no more than a log', async () => {
    const map = new VersionedMap<string, object>([['a', {}]])
    const held = map.view
    const first = held.get('a')
    const write = () =>
      range(1000).map(() => {
        const value = {}
        map.set('a', value)
        return new WeakRef(value)
      })
    const values = write()

    map.clear()

    expect(await alive(values)).toBeLessThanOrEqual(LOG_SIZE)
    expect(held.get('a')).toBe(first)
  })

  test('written later than a view that is held go with a clear, whatever they took with them into the vector', async () => {
    const map = new VersionedMap<number, object>(range(200).map((i) => [i, {}] as const))
    const held = map.view
    const values = range(200).map((i) => {
      const value = {}
      map.set(i, value)
      return new WeakRef(value)
    })

    const before = await alive(values)
    map.clear()
    const after = await alive(values)

    expect(before).toBe(200)
    expect(after).toBeLessThanOrEqual(LOG_SIZE)
    expect(held.size).toBe(200)
  })

  test('written later than a view that is held go with their keys, when the dead slots are left behind', async () => {
    const map = new VersionedMap<number, object>(range(200).map((i) => [i, {}] as const))
    const held = map.view
    const values = range(200).map((i) => {
      const value = {}
      map.set(i, value)
      return new WeakRef(value)
    })
    for (const i of range(180)) map.delete(i)
    for (const i of range(100)) map.set(1000 + (i % 2), {}) // the evacuation goes on, and the log is folded

    expect(await alive(values)).toBeLessThanOrEqual(20 + LOG_SIZE)
    expect(held.size).toBe(200)
  })
})

describe('F15: deleted keys', () => {
  // A dead slot keeps its key until more slots are dead than live ones (and more than 32), and an evacuation has passed it.
  test('are left behind when they are more than the live ones, where few are live', async () => {
    const map = new VersionedMap<object, number>()
    const keys = range(1000).map((i) => {
      const key = {}
      map.set(key, i)
      map.delete(key)
      return new WeakRef(key)
    })

    expect(await alive(keys)).toBeLessThanOrEqual(2 * WIDTH)
    expect(map.size).toBe(0)
  })

  test('are never many more than the live ones, where many are live', async () => {
    const live = 500
    const map = new VersionedMap<unknown, number>(range(live).map((i) => [i, i] as const))
    const keys = range(20_000).map((i) => {
      const key = {}
      map.set(key, i)
      map.delete(key)
      return new WeakRef(key)
    })

    // those that are dead when an evacuation begins, and those that die while it passes 2 * live slots, 32 a write
    expect(await alive(keys)).toBeLessThanOrEqual(live + 2 * WIDTH + (2 * live) / WIDTH)
    expect(map.size).toBe(live)
  })

  test('are all gone after clear and after replace', async () => {
    const map = new VersionedMap<object, number>()
    const fill = () =>
      range(100).map((i) => {
        const key = {}
        map.set(key, i)
        return new WeakRef(key)
      })

    const cleared = fill()
    map.clear()
    const replaced = fill()
    map.replace([])

    expect([await alive(cleared), await alive(replaced)]).toEqual([0, 0])
  })

  test('of a SyncMap stay in read until the promotion after the next new key, as in Go', async () => {
    const map = new SyncMap<unknown, number>()
    const keys = range(1000).map((i) => {
      const key = {}
      map.storeLocked(key, i)
      return new WeakRef(key)
    })
    await map.range(() => true)
    for (const key of keys) map.deleteLocked(key.deref())

    const inRead = await alive(keys)
    await map.store('new', 0) // makes dirty without them
    await map.range(() => true) // promotes it

    expect(inRead).toBe(1000)
    expect(await alive(keys)).toBeLessThanOrEqual(2 * WIDTH)
    expect(map.inspect().read.size).toBe(1)
  })

  test('of a SyncMap go with the next commit', async () => {
    const map = new SyncMap<object, number>()
    const keys = range(1000).map((i) => {
      const key = {}
      map.commitOneLocked(key, i)
      map.commitLocked(new Set([key]), new Map(), 1)
      return new WeakRef(key)
    })

    expect(await alive(keys)).toBeLessThanOrEqual(2 * WIDTH)
  })
})

describe('M3: waiters', () => {
  const mutexes: readonly {
    name: string
    make: () => { acquire(options?: AcquireOptions): Promise<Lock> }
  }[] = [
    { name: 'Mutex', make: () => new Mutex() },
    { name: 'KeyedMutex, of two keys', make: () => keyed(() => ['a', 'b']) },
    {
      name: 'KeyedMutex, of a key and the whole map',
      make: () => keyed((i) => (i % 2 === 0 ? ['a'] : undefined)),
    },
  ]

  function keyed(keysOf: (call: number) => readonly string[] | undefined) {
    const turns = new KeyedMutex<string>()
    let calls = 0
    return { acquire: (options?: AcquireOptions) => turns.acquire(keysOf(calls++), options) }
  }

  function releasedLock(lock: Lock): WeakRef<Lock> {
    lock.release()
    return new WeakRef(lock)
  }

  test.each(mutexes)('$name: that have aborted are garbage while the holder goes on', async ({ make }) => {
    const mutex = make()
    const holder = await mutex.acquire()
    const waiting = range(100).map(() => {
      const controller = new AbortController()
      const acquired = mutex.acquire({ signal: controller.signal })
      acquired.catch(() => {})
      controller.abort()
      return [new WeakRef(controller.signal), new WeakRef(acquired)]
    })

    expect(await alive(waiting.flat())).toBe(0)
    holder.release()
  })

  test.each(mutexes)('$name: that had their turn are garbage while their signal lives', async ({ make }) => {
    const mutex = make()
    const { signal } = new AbortController()
    const first = await mutex.acquire({ signal })
    const waiting = range(5).map(() => mutex.acquire({ signal }).then(releasedLock))
    first.release()
    const locks = await Promise.all(waiting)

    expect(await alive(locks)).toBe(0)
    expect(signal.aborted).toBe(false)
  })

  test.each(mutexes)(
    '$name: a lock that is kept after its release keeps none that came later',
    async ({ make }) => {
      const mutex = make()
      const kept = await mutex.acquire()
      const locks: WeakRef<Lock>[] = []
      let waiting = mutex.acquire()
      const handOn = async () => {
        const lock = await waiting
        waiting = mutex.acquire() // somebody always waits, so that the line never breaks off
        locks.push(releasedLock(lock))
      }
      kept.release()
      for (let i = 0; i < 100; i++) await handOn()
      locks.push(await waiting.then(releasedLock))
      waiting = Promise.resolve(kept)

      expect(await alive(locks)).toBe(0)
      expect(await waiting).toBe(kept)
    },
  )
})

describe('M1: the heap stays flat over a million operations with keys seen once', () => {
  const operations = 1_000_000

  const cases: readonly { name: string; make: () => (i: number) => void }[] = [
    {
      name: 'VersionedMap, with a view now and then',
      make: () => {
        const map = new VersionedMap<string, number>()
        return (i) => {
          map.set(`key ${i}`, i)
          if (i % 7 === 0) map.view.get('key 0')
          map.delete(`key ${i}`)
        }
      },
    },
    {
      name: 'VersionedMap, a hundred keys at a time',
      make: () => {
        const map = new VersionedMap<string, number>()
        let batch = new Map<string, number>()
        return (i) => {
          batch.set(`key ${i}`, i)
          if (batch.size < 100) return
          map.apply(new Set(), batch, 100)
          map.apply(new Set(batch.keys()), new Map(), 100)
          batch = new Map()
        }
      },
    },
    {
      name: 'SyncMap by commits, with an iteration that was broken off',
      make: () => {
        const map = new SyncMap<string, number>([['a', 1]])
        map.range(() => Promise.reject(new Error('broken off'))).catch(() => {})
        return (i) => {
          map.commitOneLocked(`key ${i}`, i)
          map.commitLocked(new Set([`key ${i}`]), new Map(), 1)
        }
      },
    },
    {
      name: 'SyncMap by the methods of Go',
      make: () => {
        const map = new SyncMap<string, number>()
        return (i) => {
          void map.store(`key ${i}`, i)
          void map.load(`key ${i}`)
          void map.delete(`key ${i}`)
        }
      },
    },
    {
      name: 'KeyedMutex',
      make: () => {
        const turns = new KeyedMutex<string>()
        return (i) => {
          const lock = turns.tryAcquire([`key ${i}`, `other key ${i}`])
          void turns.acquire([`key ${i}`]).then((lock) => lock.release())
          lock?.release()
        }
      },
    },
    {
      name: 'KeyedMutex, where somebody always waits, and an old lock is kept',
      make: () => {
        const turns = new KeyedMutex<string>()
        const kept = turns.request(['a'], () => {})
        let held = kept
        return (i) => {
          const next = turns.request(i % 2 === 0 ? undefined : ['a'], () => {})
          held.release()
          held = next
          kept.release()
        }
      },
    },
  ]

  test.each(cases)('$name', async ({ make }) => {
    const operate = make()
    const until = async (from: number, to: number) => {
      for (let i = from; i < to; i++) {
        operate(i)
        if (i % 1000 === 0) await Promise.resolve() // for what waits
      }
      return heapUsed()
    }

    const early = await until(0, operations / 5)
    const late = await until(operations / 5, operations)

    expect(late - early).toBeLessThan(megabyte / 2)
  })
})

test('soak: half a million mixed writes with views of all ages held, and no wrong read', async () => {
  const random = randomNumbers(20_261_121)
  const keys = 1500
  const map = new VersionedMap<number, number>()
  const twin = new Map<number, number>()
  const held: { view: View<number, number>; twin: Map<number, number> }[] = []
  let wrong = 0
  let reads = 0

  const check = ({ view, twin }: (typeof held)[number]) => {
    reads++
    const entries = [...view].flat()
    if (entries.join() !== [...twin].flat().join()) wrong++
    for (let i = 0; i < 50; i++) {
      const key = random(keys)
      if (view.get(key) !== twin.get(key) || view.has(key) !== twin.has(key)) wrong++
    }
  }
  const write = (i: number) => {
    const key = random(random(2) === 0 ? keys : 30)
    const kind = random(1000)
    if (kind === 0) {
      map.clear()
      twin.clear()
    } else if (kind < 10) {
      const written = new Map(range(random(200)).map((offset) => [(key + offset) % keys, i] as const))
      const deleted = new Set(range(random(200)).map((offset) => (key * 7 + offset) % keys))
      map.apply(deleted, written, deleted.size + written.size)
      for (const key of deleted) twin.delete(key)
      for (const [key, value] of written) twin.set(key, value)
    } else if (kind < 400) {
      map.delete(key)
      twin.delete(key)
    } else {
      map.set(key, i)
      twin.set(key, i)
    }
  }
  const soak = (from: number, to: number) => {
    for (let i = from; i < to; i++) {
      write(i)
      if (i % 3 === 0) map.view.get(random(keys))
      if (i % 1000 === 0) held[random(50)] = { view: map.view, twin: new Map(twin) }
      const one = i % 200 === 0 ? held[random(50)] : undefined
      if (one !== undefined) check(one)
    }
  }

  soak(0, 100_000)
  held.length = 0
  const early = await heapUsed()
  soak(100_000, 500_000)
  for (const one of held) if (one !== undefined) check(one)
  held.length = 0
  const late = await heapUsed()

  expect(wrong).toBe(0)
  expect(reads).toBeGreaterThan(2000)
  expect(late - early).toBeLessThan(megabyte)
})
