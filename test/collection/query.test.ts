import { from } from 'rxjs'
import { createStore } from 'tidemap'
import { aggregate, avg, type Collection, count, groupBy, max, min, query, sum } from 'tidemap/collection'
import { createStore as createPlainStore, type View } from 'tidemap/store'
import { describe, expect, test } from 'vitest'
import { thrownBy } from '../support/failure.ts'
import { holdTurn } from '../support/held-turn.ts'

const numbers = (...ns: number[]): [string, number][] => ns.map((n) => [`k${n}`, n])

const keysOf = (view: { keys(): Iterable<unknown> }) => [...view.keys()]

describe('order', () => {
  test('without orderBy is that of the source: deleted and set again is at the end', async () => {
    const store = createPlainStore(numbers(3, 1, 2))
    const all = query(store)
    await store.set('k3', 33)
    expect(keysOf(all)).toEqual(['k3', 'k1', 'k2'])
    await store.delete('k3')
    await store.set('k3', 3)
    expect(keysOf(all)).toEqual(['k1', 'k2', 'k3'])
  })

  test('a row that begins to match comes in where it stands in the source', async () => {
    const store = createPlainStore(numbers(1, -2, 3))
    const positive = query(store, { where: (n) => n > 0 })
    expect(keysOf(positive)).toEqual(['k1', 'k3'])
    await store.set('k-2', 2)
    expect(keysOf(positive)).toEqual(['k1', 'k-2', 'k3'])
  })

  test('of rows that orderBy holds for equal is that of the source, also after one was updated', async () => {
    const store = createPlainStore([
      ['a', { rank: 1 }],
      ['b', { rank: 1 }],
      ['c', { rank: 0 }],
    ])
    const sorted = query(store, { orderBy: (a, b) => a.rank - b.rank })
    expect(keysOf(sorted)).toEqual(['c', 'a', 'b'])
    await store.set('a', { rank: 1 })
    expect(keysOf(sorted)).toEqual(['c', 'a', 'b'])
    await store.set('c', { rank: 1 })
    expect(keysOf(sorted)).toEqual(['a', 'b', 'c'])
  })

  test('orderings compose: a query over a query keeps its order where its own says equal', () => {
    const store = createPlainStore([
      ['a', { x: 1, y: 2 }],
      ['b', { x: 1, y: 1 }],
      ['c', { x: 0, y: 3 }],
    ])
    const byY = query(store, { orderBy: (a, b) => a.y - b.y })
    expect(keysOf(query(byY, { orderBy: (a, b) => a.x - b.x }))).toEqual(['c', 'b', 'a'])
  })

  test('by numbers among which are NaN and undefined loses no row and keeps going', async () => {
    const store = createPlainStore<number, number | undefined>(Array.from({ length: 200 }, (_, i) => [i, i]))
    const sorted = query(store, { orderBy: (a, b) => (a as number) - (b as number) })
    for (let i = 0; i < 400; i++) {
      await store.set((i * 7) % 200, i % 3 === 0 ? Number.NaN : i % 5 === 0 ? undefined : (i * 31) % 97)
      expect(sorted.size).toBe(200)
      expect(new Set(sorted.keys()).size).toBe(200)
    }
    for (const [key, value] of sorted) expect(store.get(key)).toBe(value)
  })

  test('by numbers among which is NaN changes no view that was given out', async () => {
    for (let seed = 1; seed <= 60; seed++) {
      let state = seed * 7919
      const below = (n: number): number => {
        state = (Math.imul(state, 1103515245) + 12345) >>> 0
        return (state >>> 8) % n
      }
      const rank = () => (below(4) === 0 ? Number.NaN : below(6))
      const store = createPlainStore<number, number>(Array.from({ length: 12 }, (_, i) => [i, rank()]))
      const window = query(store, { orderBy: (a, b) => b - a, offset: below(3), limit: 4 })
      window.subscribe(() => {})
      for (let step = 0; step < 20; step++) {
        const next = [...store.view]
        for (let moves = below(4); moves >= 0; moves--) {
          const [[key, value]] = next.splice(below(next.length), 1) as [[number, number]]
          next.splice(below(next.length + 1), 0, [key, below(3) > 0 ? value : rank()])
        }
        const given = window.view
        const keys = [...given.keys()]
        await store.replace(next)
        expect([...given.keys()]).toEqual(keys)
      }
    }
  })

  test('keys are those of a Map: NaN, -0, undefined, objects (F19)', async () => {
    const odd = [Number.NaN, -0, undefined, null, {}, '', '__proto__']
    const store = createPlainStore<unknown, number>(odd.map((key, i) => [key, i]))
    const descending = query(store, { orderBy: (a, b) => b - a, limit: 6 })
    expect(keysOf(descending)).toEqual(['__proto__', '', odd[4], null, undefined, 0])
    await store.set(Number.NaN, 10)
    expect(keysOf(descending)).toEqual([Number.NaN, '__proto__', '', odd[4], null, undefined])
    await store.delete(Number.NaN)
    expect(descending.has(-0)).toBe(true)
  })

  test('a stored undefined is a row (F20)', () => {
    const all = query(createPlainStore<string, number | undefined>([['a', undefined]]))
    expect([all.has('a'), all.size, [...all]]).toEqual([true, 1, [['a', undefined]]])
  })
})

describe('a window', () => {
  test('shows what comes in over its edges, and tells just that', async () => {
    const store = createPlainStore(numbers(1, 2, 3, 4, 5))
    const middle = query(store, { orderBy: (a, b) => a - b, offset: 1, limit: 2 })
    const told: string[][] = []
    middle.subscribe((view, _previous, changes) => {
      told.push(changes.map(({ type, key }) => `${type} ${key}`).sort())
      expect(middle.view).toBe(view)
    })
    await store.delete('k1')
    await store.set('k0', 0)
    await store.set('k9', 9)
    expect(keysOf(middle)).toEqual(['k2', 'k3'])
    expect(told).toEqual([
      ['add k4', 'delete k2'],
      ['add k2', 'delete k4'],
    ])
  })

  test('a row that moves among rows out of sight alone is where it was, and nobody is told', async () => {
    const store = createStore([
      [1, 'a'],
      [2, 'b'],
      [3, 'b'],
    ])
    const page = query(store, { orderBy: (a, b) => a.localeCompare(b), offset: 1, limit: 1 })
    const told: unknown[] = []
    page.subscribe(() => told.push('rows'))
    page.subscribeKeys(() => told.push('keys'))
    const before = page.view
    expect([...before]).toEqual([[2, 'b']])

    await store.batch((tx) => {
      tx.set(1, 'c')
      tx.delete(2)
      tx.set(2, 'b')
    })

    expect([...store].map(([key]) => key)).toEqual([1, 3, 2])
    expect(page.view).toBe(before)
    expect(told).toEqual([])
  })

  test('of no rows is empty, and one behind the end too', () => {
    const store = createPlainStore(numbers(1, 2))
    expect([...query(store, { limit: 0 })]).toEqual([])
    expect([...query(store, { offset: 2 })]).toEqual([])
  })
})

describe('a view of a query', () => {
  test('is the same object until the result changes, and its rows are the values of the store', async () => {
    const store = createPlainStore([
      ['a', { n: 1 }],
      ['b', { n: -1 }],
    ])
    const positive = query(store, { where: ({ n }) => n > 0 })
    const before = positive.view
    await store.set('b', { n: -2 })
    expect(positive.view).toBe(before)
    await store.set('b', { n: 2 })
    expect(positive.view).not.toBe(before)
    expect(positive.get('a')).toBe(store.get('a'))
    expect([...before.keys()]).toEqual(['a'])
  })

  test('shows pending layers, as the view of the store does', async () => {
    const store = createPlainStore(numbers(1, 2))
    const descending = query(store, { orderBy: (a, b) => b - a })
    const turn = holdTurn(store, ['k1'])
    const written = store.set('k1', 10)
    expect([...descending.values()]).toEqual([10, 2])
    await turn.release()
    await written
    expect([...descending.values()]).toEqual([10, 2])
  })

  test('is in order and Map-like', () => {
    const { view } = query(createPlainStore(numbers(2, 1)), { orderBy: (a, b) => a - b })
    const seen: unknown[] = []
    view.forEach((value, key, self) => void seen.push([key, value, self === view]))
    expect(seen).toEqual([
      ['k1', 1, true],
      ['k2', 2, true],
    ])
    expect(new Map(view)).toEqual(new Map(numbers(1, 2)))
    expect(view.compare('k1', 'k2')).toBeLessThan(0)
  })
})

describe('rounds', () => {
  test('in every listener of a round the query agrees with its source', async () => {
    const store = createPlainStore(numbers(1))
    const sorted = query(store, { orderBy: (a, b) => b - a })
    const over = query(sorted, { limit: 1 })
    const seen: unknown[] = []
    const look = () => seen.push([store.size, sorted.size, [...over.keys()]])
    store.subscribeKey('k2', look)
    store.subscribe(look)
    over.subscribe(look)
    sorted.subscribe(look)
    store.subscribe(look)
    await store.set('k2', 2)
    expect(seen).toEqual(Array.from({ length: 5 }, () => [2, 2, ['k2']]))
  })

  test('a listener that throws harms nobody: it is reported as the store reports its own (F29)', async () => {
    const errors: unknown[] = []
    const store = createPlainStore(numbers(1), { onError: (error) => errors.push(error) })
    const heard: string[] = []
    const all = query(query(store))
    for (const name of ['first', 'second']) {
      all.subscribe(() => {
        heard.push(name)
        throw new Error(name)
      })
    }
    store.subscribe(() => heard.push('store'))
    await store.set('k1', 5)
    expect(heard).toEqual(['first', 'second', 'store'])
    expect(errors).toEqual([new Error('first'), new Error('second')])
  })

  test('who subscribes in a round hears of later ones only, and who leaves hears nothing more (F31)', async () => {
    const store = createPlainStore(numbers(1))
    const all = query(store)
    const heard: string[] = []
    all.subscribe(() => {
      heard.push('first')
      stop()
      if (heard.length === 1) all.subscribe(() => heard.push('late'))
    })
    const stop = all.subscribe(() => heard.push('left'))
    await store.set('k1', 2)
    expect(heard).toEqual(['first'])
    await store.set('k1', 3)
    expect(heard).toEqual(['first', 'first', 'late'])
  })

  test('who subscribes after another listener of the round has changed nothing is not told of what it could see', async () => {
    const store = createPlainStore(numbers(1))
    const all = query(store)
    const heard: unknown[] = []
    let isFirst = true
    store.subscribe(() => {
      if (isFirst) all.subscribe((view) => heard.push([...view.values()]))
      isFirst = false
    })
    all.subscribe(() => {})
    await store.set('k1', 2)
    await store.set('k1', 3)
    expect(heard).toEqual([[3]])
  })

  test('a listener that writes: everybody hears of every step once and in order (F30)', async () => {
    const store = createPlainStore(numbers(1))
    const all = query(store)
    const heard: string[] = []
    const hear = (name: string) => (view: View<string, number>, previous: View<string, number>) =>
      heard.push(`${name} ${previous.get('k1')} ${view.get('k1')}`)
    all.subscribe(hear('a'))
    all.subscribe((view) => {
      if (view.get('k1') === 2) void store.set('k1', 3)
      if (view.get('k1') === 2) expect(all.get('k1')).toBe(3)
    })
    all.subscribe(hear('b'))
    await store.set('k1', 2)
    expect(heard).toEqual(['a 1 2', 'b 1 2', 'a 2 3', 'b 2 3'])
  })

  test('a where that throws is thrown at readers, reported in rounds, and tried again', async () => {
    const errors: unknown[] = []
    const store = createPlainStore(numbers(1, 2), { onError: (error) => errors.push(error) })
    const even = query(store, {
      where: (n) => {
        if (n === 13) throw new Error('thirteen')
        return n % 2 === 0
      },
    })
    const told: number[][] = []
    even.subscribe((view) => told.push([...view.values()]))
    await store.set('k1', 13)
    expect(() => even.view).toThrow('thirteen')
    await store.set('k2', 4)
    expect(errors).toEqual([new Error('thirteen'), new Error('thirteen')])
    expect(told).toEqual([])
    await store.set('k1', 6)
    expect(told).toEqual([[6, 4]])
    await store.set('k1', 13)
    expect(() => even.subscribe(() => {})).toThrow('thirteen')
  })

  test('an orderBy that throws leaves the result as it was', async () => {
    const store = createPlainStore([
      ['a', 1],
      ['b', 2],
    ])
    const sorted = query(store, {
      orderBy: (a, b) => {
        if (a < 0 || b < 0) throw new Error('negative')
        return a - b
      },
    })
    const before = sorted.view
    await store.set('b', -1)
    expect(() => sorted.view).toThrow('negative')
    await store.set('b', 2)
    expect([...sorted.view]).toEqual([...before])
  })

  test('a where that reads its own query sees the result before', async () => {
    const store = createPlainStore(numbers(1))
    const sizes: number[] = []
    let isOpen = false
    const all: Collection<string, number> = query(store, {
      where: (): boolean => !isOpen || sizes.push(all.size) > 0,
    })
    expect(all.size).toBe(1)
    isOpen = true
    await store.set('k2', 2)
    expect([all.size, sizes]).toEqual([2, [1]])
  })
})

describe('life', () => {
  test('nothing is computed before somebody looks, and then once a change', async () => {
    const store = createPlainStore(numbers(1, 2, 3))
    let calls = 0
    const counted = query(store, { where: () => ++calls > 0 })
    await store.set('k1', 4)
    expect(calls).toBe(0)
    expect(counted.size).toBe(3)
    expect(calls).toBe(3)
    await store.set('k1', 5)
    await store.set('k1', 6)
    expect([counted.get('k1'), counted.size, calls]).toEqual([6, 3, 4])
  })

  test('dispose ends subscriptions; reading goes on', async () => {
    const store = createPlainStore(numbers(1))
    const all = query(store)
    const heard: unknown[] = []
    all.subscribe(() => heard.push('view'))
    all.subscribeKey('k1', () => heard.push('key'))
    all.dispose()
    all.subscribe(() => heard.push('after'))
    await store.set('k1', 2)
    expect([heard, all.get('k1')]).toEqual([[], 2])
  })

  test('view$ emits the view now and after each change, and completes with the query or its store', async () => {
    const store = createStore(numbers(1, 2))
    const first = query(store, { orderBy: (a, b) => a - b, limit: 1 })
    const over = query(first)
    const log: unknown[] = []
    first.view$.subscribe({ next: (view) => log.push(keysOf(view)), complete: () => log.push('first ended') })
    from(over.view$).subscribe({
      next: (view) => log.push(view.size),
      complete: () => log.push('over ended'),
    })
    await store.set('k0', 0)
    await store.set('k9', 9)
    first.dispose()
    store.dispose()
    expect(log).toEqual([['k1'], 1, ['k0'], 1, 'first ended', 'over ended'])
  })

  test('over a store without observables there are none', () => {
    expect('view$' in query(createPlainStore())).toBe(false)
  })

  test.each([
    ['a Map', () => query(new Map() as never)],
    ['nothing', () => query(undefined as never)],
    ['a where that is no function', () => query(createPlainStore(), { where: true as never })],
    ['an orderBy that is no function', () => query(createPlainStore(), { orderBy: 'name' as never })],
    ['a negative limit', () => query(createPlainStore(), { limit: -1 })],
    ['half an offset', () => query(createPlainStore(), { offset: 0.5 })],
    ['a group that is no function', () => groupBy(createPlainStore(), 'city' as never, {})],
    ['aggregates that are none', () => groupBy(createPlainStore(), () => 1, { n: {} as never })],
    ['no aggregates', () => aggregate(createPlainStore(), null as never)],
    ['a sum of nothing', () => sum('price' as never)],
    ['a listener that is no function', () => query(createPlainStore()).subscribe(1 as never)],
  ])('%s is refused with INVALID_ARGUMENT', (_what, call) => {
    expect(thrownBy(call)).toMatchObject({ code: 'INVALID_ARGUMENT' })
  })
})

describe('groups', () => {
  const bySign = (n: number) => Math.sign(n)
  const itself = (n: number) => n

  test('come, change and go with their rows; totals that stay the same stay the same object', async () => {
    const store = createPlainStore(numbers(1, 2, -3))
    const groups = groupBy(store, bySign, {
      n: count(),
      low: min(itself),
      high: max(itself),
      mean: avg(itself),
    })
    const negative = groups.get(-1)
    await store.set('k1', 4)
    expect(groups.get(1)).toEqual({ n: 2, low: 2, high: 4, mean: 3 })
    expect(groups.get(-1)).toBe(negative)
    await store.set('k-3', 3)
    expect([groups.has(-1), groups.size]).toEqual([false, 1])
  })

  test('a group function that throws leaves all totals as they were', async () => {
    const store = createPlainStore(numbers(1, 2))
    const groups = groupBy(
      store,
      (n) => {
        if (n === 13) throw new Error('thirteen')
        return 'all'
      },
      { total: sum(itself) },
    )
    expect(groups.get('all')).toEqual({ total: 3 })
    await store.batch((tx) => {
      tx.set('k1', 5)
      tx.set('k2', 13)
    })
    expect(() => groups.view).toThrow('thirteen')
    await store.set('k2', 1)
    expect(groups.get('all')).toEqual({ total: 6 })
  })

  test('the whole of nothing is 0 or undefined, and is told when rows come and go', async () => {
    const store = createPlainStore<string, number>()
    const whole = aggregate(store, { n: count(), total: sum(itself), low: min(itself), mean: avg(itself) })
    const none = { n: 0, total: 0, low: undefined, mean: undefined }
    const heard: unknown[] = []
    using _stop = whole.subscribe((value, previous) => heard.push([value, previous]))
    expect(whole.value).toEqual(none)
    expect(whole.value).toBe(whole.value)
    await store.set('a', 2)
    await store.clear()
    const one = { n: 1, total: 2, low: 2, mean: 2 }
    expect(heard).toEqual([
      [one, none],
      [none, one],
    ])
  })
})
