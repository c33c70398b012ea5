import {
  animationFrames,
  EMPTY,
  from,
  isObservable,
  map,
  merge,
  type Observable,
  of,
  switchMap,
  take,
} from 'rxjs'
import { TestScheduler } from 'rxjs/testing'
import { createStore, type Store, type View } from 'tidemap'
import { describe, expect, test, vi } from 'vitest'
import { deferred } from '../support/deferred.ts'
import { reasonOf } from '../support/failure.ts'
import { holdTurn } from '../support/held-turn.ts'
import { NativeWork } from '../support/native-work.ts'

type Numbers = Store<string, number>

const numbers = (): Numbers =>
  createStore<string, number>([
    ['a', 1],
    ['b', 2],
  ])

/** What an observable has emitted, and how it has ended. */
function record<T>(observable: Observable<T>) {
  const seen: { values: T[]; end: 'open' | 'complete' | 'error' } = { values: [], end: 'open' }
  const subscription = observable.subscribe({
    next: (value) => seen.values.push(value),
    complete: () => {
      seen.end = 'complete'
    },
    error: () => {
      seen.end = 'error'
    },
  })
  return { seen, stop: () => subscription.unsubscribe() }
}

/** Every observable of a store, made to tell `a` of the state that it belongs to. */
const observables: [name: string, of: (store: Numbers) => Observable<number | undefined>][] = [
  ['view$', (store) => store.view$.pipe(map((view) => view.get('a')))],
  [
    'from(store)',
    (store) => from(store as unknown as Observable<View<string, number>>).pipe(map((view) => view.get('a'))),
  ],
  ['key$', (store) => store.key$('a')],
  ['select$', (store) => store.select$((view) => view.get('a'))],
  ['value$ of a selection', (store) => store.select((view) => view.get('a')).value$],
]

describe('the observables of a store', () => {
  test.each(observables)(
    '%s emits the current value on subscribe, then every one, before the write returns',
    (_name, of$) => {
      const store = numbers()
      const { seen } = record(of$(store))

      const values = [[...seen.values]]
      void store.set('a', 10)
      values.push([...seen.values])
      void store.set('a', 11)

      expect(values).toEqual([[1], [1, 10]])
      expect(seen.values).toEqual([1, 10, 11])
    },
  )

  test.each(observables)(
    '%s begins anew for everybody who subscribes, with what is current then',
    async (_name, of$) => {
      const store = numbers()
      const observable = of$(store)
      const first = record(observable)
      await store.set('a', 10)

      const second = record(observable)
      await store.set('a', 11)

      expect([first.seen.values, second.seen.values]).toEqual([
        [1, 10, 11],
        [10, 11],
      ])
    },
  )

  test.each(observables)('%s: an equal write emits nothing', async (_name, of$) => {
    const store = numbers()
    const { seen } = record(of$(store))

    await store.set('a', 1)
    await store.transaction((tx) => tx.set('a', 1))

    expect(seen.values).toEqual([1])
  })

  test.each(observables)('%s completes on dispose', async (_name, of$) => {
    const store = numbers()
    const { seen } = record(of$(store))

    store.dispose()

    expect(seen).toEqual({ values: [1], end: 'complete' })
  })

  test.each(observables)(
    '%s: who subscribes after dispose gets the last value and completion',
    async (_name, of$) => {
      const store = numbers()
      await store.set('a', 10)
      store.dispose()

      const { seen } = record(of$(store))

      expect(seen).toEqual({ values: [10], end: 'complete' })
    },
  )

  test.each(observables)('M3: %s leaves nothing behind when it is unsubscribed', (_name, of$) => {
    const [plain, used] = [numbers(), numbers()]
    for (let i = 0; i < 10; i++) record(of$(used)).stop()

    const work = [plain, used].map((store) => NativeWork.of(() => void store.set('a', 10)))

    expect(work[1]).toBe(work[0])
  })

  test.each(observables)('%s: take(1) takes the current value and leaves', async (_name, of$) => {
    const store = numbers()
    const { seen } = record(of$(store).pipe(take(1)))

    await store.set('a', 10)

    expect(seen).toEqual({ values: [1], end: 'complete' })
  })
})

describe('F30: subscribers that write', () => {
  test.each(observables)(
    '%s: nobody ends on a stale value, nobody sees the rounds out of order',
    async (_name, of$) => {
      const store = numbers()
      const [first, second]: [unknown[], unknown[]] = [[], []]
      of$(store).subscribe((value) => {
        first.push(value)
        if (value === 10) void store.set('a', 11)
      })
      of$(store).subscribe((value) => second.push(value))

      await store.set('a', 10)

      expect([first, second]).toEqual([
        [1, 10, 11],
        [1, 10, 11],
      ])
    },
  )

  test.each(observables)(
    '%s: one that writes in its first emission hears of that write',
    async (_name, of$) => {
      const store = numbers()
      const values: unknown[] = []

      of$(store).subscribe((value) => {
        values.push(value)
        if (value === 1) void store.set('a', 2)
      })

      expect(values.at(-1)).toBe(2)
      expect(values).toEqual([1, 2])
    },
  )

  test.each(observables)(
    'F31: %s: one that comes in a round gets the current value once, and then what comes later',
    async (_name, of$) => {
      const store = numbers()
      const observable = of$(store)
      const late: unknown[] = []
      record(observable)
      const stop = store.subscribeKey('a', () => {
        stop()
        observable.subscribe((value) => late.push(value))
      })

      await store.set('a', 10)
      await store.set('a', 11)

      expect(late).toEqual([10, 11])
    },
  )

  test.each(observables)(
    'F31: %s: one that comes after a write in the round is never taken back',
    async (_name, of$) => {
      const store = numbers()
      const observable = of$(store)
      const late: unknown[] = []
      record(observable)
      const stop = store.subscribeKey('a', () => {
        stop()
        void store.set('a', 11)
        observable.subscribe((value) => late.push(value))
      })

      await store.set('a', 10)
      await store.set('a', 12)

      expect(late).toEqual([11, 12])
    },
  )

  test.each(observables)(
    '%s: one that disposes the store: everybody gets the round, then completion',
    async (_name, of$) => {
      const store = numbers()
      const outcomes = [0, 1, 2].map(() => record(of$(store)).seen)
      of$(store).subscribe((value) => {
        if (value === 10) store.dispose()
      })
      outcomes.push(record(of$(store)).seen)

      await store.set('a', 10)

      for (const seen of outcomes) expect(seen).toEqual({ values: [1, 10], end: 'complete' })
      expect(await reasonOf(store.set('a', 11))).toMatchObject({ code: 'STORE_DISPOSED' })
    },
  )

  test.each(observables)('%s: one that disposes the store in its first emission', (_name, of$) => {
    const store = numbers()
    const values: unknown[] = []
    let isComplete = false

    of$(store).subscribe({
      next: (value) => {
        values.push(value)
        store.dispose()
      },
      complete: () => {
        isComplete = true
      },
    })

    expect([values, isComplete]).toEqual([[1], true])
  })
})

describe('F33: no error goes down a stream', () => {
  test('a selector that throws in a round is reported, and its stream goes on', async () => {
    const onError = vi.fn()
    const store = createStore<string, number>([['a', 1]], { onError })
    const { seen } = record(
      store.select$((view) => {
        if (view.get('a') === 2) throw new Error('two')
        return view.get('a')
      }),
    )

    await store.set('a', 2)
    await store.set('a', 3)

    expect(seen).toEqual({ values: [1, 3], end: 'open' })
    expect(onError).toHaveBeenCalledTimes(1)
  })

  test('a writer that fails, and a listener that throws, are nothing to a stream', async () => {
    const store = createStore<string, number>([['a', 1]], { onError: () => {} })
    const { seen } = record(merge(store.view$, store.key$('a'), store.keys$, store.changes$, store.pending$))
    const count = seen.values.length
    store.subscribe(() => {
      throw new Error('in a listener')
    })

    await reasonOf(store.update('a', () => Promise.reject(new Error('no'))))

    expect([seen.values.length - count, seen.end]).toEqual([0, 'open'])
  })
})

describe('view$ and from(store)', () => {
  test('emit the view of each round, which is the store’s', async () => {
    const store = numbers()
    const versions: boolean[] = []

    store.view$.subscribe((view) => versions.push(view === store.view))
    await store.set('a', 10)

    expect(versions).toEqual([true, true])
  })

  test('from(store) works, by the symbol of interoperability', () => {
    const store = numbers()

    const observable = from(store as unknown as Observable<View<string, number>>)

    expect(isObservable(observable)).toBe(true)
    expect(record(observable).seen.values).toEqual([store.view])
  })

  test('where the platform has Symbol.observable, a store answers to it as well', () => {
    const symbol = Symbol('observable')
    Object.defineProperty(Symbol, 'observable', { value: symbol, configurable: true })
    try {
      const store = numbers()
      expect(Reflect.get(store, symbol).call(store)).toBe(store.view$)
    } finally {
      Reflect.deleteProperty(Symbol, 'observable')
    }
  })

  test('a store can be given where RxJS takes an observable', () => {
    const store = numbers()

    const { seen } = record(of(1).pipe(switchMap(() => store as unknown as Observable<View<string, number>>)))

    expect(seen.values).toEqual([store.view])
  })

  test('the symbol is not in the way of those who list properties', () => {
    expect(Object.keys(numbers()).filter((name) => name.includes('@@'))).toEqual([])
  })
})

describe('key$', () => {
  test('of a key that is absent emits undefined, and follows its coming and going', async () => {
    const store = numbers()
    const { seen } = record(store.key$('x'))

    await store.set('x', 24)
    await store.set('y', 25)
    await store.delete('x')

    expect(seen.values).toEqual([undefined, 24, undefined])
  })
})

describe('keys$', () => {
  test('emits the keys in order, whenever one comes, goes or moves, and for no value', async () => {
    const store = numbers()
    const { seen } = record(store.keys$)

    await store.set('a', 10)
    await store.set('c', 3)
    await store.delete('a')
    await store.replace([
      ['c', 3],
      ['b', 2],
    ])

    expect(seen.values).toEqual([
      ['a', 'b'],
      ['a', 'b', 'c'],
      ['b', 'c'],
      ['c', 'b'],
    ])
  })
})

describe('changes$', () => {
  test('emits nothing on subscribe, then what each promotion changed', async () => {
    const store = numbers()
    const { seen } = record(store.changes$)
    const early = seen.values.length

    await store.set('a', 10)
    await store.transaction((tx) => {
      tx.delete('a')
      tx.set('c', 3)
    })

    expect(early).toBe(0)
    expect(seen.values).toEqual([
      [{ type: 'update', key: 'a', value: 10, previous: 1 }],
      [
        { type: 'delete', key: 'a', value: undefined, previous: 10 },
        { type: 'add', key: 'c', value: 3, previous: undefined },
      ],
    ])
  })

  test('emits nothing where a pending write is confirmed as it was shown', async () => {
    const store = numbers()
    const holder = holdTurn(store, ['a'])
    const set = store.set('a', 10)
    const { seen } = record(store.changes$)

    await holder.release()
    await set

    expect(seen.values).toEqual([])
  })

  test('completes on dispose, and at once for who comes later', () => {
    const store = numbers()
    const before = record(store.changes$)
    store.dispose()

    const after = record(store.changes$)

    expect([before.seen, after.seen]).toEqual([
      { values: [], end: 'complete' },
      { values: [], end: 'complete' },
    ])
  })
})

describe('pending$', () => {
  test('emits the keys that are laid over, now and whenever they change', async () => {
    const store = numbers()
    const holder = holdTurn(store, ['a', 'b'])
    const controller = new AbortController()
    const values: string[] = []
    store.pending$.subscribe((keys) => values.push([...keys].join('')))

    const a = store.set('a', 10)
    const b = store.set('b', 20, { signal: controller.signal })
    controller.abort('enough')
    await holder.release()
    await a

    expect(await reasonOf(b)).toBe('enough')
    expect(values).toEqual(['', 'a', 'ab', 'a', ''])
  })

  test('completes on dispose', () => {
    const store = numbers()
    const { seen } = record(store.pending$)

    store.dispose()

    expect([seen.values.length, seen.end]).toEqual([1, 'complete'])
  })
})

describe('select$', () => {
  test('emits only results that are not equal to the one before', async () => {
    const store = numbers()
    const parity = record(store.select$((view) => (view.get('a') ?? 0) % 2))
    const lists = record(
      store.select$(
        (view) => [(view.get('a') ?? 0) % 2],
        (one, other) => one[0] === other[0],
      ),
    )

    for (const a of [3, 4, 6, 7]) await store.set('a', a)

    expect(parity.seen.values).toEqual([1, 0, 1])
    expect(lists.seen.values).toEqual([[1], [0], [1]])
  })

  test('computes once a promotion for all who subscribe to its value$', async () => {
    const store = numbers()
    let computed = 0
    const { value$ } = store.select((view) => {
      computed++
      return view.get('a')
    })
    for (let i = 0; i < 5; i++) record(value$)
    const before = computed

    await store.set('a', 10)

    expect([before, computed]).toEqual([1, 2])
  })
})

describe('who unsubscribes in a round', () => {
  test.each(observables)('F31: %s is not called any more', async (_name, of$) => {
    const store = numbers()
    const values: unknown[] = []
    const stops: (() => void)[] = []
    store.subscribeKey('a', () => {
      for (const stop of stops) stop()
    })
    const subscription = of$(store).subscribe((value) => values.push(value))
    stops.push(() => subscription.unsubscribe())

    await store.set('a', 10)

    expect(values.filter((value) => value === 11)).toEqual([])
    await store.set('a', 11)
    expect(values).not.toContain(11)
  })
})

describe('a subscriber that throws', () => {
  test.each(observables)(
    'F29: %s: the error is RxJS’s to report; writers and the others go on',
    async (_name, of$) => {
      vi.useFakeTimers() // RxJS throws it again from a timer of its own
      const store = numbers()
      of$(store).subscribe((value) => {
        if (value === 10) throw new Error('in a subscriber')
      })
      const { seen } = record(of$(store))

      await store.set('a', 10)
      await store.set('a', 11)

      expect(seen.values).toEqual([1, 10, 11])
      expect(() => vi.runAllTimers()).toThrow('in a subscriber')
      vi.useRealTimers()
    },
  )
})

describe('in virtual time', () => {
  const run = (body: Parameters<TestScheduler['run']>[0]): void => {
    new TestScheduler((actual, expected) => expect(actual).toEqual(expected)).run(body)
  }

  test('key$ is hot from its first value on: it emits when the write is made', () => {
    run(({ cold, expectObservable }) => {
      const store = numbers()
      cold('--x--y--x--|', { x: 10, y: 11 }).subscribe({
        next: (value) => void store.set('a', value),
        complete: () => store.dispose(),
      })

      expectObservable(store.key$('a')).toBe('i-x--y--x--|', { i: 1, x: 10, y: 11 })
      expectObservable(store.key$('b')).toBe('i----------|', { i: 2 })
    })
  })

  test('changes$ and keys$ line up with the promotions', () => {
    run(({ cold, expectObservable }) => {
      const store = createStore<string, number>()
      cold('-a-b-(ab|)').subscribe({
        next: (key) => void store.set(key, (store.get(key) ?? 0) + 1),
        complete: () => store.dispose(),
      })

      expectObservable(store.changes$.pipe(map(([change]) => change?.type))).toBe('-a-a-(uu|)', {
        a: 'add',
        u: 'update',
      })
      expectObservable(store.keys$.pipe(map((keys) => keys.join('')))).toBe('ia-b-|', {
        i: '',
        a: 'a',
        b: 'ab',
      })
    })
  })

  test('a promotion on animation frames emits one view a frame', () => {
    run(({ animate, cold, expectObservable }) => {
      const store = createStore<string, number>([['a', 0]], {
        promotion: (promote) => void animationFrames().pipe(take(1)).subscribe(promote),
      })
      animate('          ----f----f----f')
      cold('             -xyz------x----', { x: 1, y: 2, z: 3 }).subscribe(
        (value) => void store.set('a', value),
      )

      expectObservable(store.key$('a')).toBe('i---z---------x', { i: 0, z: 3, x: 1 })
    })
  })
})

test('EMPTY and a store compose: the store’s stream outlives what it is merged with', async () => {
  const store = numbers()
  const gate = deferred<number>()
  const { seen } = record(merge(EMPTY, store.key$('a')))

  const updated = store.update('a', () => gate.promise)
  gate.resolve(10)
  await updated

  expect(seen).toEqual({ values: [1, 10], end: 'open' })
})
