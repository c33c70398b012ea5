import { createStore as createDraftStore } from 'tidemap'
import { optimistic } from 'tidemap/resource'
import { createStore, type Transaction } from 'tidemap/store'
import { describe, expect, test, vi } from 'vitest'
import { deferred } from '../support/deferred.ts'
import { reasonOf, thrownBy } from '../support/failure.ts'
import { holdTurn } from '../support/held-turn.ts'
import { isSettled, microtasks } from '../support/settled.ts'

const never = new Promise<never>(() => {})

describe('update with { optimistic }', () => {
  test('shows it from the call until the commit, and no frame between the layer and what is committed', async () => {
    const store = createStore<string, number>([['n', 1]])
    const answer = deferred<number>()
    const seen: unknown[] = []
    store.subscribe((view) => seen.push([view.get('n'), store.confirmed.get('n'), store.isPending('n')]))

    const done = store.update('n', () => answer.promise, { optimistic: (n = 0) => n + 1 })

    expect(store.get('n')).toBe(2)
    answer.resolve(42)
    expect(await done).toBe(42)
    expect(seen).toEqual([
      [2, 1, true],
      [42, 42, false],
    ])
    expect(store.view).toBe(store.confirmed)
  })

  test.each(['rejection', 'abort', 'throw in the line'])('F23: %s takes it away', async (how) => {
    const store = createStore<string, number>([['n', 1]])
    const controller = new AbortController()
    const answer = deferred<number>()
    const holder = how === 'throw in the line' ? holdTurn(store, ['n']) : undefined
    const error = new Error('refused')
    const recipe = (): Promise<number> => {
      if (holder !== undefined) throw error
      return answer.promise
    }
    const done = store.update('n', recipe, { optimistic: (n = 0) => n + 1, signal: controller.signal })
    expect(store.get('n')).toBe(2)

    if (how === 'rejection') answer.reject(error)
    if (how === 'abort') controller.abort(error)
    await holder?.release()

    expect(await reasonOf(done)).toBe(error)
    expect([store.get('n'), store.inspect().layers, store.isPending('n')]).toEqual([1, 0, false])
  })

  test('where the writer ends before the call returns there is no layer', async () => {
    const store = createStore<string, number>([['n', 1]])
    const optimistic = vi.fn(() => 7)
    const rounds = vi.fn()
    store.subscribe(rounds)
    await store.update('n', () => 2, { optimistic })
    expect([optimistic.mock.calls.length, rounds.mock.calls.length, store.get('n')]).toEqual([0, 1, 2])
  })

  test('an absent key: returning undefined leaves it absent, in the layer and in the end', async () => {
    const store = createStore<string, number>()
    const answer = deferred<undefined>()
    const done = store.update('n', () => answer.promise, { optimistic: () => undefined })
    expect(store.has('n')).toBe(false)
    answer.resolve(undefined)
    await done
    expect([store.has('n'), store.inspect().layers]).toEqual([false, 0])
  })

  test('those that wait show their parts one on the other, in the order of their turns', async () => {
    const store = createStore<string, string>([['k', '']])
    const gates = [deferred(), deferred(), deferred()]
    const appended = gates.map((gate, i) =>
      store.update(
        'k',
        async (text = '') => {
          await gate.promise
          if (i === 1) throw new Error('refused')
          return `${text}${i}`
        },
        { optimistic: (text = '') => `${text}${i}` },
      ),
    )
    const typed = store.set('other', 'x')
    expect(store.get('k')).toBe('012')
    const seen: unknown[] = []
    store.subscribeKey('k', (value) => seen.push(value))
    for (const gate of gates) gate.resolve()
    await appended[0]
    await reasonOf(appended[1]!)
    await appended[2]
    await typed
    expect(seen).toEqual(['02'])
    expect(store.view).toBe(store.confirmed)
  })

  test('F27: what is no function is refused', async () => {
    const store = createStore<string, number>()
    const done = store.update('n', () => 1, { optimistic: 1 as never })
    expect(await reasonOf(done)).toMatchObject({ code: 'INVALID_ARGUMENT' })
  })

  test('in tidemap it is given a draft', async () => {
    const store = createDraftStore([['a', { likes: 1 }]])
    const gate = deferred()
    const done = store.update(
      'a',
      async (draft) => {
        await gate.promise
        if (draft) draft.likes += 2
      },
      {
        optimistic: (draft) => {
          if (draft) draft.likes++
        },
      },
    )
    expect([store.get('a'), store.confirmed.get('a')]).toEqual([{ likes: 2 }, { likes: 1 }])
    gate.resolve()
    await done
    expect(store.get('a')).toEqual({ likes: 3 })
  })
})

describe('transaction with { optimistic }', () => {
  const move = (tx: Transaction<string, number>): void => {
    tx.set('a', tx.get('a')! - 1)
    tx.set('b', tx.get('b')! + 1)
  }

  test('shows it from the call until the commit, whole', async () => {
    const store = createStore([
      ['a', 3],
      ['b', 0],
    ])
    const gate = deferred()
    const seen: unknown[] = []
    store.subscribe((view) => seen.push([...view.values()]))
    const done = store.transaction(
      async (tx) => {
        await gate.promise
        move(tx)
      },
      { optimistic: move },
    )
    expect([...store.pendingKeys()]).toEqual(['a', 'b'])
    gate.resolve()
    await done
    expect(seen).toEqual([
      [2, 1],
      [2, 1],
    ])
    expect(store.view).toBe(store.confirmed)
  })

  test('a plain write that waits behind it lies over it', async () => {
    const store = createStore([
      ['a', 3],
      ['b', 0],
    ])
    const gate = deferred()
    const done = store.transaction(() => gate.promise, { optimistic: move, keys: ['a', 'b'] })
    const set = store.set('b', 9)
    expect([...store.view.values()]).toEqual([2, 9])
    gate.resolve()
    await Promise.all([done, set])
    expect([...store.view.values()]).toEqual([3, 9])
  })

  test('a key that it did not declare shows nothing, and is reported', async () => {
    const onError = vi.fn()
    const store = createStore([['a', 3]], { onError })
    void store.transaction(() => never, { keys: ['a'], optimistic: (tx) => tx.set('b', 1) })
    await microtasks()
    expect(store.has('b')).toBe(false)
    expect(onError.mock.calls).toEqual([[expect.objectContaining({ code: 'KEY_NOT_IN_TRANSACTION' })]])
  })

  test('it may clear and delete; what moves is told to who listens to keys', async () => {
    const store = createStore<string, number>([
      ['a', 1],
      ['b', 2],
    ])
    const keys = vi.fn((view: ReadonlyMap<string, number>) => [...view.keys()].join())
    store.subscribeKeys(keys)
    const gates = [deferred(), deferred()]
    const moved = store.transaction(() => gates[0]!.promise, {
      optimistic: (tx) => {
        tx.delete('a')
        tx.set('a', 1)
      },
    })
    const cleared = store.transaction(() => gates[1]!.promise, { optimistic: (tx) => tx.replace([['c', 3]]) })
    expect([store.isPending('b'), store.isPending('zzz')]).toEqual([true, false])
    for (const gate of gates) gate.resolve()
    await Promise.all([moved, cleared])
    expect(keys.mock.results.map(({ value }) => value)).toEqual(['b,a', 'c', 'a,b'])
  })
})

test('Y2, Y3: plain writes that wait before and after it are confirmed as they were shown', async () => {
  const store = createStore<string, number>([['n', 0]])
  const holder = holdTurn(store, ['k'])
  const set = store.set('k', 1)
  const gate = deferred()
  const done = store.update('n', () => gate.promise.then(() => 2), { optimistic: () => 1 })
  const again = store.set('k', 2)
  expect([...store]).toEqual([
    ['n', 1],
    ['k', 2],
  ])
  gate.resolve()
  await done
  expect([...store]).toEqual([
    ['n', 2],
    ['k', 2],
  ])
  await holder.release()
  await Promise.all([set, again])
  expect(store.view).toBe(store.confirmed)
})

test('Y3: what is confirmed and not published yet is below it at once: pending keys, and the recipes that follow, know it', async () => {
  const store = createStore<string, number>([['n', 0]], { promotion: () => {} })
  const first = optimistic(
    store,
    (tx) => tx.set('n', (tx.get('n') ?? 0) + 1),
    () => never,
  )
  first.catch(() => {})
  const follows = optimistic(
    store,
    (tx) => tx.set(tx.get('n') === 11 ? 'eleven' : 'other', 1),
    () => never,
  )
  follows.catch(() => {})
  await store.set('n', 10)

  expect(store.isPending('eleven')).toBe(true)
  const picky = vi.fn((tx: Transaction<string, number>) => expect(tx.get('n')).toBe(11))
  const third = optimistic(store, picky, () => never)
  third.catch(() => {})
  await microtasks()
  expect([isSettled(third), [...store.pendingKeys()].sort()]).toEqual([false, ['eleven', 'n']])
  store.dispose()
})

test('P1: a recipe that promotes while it is replayed publishes nothing half replayed', async () => {
  const store = createStore<string, number>([['n', 0]])
  const seen: unknown[] = []
  const isPromoting = (tx: Transaction<string, number>): void => {
    tx.set('one', tx.get('n') ?? 0)
    store.promote()
  }
  optimistic(store, isPromoting, () => never).catch(() => {})
  optimistic(
    store,
    (tx) => tx.set('other', tx.get('n') ?? 0),
    () => never,
  ).catch(() => {})
  store.subscribe((view) => seen.push([...view]))

  await store.set('n', 1)

  expect(seen).toEqual([
    [
      ['n', 1],
      ['one', 1],
      ['other', 1],
    ],
  ])
  expect([...store]).toEqual(seen[0])
  store.dispose()
})

test('who listens to pending keys hears of it when a recipe that has shown nothing clears in a replay, and when it does not any more', async () => {
  const store = createStore<string, string>([
    ['mode', 'keep'],
    ['a', 'A'],
  ])
  const told: unknown[] = []
  store.subscribePending(() => told.push([...store.pendingKeys()]))
  optimistic(
    store,
    (tx) => {
      if (tx.get('mode') === 'clear') tx.clear()
    },
    () => never,
  ).catch(() => {})
  told.length = 0

  await store.set('mode', 'clear')
  expect([...store]).toEqual([])
  await store.set('mode', 'keep')
  expect([...store]).toEqual([
    ['mode', 'keep'],
    ['a', 'A'],
  ])

  expect(told).toEqual([['mode', 'a'], []])
  store.dispose()
})

test('a recipe in an optimistic one has a signal, which never aborts', async () => {
  const store = createStore<string, number>([['a', 1]])
  const gate = deferred()
  const running = store.transaction(() => gate.promise, {
    optimistic: (tx) => void tx.update('a', (a = 0, { signal }) => (signal.aborted ? 0 : a + 1)),
  })

  expect(store.get('a')).toBe(2)
  gate.resolve()
  await running
})

test.each(['that ends', 'that throws'])('the tx of an optimistic recipe %s is closed', async (how) => {
  const store = createStore<string, number>([['a', 1]], { onError: () => {} })
  const kept: { get(key: string): unknown }[] = []
  const asked = store.transaction(async () => {}, {
    optimistic: (tx) => {
      kept.push(tx)
      if (how === 'that throws') throw new Error('no')
    },
  })
  await asked.catch(() => {})

  expect(kept.length).toBeGreaterThan(0)
  for (const tx of kept) expect(thrownBy(() => tx.get('a'))).toMatchObject({ code: 'TRANSACTION_CLOSED' })
})
