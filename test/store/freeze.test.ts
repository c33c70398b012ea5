import { runInNewContext } from 'node:vm'
import { createStore, type Store } from 'tidemap/store'
import { afterEach, describe, expect, test, vi } from 'vitest'
import * as namespace from '../support/deferred.ts'
import { thrownBy } from '../support/failure.ts'

const storeOf = <V>(value: V): Store<string, V> => createStore<string, V>([['a', value]])

afterEach(() => vi.unstubAllEnvs())

describe('stored plain data in development', () => {
  test('F39: is frozen deeply, the caller’s own object too: a mutation throws at its author', async () => {
    const own = { tags: ['x'], nested: { list: [{ n: 1 }] } }
    const store = createStore<string, typeof own>()

    await store.set('a', own)

    expect(store.get('a')).toBe(own)
    expect(() => own.tags.push('y')).toThrow(TypeError)
    expect(() => {
      own.nested.list[0]!.n = 2
    }).toThrow(TypeError)
    expect(own).toEqual({ tags: ['x'], nested: { list: [{ n: 1 }] } })
  })

  test.each<[name: string, write: (store: Store<string, { n: number }>, value: { n: number }) => unknown]>([
    ['set', (store, value) => store.set('a', value)],
    ['set of a promise', (store, value) => store.set('a', Promise.resolve(value))],
    ['setMany', (store, value) => store.setMany([['a', value]])],
    ['replace', (store, value) => store.replace([['a', value]])],
    ['update', (store, value) => store.update('a', () => value)],
    ['transaction', (store, value) => store.transaction((tx) => tx.set('a', value))],
    ['batch', (store, value) => store.batch((tx) => tx.set('a', value))],
    ['loadOrStore', (store, value) => store.loadOrStore('a', value)],
    ['swap', (store, value) => store.swap('a', value)],
  ])('whatever wrote it: %s', async (_name, write) => {
    const store = createStore<string, { n: number }>()
    const value = { n: 1 }

    await write(store, value)

    expect(Object.isFrozen(store.get('a'))).toBe(true)
  })

  test('initial values too, of entries and of a shape', () => {
    const [entry, property] = [{ n: 1 }, { n: 1 }]

    storeOf(entry)
    createStore({ a: property })

    expect([Object.isFrozen(entry), Object.isFrozen(property)]).toEqual([true, true])
  })

  test('Maps and Sets refuse to change, at any depth, and read as ever', () => {
    const map = new Map<string, unknown>([['inner', new Set([1])]])
    const store = storeOf({ map })

    const set = map.get('inner') as Set<number>

    const errors = [
      thrownBy(() => map.set('x', 1)),
      thrownBy(() => map.delete('inner')),
      thrownBy(() => map.clear()),
      thrownBy(() => set.add(2)),
      thrownBy(() => set.delete(1)),
      thrownBy(() => set.clear()),
    ]
    for (const error of errors) {
      expect(error).toBeInstanceOf(TypeError)
      expect(error).toMatchObject({ message: expect.stringContaining('update()') })
    }
    expect([...map.keys(), ...set]).toEqual(['inner', 1])
    expect(structuredClone(store.get('a'))).toEqual({ map: new Map([['inner', new Set([1])]]) })
  })

  test('keys of a stored Map, members of a Set, and symbol properties are data too', () => {
    const [key, member, hidden] = [{ n: 1 }, { n: 2 }, { n: 3 }]

    storeOf({ map: new Map([[key, 1]]), set: new Set([member]), [Symbol('hidden')]: hidden })

    expect([key, member, hidden].map((value) => Object.isFrozen(value))).toEqual([true, true, true])
  })

  test('F40: cycles are no harm', async () => {
    interface Ring {
      next?: Ring
      readonly all: Set<unknown>
    }
    const ring: Ring = { all: new Set() }
    ring.next = ring
    ring.all.add(ring).add(ring.all)
    const store = createStore<string, Ring>()

    await store.set('a', ring)

    expect(store.get('a')).toBe(ring)
    expect(Object.isFrozen(ring)).toBe(true)
  })

  test('F82: nesting of 100,000 levels overflows no stack', async () => {
    interface Nested {
      inner: Nested | undefined
    }
    let deep: Nested = { inner: undefined }
    const innermost = deep
    for (let i = 0; i < 100_000; i++) deep = { inner: deep }
    const store = createStore<string, Nested>()

    await store.set('a', deep)

    expect(Object.isFrozen(innermost)).toBe(true)
  })

  test.each<[name: string, make: (size: number) => object]>([
    ['an array', (size) => Array.from({ length: size }, (_, i) => i)],
    ['a Map', (size) => new Map(Array.from({ length: size }, (_, i) => [i, i]))],
    ['a Set', (size) => new Set(Array.from({ length: size }, (_, i) => i))],
    ['an object', (size) => Object.fromEntries(Array.from({ length: size }, (_, i) => [`k${i}`, i]))],
  ])('%s of 200,000 members overflows no stack', async (_name, make) => {
    const store = createStore<string, object>()
    const value = make(200_000)

    await store.set('a', value)

    expect(store.get('a')).toBe(value)
  })

  test('what is not plain data passes through untouched', () => {
    class Point {
      x = 1
      readonly inner = { y: 1 }
    }
    class Tags extends Map<string, string> {}
    class Row extends Array<number> {}
    class Impostor {
      hasOwnProperty(): boolean {
        return true
      }
    }
    const values = {
      instance: new Point(),
      map: new Tags(),
      row: new Row(),
      orphan: Object.setPrototypeOf([], null) as unknown,
      nameless: Object.setPrototypeOf([], Object.create(null)) as unknown,
      child: Object.create(Object.create(null)) as unknown,
      impostor: new Impostor(),
      date: new Date(0),
      bytes: new Uint8Array(2),
      buffer: new ArrayBuffer(2),
      regexp: /x/,
      error: new Error('x'),
      promise: Promise.resolve(1),
      weak: new WeakMap(),
      f: Object.assign(() => 1, { own: { n: 1 } }),
      url: new URL('http://localhost/'),
    }

    storeOf(values)

    for (const [name, value] of Object.entries(values)) {
      expect([name, Object.isFrozen(value)]).toEqual([name, false])
    }
    values.instance.x = 2
    values.instance.inner.y = 2
    values.map.set('a', 'b')
    values.bytes[0] = 1
    expect(values.instance).toEqual(Object.assign(new Point(), { x: 2, inner: { y: 2 } }))
  })

  test('plain data inside it is frozen up to the instance, and beside it', () => {
    const value = { point: new Date(0), list: [{ n: 1 }] }

    storeOf(value)

    expect([Object.isFrozen(value), Object.isFrozen(value.list[0]), Object.isFrozen(value.point)]).toEqual([
      true,
      true,
      false,
    ])
  })

  test('a module namespace, which cannot be frozen, is stored as it is', async () => {
    const store = createStore<string, object>()

    await store.set('a', namespace)

    expect(store.get('a')).toBe(namespace)
  })

  test('arrays and objects of another realm are plain data', () => {
    const value = runInNewContext('({ list: [{ n: 1 }] })') as { list: { n: number }[] }

    storeOf(value)

    expect([value, value.list, value.list[0]].map((part) => Object.isFrozen(part))).toEqual([
      true,
      true,
      true,
    ])
  })

  test('objects without a prototype are plain data', () => {
    const value: { n: number } = Object.assign(Object.create(null), { n: 1 })

    storeOf(value)

    expect(Object.isFrozen(value)).toBe(true)
  })

  test('accessors are not called', () => {
    const getter = vi.fn(() => ({}))

    storeOf(Object.defineProperty({}, 'lazy', { get: getter, enumerable: true }))

    expect(getter).not.toHaveBeenCalled()
  })

  test('what is frozen, sealed or closed already is no harm, and its parts are frozen', () => {
    const inner = [{ n: 1 }, { n: 2 }, { n: 3 }, { n: 4 }] as const
    const values = [
      Object.freeze({ inner: inner[0] }),
      Object.seal({ inner: inner[1] }),
      Object.preventExtensions(new Map([['inner', inner[2]]])),
      Object.seal(Object.assign(new Map([['inner', inner[3]]]), { own: 1 })),
    ]

    storeOf(values)

    expect(inner.map((value) => Object.isFrozen(value))).toEqual([true, true, true, true])
  })

  test('a value that failed to be stored because its key was equal is left as it was', async () => {
    const store = createStore([['a', { id: 1 }]], { equal: (one, other) => one.id === other.id })
    const value = { id: 1 }

    await store.set('a', value)

    expect(Object.isFrozen(value)).toBe(false)
  })
})

describe('without freezing', () => {
  test('{ freeze: false } turns it off', async () => {
    const store = createStore<string, { n: number }>([['a', { n: 1 }]], { freeze: false })
    const value = { n: 2 }

    await store.set('a', value)
    value.n = 3

    expect(store.get('a')).toEqual({ n: 3 })
  })

  test('production does not pay for it', async () => {
    vi.stubEnv('NODE_ENV', 'production')
    const store = createStore<string, { n: number }>()
    const value = { n: 1 }

    await store.set('a', value)

    expect(Object.isFrozen(value)).toBe(false)
  })
})
