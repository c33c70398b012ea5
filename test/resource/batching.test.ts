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
    answer: (values: ReadonlyMap<string, string>) => void
    fail: (reason: unknown) => void
  }[] = []
  const loadMany = (keys: readonly string[], { signal }: FactoryContext) => {
    const { promise, resolve, reject } = deferred<ReadonlyMap<string, string>>()
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
