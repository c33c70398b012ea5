import { from, type InteropObservable, lastValueFrom, of } from 'rxjs'
import { concatMap, map, toArray } from 'rxjs/operators'
import { createStore as createDraftStore } from 'tidemap'
import { createStore, type Store, toAsyncIterable, type View } from 'tidemap/store'
import { describe, expect, test } from 'vitest'
import { reasonOf, thrownBy } from '../support/failure.ts'
import { countedController } from '../support/listener-count.ts'
import { isSettled, microtasks } from '../support/settled.ts'

const example = (): Store<string, number> => createStore([['n', 0]])
const iterate = (store: Store<string, number>, signal?: AbortSignal): AsyncIterator<View<string, number>> =>
  toAsyncIterable(store, { signal })[Symbol.asyncIterator]()

describe('toAsyncIterable', () => {
  test('gives the current view first, then each next one', async () => {
    const store = example()
    const views = iterate(store)
    expect(await views.next()).toEqual({ done: false, value: store.view })
    const next = views.next()
    expect(isSettled(next)).toBe(false)
    await store.set('n', 1)
    expect((await next).value).toBe(store.view)
  })

  test('the latest wins: what nobody asked for in time is left out, and nothing is kept', async () => {
    const store = example()
    const views = iterate(store)
    await views.next()
    for (let n = 1; n <= 1000; n++) await store.set('n', n)
    expect((await views.next()).value?.get('n')).toBe(1000)
    expect(isSettled(views.next())).toBe(false)
  })

  test('several that are asked for at one time get one view each, in order', async () => {
    const store = example()
    const views = iterate(store)
    const asked = [views.next(), views.next(), views.next()]
    await store.set('n', 1)
    await store.set('n', 2)
    const seen = (await Promise.all(asked)).map(({ value }) => value?.get('n'))
    expect(seen).toEqual([0, 1, 2])
  })

  test('ends when the store is disposed, after the last view', async () => {
    const store = example()
    const seen: unknown[] = []
    const reading = (async () => {
      for await (const view of toAsyncIterable(store)) seen.push(view.get('n'))
    })()
    await microtasks()
    await store.set('n', 1)
    await store.set('n', 2)
    store.dispose()
    await reading
    expect(seen).toEqual([0, 1, 2])
    expect(await iterate(store).next()).toMatchObject({ done: false, value: store.view })
  })

  test('M3: a break unsubscribes, also one that waits is released by return()', async () => {
    const store = example()
    const controller = countedController()
    for await (const view of toAsyncIterable(store, controller)) if (view.has('n')) break
    expect([controller.everAdded, controller.listeners]).toEqual([1, 0])
    const views = iterate(store)
    await views.next()
    const waiting = views.next()
    expect(await views.return?.()).toEqual({ done: true, value: undefined })
    expect(await waiting).toEqual({ done: true, value: undefined })
    await store.set('n', 1)
    expect(await views.next()).toEqual({ done: true, value: undefined })
  })

  test('iterators are independent', async () => {
    const store = example()
    const iterable = toAsyncIterable(store)
    const [a, b] = [iterable[Symbol.asyncIterator](), iterable[Symbol.asyncIterator]()]
    await a.next()
    await a.return?.()
    expect((await b.next()).value).toBe(store.view)
  })

  test('abort throws the reason to who waits, or at the next item, once', async () => {
    const store = example()
    const controllers = [new AbortController(), new AbortController(), new AbortController()]
    const [waiting, idle, late] = controllers.map(({ signal }) => iterate(store, signal))
    await Promise.all([waiting!.next(), idle!.next()])
    const asked = waiting!.next()
    for (const controller of controllers) controller.abort('enough')
    await store.set('n', 1)
    expect(await reasonOf(asked)).toBe('enough')
    expect(await reasonOf(idle!.next())).toBe('enough')
    expect(await reasonOf(late!.next())).toBe('enough')
    for (const one of [waiting, idle, late])
      expect(await one!.next()).toEqual({ done: true, value: undefined })
  })

  test('over a selection: its values; what the selector throws is thrown, and ends it', async () => {
    const store = example()
    const error = new Error('odd')
    const even = store.select((view) => {
      const n = view.get('n') ?? 0
      if (n % 2 === 1) throw error
      return n / 2
    })
    const values = toAsyncIterable(even)[Symbol.asyncIterator]()
    expect((await values.next()).value).toBe(0)
    await store.set('n', 4)
    expect((await values.next()).value).toBe(2)
    const last = values.next()
    store.dispose()
    expect(await last).toEqual({ done: true, value: undefined })

    const odd = createStore([['n', 1]])
    const failing = toAsyncIterable(
      odd.select(() => {
        throw error
      }),
    )[Symbol.asyncIterator]()
    expect(await reasonOf(failing.next())).toBe(error)
    expect(await failing.next()).toEqual({ done: true, value: undefined })
  })

  test('what the selector throws at a later item is thrown there, and ends it', async () => {
    const error = new Error('odd')
    const store = createStore([['n', 0]], { onError: () => {} })
    const even = store.select((view) => {
      if (view.get('n') === 1) throw error
      return view.get('n')
    })
    const values = toAsyncIterable(even)[Symbol.asyncIterator]()
    await values.next()

    await store.set('n', 2)
    await store.set('n', 1)

    expect(await reasonOf(values.next())).toBe(error)
    expect(await values.next()).toEqual({ done: true, value: undefined })
  })

  test('return() may be called again, and after the end', async () => {
    const [ended, left] = [example(), example()].map((store) => ({ store, views: iterate(store) }))
    await ended?.views.next()
    await left?.views.next()

    ended?.store.dispose()
    await left?.views.return?.()

    for (const one of [ended, left])
      expect(await one?.views.return?.()).toEqual({ done: true, value: undefined })
  })

  test('takes anything that has a value and tells when it changes', async () => {
    const listeners = new Set<() => void>()
    const source = {
      value: 1,
      subscribe(listener: () => void) {
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
    }
    const values = toAsyncIterable(source)[Symbol.asyncIterator]()

    const first = await values.next()
    source.value = 2
    for (const listener of listeners) listener()
    const second = await values.next()
    await values.return?.()

    expect([first.value, second.value, listeners.size]).toEqual([1, 2, 0])
  })

  test('a source that refuses the subscription: its error is thrown once, and ends it', async () => {
    const error = new Error('closed')
    const source = {
      value: 1,
      subscribe() {
        throw error
      },
    }
    const values = toAsyncIterable(source)[Symbol.asyncIterator]()

    expect(await reasonOf(values.next())).toBe(error)
    expect(await values.next()).toEqual({ done: true, value: undefined })
  })

  const subscribe = () => () => {}
  test.each<[name: string, call: () => unknown, says: string]>([
    ['nothing', () => toAsyncIterable(undefined as never), 'source must be a store'],
    ['no subscribe', () => toAsyncIterable({ view: 1 } as never), 'source must be a store'],
    ['no view and no value', () => toAsyncIterable({ subscribe } as never), 'source must be a store'],
    [
      'no signal',
      () => toAsyncIterable(example(), { signal: 1 as never }),
      'options.signal must be an AbortSignal',
    ],
    [
      'null',
      () => toAsyncIterable(example(), { signal: null as never }),
      'options.signal must be an AbortSignal',
    ],
  ])('F27: %s is refused', (_name, call, says) => {
    expect(thrownBy(call)).toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining(says),
    })
  })
})

describe('RxJS 7, both ways', () => {
  test('from(store) is view$, and from(toAsyncIterable(store)) works for a store without observables', async () => {
    const store = createDraftStore([['n', 0]])
    const direct: unknown[] = []
    // typed as what it is: TypeScript takes a store for the iterable it is as well
    from(store as InteropObservable<View<string, number>>).subscribe((view) => direct.push(view.get('n')))
    const all = lastValueFrom(
      from(toAsyncIterable(store)).pipe(
        map((view) => view.get('n')),
        toArray(),
      ),
    )
    await microtasks()
    await store.set('n', 1)
    await microtasks()
    store.dispose()
    expect(direct).toEqual([0, 1])
    expect(await all).toEqual([0, 1])
  })

  test('an observable feeds a store: values are shown in their order', async () => {
    const store = createStore<string, number>()
    const subscription = of(1, 2, 3).subscribe((n) => void store.set('n', n))
    expect([store.get('n'), subscription.closed]).toEqual([3, true])
  })

  test('an observable feeds a store, waiting for each write: concatMap', async () => {
    const store = createStore<string, number>([['sum', 0]])
    const add = (n: number): Promise<unknown> => store.update('sum', async (sum = 0) => sum + n)
    await lastValueFrom(of(1, 2, 3).pipe(concatMap(add)))
    expect(store.get('sum')).toBe(6)
  })
})
