import { createStore, type StoreOptions } from 'tidemap/store'
import { describe, expect, test, vi } from 'vitest'
import { thrownBy } from '../support/failure.ts'

const pairs: readonly (readonly [string, number])[] = [
  ['a', 1],
  ['b', 2],
]

/** For calls that the types forbid. */
const createAny = createStore as (source: unknown, options?: unknown) => ReturnType<typeof createStore>

describe('createStore', () => {
  test.each<[name: string, source: Iterable<readonly [string, number]>]>([
    ['an array of pairs', pairs],
    ['a Map', new Map(pairs)],
    ['another store', createStore(pairs)],
    ['a view', createStore(pairs).view],
    [
      'a generator',
      (function* () {
        yield* pairs
      })(),
    ],
  ])('makes a store from %s', (_name, source) => {
    const store = createStore(source)

    expect([...store]).toEqual(pairs)
    expect(store.size).toBe(2)
  })

  test.each([
    ['nothing', () => createStore<string, number>()],
    ['undefined', () => createStore<string, number>(undefined)],
    ['null', () => createStore<string, number>(null)],
  ])('makes an empty store from %s', async (_name, create) => {
    const store = create()

    await store.set('a', 1)

    expect([...store]).toEqual([['a', 1]])
  })

  test('takes the last of entries with the same key, at the place of the first', () => {
    const store = createStore([...pairs, ['a', 3] as const])

    expect([...store]).toEqual([
      ['a', 3],
      ['b', 2],
    ])
  })

  test('makes a store that has nothing in common with the one it was made from', async () => {
    const first = createStore(pairs)
    const second = createStore(first)

    await first.set('a', 10)
    await second.set('b', 20)

    expect([[...first.values()], [...second.values()]]).toEqual([
      [10, 2],
      [1, 20],
    ])
  })

  test('makes a store of fixed shape from a plain object', async () => {
    const store = createStore({ user: 'ann', visits: 0 })

    await store.update('visits', (n) => n + 1)
    await store.set('user', 'bob')

    expect([...store]).toEqual([
      ['user', 'bob'],
      ['visits', 1],
    ])
  })

  test('X1: an object that was parsed from hostile text makes keys, and nothing else', () => {
    const shape: Record<string, unknown> = JSON.parse('{ "__proto__": { "polluted": true }, "a": 1 }')

    const store = createStore<Record<string, unknown>>(shape)

    expect([...store.keys()]).toEqual(['__proto__', 'a'])
    expect(Reflect.get({}, 'polluted')).toBe(undefined)
  })

  test('makes a store from an object without a prototype', () => {
    const shape: { a: number } = Object.assign(Object.create(null), { a: 1 })

    const store = createStore(shape)

    expect(store.get('a')).toBe(1)
  })
})

describe('createStore checks what it is given', () => {
  class Session {
    user = 'ann'
  }

  test.each<[name: string, source: unknown]>([
    ['a text', 'ab'],
    ['a number', 5],
    ['a function', () => pairs],
    ['entries that are texts', ['ab', 'cd']],
    ['entries that are null', [null]],
    ['a promise of entries, not awaited', Promise.resolve(pairs)],
    ['a Date', new Date(0)],
    ['an instance of a class', new Session()],
  ])('%s is refused with INVALID_ARGUMENT', (_name, source) => {
    const error = thrownBy(() => createAny(source))

    expect(error).toMatchObject({ code: 'INVALID_ARGUMENT' })
  })

  test.each<[name: string, options: unknown]>([
    ['equal', { equal: 'deep' }],
    ['onError', { onError: true }],
    ['promotion', { promotion: 'sometimes' }],
    ['stallAfterMs that is 0', { stallAfterMs: 0 }],
    ['stallAfterMs that is NaN', { stallAfterMs: Number.NaN }],
    ['a clock without timers', { clock: { now: () => 0 } }],
  ])('the option %s is refused where it has the wrong shape', (_name, options) => {
    const error = thrownBy(() => createAny([], options))

    expect(error).toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining(`options.${Object.keys(options as object)[0]}`),
    })
  })

  test('options that are undefined are their defaults', async () => {
    const options: StoreOptions<number> = {
      equal: undefined,
      freeze: undefined,
      promotion: undefined,
      onError: undefined,
      stallAfterMs: undefined,
      clock: undefined,
    }

    const store = createStore(pairs, options)
    await store.set('a', 10)

    expect(store.get('a')).toBe(10)
  })

  test('an iterable that throws throws its own error', () => {
    const error = new Error('no entries today')

    const create = () =>
      createAny({
        [Symbol.iterator]() {
          throw error
        },
      })

    expect(thrownBy(create)).toBe(error)
  })
})

test.each([
  ['no process', undefined],
  ['a process without env', {}],
])('where there is %s a store takes itself to be in production', (_where, process) => {
  vi.stubGlobal('process', process)

  const store = createStore([['a', { n: 1 }]])
  vi.unstubAllGlobals()

  expect(Object.isFrozen(store.get('a'))).toBe(false)
})
