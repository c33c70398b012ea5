// Many keys in one request.
import { createResource, type FactoryContext, type ResourceOptions } from 'tidemap/resource'
import { createStore } from 'tidemap/store'
import { expect, test, vi } from 'vitest'
import { deferred } from '../support/deferred.ts'
import { reasonOf } from '../support/failure.ts'
import { microtasks } from '../support/settled.ts'

function setUp(options: Partial<ResourceOptions<string, string>> = {}) {
  const batches: {
    keys: readonly string[]
    signal: AbortSignal
    answer: (values: ReadonlyMap<string, string | Error>) => void
    fail: (reason: unknown) => void
  }[] = []
  const loadMany = (keys: readonly string[], { signal }: FactoryContext) => {
    const { promise, resolve, reject } = deferred<ReadonlyMap<string, string | Error>>()
    batches.push({ keys, signal, answer: resolve, fail: reject })
    return promise
  }
  const store = createStore<string, string>()
  const resource = createResource<string, string>({ store, loadMany, retry: 0, ...options })
  return { batches, store, resource }
}

test('keys asked for in one tick go in one request, each once; those of the next tick in another', async () => {
  const { batches, resource } = setUp()
  const loads = ['a', 'b', 'a'].map((key) => resource.load(key))
  await microtasks()
  void resource.load('c')
  await microtasks()

  expect(batches.map(({ keys }) => keys)).toEqual([['a', 'b'], ['c']])
  batches[0]!.answer(
    new Map([
      ['a', 'A'],
      ['b', 'B'],
    ]),
  )
  expect(await Promise.all(loads)).toEqual(['A', 'B', 'A'])
})

test('a key that is not in the result has failed with KEY_NOT_LOADED, the others have not', async () => {
  const { batches, resource } = setUp()
  const [a, b] = [resource.load('a'), reasonOf(resource.load('b'))]
  await microtasks()
  batches[0]!.answer(new Map([['a', 'A']]))

  expect(await a).toBe('A')
  expect(await b).toMatchObject({ code: 'KEY_NOT_LOADED', message: expect.stringContaining('"b"') })
})

test('a key whose value is an Error has failed with it, the others have not, and no Error is stored', async () => {
  const { batches, store, resource } = setUp()
  const [a, b] = [resource.load('a'), reasonOf(resource.load('b'))]
  await microtasks()
  const failure = new RangeError('no such key')
  batches[0]!.answer(
    new Map<string, string | Error>([
      ['a', 'A'],
      ['b', failure],
    ]),
  )

  expect(await a).toBe('A')
  expect(await b).toBe(failure)
  expect([...store]).toEqual([['a', 'A']])
  expect(resource.status('b')).toMatchObject({ status: 'error', error: failure })
})

test('only the key that has failed is asked for again', async () => {
  const { batches, resource } = setUp({ retry: 1, retryDelay: 0 })
  const loads = ['a', 'b'].map((key) => resource.load(key))
  await microtasks()
  batches[0]!.answer(
    new Map<string, string | Error>([
      ['a', 'A'],
      ['b', new Error('busy')],
    ]),
  )
  await vi.waitFor(() => expect(batches).toHaveLength(2))
  batches[1]!.answer(new Map([['b', 'B']]))

  expect(await Promise.all(loads)).toEqual(['A', 'B'])
  expect(batches.map(({ keys }) => keys)).toEqual([['a', 'b'], ['b']])
})

test.each([
  ['an array', ['A', 'B']],
  ['an object', { a: 'A' }],
  ['a Set', new Set(['a'])],
  ['undefined', undefined],
  ['null', null],
])('%s in place of a Map fails all keys with INVALID_ARGUMENT (F53)', async (_what, answer) => {
  const { batches, store, resource } = setUp()
  const loads = ['a', 'b'].map((key) => reasonOf(resource.load(key)))
  await microtasks()
  batches[0]!.answer(answer as never)

  for (const reason of await Promise.all(loads)) {
    expect(reason).toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('result of loadMany must be a Map'),
    })
  }
  expect(store.size).toBe(0)
})

test('a loadMany that throws at once fails all keys with the very error (F53)', async () => {
  const failure = new Error('at once')
  const { resource } = setUp({
    loadMany: () => {
      throw failure
    },
  })

  expect(await Promise.all(['a', 'b'].map((key) => reasonOf(resource.load(key))))).toEqual([failure, failure])
})

test('a stored undefined is told from a key that is missing', async () => {
  const store = createStore<string, undefined>()
  const resource = createResource<string, undefined>({ store, loadMany: () => new Map([['a', undefined]]) })

  expect(await resource.load('a')).toBeUndefined()
  expect(store.has('a')).toBe(true)
})

test.each<[string, () => never]>([
  [
    'throws at once',
    () => {
      throw new Error('no')
    },
  ],
  ['gives what is no Map', () => 5 as never],
])('a request that %s fails all of its keys', async (_how, loadMany) => {
  const { resource } = setUp({ loadMany })
  const loads = ['a', 'b'].map((key) => reasonOf(resource.load(key)))

  expect(await Promise.all(loads)).toEqual([expect.any(Error), expect.any(Error)])
})

test('its signal aborts when every key has been given up, and not before (`F48`)', async () => {
  const { batches, resource } = setUp()
  const callers = ['a', 'b'].map((key) => {
    const controller = new AbortController()
    return { controller, loading: reasonOf(resource.load(key, { signal: controller.signal })) }
  })
  await microtasks()
  callers[0]!.controller.abort('gone')
  expect(batches[0]!.signal.aborted).toBe(false)
  callers[1]!.controller.abort('gone')
  expect(batches[0]!.signal.aborted).toBe(true)
  await Promise.all(callers.map(({ loading }) => loading))
})

test('a key given up before the tick ends is not asked for; a batch of none is not made', async () => {
  const { batches, resource } = setUp()
  const leaving = new AbortController()
  const gone = reasonOf(resource.load('a', { signal: leaving.signal }))
  leaving.abort('gone')
  await microtasks()
  expect(batches).toEqual([])
  await gone

  const alsoLeaving = new AbortController()
  const alsoGone = reasonOf(resource.load('a', { signal: alsoLeaving.signal }))
  void resource.load('b')
  alsoLeaving.abort('gone')
  await microtasks()
  expect(batches.map(({ keys }) => keys)).toEqual([['b']])
  await alsoGone
})

test('a set meanwhile wins for its key alone (`F45`)', async () => {
  const { batches, resource, store } = setUp()
  const loads = ['a', 'b'].map((key) => resource.load(key))
  await microtasks()
  await store.set('a', 'set')
  batches[0]!.answer(
    new Map([
      ['a', 'A'],
      ['b', 'B'],
    ]),
  )

  expect(await Promise.all(loads)).toEqual(['set', 'B'])
  expect([...store]).toEqual([
    ['a', 'set'],
    ['b', 'B'],
  ])
})

test('with load too, a key that is alone is left to that', async () => {
  const load = vi.fn((key: string) => `alone ${key}`)
  const { batches, resource } = setUp({ load })
  expect(await resource.load('a')).toBe('alone a')
  void resource.prefetch(['b', 'c'])
  await microtasks()

  expect(load).toHaveBeenCalledTimes(1)
  expect(batches.map(({ keys }) => keys)).toEqual([['b', 'c']])
})
