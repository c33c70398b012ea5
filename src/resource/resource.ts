import type { Unsubscribe } from '../store/listeners.ts'
import type { ObservableKind, ObservableOf } from '../store/observable-kind.ts'
import type { WriteOptions } from '../store/store.ts'
import type { TaggedPromise } from './flight.ts'
import type { Status } from './status.ts'

/** Picks keys by what is known of them. */
export type StatusPredicate<K, V> = (key: K, status: Status<V>) => boolean

/**
 * Remote state by key: what a loader brings is kept in a store, with its status beside it. See {@link createResource}.
 *
 * One generation number per key decides every race: what a load brings is stored only if nobody has written, invalidated or loaded the
 * key since it began. So a late answer never overwrites anything newer. A `set` meanwhile wins: who waits gets what was set, and the
 * loader's signal aborts. After a `delete` nothing is stored: who waits gets what is loaded all the same, and who asks afterwards sets off
 * a load of its own.
 *
 * Errors are in the status, never in the map, and a promise that was dropped is no unhandled rejection. The promises reject with the very
 * error of the loader, with `signal.reason`, or with `STORE_DISPOSED` or `RESOURCE_DISPOSED`; `KEY_NOT_LOADED` where `loadMany` leaves a
 * key out; `INVALID_ARGUMENT` for a signal that is none.
 */
export interface Resource<K, V> {
  /** The value in the store's current view, or `undefined`; loads nothing. Counts as use: what is read now and then is not forgotten. */
  get(key: K): V | undefined
  /**
   * The confirmed value of `key`: at once where it is there, also a stale one, which is loaded again in the background; else what is
   * loaded, by the one flight of the key.
   *
   * Without a signal it is the same promise for everybody until it settles, and afterwards as long as the value stays; its `status`,
   * `value` and `reason` are what React's `use` reads. With a signal it is a promise of its own: on abort it rejects at once, and when the
   * last who waited has gone and nobody watches, the load is called off and everything is as it was before.
   *
   * After a failure the next call tries again: where rendering calls this, look at `status(key)` first.
   */
  load(key: K): TaggedPromise<V>
  load(key: K, options: WriteOptions | undefined): Promise<V>
  /** As {@link load}, but what is there will do, however stale. */
  ensure(key: K, options?: WriteOptions): Promise<V>
  /** Loads `key` now, in place of a load that is under way; who waits for that gets the newer result. */
  refetch(key: K, options?: WriteOptions): Promise<V>
  /** Loads what is absent or stale of `keys`. Resolves when all have ended, and never rejects. */
  prefetch(keys: Iterable<K>): Promise<void>
  /**
   * Makes values stale, whatever their age: of one key, of those a predicate picks, or of all. Loads again what somebody watches or waits
   * for; a load under way began too early and is replaced. Resolves when these loads have ended, and never rejects.
   *
   * A function is taken for a predicate, unless it is a key that this resource knows.
   */
  invalidate(...which: [] | [key: K | StatusPredicate<K, V>]): Promise<void>

  /** What is known of `key`. Loads nothing. */
  status(key: K): Status<V>
  /** Calls `listener` whenever the status of `key` has changed, its value included. Not called at once. Counts as use. */
  subscribeStatus(key: K, listener: (status: Status<V>) => void): Unsubscribe
  /** Somebody looks at `key`: it is not forgotten, and loaded again on focus, on reconnect and every `refetchInterval`. Loads nothing now. */
  watch(key: K): Unsubscribe

  /**
   * Ends it, as the end of the store does: who waits is rejected (quietly), what is under way is aborted, every timer and listener goes. The
   * values stay in the store.
   */
  dispose(): void
}

/** A resource over a store that has observables. */
export interface ObservableResource<K, V, Kind extends ObservableKind> extends Resource<K, V> {
  /** {@link Resource.status} as an observable of the store's kind: emits on subscribe; completes when the store is disposed. */
  status$(key: K): ObservableOf<Kind, Status<V>>
}
