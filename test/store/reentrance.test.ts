import { createStore, type Store, type StoreOptions, transaction } from 'tidemap/store'
import { describe, expect, test, vi } from 'vitest'
import { deferred } from '../support/deferred.ts'
import { reasonOf, thrownBy } from '../support/failure.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { holdTurn } from '../support/held-turn.ts'
import { microtasks } from '../support/settled.ts'
import { beforeTheWrite, type WriteMethod, writeMethods } from '../support/write-methods.ts'

const example = (options?: StoreOptions<number>): Store<string, number> =>
  createStore(beforeTheWrite, options)

/** Every method that writes, and those that are no method of one store, or whose argument decides. */
const writes: Pick<WriteMethod, 'name' | 'example'>[] = [
  ...writeMethods,
  { name: 'set of a promise', example: (store) => store.set('a', Promise.resolve(9)) },
  { name: 'a write of another key', example: (store) => store.set('z', 9) },
  {
    name: 'a transaction over several stores',
    example: (store) => transaction([example(), store], () => {}),
  },
  ...(['latest', 'skip', 'fail'] as const).map((ifBusy) => ({
    name: `update with ifBusy ${ifBusy}`,
    example: (store: Store<string, number>) => store.update('a', () => 9, { ifBusy }),
  })),
]

/** Where a writer's own code runs synchronously while it holds a turn. */
const places: [name: string, run: (store: Store<string, number>, code: () => void) => Promise<unknown>][] = [
  [
    'a recipe',
    (store, code) =>
      store.update('a', (a = 0) => {
        code()
        return a
      }),
  ],
  ['a transaction', (store, code) => store.transaction(code)],
  ['a transaction with keys', (store, code) => store.transaction(code, { keys: ['a'] })],
  ['a transaction over several stores', (store, code) => transaction([example(), store], code)],
  ['a batch', (store, code) => store.batch(code)],
  [
    'a recipe of tx.update',
    (store, code) =>
      store.batch((tx) =>
        tx.update('a', (a = 0) => {
          code()
          return a
        }),
      ),
  ],
]

describe('writing to the store itself from a writer’s own code', () => {
  test.each(places)(
    'F8, L5: in the synchronous part of %s every method that writes throws LOCK_REENTRANT at once',
    async (_name, run) => {
      const store = example()
      const before = store.view
      const errors: [string, unknown][] = []

      await run(store, () => {
        for (const { name, example: write } of writes) errors.push([name, thrownBy(() => write(store))])
      })

      expect(errors.map(([name]) => name)).toEqual(writes.map(({ name }) => name))
      for (const [, error] of errors) expect(error).toMatchObject({ code: 'LOCK_REENTRANT' })
      expect(store.view).toBe(before)
      expect([store.isBusy(), store.inspect().layers]).toEqual([false, 0])
    },
  )

  test.each(places)('in %s that waited for its turn too', async (_name, run) => {
    const store = example()
    const holder = holdTurn(store)
    const errors: unknown[] = []

    const done = run(store, () => errors.push(thrownBy(() => store.set('a', 9))))
    await holder.release()
    await done

    expect(errors).toMatchObject([{ code: 'LOCK_REENTRANT' }])
  })

  test.each(places)('uncaught in %s, it is the failure of that writer', async (_name, run) => {
    const store = example()

    const reason = await reasonOf(run(store, () => void store.set('a', 9)))

    expect(reason).toMatchObject({ code: 'LOCK_REENTRANT' })
    expect(store.isBusy()).toBe(false)
    await store.set('a', 9)
    expect(store.get('a')).toBe(9)
  })

  test('the error names the writer that holds the turn', async () => {
    const store = example()

    const messages = [
      String(await reasonOf(store.update('a', () => Number(store.set('b', 9)), { label: 'the counter' }))),
      String(await reasonOf(store.update('a', () => Number(store.set('b', 9))))),
    ]

    expect(messages[0]).toContain('the counter')
    expect(messages[1]).toContain('update("a")')
  })

  test('another store may be written', async () => {
    const [store, other] = [example(), example()]

    await store.update('a', (a = 0) => {
      void other.set('a', 9)
      return a + 1
    })

    expect([store.get('a'), other.get('a')]).toEqual([2, 9])
  })

  test('reading, subscribing and promote() are fine', async () => {
    const store = example()
    const heard: unknown[] = []

    await store.update('a', (a = 0) => {
      store.subscribeKey('a', (value) => heard.push(value))
      store.promote()
      return a + (store.get('b') ?? 0) + store.view.size + (store.isBusy('a') ? 100 : 0)
    })

    expect(heard).toEqual([105])
  })

  test.each<[name: string, method: 'set' | 'setMany' | 'transaction']>([
    ['the hot path of set', 'set'],
    ['setMany', 'setMany'],
    ['a transaction', 'transaction'],
  ])('an `equal` that writes throws LOCK_REENTRANT to itself: %s', async (_name, method) => {
    const errors: unknown[] = []
    const store: Store<string, number> = example({
      equal: (one, other) => {
        for (const { example: write } of writes) errors.push(thrownBy(() => write(store)))
        return one === other
      },
    })

    if (method === 'set') await store.set('a', 9)
    else if (method === 'setMany') await store.setMany([['a', 9]])
    else await store.transaction((tx) => tx.set('a', 9))

    expect(errors.length).toBe(writes.length)
    for (const error of errors) expect(error).toMatchObject({ code: 'LOCK_REENTRANT' })
    expect(store.get('a')).toBe(9)
  })

  test('an `equal` that is asked by a tx, after an await, may not write either', async () => {
    const errors: unknown[] = []
    const store: Store<string, number> = example({
      equal: (one, other) => {
        errors.push(thrownBy(() => store.set('z', 1)))
        return one === other
      },
    })

    const swapped = await store.transaction(async (tx) => {
      await Promise.resolve()
      return tx.compareAndSwap('a', 1, 9)
    })

    expect(swapped).toBe(true)
    for (const error of errors) expect(error).toMatchObject({ code: 'LOCK_REENTRANT' })
  })

  test('a listener is nobody’s own code: it may write, whatever caused its round', async () => {
    const onError = vi.fn()
    for (const [, run] of places) {
      const store = example({ onError })
      store.subscribe(() => void store.update('z', () => 26))
      await run(store, () => {})
      await store.transaction((tx) => tx.set('a', 9))
      expect(store.get('z')).toBe(26)
    }

    expect(onError).not.toHaveBeenCalled()
  })
})

describe('load from a writer’s own code', () => {
  test('of a key whose turn it holds throws LOCK_REENTRANT at once: it would wait for itself', async () => {
    const store = example()
    const errors: unknown[] = []

    for (const [, run] of places) {
      await run(store, () => errors.push(thrownBy(() => store.load('a'))))
    }

    expect(errors.length).toBe(places.length)
    for (const error of errors) expect(error).toMatchObject({ code: 'LOCK_REENTRANT' })
  })

  test('of a free key is answered', async () => {
    const store = example()

    const sum = await store.update('a', async (a = 0) => {
      const [b = 0] = await store.load('b')
      return a + b
    })

    expect(sum).toBe(3)
  })
})

test('a recipe is still one after a function of the user’s that it has set off: a write past its draft is refused', async () => {
  const store = createStore<string, number>([['a', 1]], { equal: (a, b) => a === b })

  const reason = await reasonOf(
    store.transaction((tx) => {
      tx.compareAndSwap('a', 1, 2)
      void store.set('b', 1)
    }),
  )

  expect(reason).toMatchObject({ code: 'LOCK_REENTRANT', message: expect.stringContaining('transaction()') })
})

test('`equal` that writes is refused by its name', async () => {
  const store: Store<string, number> = createStore<string, number>([['a', 1]], {
    equal: () => {
      void store.set('b', 1)
      return false
    },
  })

  const reason = await reasonOf(store.set('a', 2))

  expect(reason).toMatchObject({ code: 'LOCK_REENTRANT', message: expect.stringMatching(/^equal would/) })
})

describe('the watchdog: a write to the own store that is awaited after an await', () => {
  const stalled = (options: StoreOptions<number> = {}) => {
    const clock = new FakeClock()
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
    const store = example({ clock, ...options })
    const warnings = () => warn.mock.calls.map(([text]) => String(text))
    return { clock, store, warnings }
  }

  test('F8, F25: is never joined: it waits for itself, and after stallAfterMs both sides are named', async () => {
    const { clock, store, warnings } = stalled()
    const controller = new AbortController()
    const nested = deferred()

    const stuck = store.update(
      'a',
      async (a = 0) => {
        await Promise.resolve()
        nested.resolve()
        await store.update('a', (n = 0) => n + 1, { label: 'the inner one' })
        return a
      },
      { label: 'the outer one', signal: controller.signal },
    )
    await nested.promise
    await Promise.resolve()
    clock.advance(1999)
    const early = warnings().length
    clock.advance(1)

    expect(early).toBe(0)
    expect(warnings()).toEqual([expect.stringMatching(/the outer one.*2000 ms.*the inner one/s)])
    controller.abort('enough')
    expect(await reasonOf(stuck)).toBe('enough')
    await store.idle()
    expect(clock.timers).toBe(0)
  })

  test('names each holder once, and the methods and keys where there is no label', async () => {
    const { clock, store, warnings } = stalled()
    const gate = deferred()
    const running = [
      store.update('a', async () => {
        await gate.promise
        return 1
      }),
      store.transaction(() => gate.promise, { keys: ['b', 'c'] }),
    ]
    const waiting = [store.set('a', 9), store.delete('b'), store.load('a')]

    clock.advance(20_000)
    gate.resolve()
    await Promise.all([...running, ...waiting])

    expect(warnings().length).toBe(2)
    expect(warnings()[0]).toMatch(/update\("a"\).* 2 wait: set\("a"\), load\("a"\)\./)
    expect(warnings()[1]).toMatch(/transaction\("b", "c"\).* 1 waits: delete\("b"\)\./)
  })

  test('is silent where nobody waits, however long a turn is held', async () => {
    const { clock, store, warnings } = stalled()
    const holder = holdTurn(store)

    clock.advance(100_000)
    await holder.release()

    expect(warnings()).toEqual([])
    expect(clock.timers).toBe(0)
  })

  test('counts from the moment when the turn was taken: who took it lately is not named', async () => {
    const { clock, store, warnings } = stalled({ stallAfterMs: 1000 })
    const first = holdTurn(store, ['a'])
    const gate = deferred<number>()
    const second = store.update('a', () => gate.promise)
    const third = store.update('a', () => 3)

    clock.advance(900)
    await first.release()
    await microtasks()
    clock.advance(900)
    const early = warnings().length
    clock.advance(200)

    expect(early).toBe(0)
    expect(warnings()).toEqual([expect.stringContaining('update("a") has held')])
    gate.resolve(2)
    await Promise.all([second, third])
    expect(clock.timers).toBe(0)
  })

  test.each<[name: string, holder: string[] | undefined, waiter: string[] | undefined]>([
    ['of the map, who keeps a writer of a key waiting', undefined, ['a']],
    ['of a key, who keeps a writer of the map waiting', ['a'], undefined],
    ['of several keys, who keeps a writer of others and of one of them waiting', ['a', 'b'], ['b', 'c']],
  ])('names the holder %s', async (_name, held, wanted) => {
    const { clock, store, warnings } = stalled()
    const holder = holdTurn(store, held)
    const waiting = store.transaction(() => {}, { keys: wanted, label: 'who waits' })

    clock.advance(2000)

    expect(warnings()).toEqual([expect.stringMatching(/the holder.*who waits/s)])
    await holder.release()
    await waiting
  })

  test('does not name who keeps nobody waiting', async () => {
    const { clock, store, warnings } = stalled()
    const holders = [holdTurn(store, ['a']), holdTurn(store, ['b'])]
    const waiting = store.update('b', () => 9)

    clock.advance(2000)

    expect(warnings()).toEqual([expect.stringContaining('update("b")')])
    for (const holder of holders) await holder.release()
    await waiting
  })

  test('looks no more when nobody waits any more, though the turn is held still', async () => {
    const { clock, store, warnings } = stalled()
    const controller = new AbortController()
    const holder = holdTurn(store, ['a'])
    const waiting = store.update('a', () => 9, { signal: controller.signal })

    controller.abort('enough')
    clock.advance(2000)

    expect([await reasonOf(waiting), warnings(), clock.timers]).toEqual(['enough', [], 0])
    await holder.release()
  })

  test('neither sets a timer nor clears one where nobody has to wait', async () => {
    const { clock, store } = stalled()
    const timers = [vi.spyOn(clock, 'setTimeout'), vi.spyOn(clock, 'clearTimeout')]

    await store.update('a', async () => 9)

    for (const timer of timers) expect(timer).not.toHaveBeenCalled()
  })

  test('takes the time of the platform where none is given', async () => {
    vi.useFakeTimers()
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
    const store = example()
    const holder = holdTurn(store, ['a'])
    const waiting = store.update('a', () => 9)

    vi.advanceTimersByTime(2000)
    vi.useRealTimers()

    expect(warn).toHaveBeenCalledWith(expect.stringContaining('2000 ms'))
    await holder.release()
    await waiting
  })

  test('changes nothing: the writers end as if it had not been there', async () => {
    const { clock, store } = stalled()
    const gate = deferred<number>()
    const running = store.update('a', () => gate.promise)
    const waiting = store.update('a', (a = 0) => a + 1)

    clock.advance(5000)
    gate.resolve(5)

    expect(await Promise.all([running, waiting])).toEqual([5, 6])
  })

  test('Infinity turns it off', async () => {
    const { clock, store, warnings } = stalled({ stallAfterMs: Number.POSITIVE_INFINITY })
    const holder = holdTurn(store)
    const set = store.set('a', 9)

    expect(clock.timers).toBe(0)
    clock.advance(100_000)
    await holder.release()
    await set
    expect(await store.update('a', () => 10)).toBe(10)
    expect(warnings()).toEqual([])
  })

  test('production has none', async () => {
    vi.stubEnv('NODE_ENV', 'production')
    const { clock, store, warnings } = stalled()
    const holder = holdTurn(store)
    const set = store.set('a', 9)

    clock.advance(100_000)
    await holder.release()
    await set

    expect([warnings(), clock.timers]).toEqual([[], 0])
    vi.unstubAllEnvs()
  })

  test('M4: the platform’s timer keeps no process alive, and goes with the last who waits', async () => {
    const set = vi.spyOn(globalThis, 'setTimeout')
    const clear = vi.spyOn(globalThis, 'clearTimeout')
    const store = example()
    const holder = holdTurn(store)

    const written = store.set('a', 9)
    const timer = set.mock.results[0]?.value as NodeJS.Timeout
    const isReferenced = timer.hasRef()
    await holder.release()
    await written

    expect(set).toHaveBeenCalledTimes(1)
    expect(isReferenced).toBe(false)
    expect(clear).toHaveBeenCalledWith(timer)
  })

  test('works with timers that are numbers, as those of browsers are', async () => {
    const cleared = vi.fn()
    vi.stubGlobal('setTimeout', () => 7)
    vi.stubGlobal('clearTimeout', cleared)
    const store = example()
    const holder = holdTurn(store)

    const written = store.set('a', 9)
    await holder.release()
    await written

    expect(cleared).toHaveBeenCalledWith(7)
  })

  test('F34: a clock that throws fails the writer, and leaves its turn free', async () => {
    const clock = new FakeClock()
    const store = example({ clock })
    const now = vi.spyOn(clock, 'now').mockImplementation(() => {
      throw new Error('no time')
    })

    const reason = await reasonOf(store.update('a', () => 9))
    now.mockRestore()

    expect(reason).toMatchObject({ message: 'no time' })
    expect(await store.update('a', (a = 0) => a + 1)).toBe(2)
  })
})
