import fc from 'fast-check'
import { createStore, type Promotion, type Store } from 'tidemap/store'
import { describe, expect, test, vi } from 'vitest'
import { deferred } from '../support/deferred.ts'
import { reasonOf } from '../support/failure.ts'
import { holdTurn } from '../support/held-turn.ts'

/** A scheduler that the test drives: `frame()` lets it come to its turn. */
class Frames {
  readonly waiting: (() => void)[] = []

  readonly schedule = (promote: () => void): void => {
    this.waiting.push(promote)
  }

  frame(): void {
    for (const promote of this.waiting.splice(0)) promote()
  }
}

const numbers = (promotion: Promotion, onError?: (error: unknown) => void): Store<string, number> =>
  createStore<string, number>(
    [
      ['a', 1],
      ['b', 2],
    ],
    { promotion, onError },
  )

/** Two keys come, and go in the commit that sets `a`: two misses, as many as dirty is large by then. */
async function missTwice(store: Store<string, number>): Promise<void> {
  await store.setMany([
    ['c', 3],
    ['d', 4],
  ])
  await store.transaction((tx) => {
    tx.delete('c')
    tx.delete('d')
    tx.set('a', 10)
  })
}

describe('promotion by a scheduler', () => {
  test('committed writes gather in dirty: load and writers see them, get and views the last promotion', async () => {
    const frames = new Frames()
    const store = numbers(frames.schedule)
    const before = store.view

    await store.set('a', 10)
    await store.update('a', (a = 0) => a + 1)
    const seen = await store.transaction((tx) => [tx.get('a'), tx.size])

    expect(seen).toEqual([11, 2])
    expect(await store.load('a')).toEqual([11, true])
    expect([store.get('a'), store.view === before, store.confirmed === before, store.size]).toEqual([
      1,
      true,
      true,
      2,
    ])
    frames.frame()
    expect([store.get('a'), store.confirmed.get('a'), store.confirmed === store.view]).toEqual([11, 11, true])
    expect(before.get('a')).toBe(1)
  })

  test('is handed `promote` once, after the first commit that is not published', async () => {
    const frames = new Frames()
    const store = numbers(frames.schedule)

    const asked = [frames.waiting.length]
    for (let i = 0; i < 1000; i++) await store.set('a', 10 + i)
    asked.push(frames.waiting.length)
    frames.frame()
    await store.set('a', 1)
    asked.push(frames.waiting.length)

    expect(asked).toEqual([0, 1, 1])
  })

  test('one view a frame, one round, with what has changed in sum', async () => {
    const frames = new Frames()
    const store = numbers(frames.schedule)
    const rounds: unknown[] = []
    const heard: unknown[] = []
    store.subscribe((_view, _previous, changes) => rounds.push(changes))
    store.subscribeKey('a', (value, previous) => heard.push([previous, value]))
    const { promotions } = store.inspect()

    await store.set('a', 10)
    await store.set('a', 11)
    await store.set('c', 3)
    await store.set('d', 4)
    await store.delete('d')
    await store.delete('b')
    frames.frame()

    expect(rounds).toEqual([
      [
        { type: 'update', key: 'a', value: 11, previous: 1 },
        { type: 'add', key: 'c', value: 3, previous: undefined },
        { type: 'delete', key: 'b', value: undefined, previous: 2 },
      ],
    ])
    expect(heard).toEqual([[1, 11]])
    expect(store.inspect().promotions).toBe(promotions + 1)
  })

  test('a key that goes and comes back between two frames is told as moved, and as updated where it is', async () => {
    const frames = new Frames()
    const store = numbers(frames.schedule)
    const keys: unknown[] = []
    const heard: unknown[] = []
    store.subscribeKeys((view) => keys.push([...view.keys()]))
    store.subscribeKey('a', (value) => heard.push(value))

    await store.delete('a')
    await store.set('a', 1)
    frames.frame()

    expect(keys).toEqual([['b', 'a']])
    expect(heard).toEqual([])
  })

  test('a key that comes and goes between two frames is told to nobody who listens to keys', async () => {
    const frames = new Frames()
    const store = numbers(frames.schedule)
    const listener = vi.fn()
    store.subscribeKey('x', listener)
    store.subscribeKeys(listener)

    await store.set('x', 24)
    await store.delete('x')
    frames.frame()

    expect(listener).not.toHaveBeenCalled()
  })

  test('layers too are shown at the promotion, then, and only then', async () => {
    const frames = new Frames()
    const store = numbers(frames.schedule)
    const holder = holdTurn(store, ['a'])

    const set = store.set('a', 10)
    const shown = [store.get('a'), store.isPending('a')]
    frames.frame()
    shown.push(store.get('a'), store.confirmed.get('a') === 1)
    await holder.release()
    await set
    frames.frame()

    expect(shown).toEqual([1, true, 10, true])
    expect(store.confirmed).toBe(store.view)
    expect(store.get('a')).toBe(10)
  })

  test('promote() publishes at once, and the frame that comes later has nothing to do', async () => {
    const frames = new Frames()
    const store = numbers(frames.schedule)
    const rounds = vi.fn()
    store.subscribe(rounds)

    await store.set('a', 10)
    store.promote()
    const early = [store.get('a'), rounds.mock.calls.length]
    frames.frame()
    store.promote()

    expect(early).toEqual([10, 1])
    expect(rounds).toHaveBeenCalledTimes(1)
  })

  test('one that promotes at once is as commit: listeners run when the turn is given back, and may write', async () => {
    const onError = vi.fn()
    const store = numbers((promote) => promote(), onError)
    const busy: boolean[] = []
    store.subscribeKey('a', () => {
      busy.push(store.isBusy())
      void store.set('b', 20)
    })

    await store.transaction((tx) => tx.set('a', 10))
    await store.update('a', () => 11)
    await store.set('a', 12)

    expect([store.get('a'), store.get('b'), busy]).toEqual([12, 20, [false, false, false]])
    expect(onError).not.toHaveBeenCalled()
  })

  test('one that throws is reported, harms no writer, and is asked again at the next commit', async () => {
    const errors: unknown[] = []
    let calls = 0
    const frames = new Frames()
    const store = numbers(
      (promote) => {
        if (++calls === 1) throw new Error('no frame')
        frames.schedule(promote)
      },
      (error) => errors.push(error),
    )

    await store.set('a', 10)
    await store.set('a', 11)
    frames.frame()

    expect(errors).toMatchObject([{ message: 'no frame' }])
    expect(store.get('a')).toBe(11)
  })

  test('one that keeps `promote` and calls it often does no harm', async () => {
    const frames = new Frames()
    const store = numbers(frames.schedule)
    const rounds = vi.fn()
    store.subscribe(rounds)
    await store.set('a', 10)
    const [promote] = frames.waiting

    for (let i = 0; i < 3; i++) promote?.()
    await store.set('a', 11)
    promote?.()

    expect(store.get('a')).toBe(11)
    expect(rounds).toHaveBeenCalledTimes(2)
  })

  test('it is called as a plain function: requestAnimationFrame refuses any other `this`', async () => {
    const seen: unknown[] = []
    const store = numbers(function (this: unknown) {
      seen.push(this)
    })

    await store.set('a', 10)

    expect(seen).toEqual([undefined])
  })

  test('R5: promote() inside a recipe publishes at once and tells its round when the recipe has ended', async () => {
    const onError = vi.fn()
    const store = numbers(() => {}, onError)
    await store.set('b', 20)
    const order: unknown[] = []
    store.subscribeKey('b', () => {
      order.push('round')
      void store.set('c', 3)
    })

    await store.update('a', (a = 0) => {
      store.promote()
      order.push(['recipe', store.get('b')])
      return a + 1
    })

    expect(order).toEqual([['recipe', 20], 'round'])
    expect(await store.load('c')).toEqual([3, true])
    expect(onError).not.toHaveBeenCalled()
  })

  test('a listener that writes has its write published with the next frame', async () => {
    const frames = new Frames()
    const store = numbers(frames.schedule)
    store.subscribeKey('a', (a = 0) => void store.set('b', a))

    await store.set('a', 10)
    frames.frame()
    const before = store.get('b')
    frames.frame()

    expect([before, store.get('b')]).toEqual([2, 10])
  })

  test('a selection computes once a frame', async () => {
    const frames = new Frames()
    const store = numbers(frames.schedule)
    let computed = 0
    const selection = store.select((view) => {
      computed++
      return view.get('a')
    })
    const told: unknown[] = []
    selection.subscribe((value) => told.push(value))

    for (const value of [10, 11, 12]) await store.set('a', value)
    const early = selection.value
    frames.frame()

    expect([early, selection.value, computed, told]).toEqual([1, 12, 2, [12]])
  })

  test('an aborted writer leaves nothing to publish', async () => {
    const frames = new Frames()
    const store = numbers(frames.schedule)
    const before = store.view
    const gate = deferred<number>()
    const controller = new AbortController()

    const updated = store.update('a', () => gate.promise, { signal: controller.signal })
    controller.abort('enough')

    expect(await reasonOf(updated)).toBe('enough')
    expect(frames.waiting).toEqual([])
    expect(store.view).toBe(before)
  })

  test('dispose publishes what is committed', async () => {
    const store = numbers(() => {})
    const heard: unknown[] = []
    store.subscribeKey('a', (value) => heard.push(value))
    await store.set('a', 10)

    store.dispose()

    expect([store.get('a'), heard]).toEqual([10, [10]])
  })
})

test('with a scheduler a commit whose deletes have missed often waits for its frame as any other', async () => {
  const frames = new Frames()
  const store = numbers(frames.schedule)
  await missTwice(store)

  expect(store.get('a')).toBe(1)
  frames.frame()
  expect(store.get('a')).toBe(10)
})

describe('promotion by misses', () => {
  test('dirty becomes read when the loads that missed have reached its size', async () => {
    const store = numbers('misses')
    await store.set('c', 3)
    const seen: unknown[] = []

    for (let i = 0; i < 3; i++) {
      seen.push([store.has('c'), store.inspect().misses])
      await store.load('c')
    }

    // dirty has all three keys, as Go's has: two that read shares, and one of its own
    expect(seen).toEqual([
      [false, 0],
      [false, 1],
      [false, 2],
    ])
    expect([store.has('c'), store.inspect().misses, store.inspect().amended]).toEqual([true, 0, false])
  })

  test('loads of keys that are published are no misses', async () => {
    const store = numbers('misses')
    await store.set('c', 3)

    for (let i = 0; i < 10; i++) await store.load('a')
    for (let i = 0; i < 10; i++) store.get('c')

    expect([store.has('c'), store.inspect().misses]).toEqual([false, 0])
  })

  test('a load that promotes tells the round before it resolves', async () => {
    const store = createStore<string, number>([], { promotion: 'misses' })
    const order: unknown[] = []
    store.subscribeKey('a', (value) => order.push(value))
    await store.set('a', 1)

    await store.load('a').then(() => order.push('loaded'))

    expect(order).toEqual([1, 'loaded'])
  })

  test('a commit whose deletes have missed often enough is published with it', async () => {
    const store = numbers('misses')
    const heard: unknown[] = []
    store.subscribeKey('a', (value) => heard.push(value))
    await missTwice(store)

    expect([[...store], heard]).toEqual([
      [
        ['a', 10],
        ['b', 2],
      ],
      [10],
    ])
    expect(store.inspect()).toMatchObject({ amended: false, misses: 0 })
  })

  test('replace gathers in dirty, as all writes', async () => {
    const store = numbers('misses')

    await store.replace([['c', 3]])

    expect([store.has('c'), store.inspect().amended]).toEqual([false, true])
  })

  test('or at promote()', async () => {
    const store = numbers('misses')
    await store.set('c', 3)

    store.promote()

    expect(store.get('c')).toBe(3)
  })

  test('writers see dirty, of course', async () => {
    const store = numbers('misses')

    await store.set('n', 0)
    for (let i = 0; i < 3; i++) await store.update('n', async (n = 0) => n + 1)

    expect([store.has('n'), await store.compareAndSwap('n', 3, 4)]).toEqual([false, true])
  })
})

describe('with promotion commit, the default', () => {
  test('replace leaves nothing in dirty', async () => {
    const store = numbers('commit')

    await store.replace([['c', 3]])

    expect([store.get('c'), store.inspect()]).toMatchObject([3, { amended: false, dirty: null }])
  })

  test('promote() has nothing to publish', async () => {
    const store = numbers('commit')
    await store.set('a', 10)
    const { view } = store
    const listener = vi.fn()
    store.subscribe(listener)

    store.promote()

    expect(store.view).toBe(view)
    expect(listener).not.toHaveBeenCalled()
  })
})

// ---- a replay twin: what listeners are told adds up to what is shown, wherever the promotions fall

type Step =
  | { readonly do: 'set'; readonly key: string; readonly value: number }
  | { readonly do: 'delete' | 'move'; readonly key: string }
  | { readonly do: 'setMany' | 'replace'; readonly entries: readonly (readonly [string, number])[] }
  | { readonly do: 'promote' | 'hold' | 'release' }

const key = fc.constantFrom('a', 'b', 'c', 'd')
const value = fc.integer({ min: 0, max: 3 })
const entries = fc.array(fc.tuple(key, value), { maxLength: 4 })
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('set' as const), key, value }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('delete' as const, 'move' as const), key }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom('setMany' as const, 'replace' as const), entries }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constantFrom('promote' as const, 'promote' as const, 'hold' as const, 'release' as const),
    }),
  },
)

test.each<[name: string, promotion: Promotion]>([
  ['a scheduler', () => {}],
  ['misses', 'misses'],
])(
  'P2, P3: with %s the views between promotions are the last promotion, and the rounds add up',
  async (_name, promotion) => {
    let promoted = 0
    const run = fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      const store = createStore<string, number>(
        [
          ['a', 0],
          ['b', 0],
        ],
        { promotion },
      )
      const twin = new Map(store)
      const told = new Map(store)
      let [order, seen] = [[...store.keys()], store.view]
      store.subscribe((view, previous, changes) => {
        expect(previous).toBe(seen)
        expect(view.version).toBeGreaterThan(previous.version)
        seen = view
        for (const change of changes) {
          if (change.type === 'delete') told.delete(change.key)
          else told.set(change.key, change.value)
        }
      })
      store.subscribeKeys((view) => {
        order = [...view.keys()]
      })
      const holders: ReturnType<typeof holdTurn>[] = []
      const promises: Promise<unknown>[] = []
      let hasWaited = false

      const check = (): void => {
        expect(new Map(store.view)).toEqual(twin)
        expect(told).toEqual(twin)
        expect(order).toEqual([...store.view.keys()])
        // writers of different keys that have waited may be confirmed in another order than they were called
        if (!hasWaited) expect(order).toEqual([...twin.keys()])
      }

      for (const one of steps) {
        switch (one.do) {
          case 'set':
            promises.push(store.set(one.key, one.value))
            twin.set(one.key, one.value)
            break
          case 'delete':
            promises.push(store.delete(one.key))
            twin.delete(one.key)
            break
          case 'move': {
            const old = twin.get(one.key) ?? 0
            promises.push(store.delete(one.key), store.set(one.key, old))
            twin.delete(one.key)
            twin.set(one.key, old)
            break
          }
          case 'setMany':
            promises.push(store.setMany(one.entries))
            for (const [k, v] of one.entries) twin.set(k, v)
            break
          case 'replace':
            promises.push(store.replace(one.entries))
            twin.clear()
            for (const [k, v] of one.entries) twin.set(k, v)
            break
          case 'hold':
            if (holders.length === 0) holders.push(holdTurn(store))
            hasWaited = true
            break
          case 'release':
            await holders.pop()?.release()
            for (let i = 0; i < 100; i++) await Promise.resolve()
            break
          case 'promote':
            store.promote()
            promoted++
            check()
        }
        expect(store.view).toBe(seen)
      }
      for (const holder of holders) await holder.release()
      await Promise.all(promises)
      store.promote()
      check()
      expect(store.confirmed).toBe(store.view)
    })

    await fc.assert(run, { numRuns: 300 })

    expect(promoted).toBeGreaterThan(300)
  },
)
