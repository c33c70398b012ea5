import { invalidArgument } from '../errors.ts'
import { type Inside, insideOf } from '../store/brand.ts'
import type { WritableObjectStore } from '../store/object-store.ts'
import type { WritableStore, WriteOptions } from '../store/store.ts'
import { Computation, type Computed, type Factory } from './computation.ts'
import { Loads } from './loads.ts'

/**
 * The value of `key`, or else what `factory` makes of it, stored: `[actual, loaded]`, where `loaded` tells that the value was there, or
 * was put there by somebody else meanwhile.
 *
 * When to use: a value that is expensive to make or to fetch, asked for by several callers, made once. When not: a value at hand is
 * `store.loadOrStore`; a value that goes stale, is retried or shown with its status is `createResource`.
 *
 * - **Single flight**: while it is being computed, everybody who asks for the key of this store waits for that one run; their factories
 *   are not called. Different keys do not wait for each other.
 * - **No turn is held** while the factory runs; it may read and write the store. Only its result takes a turn of the key. The factory is
 *   called before this returns, where the key is free and absent.
 * - **A `set` or `delete` meanwhile wins**, an equal or vain one too. After a set everybody gets what was set, with `loaded` true, and the
 *   factory's signal aborts. After a delete the computed value is stored nowhere: who has waited for it gets it all the same, with
 *   `loaded` false, and who asks from then on sets off a computation of its own, because this one began before the delete.
 * - **A failure** (a throw, a rejection) rejects everybody who waits, with the very error; nothing is stored, the next call tries again.
 *
 * @param factory called with `(key, { signal })`; may return the value, or anything that can be awaited
 * @param options `signal`: on abort this caller's promise rejects with `signal.reason`, at once. The others go on waiting; when the last
 *   one has left, the factory's signal aborts, and the next call starts anew at once, whether the factory has ended or not
 * @returns rejects with `INVALID_ARGUMENT` (no store of tidemap, no function, no signal) and `STORE_DISPOSED` (also while it is being
 *   computed); throws `LOCK_REENTRANT` where a recipe or transaction asks its own store
 * @example
 * ```ts
 * import { createStore } from 'tidemap/store'
 * import { loadOrCompute } from 'tidemap/resource'
 *
 * const avatars = createStore<string, string>()
 * let requests = 0
 * const fetchAvatar = async (name: string) => `${name}.png, request ${++requests}`
 * const [first, second] = await Promise.all([
 *   loadOrCompute(avatars, 'ann', fetchAvatar),
 *   loadOrCompute(avatars, 'ann', fetchAvatar),
 * ])
 * first // => ['ann.png, request 1', false]
 * second // => ['ann.png, request 1', false]
 * await loadOrCompute(avatars, 'ann', fetchAvatar) // => ['ann.png, request 1', true]
 * ```
 *
 * Source of the idea: singleflight of Go's `golang.org/x/sync`, with a way out for each caller.
 */
export function loadOrCompute<K, V>(
  store: WritableStore<K, V>,
  key: K,
  factory: Factory<K, V>,
  options?: WriteOptions,
): Promise<Computed<V>>
export function loadOrCompute<T extends object, P extends keyof T>(
  store: WritableObjectStore<T>,
  key: P,
  factory: Factory<P, T[P]>,
  options?: WriteOptions,
): Promise<Computed<T[P]>>
export function loadOrCompute(
  store: unknown,
  key: unknown,
  factory: Factory<unknown, unknown>,
  options?: WriteOptions,
): Promise<Computed<unknown>> {
  const inside = insideOf<unknown, unknown>(store)
  if (inside === undefined) return Promise.reject(invalidArgument('store', 'a store of tidemap', store))
  if (typeof factory !== 'function')
    return Promise.reject(invalidArgument('The factory', 'a function', factory))
  const signal = options?.signal
  const refusal = inside.line.refusal(options)
  if (refusal !== undefined) return refusal
  const found = flightOf(inside, key)
  if (found !== undefined) return found.join(signal)
  const computation = new Computation(inside, key, factory)
  const promise = computation.join(signal) // first: what looking and computing set off may end it
  computation.start()
  return promise
}

/** Flights of another copy of the package have the same methods. */
const flightOf = (
  inside: Inside<unknown, unknown>,
  key: unknown,
): Computation<unknown, unknown> | undefined =>
  Loads.of(inside.state).flights.get(key) as Computation<unknown, unknown> | undefined
