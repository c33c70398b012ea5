import type { Found, Previous } from '../core/read-dirty-map.ts'
import type { ReadableStore } from './readable.ts'
import type { Selection, Selector } from './select.ts'
import type { SkippableTransactionOptions, Transaction, TransactionOptions } from './transaction.ts'
import type { IfBusy, WriteOptions } from './write-options.ts'
import type { RecipeContext } from './writer.ts'

export type { IfBusy, WriteOptions }

/** What a write that needs nothing of the old value takes. */
export interface LayeredOptions extends WriteOptions {
  readonly ifBusy?: IfBusy | undefined
  /** `false`: wait unseen where the key is busy. Default: shown at once, as a pending layer, and confirmed in its turn. */
  readonly optimistic?: boolean | undefined
}

/** What Go's operations take: one step that must give its answer, so it can wait or fail, and not be left out. */
export interface AtomicOptions extends WriteOptions {
  readonly ifBusy?: 'queue' | 'fail' | undefined
}

export interface UpdateOptions<R = never> extends WriteOptions {
  readonly ifBusy?: IfBusy | undefined
  /**
   * What is shown of `key` from the call until the writer has committed or failed: a pure, synchronous recipe over what lies below it,
   * replayed whenever that has changed. Between its layer and what is committed no other state is ever shown.
   */
  readonly optimistic?: R | undefined
  /** For people: warnings and errors name it. */
  readonly label?: string | undefined
}

/**
 * A reactive map whose readers never wait and whose writers take turns.
 *
 * | kind | methods | guarantee |
 * |---|---|---|
 * | snapshot read | `get has size keys values entries forEach view confirmed` | synchronous; one consistent state; views only go forward |
 * | linearizable read | `load` | after all writers of the key that were called before it, before those called later |
 * | plain write | `set delete setMany replace clear` | shown before the call returns, confirmed in its turn |
 * | read-modify-write | `update transaction batch loadOrStore loadAndDelete swap compareAndSwap compareAndDelete` | alone on its keys from its turn to its end; once |
 *
 * A writer that finds its turn free and has nothing to await is applied and published before the call returns; its promise is settled.
 * All writers, `load` and reads of `confirmed` agree with one serial order that respects real time (strict serializability).
 *
 * Every writing method: on abort (`signal`) it leaves the queue, or is rolled back while it runs, at once, and rejects with
 * `signal.reason` untouched; what a recipe throws rejects the promise as it is; a failed write leaves the last view, the queue and every
 * other writer as they were. Codes: `STORE_DISPOSED` (rejected, and never an unhandled rejection), `INVALID_ARGUMENT` (rejected),
 * `LOCK_BUSY` and `SUPERSEDED` (rejected, by `ifBusy`; the latter never an unhandled rejection), `LOCK_REENTRANT` (thrown at once into a recipe or transaction that writes to its own store), `UPDATE_LOOP` (thrown into a listener).
 */
export interface WritableStore<K, V, D = V> extends ReadableStore<K, V> {
  /**
   * Sets `key` to `value`; an equal value changes nothing. What you set is what you see: where another writer holds the turn of `key`,
   * it is shown at once and confirmed in its turn, so a text field bound to a key never loses a character.
   *
   * Given a promise it takes its turn now and stores what the promise resolves to: the order of calls decides, not the order of arrival. A
   * rejection stores nothing and rejects the returned promise.
   */
  set(key: K, value: V | PromiseLike<V>, options?: LayeredOptions): Promise<void>
  /** Deletes `key`. Resolves to whether it was there when its turn came. */
  delete(key: K, options?: LayeredOptions): Promise<boolean>
  /** Deletes every key. */
  clear(options?: LayeredOptions): Promise<void>
  /** Sets all entries in one step: one promotion, one round. */
  setMany(entries: Iterable<readonly [K, V]>, options?: LayeredOptions): Promise<void>
  /** Exactly these entries in this order, in one step. Keys whose value stays equal are no change. */
  replace(entries: Iterable<readonly [K, V]>, options?: LayeredOptions): Promise<void>

  /**
   * The confirmed value of `key`: waits for the writers of `key` that came before it and for no others; a free key is answered before
   * the call returns. For rendering use `get`.
   */
  load(key: K, options?: WriteOptions): Promise<Found<V>>
  /** The value that is there, or else `value`, stored now. Eager: a function is a value. */
  loadOrStore(key: K, value: V, options?: AtomicOptions): Promise<[actual: V, loaded: boolean]>
  /** Deletes `key` and tells what was there. */
  loadAndDelete(key: K, options?: AtomicOptions): Promise<Previous<V>>
  /** Sets `key` and tells what was there. */
  swap(key: K, value: V, options?: AtomicOptions): Promise<Previous<V>>
  /** Sets `key` to `value` if its value equals `old`; an absent key equals nothing, not even `undefined`. */
  compareAndSwap(key: K, old: V, value: V, options?: AtomicOptions): Promise<boolean>
  /** Deletes `key` if its value equals `old`. */
  compareAndDelete(key: K, old: V, options?: AtomicOptions): Promise<boolean>

  /**
   * Runs `body` on a draft that nobody else sees and makes it confirmed in one step when `body` has resolved: one promotion, one round.
   * If it throws, rejects or is aborted: nothing at all. Resolves to what `body` resolves to.
   *
   * When to use: several keys that must change together, reads that must fit each other, and awaits in between. When not: one key is
   * `update`; writes without awaits are `batch`. Without `keys` it holds the turn of the whole map: declare `keys` where it awaits long.
   *
   * Codes: `KEY_NOT_IN_TRANSACTION` and `TRANSACTION_CLOSED`, thrown by `tx`.
   *
   * @example
   * ```ts
   * import { createStore } from 'tidemap/store'
   *
   * const store = createStore([['ann', 10], ['bob', 0]])
   * await store.transaction(async (tx) => {
   *   await Promise.resolve()
   *   tx.set('ann', tx.get('ann')! - 4)
   *   tx.set('bob', tx.get('bob')! + 4)
   * }, { keys: ['ann', 'bob'] })
   * const entries = [...store]
   * entries // => [['ann', 6], ['bob', 4]]
   * ```
   */
  transaction<T>(
    body: (tx: Transaction<K, V, D>) => T | PromiseLike<T>,
    options?: TransactionOptions<K, Transaction<K, V, D>>,
  ): Promise<T>
  transaction<T>(
    body: (tx: Transaction<K, V, D>) => T | PromiseLike<T>,
    options?: SkippableTransactionOptions<K, Transaction<K, V, D>>,
  ): Promise<T | undefined>
  /**
   * The synchronous form of {@link transaction}: `body` runs at once where the whole map is free, else in its turn, and must not return
   * a promise (`INVALID_ARGUMENT`, rolled back).
   */
  batch<T>(body: (tx: Transaction<K, V, D>) => T): Promise<T>

  /** Publishes what is committed and not published yet; with `promotion: 'commit'` there never is anything. */
  promote(): void
  /** Resolves when no writer runs or waits. */
  idle(): Promise<void>
  /**
   * Ends the store: who waits is rejected with `STORE_DISPOSED`, who runs may end, later writes are rejected; subscriptions end,
   * observables complete. Reading goes on working. Never makes an unhandled rejection.
   */
  dispose(): void
}

/** {@link WritableStore} with plain recipes: the store of `tidemap/store`. */
export interface Store<K, V> extends WritableStore<K, V> {
  /**
   * Replaces the value of `key` by what `recipe` makes of it, alone on that key from its turn to its end; the recipe may await. Other
   * keys go on. Resolves to the new value.
   *
   * A key that is absent gives the recipe `undefined`; returning `undefined` for it leaves it absent. The recipe runs once. If it throws,
   * rejects or is aborted, nothing changes and the next writer of the key is not affected.
   *
   * @example
   * ```ts
   * import { createStore } from 'tidemap/store'
   *
   * const store = createStore([['n', 0]])
   * const increment = async (n = 0) => {
   *   await Promise.resolve()
   *   return n + 1
   * }
   * await Promise.all([store.update('n', increment), store.update('n', increment), store.update('n', increment)])
   * store.get('n') // => 3
   * ```
   */
  update(
    key: K,
    recipe: (value: V | undefined, context: RecipeContext) => V | undefined | PromiseLike<V | undefined>,
    options?: UpdateOptions<(value: V | undefined) => V | undefined>,
  ): Promise<V | undefined>
  /**
   * A value derived from one view: it recomputes only when a key that `selector` read has changed, at most once a promotion, and tells
   * its subscribers only when the result is not equal to the one before.
   *
   * @param equal which results count as equal; default `Object.is`
   * @example
   * ```ts
   * import { createStore } from 'tidemap/store'
   *
   * const store = createStore([['price', 5], ['count', 2], ['note', 0]])
   * const total = store.select((view) => view.get('price')! * view.get('count')!)
   * total.value // => 10
   * await store.set('count', 3)
   * total.value // => 15
   * ```
   */
  select<R>(selector: Selector<K, V, R>, equal?: (a: R, b: R) => boolean): Selection<R>
}
