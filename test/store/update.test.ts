import { createStore, type Store } from 'tidemap/store'
import { describe, expect, test, vi } from 'vitest'
import { deferred } from '../support/deferred.ts'
import { reasonOf } from '../support/failure.ts'
import { holdTurn } from '../support/held-turn.ts'
import { isSettled } from '../support/settled.ts'

const counter = (): Store<string, number> => createStore<string, number>([['n', 0]])

describe('update', () => {
  test('F22, S6: three concurrent read-modify-writes that await give +3, whoever is ready first', async () => {
    const store = counter()
    const gates = [deferred(), deferred(), deferred()]

    const updates = gates.map(({ promise }) =>
      store.update('n', async (n = 0) => {
        await promise
        return n + 1
      }),
    )
    for (const gate of [...gates].reverse()) gate.resolve()

    expect(await Promise.all(updates)).toEqual([1, 2, 3])
    expect(store.get('n')).toBe(3)
  })

  test('a recipe runs once, in its turn, and its promise resolves to the new value', async () => {
    const store = counter()
    const recipe = vi.fn((n = 0) => n + 1)

    const result = await store.update('n', recipe)

    expect(result).toBe(1)
    expect(recipe).toHaveBeenCalledTimes(1)
    expect(recipe.mock.calls[0]?.[0]).toBe(0)
  })

  test('holds the turn of its key only: other keys go on', async () => {
    const store = counter()
    const gate = deferred<number>()

    const slow = store.update('n', () => gate.promise)
    const fast = await store.update('m', (m = 0) => m + 1)

    expect([fast, store.isBusy('n'), store.isBusy('m')]).toEqual([1, true, false])
    gate.resolve(5)
    expect(await slow).toBe(5)
  })

  test('an absent key gives undefined; returning undefined leaves it absent', async () => {
    const store = counter()
    const given: unknown[] = []
    const before = store.view

    const result = await store.update('x', (x) => {
      given.push(x)
      return undefined
    })

    expect([given, result, store.has('x'), store.view === before]).toEqual([
      [undefined],
      undefined,
      false,
      true,
    ])
  })

  test('an absent key is added by what the recipe returns', async () => {
    const store = counter()

    await store.update('x', async (x) => (x === undefined ? 1 : x + 1))

    expect([...store]).toEqual([
      ['n', 0],
      ['x', 1],
    ])
  })

  test('a key that is there is set to what the recipe returns, undefined too', async () => {
    const store = createStore<string, number | undefined>([['n', 1]])

    await store.update('n', () => undefined)

    expect([store.has('n'), store.get('n')]).toEqual([true, undefined])
  })

  test('a recipe that gives back the value it was given changes nothing', async () => {
    const store = createStore<string, { id: number }>([['a', { id: 1 }]])
    const before = store.view

    const result = await store.update('a', async (value) => value)

    expect(store.view).toBe(before)
    expect(result).toBe(before.get('a'))
  })

  test.each<[name: string, fail: () => number | Promise<number>]>([
    [
      'throws',
      () => {
        throw new Error('no')
      },
    ],
    ['rejects', () => Promise.reject(new Error('no'))],
    [
      'throws after an await',
      async () => {
        await Promise.resolve()
        throw new Error('no')
      },
    ],
  ])('F23, S5: a recipe that %s changes nothing and does not poison the next', async (_name, fail) => {
    const store = counter()
    const listener = vi.fn()
    store.subscribe(listener)
    const before = store.view

    const failed = store.update('n', fail)
    const next = store.update('n', (n = 0) => {
      expect(store.view).toBe(before)
      expect(listener).not.toHaveBeenCalled()
      return n + 1
    })

    expect(await reasonOf(failed)).toMatchObject({ message: 'no' })
    expect(await next).toBe(1)
    expect(store.isBusy()).toBe(false)
  })

  test('F1: what is thrown is the reason as it is, undefined too', async () => {
    const store = counter()

    const reasons = [
      await reasonOf(
        store.update('n', () => {
          // biome-ignore lint/style/useThrowOnlyError: F1 is about whatever is thrown
          throw undefined
        }),
      ),
      await reasonOf(store.update('n', () => Promise.reject('a text'))),
    ]

    expect(reasons).toEqual([undefined, 'a text'])
    expect(store.isBusy()).toBe(false)
  })

  test('F27: a recipe that is no function is refused, and the turn is free', async () => {
    const store = counter()

    const reason = await reasonOf(store.update('n', 5 as never))

    expect(reason).toMatchObject({ code: 'INVALID_ARGUMENT', message: expect.stringContaining('recipe') })
    expect(store.isBusy()).toBe(false)
  })

  test('a recipe is told a signal that aborts when the writer does, and never after it has ended', async () => {
    const store = counter()
    const controller = new AbortController()
    const signals: AbortSignal[] = []

    await store.update(
      'n',
      (n = 0, { signal }) => {
        signals.push(signal)
        return n + 1
      },
      { signal: controller.signal },
    )
    const running = store.update(
      'n',
      (_n, { signal }) => {
        signals.push(signal)
        return new Promise(() => {})
      },
      { signal: controller.signal },
    )
    controller.abort('enough')

    expect(await reasonOf(running)).toBe('enough')
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, true])
    expect(signals[1]?.reason).toBe('enough')
  })

  test('a signal that is asked for after the abort is aborted', async () => {
    const store = counter()
    const controller = new AbortController()
    const seen = deferred<boolean>()
    const running = store.update(
      'n',
      async (_n, context) => {
        await Promise.resolve()
        seen.resolve(context.signal.aborted)
        return 1
      },
      { signal: controller.signal },
    )

    controller.abort('enough')

    expect(await reasonOf(running)).toBe('enough')
    expect(await seen.promise).toBe(true)
  })
})

describe('update where the key is busy', () => {
  test('queue, the default: in the order of the calls', async () => {
    const store = createStore<string, string>([['log', '']])
    const gate = deferred()

    const all = [
      store.update('log', async (log = '') => {
        await gate.promise
        return `${log}1`
      }),
      store.update('log', (log = '') => `${log}2`),
      store.update('log', (log = '') => `${log}3`, { ifBusy: 'queue' }),
    ]
    gate.resolve()
    await Promise.all(all)

    expect(store.get('log')).toBe('123')
  })

  test('skip resolves to undefined and does not call the recipe', async () => {
    const store = counter()
    const holder = holdTurn(store, ['n'])
    const recipe = vi.fn(() => 9)

    const skipped = store.update('n', recipe, { ifBusy: 'skip' })
    const settledAtOnce = isSettled(skipped)
    await holder.release()

    expect([settledAtOnce, await skipped]).toEqual([true, undefined])
    expect(recipe).not.toHaveBeenCalled()
    expect(await store.update('n', recipe, { ifBusy: 'skip' })).toBe(9)
  })

  test('fail rejects with LOCK_BUSY that names the key, and does not call the recipe', async () => {
    const store = counter()
    const holder = holdTurn(store, ['n'])
    const recipe = vi.fn(() => 9)

    const reason = await reasonOf(store.update('n', recipe, { ifBusy: 'fail' }))
    await holder.release()

    expect(reason).toMatchObject({ code: 'LOCK_BUSY', message: expect.stringContaining('"n"') })
    expect(recipe).not.toHaveBeenCalled()
    expect(await store.update('n', recipe, { ifBusy: 'fail' })).toBe(9)
  })

  test.each(['skip', 'fail'] as const)('%s minds its own key only', async (ifBusy) => {
    const store = counter()
    void holdTurn(store, ['other'])

    const result = await store.update('n', () => 9, { ifBusy })

    expect(result).toBe(9)
  })

  test('latest ends the running one: its promise rejects with SUPERSEDED, its signal aborts, its result is void', async () => {
    const store = createStore<string, string>([['query', '']])
    const gates = [deferred<string>(), deferred<string>()]
    const signals: AbortSignal[] = []
    const search = (gate: { promise: Promise<string> }) =>
      store.update(
        'query',
        (_value, { signal }) => {
          signals.push(signal)
          return gate.promise
        },
        { ifBusy: 'latest' },
      )

    const first = search(gates[0]!)
    const second = search(gates[1]!)
    const reason = await reasonOf(first)
    gates[1]?.resolve('new')
    await second
    gates[0]?.resolve('old')
    await store.idle()

    expect(reason).toMatchObject({ code: 'SUPERSEDED', message: expect.stringContaining('"query"') })
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false])
    expect(signals[0]?.reason).toBe(reason)
    expect(store.get('query')).toBe('new')
  })

  test('latest ends the queued ones: only the newest runs', async () => {
    const store = counter()
    const holder = holdTurn(store, ['n'])
    const ran: number[] = []
    const latest = (value: number) =>
      store.update(
        'n',
        () => {
          ran.push(value)
          return value
        },
        { ifBusy: 'latest' },
      )

    const all = [latest(1), latest(2), latest(3)]
    const outcomes = Promise.allSettled(all)
    await holder.release()

    expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled'])
    expect(ran).toEqual([3])
  })

  test('latest ends no writer of another kind, and none of another key', async () => {
    const store = counter()
    const gate = deferred()

    const queued = store.update('n', async (n = 0) => {
      await gate.promise
      return n + 1
    })
    const other = store.update(
      'm',
      async () => {
        await gate.promise
        return 7
      },
      { ifBusy: 'latest' },
    )
    const latest = store.update('n', (n = 0) => n + 10, { ifBusy: 'latest' })
    gate.resolve()

    expect(await Promise.all([queued, other, latest])).toEqual([1, 7, 11])
  })

  test('latest keeps nothing of one that has ended', async () => {
    const store = counter()

    const results = [
      await store.update('n', () => 1, { ifBusy: 'latest' }),
      await store.update('n', async () => 2, { ifBusy: 'latest' }),
      await store.update('n', () => 3, { ifBusy: 'latest' }),
    ]

    expect(results).toEqual([1, 2, 3])
  })

  test('latest: what the abort of the one before sets off may start a still later one, and that is the one that counts', async () => {
    const store = counter()
    const promises: Promise<unknown>[] = []
    const first = store.update(
      'n',
      (_n, { signal }) => {
        signal.addEventListener('abort', () => {
          promises.push(store.update('n', () => 3, { ifBusy: 'latest' }))
        })
        return new Promise<number>(() => {})
      },
      { ifBusy: 'latest' },
    )

    const second = store.update('n', () => 2, { ifBusy: 'latest' })

    expect(await reasonOf(first)).toMatchObject({ code: 'SUPERSEDED' })
    expect(await reasonOf(second)).toMatchObject({ code: 'SUPERSEDED' })
    expect(await Promise.all(promises)).toEqual([3])
    expect([store.get('n'), store.isBusy()]).toEqual([3, false])
  })

  test('latest: what the abort of the one before sets off may dispose the store', async () => {
    const store = counter()
    const first = store.update(
      'n',
      (_n, { signal }) => {
        signal.addEventListener('abort', () => store.dispose())
        return new Promise<number>(() => {})
      },
      { ifBusy: 'latest' },
    )
    const recipe = vi.fn(() => 2)

    const second = store.update('n', recipe, { ifBusy: 'latest' })

    expect(await reasonOf(first)).toMatchObject({ code: 'SUPERSEDED' })
    expect(await reasonOf(second)).toMatchObject({ code: 'STORE_DISPOSED' })
    expect(recipe).not.toHaveBeenCalled()
  })

  test('latest with a signal that is aborted already ends nobody', async () => {
    const store = counter()
    const gate = deferred<number>()
    const first = store.update('n', () => gate.promise, { ifBusy: 'latest' })

    const second = store.update('n', () => 2, { ifBusy: 'latest', signal: AbortSignal.abort('early') })
    gate.resolve(1)

    expect(await reasonOf(second)).toBe('early')
    expect(await first).toBe(1)
  })

  test('an option of undefined is the default', async () => {
    const store = counter()
    const holder = holdTurn(store, ['n'])

    const updated = store.update('n', () => 1, { ifBusy: undefined, signal: undefined, label: undefined })
    await holder.release()

    expect(await updated).toBe(1)
  })
})
