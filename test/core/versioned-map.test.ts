import { describe, expect, test } from 'vitest'
import { VersionedMap } from '../../src/core/versioned-map.ts'
import { View } from '../../src/core/view.ts'

const range = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i)

/** A map of the keys 0 to count - 1, each with itself as its value. */
const identity = (count: number) => new VersionedMap(range(0, count).map((i) => [i, i] as const))

describe('the newest state', () => {
  test('is what the entries given at construction say, the last value at the place of the first', () => {
    const map = new VersionedMap([
      ['a', 1],
      ['b', 2],
      ['a', 3],
    ])

    expect([...map.view]).toEqual([
      ['a', 3],
      ['b', 2],
    ])
    expect(map.size).toBe(2)
    expect([map.get('a'), map.has('a'), map.get('c'), map.has('c')]).toEqual([3, true, undefined, false])
  })

  test.each([[undefined], [null], [[]]])('of a map made from %j is empty', (entries) => {
    const map = new VersionedMap<string, number>(entries)

    expect(map.size).toBe(0)
    expect([...map.view]).toEqual([])
  })

  test('keeps the place of a key that is updated, and moves one that was deleted and set again to the end', () => {
    const map = new VersionedMap([
      ['a', 1],
      ['b', 2],
      ['c', 3],
    ])

    map.set('a', 10)
    map.delete('b')
    map.set('b', 20)

    expect([...map.view]).toEqual([
      ['a', 10],
      ['c', 3],
      ['b', 20],
    ])
  })

  test('delete tells whether the key was there', () => {
    const map = new VersionedMap([['a', undefined]])

    expect([map.delete('a'), map.delete('a'), map.delete('b')]).toEqual([true, false, false])
  })

  test('F20: a stored undefined or null is told from an absent key by has, in new views and old ones', () => {
    const map = new VersionedMap<string, null | undefined>([
      ['undefined', undefined],
      ['null', null],
    ])
    const view = map.view
    map.clear()

    expect([view.get('undefined'), view.has('undefined')]).toEqual([undefined, true])
    expect([view.get('null'), view.has('null')]).toEqual([null, true])
    expect([view.get('absent'), view.has('absent')]).toEqual([undefined, false])
    expect([...view.values()]).toEqual([undefined, null])
  })

  test('F20: a symbol is a value like any other, in new views and old ones', () => {
    const map = new VersionedMap([['a', Symbol.iterator]])
    const view = map.view
    map.set('a', Symbol.for('absent'))

    expect([map.view.get('a'), map.view.has('a'), map.view.size]).toEqual([Symbol.for('absent'), true, 1])
    expect([view.get('a'), view.has('a')]).toEqual([Symbol.iterator, true])
    expect([...view]).toEqual([['a', Symbol.iterator]])
    expect(map.view.changesSince(view)).toHaveLength(1)
  })

  test('F19: keys that are special elsewhere are plain keys, told apart as in a Map', () => {
    const object = {}
    const symbol = Symbol('key')
    const odd = [
      '__proto__',
      'constructor',
      'toString',
      '',
      ' ',
      0,
      '0',
      Number.NaN,
      symbol,
      object,
      {},
      [],
      null,
    ]
    const map = new VersionedMap<unknown, number>(odd.map((key, i) => [key, i]))
    map.set(-0, 100)
    map.set(Number.NaN, 101)
    const view = map.view
    map.clear()

    const expected = new Map<unknown, number>(odd.map((key, i) => [key, i]))
    expected.set(0, 100).set(Number.NaN, 101)
    expect([...view]).toEqual([...expected])
    for (const [key, value] of expected) expect(view.get(key)).toBe(value)
    expect([view.get(undefined), view.has({}), view.has('hasOwnProperty')]).toEqual([undefined, false, false])
  })

  test('F19: -0 becomes 0 as in a Map', () => {
    const map = new VersionedMap([[-0, 'zero']])

    expect(Object.is([...map.view.keys()][0], 0)).toBe(true)
    expect(Object.is([...map.view][0]![0], 0)).toBe(true)
  })
})

describe('view', () => {
  test('is the same object until the next write, and no write is too small', () => {
    const map = new VersionedMap([['a', 1]])
    const before = map.view
    expect(map.view).toBe(before)

    map.set('a', 1)

    expect(map.view).not.toBe(before)
    expect(map.view).toBe(map.view)
  })

  test('is the same object after a write that could not change anything', () => {
    const map = new VersionedMap([['a', 1]])
    const before = map.view

    map.delete('b')
    map.apply(new Set(), new Map(), 0)

    expect(map.view).toBe(before)
  })

  test('has a version that grows with every view', () => {
    const map = new VersionedMap<string, number>()
    const versions = [map.view.version]

    for (const write of [
      () => map.set('a', 1),
      () => map.delete('a'),
      () => map.clear(),
      () => map.replace([['b', 1]]),
      () => map.apply(new Set(['b']), new Map([['c', 1]]), 2),
      () => map.renewView(),
    ]) {
      write()
      versions.push(map.view.version)
    }

    expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b))
  })

  test('after renewView is another one of the same contents', () => {
    const map = new VersionedMap([['a', 1]])
    const before = map.view

    map.renewView()

    expect(map.view).not.toBe(before)
    expect(map.view.changesSince(before)).toEqual([])
  })

  test('nextVersion leaves room for a view of somebody else between two views', () => {
    const map = new VersionedMap([['a', 1]])
    const before = map.view.version

    const between = map.nextVersion()
    map.set('a', 2)

    expect(between).toBeGreaterThan(before)
    expect(map.view.version).toBeGreaterThan(between)
  })

  test('is a View, and no Map that Map.prototype could change', () => {
    const map = new VersionedMap([['a', 1]])
    const { view } = map

    expect(view).toBeInstanceOf(View)
    expect(view).not.toBeInstanceOf(Map)
    expect(Object.prototype.toString.call(view)).toBe('[object View]')
    for (const method of ['set', 'delete', 'clear'] as const) {
      expect(() => Reflect.apply(Map.prototype[method], view, ['a', 2])).toThrow(TypeError)
    }
    expect([...view]).toEqual([['a', 1]])
  })

  test('compares two of its keys by their places, for a key that has moved since then too', () => {
    const map = identity(4)
    map.delete(1)
    map.set(1, 1)
    const view = map.view
    map.delete(0)
    map.set(0, 0)
    map.delete(3)
    map.set(4, 4)

    expect([1, 3, 2, 0].sort((a, b) => view.compare(a, b))).toEqual([0, 2, 3, 1])
    expect([0, 1, 4, 2].sort((a, b) => map.view.compare(a, b))).toEqual([2, 1, 0, 4])
    expect(view.compare(0, 1)).toBeLessThan(0)
    expect(view.compare(1, 0)).toBeGreaterThan(0)
    expect(view.compare(2, 2)).toBe(0)
  })

  test('that somebody supersedes from outside reads the same, and so do those before and after it', () => {
    const map = identity(3)
    const before = map.view
    map.set(1, -1)

    map.view.supersede()
    const same = map.view
    map.delete(0)

    expect([...before.values()]).toEqual([0, 1, 2])
    expect([same.get(0), same.get(1), same.size]).toEqual([0, -1, 3])
    expect([...map.view]).toEqual([
      [1, -1],
      [2, 2],
    ])
  })

  test('shows no way to the newest Map', () => {
    const map = new VersionedMap([['a', 1]])
    const { view } = map
    const reachable = Reflect.ownKeys(view).map((name) => Reflect.get(view, name))

    expect(reachable.filter((value) => value instanceof Map)).toEqual([])
  })

  test.each([1, 10, 100_000])('reads the same %i commits later', (commits) => {
    const map = identity(1000)
    map.delete(7)
    const view = map.view
    const expected = new Map(range(0, 1000).map((i) => [i, i]))
    expected.delete(7)

    for (let i = 0; i < commits; i++) {
      const key = (i * 7919) % 1200
      if (i % 3 === 0) map.delete(key)
      else map.set(key, -i)
      if (i % 5 === 0) map.view.get(key)
    }

    expect(view.size).toBe(999)
    expect([...view]).toEqual([...expected])
    for (let key = -1; key < 1201; key++) {
      expect(view.get(key)).toBe(expected.get(key))
      expect(view.has(key)).toBe(expected.has(key))
    }
  })

  test('W1: reads the same before and after enough reads to take the log into itself', () => {
    const map = identity(100)
    for (const key of range(0, 20)) map.set(key, -key)
    map.delete(50)
    const view = map.view
    map.set(3, 1000)
    const iterator = view.entries()
    const first = iterator.next().value

    const reads = range(0, 1000).map(() => [view.get(3), view.get(50), view.get(60), view.get(100)])

    expect(new Set(reads.map(String))).toEqual(new Set([String([-3, undefined, 60, undefined])]))
    const entries = range(0, 100)
      .filter((i) => i !== 50)
      .map((i) => [i, i < 20 ? -i : i])
    expect([...view]).toEqual(entries)
    expect([first, ...iterator]).toEqual(entries)
  })

  test('F17: a write during an iteration, or in a nested one, does not reach it', () => {
    const map = identity(50)
    const visited: number[] = []

    for (const [key] of map.view) {
      visited.push(key)
      map.delete(key + 1)
      map.set(1000 + key, 0)
      for (const inner of map.view.keys()) if (inner % 7 === 0) map.delete(inner)
    }

    expect(visited).toEqual(range(0, 50))
  })

  test('F17: neither do clear, replace, and as many writes as move everything to a new epoch', () => {
    const map = identity(100)
    const iterators = [map.view.keys(), map.view.values(), map.view.entries()]
    for (const iterator of iterators) iterator.next()

    for (const key of range(0, 100)) map.delete(key)
    for (const key of range(0, 1000)) map.set(key % 10, key)
    map.replace([[5, 5]])
    map.clear()

    expect(iterators.map((iterator) => [...iterator].length)).toEqual([99, 99, 99])
  })
})

describe('iteration', () => {
  test('has the shape of that of a Map', () => {
    const { view } = new VersionedMap([['a', 1]])
    const iteratorPrototype = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]()))

    for (const iterator of [view.entries(), view.keys(), view.values(), view[Symbol.iterator]()]) {
      expect(iterator[Symbol.iterator]()).toBe(iterator)
      expect(Reflect.apply(Object.prototype.isPrototypeOf, iteratorPrototype, [iterator])).toBe(true)
      expect(iterator.next().done).toBe(false)
      expect(iterator.next()).toEqual({ done: true, value: undefined })
      expect(iterator.next()).toEqual({ done: true, value: undefined })
    }
  })

  test('ends for a `using` declaration without harm', () => {
    const { view } = new VersionedMap([['a', 1]])
    const iterator = view.keys()

    iterator[Symbol.dispose]()

    expect([...iterator]).toEqual(['a'])
  })

  test('forEach gives value, key and view, and `this` where one is given', () => {
    const { view } = new VersionedMap([['a', 1]])
    const self = {}
    const calls: unknown[] = []

    view.forEach(function (this: unknown, ...args) {
      calls.push(this, ...args)
    }, self)

    expect(calls).toEqual([self, 1, 'a', view])
    expect(calls[0]).toBe(self)
  })

  test('new Map(view) and forEach go through a view, old or new, of any size', () => {
    for (const count of [0, 1, 31, 32, 33, 1023, 1024, 1025, 33_000]) {
      const map = identity(count)
      const view = map.view
      const expected = new Map(range(0, count).map((i) => [i, i]))

      expect(new Map(view)).toEqual(expected)
      map.set(-1, -1)
      expect(new Map(view)).toEqual(expected)
      const each = new Map<number, number>()
      view.forEach((value, key) => void each.set(key, value))
      expect(each).toEqual(expected)
    }
  })
})

describe('N5: while dead slots are left behind', () => {
  const live = range(0, 99)

  /** Deleting more keys than stay begins it; a leaf of 32 slots is left behind with every write. */
  const leavingBehind = () => {
    const map = identity(200)
    for (const key of range(99, 101)) map.delete(key)
    return map
  }

  test('the last view before it began and the first after it know what was written in between', () => {
    const map = identity(200)
    for (const key of range(99, 100)) map.delete(key)
    const before = map.view
    map.delete(199) // begins it

    for (const key of range(1000, 10)) map.set(key, key)

    expect(new Set(map.view.keysThatMayDiffer(before))).toEqual(new Set([199, ...range(1000, 10)]))
    expect(map.view.changesSince(before)).toHaveLength(11)
  })

  test.each(live)('key %i can be written, be it left behind yet or not', (key) => {
    const map = leavingBehind()
    const before = map.view

    map.set(key, -1)
    for (const other of range(1000, 10)) map.set(other, other)

    const values = live.map((i) => (i === key ? -1 : i))
    expect([...map.view.values()]).toEqual([...values, ...range(1000, 10)])
    expect([...before.values()]).toEqual(live)
  })

  test.each(live)('key %i can be deleted, and comes back at the end', (key) => {
    const map = leavingBehind()

    map.delete(key)
    map.set(key, -1)
    for (const other of range(1000, 10)) map.set(other, other)

    expect([...map.view.keys()]).toEqual([...live.filter((i) => i !== key), key, ...range(1000, 10)])
  })
})

describe('apply', () => {
  // below 16 changes they go to the log, from there on straight into the vector
  test.each([1, 5, 15, 16, 100])(
    'of %i deletions and as many writes deletes first, then writes in order',
    (count) => {
      const map = identity(200)
      const before = map.view
      const deleted = range(0, count)
      const written = new Map([...range(300, count), 0, 150].map((key) => [key, -key]))

      map.apply(new Set(deleted), written, count + written.size)

      const expected = new Map(range(0, 200).map((i) => [i, i]))
      for (const key of deleted) expected.delete(key)
      for (const [key, value] of written) expected.set(key, value)
      expect([...map.view]).toEqual([...expected])
      expect([...before.keys()]).toEqual(range(0, 200))
    },
  )

  test('takes keys that are absent for deleted', () => {
    const map = identity(2)

    map.apply(new Set([5, 1, 6]), new Map([[7, 7]]), 4)

    expect([...map.view.keys()]).toEqual([0, 7])
  })

  test('is one step: one new version, one new view', () => {
    const map = identity(2)
    const before = map.view

    map.apply(new Set([0, 1]), new Map([[2, 2]]), 3)

    expect(map.view.version).toBe(before.version + 1)
    expect(map.view.changesSince(before)).toHaveLength(3)
  })
})

describe('clear and replace', () => {
  test('leave exactly what they say, in that order', () => {
    const map = identity(100)

    map.clear()
    const cleared = map.view
    map.replace([
      [5, 50],
      [1, 10],
      [5, 51],
    ])

    expect([cleared.size, [...cleared]]).toEqual([0, []])
    expect([...map.view]).toEqual([
      [5, 51],
      [1, 10],
    ])
  })

  test('replace takes a view of the map itself, of any age', () => {
    const map = identity(100)
    const old = map.view
    for (const key of range(0, 50)) map.delete(key)

    map.replace(map.view)
    const half = [...map.view.keys()]
    map.replace(old)

    expect(half).toEqual(range(50, 50))
    expect([...map.view]).toEqual([...old])
  })

  test('replace whose entries throw changes nothing', () => {
    const map = identity(3)
    const before = map.view
    const reason = new Error('no more')
    function* entries(): Generator<[number, number]> {
      yield [7, 7]
      throw reason
    }

    expect(() => map.replace(entries())).toThrow(reason)

    expect(map.view).toBe(before)
    expect([...map.view]).toEqual([...identity(3).view])
  })

  test('replace whose entries look at the map sees the state before', () => {
    const map = identity(3)
    const seen: (readonly [size: number, keys: number[]])[] = []
    function* entries(): Generator<[number, number]> {
      for (const key of [7, 8, 9]) {
        yield [key, key]
        seen.push([map.size, [...map.view.keys()]])
      }
    }
    const before = map.view

    map.replace(entries())
    const after = map.view
    map.set(7, 0)

    expect(seen).toEqual(range(0, 3).map(() => [3, [0, 1, 2]]))
    expect([...before.keys()]).toEqual([0, 1, 2])
    expect([...after.values()]).toEqual([7, 8, 9])
  })
})

describe('changesSince', () => {
  test('has one change for each key that differs, in both directions', () => {
    const map = new VersionedMap([
      ['a', 1],
      ['b', 2],
      ['c', 3],
    ])
    const older = map.view
    map.set('a', 10)
    map.delete('b')
    map.set('d', 4)
    map.set('d', 5)

    expect(map.view.changesSince(older)).toEqual([
      { type: 'update', key: 'a', value: 10, previous: 1 },
      { type: 'delete', key: 'b', value: undefined, previous: 2 },
      { type: 'add', key: 'd', value: 5, previous: undefined },
    ])
    expect(older.changesSince(map.view)).toEqual([
      { type: 'update', key: 'a', value: 1, previous: 10 },
      { type: 'add', key: 'b', value: 2, previous: undefined },
      { type: 'delete', key: 'd', value: undefined, previous: 5 },
    ])
  })

  test('is empty for a view and itself, and where writes came to nothing', () => {
    const map = new VersionedMap([['a', 1]])
    const older = map.view
    map.set('a', 2)
    map.set('b', 2)
    map.set('a', 1)
    map.delete('b')

    expect(older.changesSince(older)).toEqual([])
    expect(map.view.changesSince(older)).toEqual([])
  })

  test('does not take a key that only moved in the order for changed', () => {
    const map = identity(3)
    const older = map.view
    map.delete(0)
    map.set(0, 0)

    expect([...map.view.keys()]).toEqual([1, 2, 0])
    expect(map.view.changesSince(older)).toEqual([])
  })

  test('compares values by Object.is', () => {
    const map = new VersionedMap([
      ['nan', Number.NaN],
      ['zero', 0],
    ])
    const older = map.view
    map.set('nan', Number.NaN)
    map.set('zero', -0)

    expect(map.view.changesSince(older)).toEqual([{ type: 'update', key: 'zero', value: -0, previous: 0 }])
  })

  test('tells 0 from -0 also where the log has been folded in between', () => {
    const map = new VersionedMap<number, number>(Array.from({ length: 100 }, (_, i) => [i, 0]))
    const older = map.view
    map.set(7, -0)
    for (let i = 0; i < 40; i++) map.set(50, i)

    expect([...map.view.keysThatMayDiffer(older)!].sort()).toEqual([50, 7])
    expect(map.view.changesSince(older)).toContainEqual({ type: 'update', key: 7, value: -0, previous: 0 })
  })

  test('tells undefined that is stored from undefined that is not', () => {
    const map = new VersionedMap<string, undefined>([['a', undefined]])
    const older = map.view
    map.delete('a')
    map.set('b', undefined)

    expect(map.view.changesSince(older).map(({ type, key }) => [type, key])).toEqual([
      ['delete', 'a'],
      ['add', 'b'],
    ])
  })

  test('works for a view of another kind, which may know by itself what differs', () => {
    class PlainView extends View<string, number> {
      readonly version = 1
      readonly #map: ReadonlyMap<string, number>
      readonly #known: string[] | undefined

      constructor(entries: readonly [string, number][], known?: string[]) {
        super(null)
        this.#map = new Map(entries)
        this.#known = known
      }
      get size() {
        return this.#map.size
      }
      lookup(key: string) {
        return this.#map.get(key) as number
      }
      override has(key: string) {
        return this.#map.has(key)
      }
      override get(key: string) {
        return this.#map.get(key)
      }
      compare() {
        return 0
      }
      entries() {
        return this.#map.entries()
      }
      keys() {
        return this.#map.keys()
      }
      values() {
        return this.#map.values()
      }
      forEach() {}
      keysThatMayDiffer() {
        return this.#known
      }
    }
    const { view } = new VersionedMap([
      ['a', 1],
      ['b', 2],
    ])
    const changes = [
      { type: 'update', key: 'b', value: 2, previous: 3 },
      { type: 'add', key: 'a', value: 1, previous: undefined },
    ]

    expect(view.changesSince(new PlainView([['b', 3]]))).toEqual(changes)
    expect(view.changesSince(new PlainView([['b', 3]], ['b', 'a']))).toEqual(changes)
    expect(view.changesSince(new PlainView([['b', 3]], ['b']))).toEqual(changes.slice(0, 1))
  })

  test('works for views of two maps', () => {
    const one = new VersionedMap([
      ['a', 1],
      ['b', 2],
    ])
    const other = new VersionedMap([
      ['b', 3],
      ['c', 4],
    ])

    expect(other.view.changesSince(one.view)).toEqual([
      { type: 'delete', key: 'a', value: undefined, previous: 1 },
      { type: 'update', key: 'b', value: 3, previous: 2 },
      { type: 'add', key: 'c', value: 4, previous: undefined },
    ])
  })
})
