import { type Change, createStore, type View } from 'tidemap/store'
import { describe, expect, test, vi } from 'vitest'
import { thrownBy } from '../support/failure.ts'
import { holdTurn } from '../support/held-turn.ts'
import { NativeWork } from '../support/native-work.ts'

const pairs = (): [string, number][] => [
  ['a', 1],
  ['b', 2],
]

describe('subscribe', () => {
  test('is not called at once', () => {
    const store = createStore(pairs())
    const listener = vi.fn()

    store.subscribe(listener)

    expect(listener).not.toHaveBeenCalled()
  })

  test('tells once of a key that is deleted and set again, and not of a value that has stayed', async () => {
    const store = createStore([...pairs(), ['c', 3]])
    const rounds: unknown[] = []
    store.subscribe((view, _previous, changes) => rounds.push(changes, [...view.keys()]))

    await store.batch((tx) => {
      for (const [key, value] of [
        ['a', 10],
        ['b', 2],
      ] as const) {
        tx.delete(key)
        tx.set(key, value)
      }
      tx.delete('never there')
    })

    expect(rounds).toEqual([[{ type: 'update', key: 'a', value: 10, previous: 1 }], ['c', 'a', 'b']])
  })

  test('tells of -0 as of the key 0, as a Map has it (F19)', async () => {
    const store = createStore<number, number>([[0, 1]])
    const told: unknown[] = []
    store.subscribeKey(0, (_value, _previous, { key }) => told.push(key))
    await store.set(-0, 2)
    store.subscribe((_view, _previous, [change]) => told.push(change?.key))
    await store.set(-0, 3)

    expect(told).toEqual([0, 0, 0])
    expect([...store.keys()]).toEqual([0])
  })

  test('tells the new view, the one before, and what changed between them, before the write returns', () => {
    const store = createStore(pairs())
    const before = store.view
    const rounds: [View<string, number>, View<string, number>, readonly Change<string, number>[]][] = []
    store.subscribe((...round) => rounds.push(round))

    void store.setMany([
      ['a', 10],
      ['b', 2],
      ['c', 3],
    ])
    void store.delete('a')

    const [first, second] = rounds
    expect(rounds.length).toBe(2)
    expect(first?.[1]).toBe(before)
    expect(first?.[0]).toBe(second?.[1])
    expect(second?.[0]).toBe(store.view)
    expect(rounds.map(([, , changes]) => changes)).toEqual([
      [
        { type: 'update', key: 'a', value: 10, previous: 1 },
        { type: 'add', key: 'c', value: 3, previous: undefined },
      ],
      [{ type: 'delete', key: 'a', value: undefined, previous: 10 }],
    ])
  })

  test('the changes of a round are those between its two views', async () => {
    const store = createStore<string, number>([...pairs(), ['c', 3]])
    const rounds: { told: readonly unknown[]; compared: readonly unknown[] }[] = []
    store.subscribe((view, previous, changes) =>
      rounds.push({ told: changes, compared: view.changesSince(previous) }),
    )

    await store.transaction((tx) => {
      tx.delete('b')
      tx.set('d', 4)
      tx.update('a', (a = 0) => a + 1)
    })
    await store.replace([
      ['d', 4],
      ['a', 5],
    ])
    await store.clear()

    const byKey = (changes: readonly unknown[]) => [...changes].map((change) => JSON.stringify(change)).sort()
    expect(rounds.length).toBe(3)
    for (const { told, compared } of rounds) expect(byKey(told)).toEqual(byKey(compared))
  })
})

describe('subscribeKey', () => {
  test('tells value, value before, and the change', async () => {
    const store = createStore(pairs())
    const heard: unknown[] = []
    store.subscribeKey('a', (...args) => heard.push(args))

    await store.set('a', 10)
    await store.delete('a')
    await store.set('a', 1)

    expect(heard).toEqual([
      [10, 1, { type: 'update', key: 'a', value: 10, previous: 1 }],
      [undefined, 10, { type: 'delete', key: 'a', value: undefined, previous: 10 }],
      [1, undefined, { type: 'add', key: 'a', value: 1, previous: undefined }],
    ])
  })

  test('hears of its own key only, also where it does not exist', async () => {
    const store = createStore(pairs())
    const heard: string[] = []
    for (const key of ['a', 'b', 'x', 'y']) store.subscribeKey(key, (value) => heard.push(`${key}=${value}`))

    await store.set('a', 10)
    await store.set('x', 24)
    await store.replace([['b', 2]])

    expect(heard).toEqual(['a=10', 'x=24', 'a=undefined', 'x=undefined'])
  })

  test('a function is a key like any other', async () => {
    const key = vi.fn()
    const store = createStore<() => void, number>()
    const heard: unknown[] = []
    store.subscribeKey(key, (value) => heard.push(value))

    await store.set(key, 1)

    expect(heard).toEqual([1])
    expect(key).not.toHaveBeenCalled()
  })

  test('takes an equality of its own: equal values are no update, coming and going are', async () => {
    const store = createStore<string, number>([['a', 1.2]])
    const heard: unknown[] = []
    store.subscribeKey(
      'a',
      (value) => heard.push(value),
      (one, other) => Math.floor(one) === Math.floor(other),
    )

    await store.set('a', 1.7)
    await store.set('a', 2.5)
    await store.delete('a')
    await store.set('a', 2.5)

    expect(heard).toEqual([2.5, undefined, 2.5])
    expect(store.get('a')).toBe(2.5)
  })
})

describe('subscribeKeys', () => {
  test('tells when keys come or go, and not of values', async () => {
    const store = createStore(pairs())
    const heard: unknown[] = []
    store.subscribeKeys((view, previous) => heard.push([[...previous.keys()], [...view.keys()]]))

    await store.set('a', 10)
    await store.set('c', 3)
    await store.delete('a')
    await store.clear()

    expect(heard).toEqual([
      [
        ['a', 'b'],
        ['a', 'b', 'c'],
      ],
      [
        ['a', 'b', 'c'],
        ['b', 'c'],
      ],
      [['b', 'c'], []],
    ])
  })

  test.each<[name: string, reorder: (store: ReturnType<typeof createStore<string, number>>) => unknown]>([
    [
      'a transaction that deletes a key and sets it again',
      (store) =>
        store.transaction((tx) => {
          tx.delete('a')
          tx.set('a', 1)
        }),
    ],
    [
      'replace with the same entries in another order',
      (store) =>
        store.replace([
          ['b', 2],
          ['a', 1],
        ]),
    ],
  ])('tells of a new order: %s', (_name, reorder) => {
    const store = createStore<string, number>(pairs())
    const heard: unknown[] = []
    store.subscribeKeys((view) => heard.push([...view.keys()]))

    void reorder(store)

    expect(heard).toEqual([['b', 'a']])
  })

  test('tells of a new order that a pending replace shows, and of its end', async () => {
    const store = createStore(pairs())
    const holder = holdTurn(store, ['a'])
    const controller = new AbortController()
    const heard: unknown[] = []
    store.subscribeKeys((view) => heard.push([...view.keys()]))

    const replaced = store.replace(pairs().reverse(), { signal: controller.signal })
    controller.abort('enough')

    await expect(replaced).rejects.toBe('enough')
    expect(heard).toEqual([
      ['b', 'a'],
      ['a', 'b'],
    ])
    await holder.release()
  })

  test('tells of a new order that comes when a key goes below a pending write', async () => {
    const store = createStore(pairs())
    const heard: unknown[] = []
    store.subscribeKeys((view) => heard.push([...view.keys()]))
    const deleted = store.transaction(
      async (tx) => {
        await Promise.resolve()
        tx.delete('a')
      },
      { keys: ['a'] },
    )

    const set = store.set('a', 1)
    await deleted
    await set

    expect(heard.at(-1)).toEqual(['b', 'a'])
    expect([...store.keys()]).toEqual(['b', 'a'])
  })
})

describe('ending a subscription', () => {
  const kinds: [
    name: string,
    (store: ReturnType<typeof createStore<string, number>>, f: () => void) => Disposable & (() => void),
  ][] = [
    ['subscribe', (store, listener) => store.subscribe(listener)],
    ['subscribeKey', (store, listener) => store.subscribeKey('a', listener)],
    ['subscribeKeys', (store, listener) => store.subscribeKeys(listener)],
    ['select', (store, listener) => store.select((view) => view.get('a')).subscribe(listener)],
  ]

  test.each(kinds)(
    '%s: the function that it returned ends it, and does nothing the second time',
    async (_name, subscribe) => {
      const store = createStore<string, number>()
      const [one, other] = [vi.fn(), vi.fn()]
      const stop = subscribe(store, one)
      subscribe(store, other)

      stop()
      stop()
      await store.set('a', 1)

      expect(one).not.toHaveBeenCalled()
      expect(other).toHaveBeenCalledTimes(1)
    },
  )

  test.each(kinds)('%s: `using` ends it', async (_name, subscribe) => {
    const store = createStore<string, number>()
    const listener = vi.fn()

    {
      using _subscription = subscribe(store, listener)
      await store.set('a', 1)
    }
    await store.delete('a')

    expect(listener).toHaveBeenCalledTimes(1)
  })

  test.each(kinds)('%s: the same function twice is two subscriptions', async (_name, subscribe) => {
    const store = createStore<string, number>()
    const listener = vi.fn()
    const stop = subscribe(store, listener)
    subscribe(store, listener)

    await store.set('a', 1)
    stop()
    await store.delete('a')

    expect(listener).toHaveBeenCalledTimes(3)
  })

  test('M3: nothing is left of subscriptions that have ended: a write works as it would had there been none', () => {
    const [fresh, used] = [createStore<number, number>(), createStore<number, number>()]
    for (let key = 0; key < 1000; key++) {
      for (const [, subscribe] of kinds) subscribe(used as never, () => {})()
      used.subscribeKey(key, () => {})()
    }

    const work = [fresh, used].map((store) => NativeWork.of(() => void store.set(1, 1)))

    expect(work[1]).toBe(work[0])
  })

  test('a listener that is no function is refused where it enters', () => {
    const store = createStore(pairs())
    const none = null as never

    const errors = [
      thrownBy(() => store.subscribe(none)),
      thrownBy(() => store.subscribeKey('a', none)),
      thrownBy(() => store.subscribeKey('a', () => {}, 5 as never)),
      thrownBy(() => store.subscribeKeys(none)),
      thrownBy(() => store.subscribePending(none)),
      thrownBy(() => store.select(none)),
      thrownBy(() => store.select(() => 1, 'deep' as never)),
      thrownBy(() => store.select(() => 1).subscribe(none)),
    ]

    for (const error of errors) expect(error).toMatchObject({ code: 'INVALID_ARGUMENT' })
  })
})

describe('what a promotion costs (R4)', () => {
  test('F35: of 10,000 subscribers of a key each, a change of one key calls one, and visits no other', () => {
    const counts = [10, 10_000].map((size) => {
      const store = createStore(Array.from({ length: size }, (_, key): [number, number] => [key, key]))
      let calls = 0
      for (let key = 0; key < size; key++) store.subscribeKey(key, () => calls++)
      const work = NativeWork.of(() => void store.set(5, -1))
      return { calls, work }
    })

    expect(counts[1]).toEqual(counts[0])
    expect(counts[0]?.calls).toBe(1)
  })

  test('F35: 10,000 selections of other keys cost a change nothing', () => {
    const counts = [10, 10_000].map((size) => {
      const store = createStore(Array.from({ length: size }, (_, key): [number, number] => [key, key]))
      let computed = 0
      for (let key = 0; key < size; key++) {
        store
          .select((view) => {
            computed++
            return view.get(key)
          })
          .subscribe(() => {})
      }
      computed = 0
      const work = NativeWork.of(() => void store.set(5, -1))
      return { computed, work }
    })

    expect(counts[1]).toEqual(counts[0])
    expect(counts[0]?.computed).toBe(1)
  })

  test('a batch of changes is one round, whoever listens to how much of it', async () => {
    const store = createStore<number, number>()
    const [view, keys] = [vi.fn(), vi.fn()]
    store.subscribe(view)
    store.subscribeKeys(keys)

    await store.setMany(Array.from({ length: 100 }, (_, key): [number, number] => [key, key]))

    expect([view.mock.calls.length, keys.mock.calls.length]).toEqual([1, 1])
  })
})

describe('listeners that throw (R3)', () => {
  test('F29: the others run, the write resolves, the error goes to onError', async () => {
    const errors: unknown[] = []
    const store = createStore(pairs(), { onError: (error) => errors.push(error) })
    const heard: string[] = []
    const boom = (where: string) => () => {
      heard.push(where)
      throw new Error(where)
    }
    store.subscribeKey('a', boom('key'))
    store.subscribeKey('a', () => heard.push('key after'))
    store.subscribeKeys(boom('keys'))
    store.subscribe(boom('view'))
    store.subscribe(() => heard.push('view after'))
    store.select((view) => view.get('a')).subscribe(boom('selection'))

    await store.delete('a')

    expect(heard).toEqual(['keys', 'key', 'key after', 'view', 'view after', 'selection'])
    expect(errors.map(String)).toEqual(['Error: keys', 'Error: key', 'Error: view', 'Error: selection'])
    expect(store.has('a')).toBe(false)
  })

  test('F34: after it the next rounds are told as ever', async () => {
    const store = createStore(pairs(), { onError: () => {} })
    const heard: unknown[] = []
    store.subscribeKey('a', () => {
      // biome-ignore lint/style/useThrowOnlyError: F1 and F34 are about whatever is thrown
      throw undefined
    })
    store.subscribeKey('a', (value) => heard.push(value))

    await store.set('a', 2)
    await store.set('a', 3)

    expect(heard).toEqual([2, 3])
  })

  test('F34: an onError that throws harms nobody either: both errors go to the platform', async () => {
    const logged = vi.spyOn(console, 'error').mockImplementation(() => {})
    const store = createStore(pairs(), {
      onError: () => {
        throw new Error('in onError')
      },
    })
    const heard: unknown[] = []
    store.subscribeKey('a', () => {
      throw new Error('in the listener')
    })
    store.subscribeKey('a', (value) => heard.push(value))

    await store.set('a', 2)
    await store.set('a', 3)

    expect(heard).toEqual([2, 3])
    expect(logged.mock.calls.flat().map(String)).toEqual([
      'Error: in the listener',
      'Error: in onError',
      'Error: in the listener',
      'Error: in onError',
    ])
  })

  test('F34: an error that cannot even be reported harms nobody', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => {
      throw new Error('the console is broken')
    })
    const store = createStore(pairs())
    const heard: unknown[] = []
    store.subscribeKey('a', () => {
      throw new Error('in the listener')
    })
    store.subscribeKey('a', (value) => heard.push(value))

    await store.set('a', 2)
    await store.set('a', 3)

    expect(heard).toEqual([2, 3])
  })

  test('without onError the platform gets it: reportError where there is one', async () => {
    const reportError = vi.fn()
    vi.stubGlobal('reportError', reportError)
    const store = createStore(pairs())
    const error = new Error('in the listener')
    store.subscribe(() => {
      throw error
    })

    await store.set('a', 2)

    expect(reportError.mock.calls).toEqual([[error]])
  })

  test('an equality of a subscription that throws is reported and tells nothing', async () => {
    const onError = vi.fn()
    const store = createStore(pairs(), { onError })
    const listener = vi.fn()
    store.subscribeKey('a', listener, () => {
      throw new Error('cannot compare')
    })

    await store.set('a', 2)

    expect(listener).not.toHaveBeenCalled()
    expect(onError).toHaveBeenCalledTimes(1)
  })
})

test('a listener of what is pending is not called for a write that is confirmed at once', async () => {
  const store = createStore(pairs())
  const listener = vi.fn()
  store.subscribePending(listener)

  await store.setMany([
    ['a', 10],
    ['b', 20],
  ])

  expect(listener).not.toHaveBeenCalled()
})

test('a key that comes or goes is told whatever `equal` says of its value', async () => {
  const store = createStore(pairs())
  const heard: string[] = []
  store.subscribeKey(
    'a',
    (_value, _previous, { type }) => heard.push(type),
    () => true,
  )

  await store.delete('a')
  await store.set('a', 1)
  await store.set('a', 2)

  expect(heard).toEqual(['delete', 'add'])
})

test('a stored undefined is a value: it is told as added, updated and deleted', async () => {
  const store = createStore<string, number | undefined>([['there', undefined]])
  const heard: unknown[] = []
  store.subscribe((_view, _previous, changes) => heard.push(changes.map(({ type, key }) => `${type} ${key}`)))
  store.subscribeKey('new', (_value, _previous, { type }) => heard.push(type))

  await store.set('there', 1)
  await store.set('new', undefined)
  await store.delete('new')

  expect(heard).toEqual([['update there'], 'add', ['add new'], 'delete', ['delete new']])
})
