import { invalidArgument } from '../errors.ts'
import { checkFunction } from '../store/arguments.ts'
import type { HasObservables, ObservableKind } from '../store/observable-kind.ts'
import { LiveView } from './live-view.ts'
import { OrderedResult, type Plan } from './ordered-result.ts'
import type { Collection, ObservableCollection, ViewSource } from './source.ts'

/** What a query shows, and in which order. All of it is optional. */
export interface QueryOptions<K, V> {
  /** Which entries it has. Default: all. */
  readonly where?: ((value: V, key: K) => boolean) | undefined
  /**
   * A comparator, as for `Array.sort`: negative where `a` comes first. Entries for which it gives 0 (or `NaN`) stand in the order of the
   * source. Default: the order of the source.
   */
  readonly orderBy?: ((a: V, b: V, keyOfA: K, keyOfB: K) => number) | undefined
  /** At most so many entries. Default: no limit. */
  readonly limit?: number | undefined
  /** So many entries are left out at the front. Default: 0. */
  readonly offset?: number | undefined
}

/**
 * A live, ordered part of a store: always what `[...source.view].filter(…).sort(…).slice(…)` gives, at O(log n) for each changed key.
 *
 * When to use: lists that are filtered, sorted or paged, over many rows of which few change at a time. When not: for a few hundred rows
 * or a computed value, `store.select` is simpler and small enough.
 *
 * It costs nothing until it is read or subscribed to; then O(n log n) once. While nobody subscribes it catches up when it is read, by
 * what has changed since; with subscribers it follows the rounds of its source. It shows what `source.view` shows, pending layers
 * included. Queries compose: a query is a source for others.
 *
 * `where` and `orderBy` must be pure. Where they throw, the reader gets the error (or the store's `onError`, in a round; subscribers are
 * not told), the result stays as it was, and the next reading or promotion tries again. An `orderBy` that contradicts itself, as
 * `a.price - b.price` does with `NaN` in it, gives some order, as with `sort`, and may cost O(n) a change.
 *
 * @param source a store of `tidemap` or `tidemap/store`, or another collection
 * @throws `INVALID_ARGUMENT` where the source or an option has the wrong shape
 * @example
 * ```ts
 * import { query } from 'tidemap/collection'
 * import { createStore } from 'tidemap/store'
 *
 * const todos = createStore([['a', { title: 'write', rank: 2 }], ['b', { title: 'test', rank: 1 }]])
 * const first = query(todos, { orderBy: (a, b) => a.rank - b.rank, limit: 1 })
 * const keys = () => [...first.keys()]
 * keys() // => ['b']
 * await todos.set('a', { title: 'write', rank: 0 })
 * keys() // => ['a']
 * ```
 */
export function query<K, V, Kind extends ObservableKind>(
  source: ViewSource<K, V> & HasObservables<Kind>,
  options?: QueryOptions<K, V>,
): ObservableCollection<K, V, Kind>
export function query<K, V>(source: ViewSource<K, V>, options?: QueryOptions<K, V>): Collection<K, V>
export function query<K, V>(source: ViewSource<K, V>, options: QueryOptions<K, V> = {}): Collection<K, V> {
  const plan = planOf(options)
  return new LiveView(source, (view) => new OrderedResult(plan, view))
}

/** Checks them, and throws `INVALID_ARGUMENT`. */
export function planOf<K, V>({ where, orderBy, limit, offset = 0 }: QueryOptions<K, V>): Plan<K, V> {
  if (where !== undefined) checkFunction('options.where', where)
  if (orderBy !== undefined) checkFunction('options.orderBy', orderBy)
  if (limit !== undefined) checkCount('options.limit', limit)
  checkCount('options.offset', offset)
  return {
    where,
    orderBy,
    start: offset,
    end: limit === undefined ? Number.POSITIVE_INFINITY : offset + limit,
  }
}

function checkCount(name: string, value: number): void {
  if (!(Number.isSafeInteger(value) && value >= 0))
    throw invalidArgument(name, 'a whole number from 0 on', value)
}
