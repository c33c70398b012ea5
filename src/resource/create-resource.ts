import { invalidArgument } from '../errors.ts'
import { insideOf } from '../store/brand.ts'
import type { OptionalKey } from '../store/object-store.ts'
import type { HasObservables, ObservableKind } from '../store/observable-kind.ts'
import type { WritableStore } from '../store/store.ts'
import type { ObservableResource, Resource } from './resource.ts'
import {
  type ObjectResourceOptions,
  type ResourceOptions,
  resolveResourceOptions,
} from './resource-options.ts'
import { StoreResource } from './store-resource.ts'

/**
 * Makes a resource: remote state by key, kept in a store. Loaded once however many ask, shown while it is loaded again, tried again when
 * it fails, forgotten when nobody uses it. The words are TanStack Query's; what differs is that the values live in a store that you may
 * write, and that every race is decided the same way: see {@link Resource}.
 *
 * When to use: values of a server that several parts of an application read. When not: a value that is made once is `loadOrCompute`; one
 * that only one caller needs is a `fetch`. One store may have several resources, for different keys.
 *
 * Over a store of a fixed shape it is a resource of the keys that its loader names: `load: async (key: 'user') => …`. Only optional ones: a
 * key that is always there would count as loaded from the start, and what nobody uses is deleted.
 *
 * @throws `INVALID_ARGUMENT` where an option has the wrong shape
 * @example
 * ```ts
 * import { createResource } from 'tidemap/resource'
 * import { createStore } from 'tidemap/store'
 *
 * const store = createStore<string, { name: string }>()
 * const users = createResource({
 *   store,
 *   load: async (id: string, { signal }) => fetchUser(id, signal),
 *   staleTime: 60_000,
 * })
 *
 * users.status('ann').status // => 'pending'
 * const ann = await users.load('ann')
 * ann // => { name: 'ann' }
 * users.status('ann').status // => 'success'
 * store.get('ann') === ann // => true
 * users.dispose()
 *
 * async function fetchUser(id: string, _signal: AbortSignal): Promise<{ name: string }> {
 *   return { name: id }
 * }
 * ```
 */
export function createResource<K, V, Kind extends ObservableKind>(
  options: ResourceOptions<K, V> & { readonly store: HasObservables<Kind> },
): ObservableResource<K, V, Kind>
export function createResource<K, V>(options: ResourceOptions<K, V>): Resource<K, V>
export function createResource<T extends object, P extends OptionalKey<T>, Kind extends ObservableKind>(
  options: ObjectResourceOptions<T, P> & { readonly store: HasObservables<Kind> },
): ObservableResource<P, T[P], Kind>
export function createResource<T extends object, P extends OptionalKey<T>>(
  options: ObjectResourceOptions<T, P>,
): Resource<P, T[P]>
export function createResource(
  options: Omit<ResourceOptions<unknown, unknown>, 'store'> & { readonly store: unknown },
): Resource<unknown, unknown> {
  const inside = insideOf<unknown, unknown>(options?.store)
  if (inside === undefined) throw invalidArgument('options.store', 'a store of tidemap', options?.store)
  const store = options.store as WritableStore<unknown, unknown>
  const resource = new StoreResource(store, inside, resolveResourceOptions(options))
  const { observe } = inside
  if (observe === undefined) return resource
  const status$ = (key: unknown): unknown =>
    observe(
      () => resource.status(key),
      (next) => resource.subscribeStatus(key, next),
    )
  return Object.assign(resource, { status$ })
}
