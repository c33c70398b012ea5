import type { EntryState, Inspection } from '../core/read-dirty-map.ts'
import type { View } from '../core/view.ts'
import type { Unsubscribe } from './listeners.ts'
import type { KeyListener, KeysListener, ViewListener } from './subscriptions.ts'

/** The inside of a store, for tools and tests. */
export interface StoreInspection<K, V> extends Inspection<K, V> {
  readonly read: Map<K, EntryState<V>>
  /** How many views have been published. */
  readonly promotions: number
  /** How many writers hold a turn, and how many wait for one. */
  readonly running: number
  readonly waiting: number
  /** How many pending writes are shown over the confirmed state. */
  readonly layers: number
}

/** What all stores can do for a reader: none of it ever waits. */
export interface ReadableStore<K, V> extends Iterable<[K, V]> {
  /** The number of keys in the current view. */
  readonly size: number
  /** The value of `key` in the current view, or `undefined`. In a recipe or transaction use the draft: this does not see it. */
  get(key: K): V | undefined
  /** Whether the current view has `key`; tells a stored `undefined` from an absent key. */
  has(key: K): boolean
  keys(): IterableIterator<K>
  values(): IterableIterator<V>
  entries(): IterableIterator<[K, V]>
  forEach(callback: (value: V, key: K, view: View<K, V>) => void): void

  /** The current view: the one to render. The same object until a promotion changes something; O(1). See {@link View}. */
  readonly view: View<K, V>
  /** The same without pending layers: what every writer before has confirmed. `=== view` where nothing is pending. */
  readonly confirmed: View<K, V>

  /**
   * Calls `listener` once after every promotion, with the new view, the one before, and what changed between them (nothing, where a
   * pending write has been confirmed as it was shown). Not called at once.
   *
   * Rounds: the view advances first, then listeners run, synchronously, one round a promotion. A write made in a listener advances the
   * view at once and is told in a round of its own, after the current one. More than 1000 nested rounds: the write that would begin the
   * next throws `UPDATE_LOOP` in the listener. A listener that throws is reported to `onError`; nobody else notices.
   *
   * @returns a function that ends the subscription; also `Disposable`
   * @example
   * ```ts
   * import { createStore } from 'tidemap/store'
   *
   * const store = createStore([['a', 1]])
   * const seen: unknown[] = []
   * const stop = store.subscribe((view, previous, changes) => seen.push(changes[0]))
   * await store.set('a', 2)
   * stop()
   * seen // => [{ type: 'update', key: 'a', value: 2, previous: 1 }]
   * ```
   */
  subscribe(listener: ViewListener<K, V>): Unsubscribe
  /**
   * Calls `listener` when `key` is added, updated or deleted. Costs nothing when other keys change, however many there are; `key` need
   * not exist. Not called at once.
   *
   * @param equal values that are equal by it are no update for this subscription; by default every update the store publishes is
   */
  subscribeKey(key: K, listener: KeyListener<K, V>, equal?: (a: V, b: V) => boolean): Unsubscribe
  /** Calls `listener` when keys come, go, or change their order: membership only. */
  subscribeKeys(listener: KeysListener<K, V>): Unsubscribe
  /** Calls `listener` when the set of pending keys may have changed; ask {@link isPending} or {@link pendingKeys}. */
  subscribePending(listener: () => void): Unsubscribe

  /** Whether a pending write is laid over `key`: it is shown, and not confirmed yet. */
  isPending(key: K): boolean
  /** All keys that pending writes are laid over, as a Set of your own. */
  pendingKeys(): Set<K>
  /** Whether a writer of `key` would have to wait now; without a key: whether any writer runs or waits. */
  isBusy(...key: [] | [key: K]): boolean
  /** What the store holds inside, as Go's map would show it, and who works on it. O(n): for tools and tests. */
  inspect(): StoreInspection<K, V>
}
