import type { View } from '../core/view.ts'
import { invalidArgument } from '../errors.ts'
import { type Inside, insideOf } from '../store/brand.ts'
import type { Unsubscribe } from '../store/listeners.ts'
import type { HasObservables, ObservableKind, ObservableOf } from '../store/observable-kind.ts'
import type { KeyListener, KeysListener, ViewListener } from '../store/subscriptions.ts'

/** What a collection is made over: a store of `tidemap` or `tidemap/store`, or another collection. */
export interface ViewSource<K, V> {
  readonly view: View<K, V>
  subscribe(listener: ViewListener<K, V>): Unsubscribe
}

/** What a collection needs of the store at the bottom. */
export type Ports = Pick<Inside<unknown, unknown>, 'report' | 'onEnd' | 'observe'>

/** The same symbol in every copy of the package, as for stores. */
const PORTS = /* @__PURE__ */ Symbol.for('tidemap.collection')

export function passOn(collection: object, ports: Ports): void {
  Object.defineProperty(collection, PORTS, { value: ports })
}

export function portsOf(source: unknown): Ports {
  const inside = insideOf(source)
  if (inside !== undefined) return inside
  if (typeof source === 'object' && source !== null && PORTS in source) return source[PORTS] as Ports
  throw invalidArgument('The source', 'a store or a collection of tidemap', source)
}

/** A live result over a source: what a store offers to its readers, computed. */
export interface Collection<K, V> extends ViewSource<K, V>, Iterable<[K, V]>, Disposable {
  /**
   * The result as an immutable view, in its order: the same object until the result changes, with the very values of the source. It
   * always agrees with `source.view`, also in the middle of a round. What the collection's functions throw is thrown here; the next
   * reading tries again.
   */
  readonly view: View<K, V>
  readonly size: number
  get(key: K): V | undefined
  has(key: K): boolean
  keys(): MapIterator<K>
  values(): MapIterator<V>
  entries(): MapIterator<[K, V]>
  forEach(callback: (value: V, key: K, view: View<K, V>) => void): void
  /**
   * Calls `listener` once after every promotion of the source that changed the result, with the new view, the one before, and what
   * changed between them. Not called at once. Rounds, errors and unsubscribing are as in a store.
   */
  subscribe(listener: ViewListener<K, V>): Unsubscribe
  /** Calls `listener` when `key` comes into the result, changes in it, or goes. */
  subscribeKey(key: K, listener: KeyListener<K, V>): Unsubscribe
  /** Calls `listener` when keys come, go, or change their order. */
  subscribeKeys(listener: KeysListener<K, V>): Unsubscribe
  /** Ends all its subscriptions. It can still be read. One that nobody subscribes to needs no disposing: it is ordinary garbage. */
  dispose(): void
}

/** A collection over a store that has observables has them too. */
export interface ObservableCollection<K, V, Kind extends ObservableKind>
  extends Collection<K, V>,
    HasObservables<Kind> {
  /** Emits the view on subscribe, then each one after it; completes when the collection or the store is disposed. */
  readonly view$: ObservableOf<Kind, View<K, V>>
}
