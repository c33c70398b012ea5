import { invalidArgument, storeDisposed } from '../errors.ts'
import { checkFunction } from './arguments.ts'
import { insideOf } from './brand.ts'
import type { Unsubscribe } from './listeners.ts'
import type { WritableObjectStore } from './object-store.ts'
import type { WriteOptions } from './store.ts'
import { refuseSignal } from './writers.ts'

/** What {@link when} asks of a store. */
interface KeySource<K, V> {
  get(key: K): V | undefined
  subscribeKey(key: K, listener: (value: V | undefined) => void): Unsubscribe
}

/**
 * Resolves with the value of `key` as soon as a published view has one that satisfies `predicate`; at once if the current one does.
 *
 * When to use: to go on when something has come true (`when(session, 'user', (user) => user !== null)`). When not: to follow a value, use
 * `subscribeKey`; to read behind the writers of a key, `load`.
 *
 * Pending layers count: it sees what is shown. The predicate is given `undefined` for an absent key. A predicate that throws rejects.
 * On abort it rejects with `signal.reason`; when the store is disposed, with `STORE_DISPOSED` (never an unhandled rejection). However it
 * ends, it leaves no listener behind. Codes: `STORE_DISPOSED`, `INVALID_ARGUMENT`.
 *
 * @example
 * ```ts
 * import { createStore, when } from 'tidemap/store'
 *
 * const store = createStore([['progress', 0]])
 * const done = when(store, 'progress', (percent = 0) => percent >= 100)
 * await store.set('progress', 50)
 * await store.set('progress', 100)
 * await done // => 100
 * ```
 */
export function when<T extends object, P extends keyof T>(
  store: WritableObjectStore<T>,
  key: P,
  predicate: (value: T[P]) => boolean,
  options?: WriteOptions,
): Promise<T[P]>
export function when<K, V>(
  store: KeySource<K, V>,
  key: K,
  predicate: (value: V | undefined) => boolean,
  options?: WriteOptions,
): Promise<V | undefined>
export function when<K, V>(
  store: KeySource<K, V>,
  key: K,
  predicate: (value: V | undefined) => boolean,
  { signal }: WriteOptions = {},
): Promise<V | undefined> {
  const inside = insideOf(store)
  if (inside === undefined) return Promise.reject(invalidArgument('store', 'a store of tidemap', store))
  try {
    checkFunction('The predicate', predicate)
  } catch (error) {
    return Promise.reject(error)
  }
  const refusal = refuseSignal(signal)
  if (refusal !== undefined) return refusal
  let resolve!: (value: V | undefined) => void
  let reject!: (reason: unknown) => void
  const promise = new Promise<V | undefined>((onResolve, onReject) => {
    resolve = onResolve
    reject = onReject
  })
  let isOver = false
  const stops: (() => void)[] = []
  const end = (): void => {
    isOver = true
    for (const stop of stops) stop()
  }
  const look = (value: V | undefined): void => {
    try {
      if (!predicate(value)) return
      resolve(value)
    } catch (error) {
      reject(error)
    }
    end()
  }
  const onAbort = (): void => {
    reject(signal?.reason)
    end()
  }
  const onEnd = (): void => {
    promise.catch(() => {}) // a dropped promise is no unhandled rejection
    reject(storeDisposed())
    end()
  }
  signal?.addEventListener('abort', onAbort)
  stops.push(() => signal?.removeEventListener('abort', onAbort))
  stops.push(store.subscribeKey(key, look)) // before the first look: a predicate that writes hears of its write
  look(store.get(key))
  if (!isOver) stops.push(inside.onEnd(onEnd))
  return promise
}
