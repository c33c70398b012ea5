import fc from 'fast-check'
import { createStore, type Selection, type Store, type View } from 'tidemap/store'
import { describe, expect, test, vi } from 'vitest'
import { deferred } from '../support/deferred.ts'
import { thrownBy } from '../support/failure.ts'
import { NativeWork } from '../support/native-work.ts'
import { shareOf } from '../support/share.ts'

type Numbers = Store<string, number>

const numbers = (onError?: (error: unknown) => void): Numbers =>
  createStore<string, number>(
    [
      ['a', 1],
      ['b', 2],
      ['c', 3],
    ],
    { onError },
  )

/** A selection whose computations are counted, and what its subscriber was told. */
function counted<R>(
  store: Numbers,
  selector: (view: View<string, number>) => R,
  equal?: (a: R, b: R) => boolean,
) {
  const seen = { computed: 0, told: [] as R[] }
  const selection = store.select((view) => {
    seen.computed++
    return selector(view)
  }, equal)
  const subscribe = () => selection.subscribe((value) => seen.told.push(value))
  return { seen, selection, subscribe }
}

describe('the value of a selection', () => {
  test('is computed from the current view, when it is asked for', async () => {
    const store = numbers()
    const { seen, selection } = counted(store, (view) => (view.get('a') ?? 0) + (view.get('b') ?? 0))

    const before = [seen.computed, selection.value, seen.computed]
    await store.set('a', 10)

    expect(before).toEqual([0, 3, 1])
    expect([selection.value, seen.computed]).toEqual([12, 2])
  })

  test('is not computed again until a key that was read has changed', async () => {
    const store = numbers()
    const { seen, selection } = counted(store, (view) => view.get('a'))

    for (const value of [10, 11, 12]) {
      await store.set('b', value)
      await store.set(`new ${value}`, value)
      void selection.value
    }

    expect(seen.computed).toBe(1)
  })

  test('depends on what the selector read the last time', async () => {
    const store = numbers()
    const { seen, selection } = counted(store, (view) =>
      (view.get('a') ?? 0) > 0 ? view.get('b') : view.get('c'),
    )

    const values = [selection.value]
    await store.set('c', 30)
    values.push(selection.value)
    await store.set('a', 0)
    values.push(selection.value)
    await store.set('b', 20)
    values.push(selection.value)

    expect(values).toEqual([2, 2, 30, 30])
    expect(seen.computed).toBe(2)
  })

  test('depends on keys that were missing', async () => {
    const store = numbers()
    const { selection } = counted(store, (view) => [view.has('x'), view.get('y')])

    const values = [selection.value]
    await store.set('x', 24)
    values.push(selection.value)
    await store.set('y', 25)
    values.push(selection.value)

    expect(values).toEqual([
      [false, undefined],
      [true, undefined],
      [true, 25],
    ])
  })

  test('tells a stored undefined from an absent key', async () => {
    const store = createStore<string, number | undefined>()
    const selection = store.select((view) => view.has('a'))

    const before = selection.value
    await store.set('a', undefined)

    expect([before, selection.value]).toEqual([false, true])
  })

  test.each<[name: string, read: (view: View<string, number>) => unknown]>([
    ['entries', (view) => Math.max(...[...view.entries()].map(([, value]) => value))],
    ['values', (view) => Math.max(...view.values())],
    ['the iterator', (view) => Math.max(...[...view].map(([, value]) => value))],
    [
      'forEach',
      (view) => {
        let most = 0
        view.forEach((value) => {
          most = Math.max(most, value)
        })
        return most
      },
    ],
    ['keys and get', (view) => Math.max(...[...view.keys()].map((key) => view.get(key) ?? 0))],
  ])('of all values, read by %s, follows every change', async (_name, read) => {
    const store = numbers()
    const { selection, seen, subscribe } = counted(store, read)
    const lazy = store.select(read)
    subscribe()

    const values = [[selection.value, lazy.value]]
    await store.set('b', 20)
    values.push([selection.value, lazy.value])
    await store.set('x', 30)
    values.push([selection.value, lazy.value])
    await store.delete('x')
    values.push([selection.value, lazy.value])

    expect(values).toEqual([3, 20, 30, 20].map((value) => [value, value]))
    expect(seen.told).toEqual([20, 30, 20])
  })

  test('may be the view itself', async () => {
    const store = numbers()
    const selection = store.select((view) => view)
    const told: unknown[] = []
    selection.subscribe((view) => told.push(view === store.view))

    const before = selection.value === store.view
    await store.set('a', 10)

    expect([before, selection.value === store.view, told]).toEqual([true, true, [true]])
  })

  test('follows changesSince, which looks at everything', async () => {
    const store = numbers()
    const first = store.view
    const selection = store.select((view) => view.changesSince(first).length)

    const values = [selection.value]
    await store.set('a', 10)
    values.push(selection.value)
    await store.set('b', 20)
    values.push(selection.value)

    expect(values).toEqual([0, 1, 2])
  })

  test('throws what the selector throws, each time, and works again when it does', async () => {
    const store = numbers()
    const error = new Error('not today')
    const selection = store.select((view) => {
      if (view.get('a') === 1) throw error
      return view.get('a')
    })

    const thrown = [thrownBy(() => selection.value), thrownBy(() => selection.value)]
    await store.set('a', 2)

    expect(thrown).toEqual([error, error])
    expect(selection.value).toBe(2)
  })
})

describe('a selection with subscribers', () => {
  test('tells the new and the old result after a promotion that changed it, and not at once', async () => {
    const store = numbers()
    const told: unknown[] = []
    store.select((view) => (view.get('a') ?? 0) % 2).subscribe((...args) => told.push(args))

    await store.set('a', 3)
    await store.set('a', 4)
    await store.set('b', 5)
    await store.set('a', 5)

    expect(told).toEqual([
      [0, 1],
      [1, 0],
    ])
  })

  test('computes once a promotion, however many of its keys changed and however many listen', async () => {
    const store = numbers()
    const { seen, subscribe } = counted(store, (view) => (view.get('a') ?? 0) + (view.get('b') ?? 0))
    subscribe()
    subscribe()

    await store.setMany([
      ['a', 10],
      ['b', 20],
    ])

    expect(seen).toEqual({ computed: 2, told: [30, 30] })
  })

  test('no glitches: a selection of two keys never sees the half of a transaction', async () => {
    const store = createStore<string, number>([
      ['debit', 100],
      ['credit', 0],
    ])
    const sums = new Set<number>()
    store
      .select((view) => {
        const sum = (view.get('debit') ?? 0) + (view.get('credit') ?? 0)
        sums.add(sum)
        return sum
      })
      .subscribe(() => {})

    await store.transaction((tx) => {
      tx.set('debit', 60)
      tx.set('credit', 40)
    })

    expect([...sums]).toEqual([100])
  })

  test('a diamond: a listener to two selections of one key finds them of one moment', async () => {
    const store = numbers()
    const [one, other] = [
      store.select((view) => view.get('a')),
      store.select((view) => -(view.get('a') ?? 0)),
    ]
    const pairs: unknown[] = []
    one.subscribe(() => pairs.push([one.value, other.value]))
    other.subscribe(() => pairs.push([one.value, other.value]))

    await store.set('a', 10)

    expect(pairs).toEqual([
      [10, -10],
      [10, -10],
    ])
  })

  test('its value costs no computation between promotions', async () => {
    const store = numbers()
    const { seen, selection, subscribe } = counted(store, (view) => view.size)
    subscribe()
    await store.set('x', 24)

    const values = [selection.value, selection.value]
    await store.set('a', 10)
    values.push(selection.value)

    expect(values).toEqual([4, 4, 4])
    expect(seen.computed).toBe(2)
  })

  test('one that read only membership hears of keys that come and go, and of no update', async () => {
    const store = numbers()
    const { seen, subscribe } = counted(store, (view) => [...view.keys()].join(''))
    subscribe()

    await store.set('a', 10)
    await store.delete('b')
    await store.set('b', 2)

    expect(seen).toEqual({ computed: 3, told: ['ac', 'acb'] })
  })

  test('equal results are told to nobody and keep the identity of the first', async () => {
    const store = numbers()
    const { seen, selection, subscribe } = counted(
      store,
      (view) => [(view.get('a') ?? 0) % 2],
      (one, other) => one[0] === other[0],
    )
    subscribe()

    const first = selection.value
    await store.set('a', 3)
    const same = selection.value === first
    await store.set('a', 4)

    expect(same).toBe(true)
    expect(seen.told).toEqual([[0]])
  })

  test('a result that goes away and comes back within one promotion is no change', async () => {
    const store = numbers()
    const { seen, subscribe } = counted(store, (view) => view.get('a'))
    subscribe()

    await store.transaction((tx) => {
      tx.set('a', 10)
      tx.set('a', 1)
      tx.set('b', 20)
    })

    expect(seen).toEqual({ computed: 1, told: [] })
  })
})

test('of two who subscribe to a selection, one that leaves leaves the other', async () => {
  const store = numbers()
  const { seen, subscribe } = counted(store, (view) => view.get('a'))
  const stop = subscribe()
  subscribe()

  stop()
  await store.set('a', 10)

  expect(seen.told).toEqual([10])
})

test('R5: asked in a recipe, after a promotion that nobody has been told of yet, a selection is over the new view', async () => {
  const store = createStore<string, number>([['a', 1]], { promotion: 'misses' })
  const selection = store.select((view) => view.get('a'))
  const told = vi.fn()
  selection.subscribe(told)
  await store.set('a', 2)

  const asked = await store.update('b', () => {
    store.promote()
    return selection.value
  })

  expect(asked).toBe(2)
  expect(told.mock.calls).toEqual([[2, 1]])
})

test.each<[name: string, selector: (view: View<string, number>) => unknown]>([
  ['the keys', (view) => view.size],
  ['everything', (view) => [...view]],
  ['the order', (view) => view.compare('a', 'b')],
  ['the view itself', (view) => view],
])('a selection that read %s is not computed again while the view is the same', (_name, selector) => {
  const { seen, selection } = counted(numbers(), selector)

  const [first, second] = [selection.value, selection.value]

  expect([first === second, seen.computed]).toEqual([true, 1])
})

test('a selection that read the order of two keys follows it', async () => {
  const store = numbers()
  const selection = store.select((view) => view.compare('a', 'b') < 0)

  const before = selection.value
  await store.transaction((tx) => {
    tx.delete('a')
    tx.set('a', 1)
  })

  expect([before, selection.value]).toEqual([true, false])
})

test('a selection that is left in the round that changes it tells nobody, and nothing goes wrong', async () => {
  const onError = vi.fn()
  const store = numbers(onError)
  const { seen, subscribe } = counted(store, (view) => view.get('a'))
  const stop = subscribe()
  store.subscribeKey('a', stop)

  await store.set('a', 10)

  expect([seen.told, onError.mock.calls]).toEqual([[], []])
})

describe('a selection in rounds', () => {
  /** The listener runs before the selection hears of the round. */
  function withListenerFirst(listen: (store: Numbers, selection: Selection<number | undefined>) => void) {
    const store = numbers()
    const { seen, selection, subscribe } = counted(store, (view) => view.get('a'))
    store.subscribeKey('a', () => listen(store, selection))
    subscribe()
    return { store, seen, selection }
  }

  test('a listener that asks for its value sees the newest, and its subscribers are told all the same', async () => {
    const values: unknown[] = []
    const { store, seen } = withListenerFirst((_store, selection) => values.push(selection.value))

    await store.set('a', 10)
    await store.set('a', 11)

    expect(values).toEqual([10, 11])
    expect(seen.told).toEqual([10, 11])
  })

  test('a listener that writes another key and asks for its value takes nothing from its subscribers', async () => {
    const { store, seen } = withListenerFirst((current, selection) => {
      void current.set('b', 20)
      void selection.value
    })

    await store.set('a', 10)

    expect(seen.told).toEqual([10])
  })

  test('a listener that writes the key and asks for its value: subscribers are told both, in order', async () => {
    let isFirst = true
    const { store, seen } = withListenerFirst((current, selection) => {
      if (!isFirst) return
      isFirst = false
      void current.set('a', 11)
      expect(selection.value).toBe(11)
    })

    await store.set('a', 10)

    expect(seen.told).toEqual([10, 11])
  })

  test('written inside its own listener: the next round tells it', async () => {
    const store = numbers()
    const selection = store.select((view) => view.get('a') ?? 0)
    const [one, other]: [number[], number[]] = [[], []]
    selection.subscribe((value) => {
      one.push(value)
      if (value < 5) void store.set('a', value + 1)
    })
    selection.subscribe((value) => other.push(value))

    await store.set('a', 3)

    expect([one, other]).toEqual([
      [3, 4, 5],
      [3, 4, 5],
    ])
  })

  test('R2: who subscribes in the round to one that has subscribers is first called in the next', async () => {
    const store = numbers()
    const selection = store.select((view) => view.get('a'))
    const [old, late]: [unknown[], unknown[]] = [[], []]
    const stop = store.subscribeKey('a', () => {
      stop()
      late.push(['sees', selection.value])
      selection.subscribe((value) => late.push(value))
    })
    selection.subscribe((value) => old.push(value))

    await store.set('a', 10)
    await store.set('a', 11)

    expect(old).toEqual([10, 11])
    expect(late).toEqual([['sees', 10], 11])
  })

  test('R2: who subscribes after a write in the round is not taken back to the time before', async () => {
    const store = numbers()
    const selection = store.select((view) => view.get('a'))
    const late: unknown[] = []
    const stop = store.subscribeKey('a', () => {
      stop()
      void store.set('a', 11)
      late.push(['sees', selection.value])
      selection.subscribe((value) => late.push(value))
    })
    selection.subscribe(() => {})

    await store.set('a', 10)
    await store.set('a', 12)

    expect(late).toEqual([['sees', 11], 12])
  })

  test('R2: who is unsubscribed in the round is not called any more', async () => {
    const store = numbers()
    const { seen, selection } = counted(store, (view) => view.get('a'))
    const stop = selection.subscribe((value) => seen.told.push(value))
    store.subscribeKey('a', () => stop())

    await store.set('a', 10)

    expect(seen).toEqual({ computed: 1, told: [] })
  })
})

test('Z2: what is told is what differs, by `equal`, from what was told last, also where a listener asked in between', async () => {
  const store = createStore<string, number>([['a', 0]])
  const selection = store.select(
    (view) => view.get('a') ?? 0,
    (a, b) => Math.abs(a - b) <= 1,
  )
  const told: unknown[] = []
  selection.subscribe((value, previous) => told.push([value, previous]))
  store.subscribeKey('a', (value) => {
    if (value !== 1) return
    void store.set('a', 5)
    void selection.value
  })

  await store.set('a', 1)

  expect(told).toEqual([[5, 0]])
})

describe('a selection nobody subscribes to', () => {
  test('holds no subscription: a write costs what it costs without it', () => {
    const [plain, selected] = [numbers(), numbers()]
    const { selection, subscribe } = counted(selected, (view) => view.get('a'))
    void selection.value
    subscribe()()

    const work = [plain, selected].map((store) => NativeWork.of(() => void store.set('a', 10)))

    expect(work[1]).toBe(work[0])
    expect(selection.value).toBe(10)
  })

  test('wakes again, with what has changed meanwhile', async () => {
    const store = numbers()
    const { seen, selection, subscribe } = counted(store, (view) => view.get('a'))
    subscribe()()
    await store.set('a', 10)

    subscribe()
    await store.set('a', 11)

    expect(seen.told).toEqual([11])
    expect(selection.value).toBe(11)
  })
})

describe('selectors that misbehave', () => {
  test('one that throws in a round is reported; it tells again when it works again', async () => {
    const onError = vi.fn()
    const store = numbers(onError)
    const error = new Error('odd')
    const { seen, subscribe } = counted(store, (view) => {
      const a = view.get('a') ?? 0
      if (a % 2 === 1) throw error
      return a
    })
    await store.set('a', 2)
    subscribe()

    await store.set('a', 3)
    await store.set('a', 4)

    expect(onError.mock.calls).toEqual([[error]])
    expect(seen.told).toEqual([4])
  })

  test('one that threw before it had read all its keys listens to all of them again afterwards', async () => {
    const store = numbers(() => {})
    const { seen, selection, subscribe } = counted(store, (view) => {
      if (view.get('a') === 0) throw new Error('zero')
      return (view.get('a') ?? 0) + (view.get('b') ?? 0)
    })
    subscribe()

    await store.set('a', 0)
    await store.set('a', 1)
    await store.set('b', 20)

    expect(seen.told).toEqual([21])
    expect(selection.value).toBe(21)
  })

  test('one that throws when it is subscribed to throws there, and nothing is left behind', () => {
    const [plain, store] = [numbers(), numbers()]
    const selection = store.select(() => {
      throw new Error('never')
    })

    const error = thrownBy(() => selection.subscribe(() => {}))

    expect(error).toMatchObject({ message: 'never' })
    const work = [plain, store].map((other) => NativeWork.of(() => void other.set('a', 10)))
    expect(work[1]).toBe(work[0])
  })

  test('an equality that throws is reported', async () => {
    const onError = vi.fn()
    const store = numbers(onError)
    const { seen, subscribe } = counted(
      store,
      (view) => view.get('a'),
      () => {
        throw new Error('cannot compare')
      },
    )
    subscribe()

    await store.set('a', 10)

    expect(onError).toHaveBeenCalledTimes(1)
    expect(seen.told).toEqual([])
  })

  test('one that writes has its rounds after this one, and is stopped when it never ends', async () => {
    const onError = vi.fn()
    const store = numbers(onError)
    store
      .select((view) => {
        const a = view.get('a') ?? 0
        if (a > 1) void store.set('a', a + 1)
        return a
      })
      .subscribe(() => {})

    await store.set('a', 2)

    expect(onError).toHaveBeenCalledTimes(1)
    expect(onError.mock.calls[0]?.[0]).toMatchObject({ code: 'UPDATE_LOOP' })
  })

  test('one that subscribes gets what others get: it hears of the next round', async () => {
    const store = numbers()
    const heard: unknown[] = []
    const selection = store.select((view) => {
      const a = view.get('a')
      if (a === 10) store.subscribeKey('a', (value) => heard.push(value))
      return a
    })
    selection.subscribe(() => {})

    await store.set('a', 10)
    await store.set('a', 11)

    expect(heard).toEqual([11])
  })
})

describe('a selection of a disposed store', () => {
  test('goes on reading, also what a writer that was running writes', async () => {
    const store = numbers()
    const gate = deferred<number>()
    const { seen, selection, subscribe } = counted(store, (view) => view.get('a'))
    subscribe()
    const updated = store.update('a', () => gate.promise)

    store.dispose()
    const before = selection.value
    gate.resolve(10)
    await updated

    expect([before, store.get('a'), selection.value]).toEqual([1, 10, 10])
    expect(seen.told).toEqual([])
  })
})

// ---- a twin that computes every time: whatever listeners do, the value is what the selector gives, and nobody ends on a stale one

type Deed =
  | { readonly do: 'set'; readonly key: string; readonly value: number }
  | { readonly do: 'delete'; readonly key: string }
  | { readonly do: 'look' | 'join' | 'leave'; readonly which: number }

interface Program {
  readonly promotion: 'commit' | 'frames'
  readonly steps: readonly (Deed | { readonly do: 'frame' })[]
  /** What the n-th call of a listener does besides. */
  readonly answers: readonly Deed[]
}

const selectors: readonly ((view: View<string, number>) => unknown)[] = [
  (view) => view.get('a'),
  (view) => ((view.get('a') ?? 0) > 1 ? view.get('b') : view.has('c')),
  (view) => [...view.keys()].join(''),
  (view) => [...view.values()].reduce((sum, value) => sum + value, 0),
  (view) => {
    if (view.get('b') === 1) throw new Error('one')
    return (view.get('a') ?? 0) + (view.get('b') ?? 0)
  },
]

const key = fc.constantFrom('a', 'b', 'c')
const deed: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('set' as const), key, value: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('delete' as const), key }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom('look' as const, 'join' as const, 'join' as const, 'leave' as const),
      which: fc.nat(selectors.length - 1),
    }),
  },
)
const program: fc.Arbitrary<Program> = fc.record({
  promotion: fc.constantFrom('commit' as const, 'frames' as const),
  steps: fc.array(
    fc.oneof({ weight: 5, arbitrary: deed }, fc.record({ do: fc.constant('frame' as const) })),
    {
      minLength: 6,
      maxLength: 24,
    },
  ),
  answers: fc.array(deed, { maxLength: 12 }),
})

/** What a computation gives: its value, or that it throws. */
const outcome = (compute: () => unknown): unknown => {
  try {
    return compute()
  } catch (error) {
    return `threw ${error}`
  }
}

test('Z1, Z2: a selection is what its selector gives over the view, in and between rounds, whoever listens', () => {
  const seen = { rounds: 0, joined: 0 }
  const run = fc.property(program, ({ promotion, steps, answers }) => {
    const faults: unknown[] = []
    let promote = (): void => {}
    const store = createStore<string, number>([['a', 0]], {
      // what a check in a listener throws comes here, as what a selector throws does
      onError: (error) => {
        if (!(error instanceof Error) || error.message !== 'one') faults.push(error)
      },
      promotion:
        promotion === 'commit'
          ? 'commit'
          : (next) => {
              promote = next
            },
    })
    const selections = selectors.map((selector) => store.select(selector))
    const told: { which: number; values: unknown[]; stop: () => void; isOpen: boolean }[] = []
    const rest = [...answers]

    const look = (which: number): void => {
      const expected = outcome(() => selectors[which]?.(store.view))
      expect(outcome(() => selections[which]?.value)).toEqual(expected)
    }
    const answer = (): void => {
      const next = rest.pop()
      if (next !== undefined) act(next)
    }
    const act = (one: Deed): void => {
      if (one.do === 'set') void store.set(one.key, one.value)
      else if (one.do === 'delete') void store.delete(one.key)
      else if (one.do === 'look') look(one.which)
      else if (one.do === 'leave') {
        const listener = told.find(({ which, isOpen }) => which === one.which && isOpen)
        if (listener === undefined) return
        listener.isOpen = false
        listener.stop()
      } else {
        const first = outcome(() => selections[one.which]?.value)
        const values = [first]
        const stop = outcome(() =>
          selections[one.which]?.subscribe((value, previous) => {
            expect(value).not.toBe(previous)
            expect(listener.isOpen).toBe(true)
            values.push(value)
            seen.rounds++
            answer()
          }),
        )
        const listener = { which: one.which, values, stop: stop as () => void, isOpen: true }
        if (typeof stop === 'function') told.push(listener)
        seen.joined++
      }
    }
    store.subscribeKey('a', answer)
    store.subscribe(answer)

    for (const one of steps) {
      if (one.do === 'frame') promote()
      else act(one)
      expect(faults).toEqual([])
      for (const which of selectors.keys()) look(which)
      for (const { which, values, isOpen } of told) {
        const now = outcome(() => selectors[which]?.(store.view))
        // while the selector throws there is nothing to tell, and who comes then has seen nothing yet
        const hasThrown = [now, values.at(-1)].includes('threw Error: one')
        if (isOpen && !hasThrown) expect(values.at(-1)).toBe(now)
        for (const [i, value] of values.entries()) if (i > 0) expect(value).not.toBe(values[i - 1])
      }
    }
  })

  fc.assert(run, { numRuns: shareOf(1000) })

  expect(seen.rounds).toBeGreaterThan(300)
  expect(seen.joined).toBeGreaterThan(300)
})
