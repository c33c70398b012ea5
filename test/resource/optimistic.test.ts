import fc from 'fast-check'
import { createStore as createDraftStore } from 'tidemap'
import { optimistic } from 'tidemap/resource'
import { createStore, type Store, TidemapError, type Transaction } from 'tidemap/store'
import { describe, expect, test, vi } from 'vitest'
import { type Deferred, deferred } from '../support/deferred.ts'
import { reasonOf } from '../support/failure.ts'
import { holdTurn } from '../support/held-turn.ts'
import { NativeWork } from '../support/native-work.ts'
import { isSettled, microtasks } from '../support/settled.ts'

type Numbers = Store<string, number>
const plus =
  (key: string, by = 1) =>
  (tx: Transaction<string, number>) =>
    tx.set(key, (tx.get(key) ?? 0) + by)
const increment = plus('n')

describe('an optimistic write', () => {
  test('is shown before the call returns, and confirm has been called', () => {
    const store = createStore([['n', 1]])
    const confirm = vi.fn((_context: { readonly signal: AbortSignal }) => new Promise(() => {}))
    const heard: unknown[] = []
    store.subscribe((view, previous, changes) => heard.push([view.get('n'), previous.get('n'), changes]))

    void optimistic(store, increment, confirm)

    expect(store.get('n')).toBe(2)
    expect(store.confirmed.get('n')).toBe(1)
    expect(heard).toEqual([[2, 1, [{ type: 'update', key: 'n', value: 2, previous: 1 }]]])
    expect(confirm).toHaveBeenCalledTimes(1)
    expect(confirm.mock.calls[0]?.[0].signal).toBeInstanceOf(AbortSignal)
  })

  test('that moves a key when it is replayed tells those who listen to the order, though the same keys are there', async () => {
    const store = createStore([
      ['a', 1],
      ['b', 1],
      ['moves', 0],
    ])
    const orders: string[] = []
    const recipe = (tx: Transaction<string, number>): void => {
      if (tx.get('moves') === 1) tx.delete('a')
      tx.set('a', 2)
    }
    void optimistic(store, recipe, () => new Promise(() => {}))
    store.subscribeKeys((view) => orders.push([...view.keys()].join(' ')))

    await store.set('moves', 1)
    await store.set('moves', 0)

    expect(orders).toEqual(['b moves a', 'a b moves'])
  })

  test('holds no turn: other writers of its key go on, under it', async () => {
    const store = createStore([['n', 1]])
    const answer = deferred()
    const done = optimistic(store, increment, () => answer.promise)

    expect(store.isBusy()).toBe(false)
    await store.update('n', (n = 0) => n * 10)

    expect([store.confirmed.get('n'), store.get('n')]).toEqual([10, 11])
    answer.resolve()
    await done
    expect([store.confirmed.get('n'), store.view === store.confirmed]).toEqual([11, true])
  })

  test('when it is confirmed as it was shown, nothing is told to change', async () => {
    const store = createStore<string, { n: number }>([['a', { n: 1 }]])
    const answer = deferred()
    const done = optimistic(
      store,
      (tx) => tx.set('a', { n: tx.get('a')!.n + 1 }),
      () => answer.promise,
    )
    const shown = store.get('a')
    const changed = vi.fn()
    store.subscribeKey('a', changed)

    answer.resolve()
    await done

    expect(store.get('a')).toBe(shown)
    expect(changed).not.toHaveBeenCalled()
  })

  test('F26: when confirm rejects, its effect alone is undone, in one promotion, and it rejects with the very error', async () => {
    const store = createStore<string, number>([['n', 0]])
    const answer = deferred()
    const error = new Error('refused')
    const failing = optimistic(store, increment, () => answer.promise)
    void optimistic(
      store,
      (tx) => tx.set('n', tx.get('n')! * 10),
      () => new Promise(() => {}),
    )
    expect(store.get('n')).toBe(10)
    const seen: unknown[] = []
    store.subscribe((view) => seen.push(view.get('n')))

    answer.reject(error)

    expect(await reasonOf(failing)).toBe(error)
    expect(seen).toEqual([0])
    expect(store.inspect().layers).toBe(1)
  })

  test('F26: five increments in flight, the first failing, end at +4, in every order of settlement', async () => {
    for (const order of permutations([0, 1, 2, 3, 4])) {
      const store = createStore([['n', 0]])
      const sums: unknown[] = []
      store.subscribe((view) => sums.push(view.get('n')))
      const answers = [0, 1, 2, 3, 4].map(() => deferred())
      const all = answers.map(({ promise }) => optimistic(store, increment, () => promise))
      expect(store.get('n')).toBe(5)
      const failed = reasonOf(all[0]!)
      for (const i of order) {
        if (i === 0) answers[i]!.reject(new Error('refused'))
        else answers[i]!.resolve()
        await microtasks()
      }
      await Promise.all(all.slice(1))
      await failed

      expect([store.get('n'), store.view === store.confirmed]).toEqual([4, true])
      // nothing flickers: it climbs to 5, falls once, and stays
      expect(sums.join()).toMatch(/^1,2,3,4,5(,5)*(,4)+$/)
    }
  })

  test('where confirm resolves to a function, that is applied in its place: the truth of the server', async () => {
    const store = createStore<string, number>([['n', 0]])
    const answer = deferred<(tx: Transaction<string, number>) => void>()
    const done = optimistic(store, increment, () => answer.promise)
    const rounds: unknown[] = []
    store.subscribe((view) => rounds.push([view.get('n'), view.get('at')]))

    answer.resolve((tx) => {
      tx.set('n', 42)
      tx.set('at', 7)
    })
    await done

    expect(rounds).toEqual([[42, 7]])
    expect(store.view).toBe(store.confirmed)
  })

  test('any other value that confirm resolves to is ignored', async () => {
    const store = createStore<string, number>([['n', 0]])
    expect(await optimistic(store, increment, () => 99)).toBe(undefined)
    expect(store.get('n')).toBe(1)
  })

  test('a confirm that throws synchronously fails it', async () => {
    const store = createStore<string, number>([['n', 0]])
    const error = new Error('offline')
    const done = optimistic(store, increment, () => {
      throw error
    })
    expect(store.get('n')).toBe(0)
    expect(await reasonOf(done)).toBe(error)
    expect([store.inspect().layers, store.isPending('n')]).toEqual([0, false])
  })

  test('confirm may write to the store, also synchronously', async () => {
    const store = createStore<string, number>([['n', 0]])
    await optimistic(store, increment, async () => {
      await store.set('saving', 1)
      await store.set('n', 10)
    })
    expect([...store]).toEqual([
      ['n', 11],
      ['saving', 1],
    ])
  })
})

describe('layers', () => {
  test('F45: a set or a refetch under a layer never shows a state without it', async () => {
    const store = createStore<string, number>([['n', 0]])
    const answer = deferred()
    const seen: unknown[] = []
    const done = optimistic(store, plus('n', 100), () => answer.promise)
    store.subscribe((view) => seen.push(view.get('n')))

    await store.set('n', 1)
    await store.set('n', Promise.resolve(2))
    await store.replace([['n', 3]])
    answer.resolve()
    await done

    expect(seen).toEqual([101, 102, 103, 103])
  })

  test('lie over those that wait in the line: their writers come first', async () => {
    const store = createStore<string, string>([['k', '']])
    const holder = holdTurn(store, ['k'])
    const append = (letter: string) => (tx: Transaction<string, string>) => tx.set('k', tx.get('k') + letter)
    const answer = deferred()
    const done = optimistic(store, append('!'), () => answer.promise)
    expect(store.get('k')).toBe('!')
    const set = store.set('k', 'typed')
    expect(store.get('k')).toBe('typed!')

    await holder.release()
    await set
    expect([store.confirmed.get('k'), store.get('k')]).toEqual(['typed', 'typed!'])
    answer.resolve()
    await done
    expect(store.get('k')).toBe('typed!')
  })

  test('keep their place in the line from their confirmation on', async () => {
    const store = createStore<string, string>([['k', '']])
    const append = (letter: string) => (tx: Transaction<string, string>) => tx.set('k', tx.get('k') + letter)
    const answers = [deferred(), deferred()]
    const holder = holdTurn(store, ['k'])
    const first = optimistic(store, append('1'), () => answers[0]!.promise)
    const second = optimistic(store, append('2'), () => answers[1]!.promise)
    expect(store.get('k')).toBe('12')

    answers[1]!.resolve()
    await microtasks()
    const later = store.set('k', 'x')
    expect(store.get('k')).toBe('x1')
    await holder.release()
    await Promise.all([second, later])
    expect([store.confirmed.get('k'), store.get('k')]).toEqual(['x', 'x1'])
    answers[0]!.resolve()
    await first
    expect(store.get('k')).toBe('x1')
  })

  test('one that is confirmed before an older one goes under it at once, while it waits for its turn', async () => {
    const store = createStore<string, string>([['k', '']])
    const append = (letter: string) => (tx: Transaction<string, string>) => tx.set('k', tx.get('k') + letter)
    const answer = deferred()
    const holder = holdTurn(store, ['k'])
    void optimistic(store, append('1'), () => new Promise(() => {}))
    const second = optimistic(store, append('2'), () => answer.promise)

    answer.resolve()
    await microtasks()

    expect(store.get('k')).toBe('21')
    await holder.release()
    await second
    expect([store.confirmed.get('k'), store.get('k')]).toEqual(['2', '21'])
  })

  test('Y3: a recipe goes on following what is below it when a plain write beside it has been confirmed', async () => {
    const store = createStore([['n', 1]])
    void optimistic(store, increment, () => new Promise(() => {}))
    const holder = holdTurn(store, ['k'])
    const set = store.set('k', 1)
    await holder.release()
    await set

    await store.set('n', 10)

    expect(store.get('n')).toBe(11)
  })

  test('F11: once the last recipe has gone, a pending write costs what it did before', async () => {
    const workAfter = async (recipes: number): Promise<number> => {
      const store = createStore([['n', 1]])
      for (let i = 0; i < recipes; i++) await optimistic(store, increment, () => Promise.resolve())
      const holder = holdTurn(store)
      for (let i = 0; i < 100; i++) void store.set(`k${i}`, i)
      const work = NativeWork.of(() => void store.set('n', 0))
      await holder.release()
      await store.idle()
      return work
    }

    const [without, after] = [await workAfter(0), await workAfter(2)]

    expect(after).toBeLessThan(1.5 * without)
  })

  test('a recipe that throws in a replay shows nothing of itself and is reported once; the others go on', async () => {
    const onError = vi.fn()
    const store = createStore<string, number>([['n', 1]], { onError })
    const error = new Error('no n')
    const picky = (tx: Transaction<string, number>): void => {
      tx.set('m', 5)
      if (!tx.has('n')) throw error
    }
    void optimistic(store, picky, () => new Promise(() => {}))
    void optimistic(store, plus('o'), () => new Promise(() => {}))
    expect([...store.view]).toEqual([
      ['n', 1],
      ['m', 5],
      ['o', 1],
    ])

    await store.delete('n')
    await store.set('x', 1)
    await microtasks()
    expect([...store.view]).toEqual([
      ['x', 1],
      ['o', 1],
    ])
    expect(onError.mock.calls).toEqual([[error]])

    await store.set('n', 2)
    expect(store.get('m')).toBe(5)
  })

  test('a recipe is replayed only where a key it looked at has changed below it', async () => {
    const store = createStore<string, number>([['n', 1]])
    const recipe = vi.fn(increment)
    void optimistic(store, recipe, () => new Promise(() => {}))
    await store.set('other', 1)
    expect(recipe).toHaveBeenCalledTimes(1)
    await store.set('n', 5)
    expect(recipe).toHaveBeenCalledTimes(2)
    expect(store.get('n')).toBe(6)
  })

  test('isPending, pendingKeys and subscribePending know its keys, also where a replay changes them', async () => {
    const store = createStore<string, string | number>([['at', 'a']])
    const told = vi.fn(() => [...store.pendingKeys()])
    const answer = deferred()
    const done = optimistic(
      store,
      (tx) => tx.set(tx.get('at') as string, 1),
      () => answer.promise,
    )
    store.subscribePending(told)
    expect([...store.pendingKeys()]).toEqual(['a'])

    await store.set('at', 'b')
    expect([store.isPending('a'), store.isPending('b'), store.get('a'), store.get('b')]).toEqual([
      false,
      true,
      undefined,
      1,
    ])
    expect(told).toHaveLastReturnedWith(['b'])
    answer.resolve()
    await done
    expect(told).toHaveLastReturnedWith([])
  })

  test('a recipe over the whole map is replayed for every change, and commits with the turn of the map', async () => {
    const store = createStore<string, number>([
      ['a', 1],
      ['b', 2],
    ])
    const total = (tx: Transaction<string, number>): void =>
      tx.set(
        'total',
        [...tx].reduce((sum, [key, n]) => (key === 'total' ? sum : sum + n), 0),
      )
    const answer = deferred()
    const done = optimistic(store, total, () => answer.promise)
    await store.set('c', 4)
    expect(store.get('total')).toBe(7)
    const holder = holdTurn(store, ['c'], (tx) => tx.set('c', 10))
    answer.resolve()
    await microtasks()
    expect(isSettled(done)).toBe(false)
    await holder.release()
    await done
    expect(store.confirmed.get('total')).toBe(13)
  })

  test('a recipe that looks at the size alone is replayed when that changes', async () => {
    const store = createStore<string, number>([['a', 1]])
    void optimistic(
      store,
      (tx) => tx.set('a', tx.size),
      () => new Promise(() => {}),
    )

    await store.set('b', 1)

    expect(store.get('a')).toBe(2)
  })

  test('a recipe that turns out to touch other keys in its turn takes the whole map', async () => {
    const store = createStore<string, string | number>([['at', 'a']])
    const point = (tx: Transaction<string, string | number>): void => tx.set(tx.get('at') as string, 1)
    const moving = holdTurn(store, ['at'], (tx) => tx.set('at', 'b'))
    const b = holdTurn(store, ['b'], (tx) => tx.set('b', 'held'))
    const answer = deferred()
    const done = optimistic(store, point, () => answer.promise)
    answer.resolve()
    await microtasks()

    await moving.release()
    await microtasks()
    expect([isSettled(done), store.get('b'), store.get('a')]).toEqual([false, 1, undefined])
    await b.release()
    await done
    expect([...store.confirmed]).toEqual([
      ['at', 'b'],
      ['b', 1],
    ])
  })
})

describe('abort, dispose and misuse', () => {
  test('F3, F25: abort takes the layer away before it returns, though confirm never settles, aborts the signal of confirm, and rejects with the reason', async () => {
    const store = createStore<string, number>([['n', 0]])
    const controller = new AbortController()
    let signal: AbortSignal | undefined
    const done = optimistic(
      store,
      increment,
      (context) => {
        signal = context.signal
        return new Promise(() => {})
      },
      { signal: controller.signal },
    )
    const reason = new Error('never mind')
    controller.abort(reason)
    expect([store.get('n'), signal?.aborted, signal?.reason]).toEqual([0, true, reason])
    expect(await reasonOf(done)).toBe(reason)
  })

  test('an abort while it waits for its turn takes it out of the line', async () => {
    const store = createStore<string, number>([['n', 0]])
    const controller = new AbortController()
    const holder = holdTurn(store, ['n'])
    const done = optimistic(store, increment, () => {}, { signal: controller.signal })
    await microtasks()
    expect(store.inspect().waiting).toBe(1)
    controller.abort()
    expect([store.get('n'), store.inspect().waiting, store.inspect().layers]).toEqual([0, 0, 0])
    expect(await reasonOf(done)).toBe(controller.signal.reason)
    await holder.release()
    expect(store.get('n')).toBe(0)
  })

  test('a signal that has aborted refuses: nothing is shown, confirm is not called', async () => {
    const store = createStore<string, number>([['n', 0]])
    const confirm = vi.fn()
    const signal = AbortSignal.abort('late')
    expect(await reasonOf(optimistic(store, increment, confirm, { signal }))).toBe('late')
    expect([store.get('n'), confirm.mock.calls.length]).toEqual([0, 0])
  })

  test('an abort by a listener of its own layer: confirm is not called', async () => {
    const store = createStore<string, number>([['n', 0]])
    const controller = new AbortController()
    const confirm = vi.fn()
    store.subscribeKey('n', () => controller.abort('no'))
    const done = optimistic(store, increment, confirm, { signal: controller.signal })
    expect(await reasonOf(done)).toBe('no')
    expect([store.get('n'), confirm.mock.calls.length, store.inspect().layers]).toEqual([0, 0, 0])
  })

  test('an abort between the answer and the turn takes the layer away', async () => {
    const store = createStore<string, number>([['n', 0]])
    const controller = new AbortController()
    const done = optimistic(store, increment, () => {}, { signal: controller.signal })
    controller.abort('too late for the server')
    expect(await reasonOf(done)).toBe('too late for the server')
    expect([store.get('n'), store.inspect().layers]).toEqual([0, 0])
  })

  test('F28: dispose rejects with STORE_DISPOSED, aborts confirm, and makes no unhandled rejection of a dropped promise', async () => {
    const store = createStore<string, number>([['n', 0]])
    let signal: AbortSignal | undefined
    void optimistic(store, increment, (context) => {
      signal = context.signal
      return new Promise(() => {})
    })
    const done = optimistic(store, increment, () => new Promise(() => {}))
    store.dispose()
    expect([store.get('n'), signal?.aborted]).toEqual([0, true])
    expect(await reasonOf(done)).toMatchObject({ code: 'STORE_DISPOSED' })
    expect(await reasonOf(optimistic(store, increment, () => {}))).toMatchObject({ code: 'STORE_DISPOSED' })
    await microtasks()
  })

  test('an answer that comes after dispose changes nothing', async () => {
    const store = createStore<string, number>([['n', 0]])
    const answer = deferred()
    const done = optimistic(store, increment, () => answer.promise)
    answer.resolve()
    store.dispose()
    expect(await reasonOf(done)).toBeInstanceOf(TidemapError)
    expect(store.get('n')).toBe(0)
  })

  test('a recipe that throws at the call rejects with the very error, shows nothing, and asks nobody', async () => {
    const store = createStore<string, number>([['n', 0]])
    const confirm = vi.fn()
    const error = new Error('bad')
    const view = store.view
    const done = optimistic(
      store,
      (tx) => {
        tx.set('n', 1)
        throw error
      },
      confirm,
    )
    expect(await reasonOf(done)).toBe(error)
    expect([store.view === view, confirm.mock.calls.length]).toEqual([true, 0])
  })

  test('a recipe that returns a promise is refused', async () => {
    const store = createStore<string, number>([['n', 0]])
    const done = optimistic(
      store,
      (tx) => Promise.resolve(tx.set('n', 1)) as never,
      () => {},
    )
    expect(await reasonOf(done)).toMatchObject({ code: 'INVALID_ARGUMENT' })
  })

  test('F8: a recipe that writes to its own store is refused, at the call and in a replay', async () => {
    const onError = vi.fn()
    const store = createStore<string, number>([['n', 0]], { onError })
    const recipe = (tx: Transaction<string, number>): void => {
      if (tx.get('n') !== 1) void store.set('x', 1)
      tx.set('m', 1)
    }
    expect(await reasonOf(optimistic(store, recipe, () => {}))).toMatchObject({ code: 'LOCK_REENTRANT' })
    await store.set('n', 1)
    void optimistic(store, recipe, () => new Promise(() => {}))
    await store.set('n', 2)
    await microtasks()
    expect(onError.mock.calls).toEqual([[expect.objectContaining({ code: 'LOCK_REENTRANT' })]])
    expect([store.has('x'), store.has('m')]).toEqual([false, false])
  })

  test('a recipe that throws in its turn fails it', async () => {
    const store = createStore<string, number>([['n', 0]], { onError: () => {} })
    const error = new Error('gone')
    const answer = deferred()
    const done = optimistic(
      store,
      (tx) => {
        if (!tx.has('n')) throw error
        tx.set('n', 5)
      },
      () => answer.promise,
    )
    await store.delete('n')
    answer.resolve()
    expect(await reasonOf(done)).toBe(error)
    expect([store.has('n'), store.inspect().layers]).toEqual([false, 0])
  })

  test('F27: what is no function, and what is no store, is refused', async () => {
    const store = createStore<string, number>([['n', 0]])
    const code = { code: 'INVALID_ARGUMENT' }
    expect(await reasonOf(optimistic(store, 1 as never, () => {}))).toMatchObject(code)
    expect(await reasonOf(optimistic(store, increment, undefined as never))).toMatchObject(code)
    expect(await reasonOf(optimistic({}, increment as never, () => {}))).toMatchObject(code)
    expect(store.inspect().layers).toBe(0)
  })

  test('F24: a tx that is kept is closed', async () => {
    const store = createStore<string, number>([['n', 0]])
    let kept: Transaction<string, number> | undefined
    await optimistic(
      store,
      (tx) => {
        kept = tx
        tx.set('n', 1)
      },
      () => {},
    )
    expect(() => kept?.set('n', 2)).toThrow(expect.objectContaining({ code: 'TRANSACTION_CLOSED' }))
  })

  test('a recipe that looks at its store sees the last published view, disposes it or promotes without harm', async () => {
    const store: Numbers = createStore<string, number>([['n', 0]], { onError: () => {} })
    const seen: unknown[] = []
    void optimistic(
      store,
      (tx) => {
        tx.get('n')
        seen.push(store.get('n'))
        store.promote()
        tx.set('m', 1)
      },
      () => new Promise(() => {}),
    )
    await store.set('n', 1)
    expect(seen).toEqual([0, 0])
    expect([...store]).toEqual([
      ['n', 1],
      ['m', 1],
    ])

    void optimistic(
      store,
      (tx) => {
        if (tx.get('n') === 2) store.dispose()
        tx.set('o', 1)
      },
      () => new Promise(() => {}),
    ).catch(() => {})
    const heard = vi.fn()
    store.subscribe(heard)
    await store.set('n', 2)
    expect([...store]).toEqual([['n', 2]])
    expect([store.inspect().layers, store.isPending('o')]).toEqual([0, false])
  })
})

test('in tidemap, the recipes of tx.update are drafts', async () => {
  const store = createDraftStore<string, { likes: number }>([['a', { likes: 1 }]])
  const answer = deferred()
  const done = optimistic(
    store,
    (tx) => {
      tx.update('a', (draft) => {
        if (draft) (draft as { likes: number }).likes++
      })
    },
    () => answer.promise,
  )
  expect(store.get('a')).toEqual({ likes: 2 })
  expect(store.confirmed.get('a')).toEqual({ likes: 1 })
  answer.resolve()
  await done
  expect(store.confirmed.get('a')).toEqual({ likes: 2 })
})

describe.each(['misses', 'scheduler'] as const)('with promotion by %s', (kind) => {
  test('the layer is shown at the next promotion, and no frame is without it', async () => {
    let promote: (() => void) | undefined
    const promotion =
      kind === 'misses'
        ? 'misses'
        : (call: () => void) => {
            promote = call
          }
    const store = createStore<string, number>([['n', 0]], { promotion })
    const frames: unknown[] = []
    store.subscribe((view) => frames.push(view.get('n')))
    const frame = (): void => {
      if (kind === 'misses') store.promote()
      else promote?.()
    }
    const answer = deferred()
    const done = optimistic(store, plus('n', 100), () => answer.promise)
    frame()
    await store.set('n', 1)
    await store.set('n', 2)
    frame()
    answer.resolve()
    await done
    frame()
    await store.set('n', 3)
    frame()

    expect(frames).toEqual([100, 102, 102, 3])
  })
})

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]]
  return items.flatMap((item) =>
    permutations(items.filter((other) => other !== item)).map((rest) => [item, ...rest]),
  )
}

test('in every round of a random program, each layer that was not settled is shown, once', async () => {
  const action = fc.oneof(
    { weight: 4, arbitrary: fc.constant({ do: 'start' as const }) },
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constantFrom('confirm' as const, 'refuse' as const, 'abort' as const),
        which: fc.nat(20),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ do: fc.constantFrom('hold' as const, 'release' as const), which: fc.nat(3) }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('set' as const), which: fc.nat(3) }) },
    { weight: 3, arbitrary: fc.constant({ do: 'wait' as const }) },
  )
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 40 }), async (actions) => {
      const store = createStore<string, number>([['n', 0]])
      const open = new Map<number, { answer: Deferred<void>; controller: AbortController }>()
      const refused = new Set<number>()
      const holders: { release(): Promise<void> }[] = []
      const faults: string[] = []
      let started = 0
      const check = (view: ReadonlyMap<string, number>): void => {
        const shown = [...view.keys()].filter((key) => key.startsWith('L'))
        if (view.get('n') !== shown.length) faults.push(`n is ${view.get('n')} with ${shown}`)
        for (let i = 0; i < started; i++) {
          if (!refused.has(i) && !view.has(`L${i}`)) faults.push(`L${i} is not shown`)
        }
      }
      store.subscribe(check)
      for (const one of actions) {
        const which = 'which' in one ? [...open.keys()][one.which % Math.max(1, open.size)] : undefined
        switch (one.do) {
          case 'start': {
            const i = started
            const answer = deferred()
            const controller = new AbortController()
            open.set(i, { answer, controller })
            optimistic(
              store,
              (tx) => {
                tx.set('n', (tx.get('n') ?? 0) + 1)
                tx.set(`L${i}`, 1)
              },
              () => answer.promise,
              { signal: controller.signal },
            ).catch(() => {})
            started++
            break
          }
          case 'confirm':
            if (which === undefined) break
            open.get(which)!.answer.resolve()
            open.delete(which)
            break
          case 'refuse':
          case 'abort':
            if (which === undefined) break
            refused.add(which)
            if (one.do === 'abort') open.get(which)!.controller.abort()
            else open.get(which)!.answer.reject(new Error('refused'))
            open.delete(which)
            break
          case 'hold':
            holders.push(holdTurn(store, ['n', `L${one.which}`]))
            break
          case 'release':
            void holders.shift()?.release()
            break
          case 'set':
            void store.set(`other${one.which}`, one.which)
            break
          case 'wait':
            await microtasks()
        }
        check(store.view)
      }
      for (const holder of holders) void holder.release()
      for (const { answer } of open.values()) answer.resolve()
      await microtasks()
      await store.idle()
      await microtasks()
      check(store.view)
      expect(faults).toEqual([])
      expect([store.view === store.confirmed, store.inspect().layers]).toEqual([true, 0])
      expect(store.get('n')).toBe(started - refused.size)
    }),
    { numRuns: 300 },
  )
})
