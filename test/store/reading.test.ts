import { createStore, View } from 'tidemap/store'
import { describe, expect, test } from 'vitest'
import { NativeWork } from '../support/native-work.ts'

const pairs = (): [string, number][] => [
  ['a', 1],
  ['b', 2],
]

describe('reading a store', () => {
  test('reads the current view as a Map is read', () => {
    const store = createStore(pairs())

    const seen = {
      get: [store.get('a'), store.get('x')],
      has: [store.has('a'), store.has('x')],
      size: store.size,
      keys: [...store.keys()],
      values: [...store.values()],
      entries: [...store.entries()],
      iterated: [...store],
    }

    expect(seen).toEqual({
      get: [1, undefined],
      has: [true, false],
      size: 2,
      keys: ['a', 'b'],
      values: [1, 2],
      entries: pairs(),
      iterated: pairs(),
    })
  })

  test('forEach gives value, key and the view, in order', () => {
    const store = createStore(pairs())
    const seen: unknown[] = []

    store.forEach((value, key, view) => {
      seen.push([value, key, view === store.view])
    })

    expect(seen).toEqual([
      [1, 'a', true],
      [2, 'b', true],
    ])
  })

  test('F20: a stored undefined is told from an absent key', async () => {
    const store = createStore<string, undefined>()

    await store.set('a', undefined)

    expect([store.has('a'), store.get('a'), store.size, await store.load('a')]).toEqual([
      true,
      undefined,
      1,
      [undefined, true],
    ])
    expect([store.has('b'), store.get('b'), await store.load('b')]).toEqual([
      false,
      undefined,
      [undefined, false],
    ])
  })

  test('F17: an iteration goes on over the view it began with, whatever is written meanwhile', async () => {
    const store = createStore(pairs())
    const seen: unknown[] = []

    for (const [key, value] of store) {
      seen.push([key, value])
      await store.delete('b')
      await store.set('c', 3)
    }

    expect(seen).toEqual(pairs())
    expect([...store.keys()]).toEqual(['a', 'c'])
  })

  test('a read costs the same for any number of keys', () => {
    const small = createStore(Array.from({ length: 10 }, (_, i): [number, number] => [i, i]))
    const large = createStore(Array.from({ length: 10_000 }, (_, i): [number, number] => [i, i]))

    const work = (store: typeof small) =>
      NativeWork.of(() => {
        store.get(5)
        store.has(5)
        store.view.get(5)
      })

    expect(work(large)).toBe(work(small))
  })

  test('a store and its view name themselves, so that frameworks do not take them for plain data', () => {
    const store = createStore(pairs())

    expect([String(store), String(store.view)]).toEqual(['[object Store]', '[object View]'])
  })
})

describe('odd keys (F19)', () => {
  const odd: [name: string, key: unknown][] = [
    ['__proto__', '__proto__'],
    ['constructor', 'constructor'],
    ['the empty string', ''],
    ['NaN', Number.NaN],
    ['undefined', undefined],
    ['null', null],
    ['a symbol', Symbol('key')],
    ['an object', { id: 1 }],
    ['a function', () => 1],
    ['true', true],
    ['a bigint', 1n],
  ]

  test.each(odd)('%s is a key as any other', async (_name, key) => {
    const store = createStore<unknown, number>()
    const heard: unknown[] = []
    store.subscribeKey(key, (value) => heard.push(value))

    await store.set(key, 1)
    await store.update(key, (n = 0) => n + 1)
    await store.transaction((tx) => tx.set(key, (tx.get(key) ?? 0) + 1), { keys: [key] })

    expect([store.get(key), store.has(key), store.size, [...store.keys()]]).toEqual([3, true, 1, [key]])
    expect(await store.delete(key)).toBe(true)
    expect([store.has(key), store.size]).toEqual([false, 0])
    expect(heard).toEqual([1, 2, 3, undefined])
  })

  test('-0 and 0 are one key, as in a Map', async () => {
    const store = createStore<number, string>()

    await store.set(-0, 'zero')

    expect([store.get(0), store.get(-0), store.has(0)]).toEqual(['zero', 'zero', true])
    expect(Object.is([...store.keys()][0], 0)).toBe(true)
  })

  test('two objects of the same content are two keys', async () => {
    const store = createStore<object, number>()

    await store.setMany([
      [{}, 1],
      [{}, 2],
    ])

    expect(store.size).toBe(2)
  })
})

describe('the view', () => {
  test('is the same object until a promotion changes something', async () => {
    const store = createStore(pairs())
    const before = store.view

    await store.set('a', 1)
    await store.delete('x')
    await store.update('b', (b) => b)

    expect(store.view).toBe(before)

    await store.set('a', 2)

    expect(store.view).not.toBe(before)
    expect(store.view).toBe(store.view)
  })

  test('costs nothing to take, however large the store is', () => {
    const store = createStore(Array.from({ length: 10_000 }, (_, i): [number, number] => [i, i]))
    void store.set(1, -1)

    const work = NativeWork.of(() => store.view)

    expect(work).toBeLessThan(20)
  })

  test('never changes, whatever happens to the store: values, membership, size, order', async () => {
    const store = createStore<string, number>([...pairs(), ['c', 3]])
    const view = store.view
    const half = view.entries()
    half.next()

    await store.set('a', 10)
    await store.delete('b')
    await store.set('b', 20)
    await store.set('d', 4)
    await store.clear()
    await store.set('z', 26)

    const expected = [...pairs(), ['c', 3]]
    expect([...view]).toEqual(expected)
    expect([...half]).toEqual(expected.slice(1))
    expect([view.size, view.get('b'), view.has('d'), view.has('z')]).toEqual([3, 2, false, false])
  })

  test('has the order of a Map: an update keeps the place, delete and set again moves to the end', async () => {
    const store = createStore<string, number>([...pairs(), ['c', 3]])

    await store.set('b', 20)
    const updated = [...store.keys()]
    await store.delete('b')
    await store.set('b', 2)

    expect([updated, [...store.keys()]]).toEqual([
      ['a', 'b', 'c'],
      ['a', 'c', 'b'],
    ])
  })

  test('cannot be changed, not even by the methods of Map (S10)', () => {
    const view = createStore(pairs()).view

    const change = () => Map.prototype.set.call(view, 'a', 2)

    expect(change).toThrow(TypeError)
    expect(view.get('a')).toBe(1)
    expect(['set', 'delete', 'clear'].filter((name) => name in view)).toEqual([])
  })

  test('tells what has changed since an older one, and versions grow', async () => {
    const store = createStore(pairs())
    const before = store.view

    await store.set('a', 10)
    await store.delete('b')
    await store.set('c', 3)

    expect(store.view.changesSince(before)).toEqual([
      { type: 'update', key: 'a', value: 10, previous: 1 },
      { type: 'delete', key: 'b', value: undefined, previous: 2 },
      { type: 'add', key: 'c', value: 3, previous: undefined },
    ])
    expect(store.view.version).toBeGreaterThan(before.version)
  })

  test('is the confirmed one while no write is pending', async () => {
    const store = createStore(pairs())

    const before = store.confirmed === store.view
    await store.set('a', 10)

    expect([before, store.confirmed === store.view]).toEqual([true, true])
  })

  test('is a View, which a Map can be made from', () => {
    const { view } = createStore(pairs())

    expect(view).toBeInstanceOf(View)
    expect(new Map(view)).toEqual(new Map(pairs()))
  })
})
