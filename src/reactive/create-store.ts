import { entriesFrom } from '../store/create-store.ts'
import { resolveOptions, type StoreOptions } from '../store/options.ts'
import { ObservableMapStore } from './observable-store.ts'
import { draftRunner } from './recipe.ts'
import type { ObjectStore, Store } from './store.ts'

/**
 * Makes a store with draft recipes and observables: from entries, or from a plain object whose properties type their keys.
 *
 * When to use: keyed state that components subscribe to and async code writes. When not: where rxjs and immer are not wanted in the
 * bundle, take the same store from `tidemap/store`. Make one store per request on a server.
 *
 * @param entries pairs `[key, value]`, a Map, another store or view; or a plain object; nothing for an empty store
 * @throws `INVALID_ARGUMENT` where entries or options have the wrong shape
 * @example
 * ```ts
 * import { createStore } from 'tidemap'
 *
 * const store = createStore<string, { title: string; done: boolean }>()
 * const titles: (string | undefined)[] = []
 * store.key$('t1').subscribe((todo) => titles.push(todo?.title))
 * await store.set('t1', { title: 'write', done: false })
 * await store.update('t1', (draft) => {
 *   if (draft) draft.title = 'write it well'
 * })
 * titles // => [undefined, 'write', 'write it well']
 * ```
 */
export function createStore<K, V>(
  entries?: Iterable<readonly [K, V]> | null,
  options?: StoreOptions<V>,
): Store<K, V>
export function createStore<T extends object>(shape: T, options?: StoreOptions<T[keyof T]>): ObjectStore<T>
export function createStore(source?: unknown, options?: StoreOptions<unknown>): unknown {
  return new ObservableMapStore(entriesFrom(source), resolveOptions(options), draftRunner())
}
