import { createStore, type Store } from 'tidemap/store'
import { describe, expect, test, vi } from 'vitest'
import { thrownBy } from '../support/failure.ts'

const counter = () => createStore<string, number>([['a', 0]], { onError: () => {} })

/** Every kind of listener to key `a`, told as its value. */
const listeners: [
  name: string,
  (store: Store<string, number>, listener: (a: number) => void) => () => void,
][] = [
  ['subscribe', (store, listener) => store.subscribe((view) => listener(view.get('a') ?? Number.NaN))],
  ['subscribeKey', (store, listener) => store.subscribeKey('a', (a = Number.NaN) => listener(a))],
  [
    'select',
    (store, listener) => store.select((view) => view.get('a')).subscribe((a = Number.NaN) => listener(a)),
  ],
]

describe('rounds', () => {
  test('tell of membership first: who made something for a key that is gone ends it before it is told of no value', async () => {
    const store = counter()
    const told: unknown[] = []
    const stop = store.subscribeKey('a', (value) => told.push(value))
    store.subscribeKeys(() => stop())

    await store.delete('a')

    expect(told).toEqual([])
  })

  test('the view advances first, then listeners hear of it', async () => {
    const store = counter()
    const seen: unknown[] = []
    store.subscribeKey('a', (value) => seen.push([value, store.get('a'), store.confirmed.get('a')]))
    store.subscribe((view) => seen.push([view === store.view, view === store.confirmed]))

    await store.set('a', 1)

    expect(seen).toEqual([
      [1, 1, 1],
      [true, true],
    ])
  })

  test('listeners run before the write returns, and before its promise resolves', async () => {
    const store = counter()
    const order: string[] = []
    store.subscribeKey('a', () => order.push('listener'))

    const written = store.set('a', 1).then(() => order.push('resolved'))
    order.push('returned')
    await written

    expect(order).toEqual(['listener', 'returned', 'resolved'])
  })

  test.each(listeners)(
    'F30: %s: a listener that writes: everybody hears both rounds, in order (R1)',
    async (_name, listen) => {
      const store = counter()
      const heard: [number[], number[]] = [[], []]
      listen(store, (a) => {
        heard[0].push(a)
        if (a === 1) void store.set('a', 2)
      })
      listen(store, (a) => heard[1].push(a))

      await store.set('a', 1)

      expect(heard).toEqual([
        [1, 2],
        [1, 2],
      ])
    },
  )

  test('a write inside a listener advances the view at once; its round starts when the current one has ended', async () => {
    const store = counter()
    const order: unknown[] = []
    store.subscribe((view, previous, changes) => {
      order.push(['first', view.get('a'), previous.get('a'), changes.length])
      if (view.get('a') !== 1) return
      void store.set('a', 2)
      order.push(['written', store.get('a'), view.get('a'), view === store.view])
    })
    store.subscribe((view) => order.push(['second', view.get('a'), store.get('a')]))

    await store.set('a', 1)

    expect(order).toEqual([
      ['first', 1, 0, 1],
      ['written', 2, 1, false],
      ['second', 1, 2],
      ['first', 2, 1, 1],
      ['second', 2, 2],
    ])
  })

  test('R1: rounds never interleave, whoever writes how often in them', async () => {
    const store = counter()
    const heard: string[] = []
    let writes = 0
    for (const name of ['x', 'y', 'z']) {
      store.subscribeKey('a', (value) => {
        heard.push(`${name}${value}`)
        if (writes < 4) void store.set('a', 10 + writes++)
      })
    }

    await store.set('a', 1)

    const rounds = [1, 10, 11, 12, 13]
    expect(heard).toEqual(rounds.flatMap((round) => [`x${round}`, `y${round}`, `z${round}`]))
  })

  test('S10: all subscribers see the same views in the same order, and each starts where the one before ended', async () => {
    const store = counter()
    const views: unknown[][] = [[], []]
    for (const seen of views) store.subscribe((view, previous) => seen.push([previous.version, view.version]))
    store.subscribeKey('a', (value = 0) => {
      if (value % 3 !== 0) void store.set('a', value + 1)
    })

    for (const value of [1, 10, 20]) await store.set('a', value)

    expect(views[0]).toEqual(views[1])
    expect(views[0]?.length).toBe(3 + 3 + 2)
    const flat = views[0] as [number, number][]
    for (const [i, [previous, version]] of flat.entries()) {
      expect(version).toBeGreaterThan(previous)
      if (i > 0) expect(previous).toBe(flat[i - 1]?.[1])
    }
  })

  test('every kind of write inside a listener waits for its round', async () => {
    const store = counter()
    const order: string[] = []
    store.subscribeKey('a', (value) => {
      order.push(`first ${value}`)
      if (value !== 1) return
      void store.update('b', () => 1)
      void store.transaction((tx) => tx.set('b', 2))
      void store.batch((tx) => tx.set('b', 3))
      void store.swap('b', 4)
      void store.delete('b')
    })
    store.subscribeKey('a', (value) => order.push(`second ${value}`))
    store.subscribeKey('b', (value) => order.push(`b ${value}`))

    await store.set('a', 1)

    expect(order).toEqual(['first 1', 'second 1', 'b 1', 'b 2', 'b 3', 'b 4', 'b undefined'])
  })

  test('an equal write begins no round', async () => {
    const store = counter()
    const listener = vi.fn()
    store.subscribe(listener)
    store.subscribeKey('a', listener)
    store.subscribeKeys(listener)
    const before = store.view

    await store.set('a', 0)
    await store.update('a', (a) => a)
    await store.setMany([['a', 0]])
    await store.replace([['a', 0]])
    await store.delete('x')
    await store.transaction((tx) => tx.set('a', 0))

    expect(listener).not.toHaveBeenCalled()
    expect(store.view).toBe(before)
  })
})

describe('coming and going in a round (R2)', () => {
  test.each(listeners)(
    'F31: %s: who is unsubscribed in the round is not called any more',
    async (_name, listen) => {
      const store = counter()
      const heard: string[] = []
      const stops: (() => void)[] = []
      stops.push(
        listen(store, () => {
          heard.push('first')
          for (const stop of stops) stop()
        }),
      )
      for (const name of ['second', 'third']) stops.push(listen(store, () => heard.push(name)))
      listen(store, () => heard.push('fourth'))

      await store.set('a', 1)
      await store.set('a', 2)

      expect(heard).toEqual(['first', 'fourth', 'fourth'])
    },
  )

  test.each(listeners)(
    'F31: %s: who is subscribed in the round is first called in the next, once',
    async (_name, listen) => {
      const store = counter()
      const heard: string[] = []
      let isFirst = true
      listen(store, (a) => {
        heard.push(`old ${a}`)
        if (isFirst) listen(store, (value) => heard.push(`new ${value}`))
        isFirst = false
      })

      await store.set('a', 1)
      await store.set('a', 2)

      expect(heard).toEqual(['old 1', 'old 2', 'new 2'])
    },
  )

  test.each(listeners)(
    '%s: who subscribes after a write in the round has seen it, and hears of what comes later',
    async (_name, listen) => {
      const store = counter()
      const heard: unknown[] = []
      let isFirst = true
      store.subscribeKey('a', () => {
        if (!isFirst) return
        isFirst = false
        void store.set('a', 2)
        heard.push(['sees', store.get('a')])
        listen(store, (a) => heard.push(a))
      })

      await store.set('a', 1)
      await store.set('a', 3)

      expect(heard).toEqual([['sees', 2], 3])
    },
  )

  test.each(listeners)(
    'F31: %s: the last one may go and another may come, in the same round',
    async (_name, listen) => {
      const store = counter()
      const heard: string[] = []
      const stop = listen(store, (a) => {
        heard.push(`old ${a}`)
        stop()
        listen(store, (value) => heard.push(`new ${value}`))
      })

      await store.set('a', 1)
      await store.set('a', 2)

      expect(heard).toEqual(['old 1', 'new 2'])
    },
  )

  test('a view listener that comes in a round of key listeners hears of the next with both views', async () => {
    const store = counter()
    const heard: unknown[] = []
    const stop = store.subscribeKey('a', () => {
      stop()
      store.subscribe((view, previous) => heard.push([previous.get('a'), view.get('a')]))
      void store.set('a', 2)
    })

    await store.set('a', 1)

    expect(heard).toEqual([[1, 2]])
  })
})

describe('F32: rounds without an end', () => {
  test('after 1000 nested rounds the write that would begin the next throws UPDATE_LOOP in its listener', async () => {
    const errors: unknown[] = []
    const store = createStore<string, number>([['a', 0]], { onError: (error) => errors.push(error) })
    let rounds = 0
    store.subscribeKey('a', (a = 0) => {
      rounds++
      void store.set('a', a + 1)
    })

    await store.set('a', 1)

    expect(rounds).toBe(1001)
    expect(store.get('a')).toBe(1001)
    expect(errors.length).toBe(1)
    expect(errors[0]).toMatchObject({ code: 'UPDATE_LOOP', message: expect.stringContaining('"a"') })
  })

  test('the refused write is not made, everybody has heard of all others, and the store works on', async () => {
    const store = counter()
    const [one, other]: [number[], number[]] = [[], []]
    const stop = store.subscribeKey('a', (a = 0) => {
      one.push(a)
      void store.set('a', a + 1)
    })
    store.subscribeKey('a', (a = 0) => other.push(a))

    await store.set('a', 1)
    stop()
    await store.set('a', -1)

    expect(other).toEqual([...one, -1])
    expect(one.at(-1)).toBe(1001)
  })

  test('it is thrown before the call returns, by every method that writes', async () => {
    const store = counter()
    const codes = new Set<unknown>()
    const tries: (() => unknown)[] = [
      () => store.set('b', 1),
      () => store.delete('a'),
      () => store.clear(),
      () => store.setMany([]),
      () => store.replace([]),
      () => store.update('b', () => 1),
      () => store.transaction(() => {}),
      () => store.batch(() => {}),
      () => store.swap('b', 1),
    ]
    store.subscribeKey('a', (a = 0) => {
      if (a <= 1000) void store.set('a', a + 1)
      else for (const attempt of tries) codes.add(Reflect.get(Object(thrownBy(attempt)), 'code'))
    })

    await store.set('a', 1)

    expect([...codes]).toEqual(['UPDATE_LOOP'])
    expect([...store]).toEqual([['a', 1001]])
  })

  test('two stores whose listeners write to each other are stopped as well', async () => {
    const errors: unknown[] = []
    const onError = (error: unknown) => errors.push(error)
    const [one, other] = [
      createStore<string, number>([], { onError }),
      createStore<string, number>([], { onError }),
    ]
    one.subscribeKey('a', (a = 0) => void other.set('a', a + 1))
    other.subscribeKey('a', (a = 0) => void one.set('a', a + 1))

    await one.set('a', 0)

    expect(errors.length).toBe(1)
    expect(errors[0]).toMatchObject({ code: 'UPDATE_LOOP' })
  })

  test('more than 1000 rounds that do not nest are no loop', async () => {
    const onError = vi.fn()
    const store = createStore<string, number>([['a', 0]], { onError })
    let heard = 0
    store.subscribeKey('b', () => heard++)
    store.subscribeKey('a', () => {
      for (let i = 0; i < 3000; i++) void store.set('b', i)
    })

    await store.set('a', 1)

    expect(heard).toBe(3000)
    expect(onError).not.toHaveBeenCalled()
  })
})
