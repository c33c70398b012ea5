import { createStore, toAsyncIterable } from 'tidemap/store'
import { expect, test } from 'vitest'
import { deferred } from '../support/deferred.ts'

/** As far as these tests know of the platform's Observable. */
interface PlatformObservable<T> {
  subscribe(
    observer: { next?: (value: T) => void; complete?: () => void },
    options?: { signal?: AbortSignal },
  ): void
}
declare const Observable: {
  new <T>(subscribe: (subscriber: { next(value: T): void; complete(): void }) => void): PlatformObservable<T>
  from<T>(source: AsyncIterable<T>): PlatformObservable<T>
}

test("the platform's Observable takes a store as an async iterable, and completes with it", async () => {
  const store = createStore([['n', 0]])
  const seen: unknown[] = []
  const told = [deferred(), deferred()]
  const completed = deferred()
  Observable.from(toAsyncIterable(store)).subscribe({
    next: (view) => {
      told[seen.length]?.resolve()
      seen.push(view.get('n'))
    },
    complete: completed.resolve,
  })
  await told[0]!.promise
  await store.set('n', 1)
  await told[1]!.promise
  store.dispose()
  await completed.promise
  expect(seen).toEqual([0, 1])
})

test("the platform's Observable feeds a store", async () => {
  const store = createStore<string, number>()
  const source = new Observable<number>((subscriber) => {
    for (const n of [1, 2, 3]) subscriber.next(n)
    subscriber.complete()
  })
  source.subscribe({ next: (n) => void store.set('n', n) })
  expect(store.get('n')).toBe(3)
})
