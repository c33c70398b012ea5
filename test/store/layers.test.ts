import fc from 'fast-check'
import { createStore, type Store, type Transaction, type View } from 'tidemap/store'
import { describe, expect, test, vi } from 'vitest'
import { changesBetween } from '../support/copy-map.ts'
import { deferred } from '../support/deferred.ts'
import { reasonOf } from '../support/failure.ts'
import { holdTurn } from '../support/held-turn.ts'
import { NativeWork } from '../support/native-work.ts'
import { isSettled } from '../support/settled.ts'
import { beforeTheWrite, writeMethods } from '../support/write-methods.ts'

const example = (): Store<string, number> => createStore(beforeTheWrite)
const plain = writeMethods.filter(({ isPlain }) => isPlain)

describe('what you set is what you see', () => {
  test.each(plain)(
    '$name over a busy key is shown before it returns, and told',
    async ({ example: write, after }) => {
      const store = example()
      const holder = holdTurn(store)
      const heard: unknown[] = []
      store.subscribe((view) => heard.push([...view]))

      const promise = write(store)

      expect([...store]).toEqual(after)
      expect(heard).toEqual([after])
      expect([...store.confirmed]).toEqual(beforeTheWrite)
      expect(isSettled(promise)).toBe(false)
      await holder.release()
      await promise
    },
  )

  test.each(plain)(
    '$name: when its turn comes it is confirmed as it was shown: one round that changes nothing',
    async ({ example: write, after }) => {
      const store = example()
      const holder = holdTurn(store)
      const promise = write(store)
      const rounds: unknown[] = []
      const [key, keys] = [vi.fn(), vi.fn()]
      store.subscribe((view, _previous, changes) => rounds.push([changes, view === store.confirmed]))
      store.subscribeKey('a', key)
      store.subscribeKeys(keys)

      await holder.release()
      await promise

      expect([...store.confirmed]).toEqual(after)
      expect(rounds).toEqual([[[], true]])
      expect(key).not.toHaveBeenCalled()
    },
  )

  test.each(plain)('$name with { optimistic: false } waits unseen', async ({ example: write, after }) => {
    const store = example()
    const holder = holdTurn(store)
    const before = store.view

    const promise = write(store, { optimistic: false } as object)
    const early = [store.view === before, store.isPending('a'), store.inspect().layers]
    await holder.release()
    await promise

    expect(early).toEqual([true, false, 0])
    expect([...store]).toEqual(after)
  })

  test('a text field that is typed into while a slow writer runs never loses a character', async () => {
    const store = createStore<string, string>([['note', '']])
    const slow = deferred()
    const field: string[] = []
    store.subscribeKey('note', (value = '') => field.push(value))
    const appended = store.update('note', async (note = '') => {
      await slow.promise
      return `${note}!`
    })

    const typed: Promise<void>[] = []
    for (const text of ['h', 'he', 'hel']) {
      typed.push(store.set('note', text))
      expect(store.get('note')).toBe(text)
    }
    slow.resolve()
    await appended
    const meanwhile = store.get('note')
    await Promise.all(typed)

    expect(meanwhile).toBe('hel')
    expect(field).toEqual(['h', 'he', 'hel'])
    expect(store.confirmed.get('note')).toBe('hel')
  })

  test('every later plain write of the key lies over the ones before, and each is confirmed in its turn', async () => {
    const store = createStore<string, number>([['a', 0]])
    const holder = holdTurn(store, ['a'])
    const order: unknown[] = []

    const writes = [1, 2, 3].map((value) =>
      store.set('a', value).then(() => order.push([value, store.confirmed.get('a'), store.get('a')])),
    )
    await holder.release()
    await Promise.all(writes)

    expect(order.map((entry) => (entry as unknown[])[0])).toEqual([1, 2, 3])
    expect(order.every((entry) => (entry as unknown[])[2] === 3)).toBe(true)
    expect(store.confirmed).toBe(store.view)
  })

  test('an update in between sees what was confirmed before it, not what is shown', async () => {
    const store = createStore<string, number>([['a', 0]])
    const holder = holdTurn(store, ['a'])
    const seen: unknown[] = []

    const set = store.set('a', 10)
    const updated = store.update('a', (a = 0) => {
      seen.push(a)
      return a + 1
    })
    const last = store.set('a', 20)
    const shown = [store.get('a')]
    await holder.release()
    await Promise.all([set, updated, last])

    expect([shown, seen, store.get('a')]).toEqual([[20], [10], 20])
  })

  test('load, transactions and confirmed never see a layer', async () => {
    const store = createStore<string, number>([['a', 0]])
    const gate = deferred()
    const seen: unknown[] = []
    const running = store.transaction(async (tx) => {
      await gate.promise
      seen.push(['transaction', tx.get('a'), tx.load('a'), [...tx]])
    })

    const set = store.set('a', 1)
    const loaded = store.load('a')
    const shown = [store.get('a'), store.confirmed.get('a')]
    gate.resolve()
    await running
    await set

    expect(shown).toEqual([1, 0])
    expect(seen).toEqual([['transaction', 0, [0, true], [['a', 0]]]])
    expect(await loaded).toEqual([1, true])
  })

  test('a value that is frozen when it is stored is frozen when it is shown', async () => {
    const store = createStore<string, { n: number }>([['a', { n: 0 }]])
    const holder = holdTurn(store, ['a'])
    const value = { n: 1 }

    const set = store.set('a', value)

    expect(Object.isFrozen(value)).toBe(true)
    await holder.release()
    await set
  })
})

test('F11: a pending write costs the same however many are pending, and so does its confirmation', async () => {
  const store = createStore<string, number>([['a', 0]])
  const holder = holdTurn(store)
  store.subscribe(() => {})
  const lay = (from: number): number =>
    NativeWork.of(() => {
      for (let i = from; i < from + 100; i++) void store.set(i % 2 === 0 ? 'a' : `k${i}`, i)
    })

  const works = [lay(0)]
  for (let i = 1; i < 10; i++) works.push(lay(i * 100))
  await holder.release()
  await store.idle()

  for (const work of works) expect(work).toBeLessThan(1.5 * (works[0] ?? 0))
  expect([store.size, store.get('a'), store.confirmed === store.view]).toEqual([501, 998, true])
})

test.each(['confirmed', 'taken back', 'taken back from under another'])(
  'F11: a pending write is %s at the same cost however many are pending',
  async (how) => {
    const workOf = async (pending: number): Promise<number> => {
      const store = createStore<string, number>([['a', 0]])
      const holder = holdTurn(store, ['a'])
      const controller = new AbortController()
      const writes = [store.set('a', 1, { signal: controller.signal }).catch(() => {})]
      const holders = Array.from({ length: pending }, (_, i) => holdTurn(store, [`k${i}`]))
      for (let i = 0; i < pending; i++) writes.push(store.set(`k${i}`, 1))
      if (how !== 'taken back') writes.push(store.set('a', 2))

      const work = new NativeWork()
      if (how === 'confirmed') await holder.release()
      else controller.abort()
      await writes[0]
      work.stop()

      for (const one of [holder, ...holders]) await one.release()
      await Promise.all(writes)
      return work.count
    }

    const [few, many] = [await workOf(10), await workOf(500)]

    expect(many).toBeLessThan(1.5 * few)
  },
)

test('Y1: below a pending clear, a confirmed delete leaves what lies over the clear where it is', async () => {
  const store = createStore<string, number>([['a', 0]])
  const first = holdTurn(store, ['a'])
  const below = [store.delete('a'), store.replace([['a', 1]])]
  const second = holdTurn(store, ['a'])
  const above = store.set('a', 2)

  await first.release()
  await Promise.all(below)

  expect([...store]).toEqual([['a', 2]])
  await second.release()
  await above
  expect([...store]).toEqual([['a', 2]])
})

test('Y1: an absent key that was deleted and set below stands where that is confirmed', async () => {
  const store = createStore<string, number>()
  const holders = [holdTurn(store, ['a']), holdTurn(store, ['b'])]
  const below: Promise<unknown>[] = [store.delete('a')]
  const beside = store.set('b', 1)
  below.push(store.set('a', 1))
  holders.push(holdTurn(store, ['a']))
  const above = store.set('a', 2)
  const before = [...store.view.keys()]

  await holders[0]!.release()
  await Promise.all(below)

  expect([before, [...store.view.keys()]]).toEqual([
    ['b', 'a'],
    ['a', 'b'],
  ])
  for (const holder of holders) await holder.release()
  await Promise.all([beside, above])
})

test('Y1: when a write between two others of its key is taken back, the key stands where the last one puts it', async () => {
  const store = createStore<string, number>([['a', 0]])
  const holder = holdTurn(store)
  const controller = new AbortController()
  const writes = [store.delete('a'), store.set('a', 1, { signal: controller.signal }).catch(() => {})]
  writes.push(store.set('b', 1), store.set('a', 2))
  expect([...store.view.keys()]).toEqual(['a', 'b'])

  controller.abort()

  expect([...store.view.keys()]).toEqual(['b', 'a'])
  await holder.release()
  await Promise.all(writes)
  expect([...store.view.keys()]).toEqual(['b', 'a'])
})

test('where two views with pending writes may differ: in what was laid or confirmed in between, not in all there is', async () => {
  const store = createStore<string, number>(['a', 'b', 'c', 'd'].map((key) => [key, 0]))
  const holders = [holdTurn(store, ['a']), holdTurn(store, ['b'])]
  const differ = (view: View<string, number>, older: View<string, number>) => {
    const keys = view.keysThatMayDiffer(older)
    return keys && [...keys]
  }

  const bare = store.view
  const writes = [store.set('a', 1)]
  const one = store.view
  writes.push(store.set('b', 1))
  const two = store.view
  await store.set('c', 1)
  const confirmed = store.view
  writes.push(store.clear())
  const cleared = store.view

  expect([differ(one, bare), differ(two, one), differ(confirmed, two)]).toEqual([['a'], ['b'], ['c']])
  expect([differ(cleared, confirmed), differ(confirmed, cleared)]).toEqual([undefined, undefined])
  for (const holder of holders) await holder.release()
  await Promise.all(writes)
})

describe('pending keys', () => {
  test('isPending and pendingKeys tell which keys are laid over, until they are confirmed', async () => {
    const store = example()
    const holder = holdTurn(store, ['a'])

    const before = [store.isPending('a'), store.pendingKeys().size]
    const set = store.set('a', 9)
    const during = [
      store.isPending('a'),
      store.isPending('b'),
      [...store.pendingKeys()],
      store.inspect().layers,
    ]
    await holder.release()
    await set

    expect(before).toEqual([false, 0])
    expect(during).toEqual([true, false, ['a'], 1])
    expect([store.isPending('a'), store.pendingKeys().size, store.inspect().layers]).toEqual([false, 0, 0])
  })

  test('a deleted key is pending too; a pending clear lies over every key', async () => {
    const store = example()
    const holder = holdTurn(store, ['a'])

    const deleted = store.delete('a')
    const one = [...store.pendingKeys()]
    const cleared = store.clear()
    const all = [[...store.pendingKeys()].sort(), store.isPending('b'), store.isPending('x')]
    await holder.release()
    await Promise.all([deleted, cleared])

    expect([one, all]).toEqual([['a'], [['a', 'b'], true, false]])
    expect(store.pendingKeys().size).toBe(0)
  })

  test('pendingKeys is a Set of the caller’s own', async () => {
    const store = example()
    const holder = holdTurn(store, ['a'])
    const set = store.set('a', 9)

    store.pendingKeys().clear()

    expect([...store.pendingKeys()]).toEqual(['a'])
    await holder.release()
    await set
  })

  test('subscribePending hears nothing of a write that found its turn free', async () => {
    const store = example()
    const told = vi.fn()
    store.subscribePending(told)

    await store.setMany([
      ['a', 9],
      ['c', 9],
    ])

    expect(told).not.toHaveBeenCalled()
  })

  test('subscribePending hears nothing more of plain writes when the pending one has been confirmed', async () => {
    const store = example()
    const told = vi.fn()
    store.subscribePending(told)
    const holder = holdTurn(store, ['a'])
    const pending = store.set('a', 9)
    await holder.release()
    await pending
    told.mockClear()

    await store.set('b', 9)
    await store.transaction((tx) => tx.delete('a'))

    expect(told).not.toHaveBeenCalled()
  })

  test('subscribePending tells when they may have changed: laid, confirmed, failed', async () => {
    const store = example()
    const controller = new AbortController()
    const holder = holdTurn(store, ['a', 'b'])
    const heard: string[] = []
    const stop = store.subscribePending(() => heard.push([...store.pendingKeys()].join('')))

    const a = store.set('a', 9)
    const b = store.set('b', 9, { signal: controller.signal })
    controller.abort('enough')
    await holder.release()
    await a
    stop()
    const again = holdTurn(store, ['a'])
    const last = store.set('a', 10)

    expect(await reasonOf(b)).toBe('enough')
    expect(heard).toEqual(['a', 'ab', 'a', ''])
    await again.release()
    await last
  })
})

describe('what is confirmed, and the order that is shown', () => {
  test('the confirmed view stays the same object while other writes come to their end without changing it', async () => {
    const store = createStore([
      ['a', 1],
      ['b', 1],
    ])
    const controller = new AbortController()
    const holders = [holdTurn(store, ['a']), holdTurn(store, ['b'])]
    const equal = store.set('a', 1)
    const failing = store.set('a', 5, { signal: controller.signal })
    const staying = store.set('b', 5)
    const { confirmed } = store

    controller.abort('enough')
    await holders[0]?.release()
    await equal

    expect(store.confirmed).toBe(confirmed)
    expect(await reasonOf(failing)).toBe('enough')
    await holders[1]?.release()
    await staying
  })

  test('a write that is taken back moves the key to where the one above it puts it, and that is told', async () => {
    const store = createStore<string, number>()
    const controller = new AbortController()
    const holder = holdTurn(store, ['x', 'y'])
    const first = store.set('x', 1, { signal: controller.signal })
    const later = [store.set('y', 1), store.set('x', 2)]
    const orders: string[] = []
    store.subscribeKeys((view) => orders.push([...view.keys()].join(' ')))

    controller.abort('enough')

    expect([[...store.view.keys()], orders]).toEqual([['y', 'x'], ['y x']])
    expect(await reasonOf(first)).toBe('enough')
    await holder.release()
    await Promise.all(later)
  })

  test('a replace below a pending write tells nothing of its key, which is shown as before', async () => {
    const store = createStore([
      ['a', 1],
      ['b', 1],
    ])
    const holder = holdTurn(store, ['a'])
    const replaced = store.replace(
      [
        ['a', 2],
        ['b', 2],
      ],
      { optimistic: false },
    )
    const last = holdTurn(store, ['a'])
    const pending = store.set('a', 9)
    const heard: unknown[] = []
    store.subscribe((_view, _previous, changes) => heard.push(changes.map(({ key }) => key)))

    await holder.release()
    await replaced

    expect([[...store], heard]).toEqual([
      [
        ['a', 9],
        ['b', 2],
      ],
      [['b']],
    ])
    await last.release()
    await pending
  })

  test('a key that is taken away and comes back between two frames, both pending, is told as moved', async () => {
    const frames: (() => void)[] = []
    const store = createStore(
      [
        ['a', 1],
        ['b', 1],
      ],
      { promotion: (promote) => void frames.push(promote) },
    )
    const holder = holdTurn(store, ['a'])
    const orders: string[] = []
    store.subscribeKeys((view) => orders.push([...view.keys()].join(' ')))

    const pending = [store.delete('a'), store.set('a', 2)]
    for (const promote of frames.splice(0)) promote()

    expect(orders).toEqual(['b a'])
    await holder.release()
    await Promise.all(pending)
  })
})

describe('a pending write of a key that is confirmed, and lost again before its turn', () => {
  test.each<[name: string, lose: (store: Store<string, number>) => Promise<unknown>]>([
    ['deleted', (store) => store.delete('a', { optimistic: false })],
    ['cleared', (store) => store.clear({ optimistic: false })],
  ])('Y1: %s: the key is shown where the write that is left puts it', async (_name, lose) => {
    const store = createStore<string, number>()
    const first = holdTurn(store, ['a'])
    const confirmed = store.set('a', 1)
    const lost = lose(store)
    const others = [holdTurn(store, ['b']), holdTurn(store, ['a'])]
    const left = [store.set('b', 2), store.set('a', 3)]
    const shown = [[...store.keys()].join('')]

    await first.release()
    await confirmed
    await lost
    shown.push([...store.keys()].join(''))

    expect(shown).toEqual(['ab', 'ba'])
    await Promise.all(others.map((holder) => holder.release()))
    await Promise.all(left)
  })
})

describe('a pending write that fails', () => {
  test('F26: only its own change goes; the ones over it and under it stay', async () => {
    const store = createStore<string, number>([['a', 0]])
    const holder = holdTurn(store)
    const controller = new AbortController()

    const first = store.set('a', 1)
    const second = store.setMany(
      [
        ['a', 2],
        ['b', 2],
      ],
      { signal: controller.signal },
    )
    const third = store.set('c', 3)
    const shown = [[...store]]
    controller.abort('enough')
    shown.push([...store])
    await holder.release()
    await Promise.all([first, third])

    expect(await reasonOf(second)).toBe('enough')
    expect(shown).toEqual([
      [
        ['a', 2],
        ['b', 2],
        ['c', 3],
      ],
      [
        ['a', 1],
        ['c', 3],
      ],
    ])
    expect([...store.confirmed]).toEqual([
      ['a', 1],
      ['c', 3],
    ])
  })

  test('tells the round before abort() returns', () => {
    const store = createStore<string, number>([['a', 0]])
    void holdTurn(store, ['a'])
    const controller = new AbortController()
    const heard: unknown[] = []
    void store.set('a', 1, { signal: controller.signal }).catch(() => {})
    store.subscribe((_view, _previous, changes) => heard.push(changes))

    controller.abort()

    expect(heard).toEqual([[{ type: 'update', key: 'a', value: 0, previous: 1 }]])
    expect(store.confirmed).toBe(store.view)
  })

  test('a clear that fails shows again what it hid: confirmed keys, and layers below it', async () => {
    const store = example()
    const holder = holdTurn(store)
    const controller = new AbortController()
    const heard: string[] = []

    const below = store.set('c', 3)
    const cleared = store.clear({ signal: controller.signal })
    const above = store.set('d', 4)
    const shown = [[...store.keys()].join('')]
    store.subscribe((_view, _previous, changes) =>
      heard.push(changes.map(({ type, key }) => type + key).join()),
    )
    controller.abort('enough')
    shown.push([...store.keys()].join(''))
    await holder.release()
    await Promise.all([below, above])

    expect(await reasonOf(cleared)).toBe('enough')
    expect(shown).toEqual(['d', 'abcd'])
    expect(heard[0]?.split(',').sort()).toEqual(['adda', 'addb', 'addc'])
    expect([...store.keys()]).toEqual(['a', 'b', 'c', 'd'])
  })

  test('an `equal` that throws in its turn fails it alone', async () => {
    const error = new Error('cannot compare')
    let isBroken = false
    const store = createStore<string, number>([['a', 0]], {
      onError: () => {},
      equal: (one, other) => {
        if (isBroken) throw error
        return one === other
      },
    })
    const holder = holdTurn(store, ['a'])

    const set = store.set('a', 1)
    const reason = reasonOf(set)
    isBroken = true
    await holder.release()

    expect(await reason).toBe(error)
    expect([store.get('a'), store.isPending('a'), store.isBusy()]).toEqual([0, false, false])
    expect(store.confirmed).toBe(store.view)
  })
})

test('an `equal` that throws when a layer is compared with what it became is reported: the key is told as changed', async () => {
  const onError = vi.fn()
  let isBroken = false
  const store = createStore<string, object>([['a', {}]], {
    onError,
    equal: (one, other) => {
      if (isBroken) throw new Error('cannot compare')
      return one === other
    },
  })
  const holder = holdTurn(store, ['a'])
  const controller = new AbortController()
  const listener = vi.fn()
  const set = store.set('a', {}, { signal: controller.signal })
  store.subscribeKey('a', listener)

  isBroken = true
  controller.abort('enough')

  expect(await reasonOf(set)).toBe('enough')
  expect(onError).toHaveBeenCalledTimes(1)
  expect(listener).toHaveBeenCalledTimes(1)
  await holder.release()
})

describe('an equal value over a busy key', () => {
  test('is pending, and tells no key listener', async () => {
    const store = createStore<string, number>([['a', 1]])
    const holder = holdTurn(store, ['a'])
    const listener = vi.fn()
    store.subscribeKey('a', listener)

    const set = store.set('a', 1)
    const isPending = store.isPending('a')
    await holder.release()
    await set

    expect(isPending).toBe(true)
    expect(listener).not.toHaveBeenCalled()
  })
})

// ---- a replay twin: what is shown is what carrying out the pending writes over the confirmed state would give

type Write =
  | { readonly do: 'set'; readonly key: string; readonly value: number }
  | { readonly do: 'delete'; readonly key: string }
  | { readonly do: 'setMany' | 'replace'; readonly entries: readonly (readonly [string, number])[] }
  | { readonly do: 'clear' }

type Step =
  | Write
  | { readonly do: 'abort' | 'release' | 'settle'; readonly which: number }
  | { readonly do: 'hold'; readonly keys: readonly string[] | undefined; readonly writes: readonly Write[] }

function perform(map: Map<string, number>, write: Write): void {
  if (write.do === 'clear' || write.do === 'replace') map.clear()
  if (write.do === 'set') map.set(write.key, write.value)
  if (write.do === 'delete') map.delete(write.key)
  if (write.do === 'setMany' || write.do === 'replace')
    for (const [key, value] of write.entries) map.set(key, value)
}

const key = fc.constantFrom('a', 'b', 'c', 'd')
const value = fc.integer({ min: 0, max: 3 })
const entries = fc.array(fc.tuple(key, value), { maxLength: 4 })
const write: fc.Arbitrary<Write> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('set' as const), key, value }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('delete' as const), key }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom('setMany' as const, 'replace' as const), entries }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('clear' as const) }) },
)
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 10, arbitrary: write },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constantFrom('abort' as const, 'release' as const), which: fc.nat(9) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('hold' as const),
      keys: fc.option(fc.uniqueArray(key, { minLength: 1, maxLength: 2 }), { nil: undefined }),
      writes: fc.array(write, { maxLength: 3 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('settle' as const), which: fc.constant(0) }) },
)

/** What a holder writes when it ends: of its keys only, where it has declared them. */
function performInTx(tx: Transaction<string, number>, one: Write, keys: readonly string[] | undefined): void {
  const isOwn = (k: string): boolean => keys === undefined || keys.includes(k)
  if (one.do === 'clear' && keys === undefined) tx.clear()
  if (one.do === 'replace' && keys === undefined) tx.replace(one.entries)
  if (one.do === 'set' && isOwn(one.key)) tx.set(one.key, one.value)
  if (one.do === 'delete' && isOwn(one.key)) tx.delete(one.key)
  if (one.do === 'setMany') tx.setMany(one.entries.filter(([k]) => isOwn(k)))
}

/** What a listener that knows only what it is told makes of the rounds. */
class Mirror {
  readonly values: Map<string, number>
  order: string[]
  previous: View<string, number>
  rounds = 0

  constructor(store: Store<string, number>) {
    this.values = new Map(store)
    this.order = [...store.keys()]
    this.previous = store.view
    store.subscribe((view, previous, changes) => {
      expect(previous).toBe(this.previous)
      expect(view.version).toBeGreaterThan(previous.version)
      this.previous = view
      this.rounds++
      for (const change of changes) {
        if (change.type === 'delete') this.values.delete(change.key)
        else this.values.set(change.key, change.value)
      }
    })
    store.subscribeKeys((view) => {
      this.order = [...view.keys()]
    })
  }
}

test('Y1, Y2: whatever is pending, the view is the replay of it over the confirmed state, in order and all', async () => {
  const seen = { pending: 0, several: 0, failed: 0 }
  const run = fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
    const store = createStore<string, number>([
      ['a', 0],
      ['b', 0],
    ])
    const mirror = new Mirror(store)
    const holders: ReturnType<typeof holdTurn>[] = []
    const held: { readonly view: View<string, number>; readonly twin: ReadonlyMap<string, number> }[] = []
    let pending: { write: Write; promise: Promise<unknown>; controller: AbortController; isOver: boolean }[] =
      []

    const check = (): void => {
      pending = pending.filter((one) => !one.isOver && !isSettled(one.promise))
      const twin = new Map(store.confirmed)
      for (const { write } of pending) perform(twin, write)
      const { view } = store
      expect([...view]).toEqual([...twin])
      expect([...view.keys()]).toEqual([...twin.keys()])
      expect([...view.values()]).toEqual([...twin.values()])
      expect(view.size).toBe(twin.size)
      for (const one of ['a', 'b', 'c', 'd']) {
        expect([view.get(one), view.has(one), store.get(one)]).toEqual([
          twin.get(one),
          twin.has(one),
          twin.get(one),
        ])
      }
      const each: [string, number][] = []
      view.forEach((one, k, all) => {
        if (all === view) each.push([k, one])
      })
      expect(each).toEqual([...twin])
      for (const old of held) {
        expect([...old.view]).toEqual([...old.twin])
        const now = { view, twin }
        for (const [newer, older] of [[now, old] as const, [old, now] as const]) {
          const changes = newer.view.changesSince(older.view)
          const byKey = new Map(changes.map((change) => [change.key, change]))
          expect([changes.length, byKey]).toEqual([byKey.size, changesBetween(older.twin, newer.twin)])
        }
      }
      held.push({ view, twin })
      if (held.length > 4) held.splice(held.length % 3, 1)
      expect(view === store.confirmed).toBe(pending.length === 0)
      expect(new Map(mirror.values)).toEqual(twin)
      expect(mirror.order).toEqual([...twin.keys()])
      expect(mirror.previous).toBe(view)
      expect(store.inspect().layers).toBe(pending.length)
      if (pending.length > 0) seen.pending++
      if (pending.length > 2) seen.several++
    }

    for (const one of steps) {
      switch (one.do) {
        case 'hold':
          holders.push(
            holdTurn(store, one.keys, (tx) => {
              for (const each of one.writes) performInTx(tx, each, one.keys)
            }),
          )
          break
        case 'release':
          void holders.splice(one.which % Math.max(1, holders.length), 1)[0]?.release()
          break
        case 'settle':
          break
        case 'abort': {
          const chosen = pending[one.which % Math.max(1, pending.length)]
          if (chosen === undefined) break
          chosen.isOver = true
          chosen.controller.abort()
          seen.failed++
          break
        }
        default: {
          const controller = new AbortController()
          const options = { signal: controller.signal }
          const promise =
            one.do === 'set'
              ? store.set(one.key, one.value, options)
              : one.do === 'delete'
                ? store.delete(one.key, options)
                : one.do === 'clear'
                  ? store.clear(options)
                  : store[one.do](one.entries, options)
          promise.catch(() => {})
          pending.push({ write: one, promise, controller, isOver: false })
        }
      }
      if (one.do === 'settle' || one.do === 'release') for (let i = 0; i < 20; i++) await Promise.resolve()
      check()
    }
    for (const holder of holders) void holder.release()
    await store.idle()
    for (let i = 0; i < 20; i++) await Promise.resolve()
    check()
    expect(store.confirmed).toBe(store.view)
  })

  await fc.assert(run, { numRuns: 200 })

  // a test that never got there would hold nothing
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(20)
})
