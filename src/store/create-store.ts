import { invalidArgument } from '../errors.ts'
import { entriesOf } from './arguments.ts'
import { MapStore } from './map-store.ts'
import type { ObjectStore } from './object-store.ts'
import { resolveOptions, type StoreOptions } from './options.ts'
import { runPlain } from './recipe.ts'
import type { Store } from './store.ts'

/**
 * Makes a store: from entries, or from a plain object whose properties type their keys.
 *
 * When to use: keyed state that components subscribe to and async code writes. When not: one value that only one component needs; for
 * draft recipes and observables import it from `tidemap`. Make one store per request on a server.
 *
 * @param entries pairs `[key, value]`, a Map, another store or view; or a plain object; nothing for an empty store
 * @throws `INVALID_ARGUMENT` where entries or options have the wrong shape
 * @example
 * ```ts
 * import { createStore } from 'tidemap/store'
 *
 * const rows = createStore<string, number>([['a', 1]])
 * await rows.set('b', 2)
 * rows.size // => 2
 *
 * const session = createStore({ user: 'ann', visits: 0 })
 * await session.update('visits', (n) => n + 1)
 * session.get('visits') // => 1
 * ```
 */
export function createStore<K, V>(
  entries?: Iterable<readonly [K, V]> | null,
  options?: StoreOptions<V>,
): Store<K, V>
export function createStore<T extends object>(shape: T, options?: StoreOptions<T[keyof T]>): ObjectStore<T>
export function createStore(source?: unknown, options?: StoreOptions<unknown>): unknown {
  return new MapStore(entriesFrom(source), resolveOptions(options), runPlain)
}

/** The entries of whatever a store may be made from. */
export function entriesFrom(source: unknown): readonly (readonly [unknown, unknown])[] {
  if (source === undefined || source === null) return []
  if (typeof source === 'object') {
    if (Symbol.iterator in source) return entriesOf(source as Iterable<readonly [unknown, unknown]>)
    const prototype = Object.getPrototypeOf(source)
    if (prototype === null || Object.getPrototypeOf(prototype) === null) return Object.entries(source)
  }
  throw invalidArgument('entries', 'entries or a plain object', source) // also a promise of entries that was not awaited
}
