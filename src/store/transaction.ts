import type { Found, Previous } from '../core/read-dirty-map.ts'
import { notInTransaction, transactionClosed } from '../errors.ts'
import { entriesOf, synchronous } from './arguments.ts'
import { Draft, type DraftBase } from './draft.ts'
import type { RecipeRunner } from './recipe.ts'
import type { IfBusy } from './write-options.ts'
import { contextOf, type RecipeContext } from './writer.ts'

/**
 * What a transaction works with: the synchronous Map and Go API over its draft. It sees its own writes over the confirmed state, nobody
 * else sees them before the end.
 *
 * When to use: inside the function that `transaction` or `batch` was given. When not: afterwards; every method throws
 * `TRANSACTION_CLOSED` once the transaction has ended. With declared `keys`, another key, or anything that needs the whole map
 * (`size`, iteration, `clear`, `replace`), throws `KEY_NOT_IN_TRANSACTION`. `D` is the value as a recipe gets it: a draft in `tidemap`.
 */
export interface Transaction<K, V, D = V> extends Iterable<[K, V]> {
  readonly size: number
  get(key: K): V | undefined
  has(key: K): boolean
  keys(): IterableIterator<K>
  values(): IterableIterator<V>
  entries(): IterableIterator<[K, V]>
  forEach(callback: (value: V, key: K) => void): void
  set(key: K, value: V): void
  /** Whether the key was there. */
  delete(key: K): boolean
  clear(): void
  setMany(entries: Iterable<readonly [K, V]>): void
  /** Exactly these entries, in this order. */
  replace(entries: Iterable<readonly [K, V]>): void
  /** Runs a synchronous recipe, as the store's `update` does, and gives the next value. An async one throws `INVALID_ARGUMENT`. */
  update(
    key: K,
    recipe: (value: D | undefined, context: RecipeContext) => V | D | undefined | void,
  ): V | undefined
  load(key: K): Found<V>
  loadOrStore(key: K, value: V): [actual: V, loaded: boolean]
  loadAndDelete(key: K): Previous<V>
  swap(key: K, value: V): Previous<V>
  compareAndSwap(key: K, old: V, value: V): boolean
  compareAndDelete(key: K, old: V): boolean
  /** Aborts when the transaction does. */
  readonly signal: AbortSignal
}

export interface TransactionOptions<K, Tx = never> {
  /** The keys it may touch: only their turns are taken. Without it, the turn of the whole map. */
  readonly keys?: Iterable<K> | undefined
  /** Ends it: out of the queue, or rolled back while it runs; the promise rejects with `signal.reason`. */
  readonly signal?: AbortSignal | undefined
  /** For people: warnings and errors name it. */
  readonly label?: string | undefined
  /** What is shown from the call until the transaction has committed or failed: a pure, synchronous recipe, as in {@link UpdateOptions}. */
  readonly optimistic?: ((tx: Tx) => void) | undefined
  /** What it does where one of its turns is taken: {@link IfBusy}. */
  readonly ifBusy?: 'queue' | 'latest' | 'fail' | undefined
}

/** The same with `'skip'`: it may resolve to `undefined` without having run. */
export interface SkippableTransactionOptions<K, Tx = never>
  extends Omit<TransactionOptions<K, Tx>, 'ifBusy'> {
  readonly ifBusy?: IfBusy | undefined
}

/** A Transaction over a Draft: checks that it is open and that the key is one of its own, at every call. */
export class DraftTransaction<K, V> implements Transaction<K, V> {
  readonly #draft: Draft<K, V>
  readonly #keys: ReadonlySet<K> | undefined
  readonly #equal: (a: V, b: V) => boolean
  readonly #runRecipe: RecipeRunner
  readonly #writer: RecipeContext & { readonly label: string }
  #isOpen = true

  constructor(
    base: DraftBase<K, V>,
    keys: ReadonlySet<K> | undefined,
    writer: RecipeContext & { readonly label: string },
    equal: (a: V, b: V) => boolean,
    runRecipe: RecipeRunner,
  ) {
    this.#draft = new Draft(base)
    this.#keys = keys
    this.#equal = equal
    this.#runRecipe = runRecipe
    this.#writer = writer
  }

  get signal(): AbortSignal {
    return this.#writer.signal
  }

  get size(): number {
    return this.#all().size
  }

  get(key: K): V | undefined {
    return this.#one(key).get(key)
  }

  has(key: K): boolean {
    return this.#one(key).has(key)
  }

  entries(): IterableIterator<[K, V]> {
    return this.#walk((key, value) => [key, value])
  }

  keys(): IterableIterator<K> {
    return this.#walk((key) => key)
  }

  values(): IterableIterator<V> {
    return this.#walk((_key, value) => value)
  }

  [Symbol.iterator](): IterableIterator<[K, V]> {
    return this.entries()
  }

  forEach(callback: (value: V, key: K) => void): void {
    for (const [key, value] of this.entries()) callback(value, key)
  }

  set(key: K, value: V): void {
    this.#one(key).set(key, value)
  }

  delete(key: K): boolean {
    return this.#one(key).delete(key)
  }

  clear(): void {
    this.#all().clear()
  }

  setMany(entries: Iterable<readonly [K, V]>): void {
    const all = entriesOf(entries)
    this.#mustBeOpen()
    for (const [key] of all) this.#one(key) // refused as a whole, before any of it is written
    for (const [key, value] of all) this.set(key, value)
  }

  replace(entries: Iterable<readonly [K, V]>): void {
    const next = entriesOf(entries)
    this.clear()
    this.setMany(next)
  }

  update(
    key: K,
    recipe: (value: V | undefined, context: RecipeContext) => V | undefined | void,
  ): V | undefined {
    const value = this.get(key)
    const result = this.#runRecipe(value, recipe, key, contextOf(this.#writer))
    const next = synchronous('The recipe of tx.update', result)
    if (next !== undefined || this.has(key)) this.set(key, next as V)
    return next
  }

  load(key: K): Found<V> {
    return this.has(key) ? [this.get(key) as V, true] : [undefined, false]
  }

  loadOrStore(key: K, value: V): [actual: V, loaded: boolean] {
    const found = this.load(key)
    if (found[1]) return found
    this.set(key, value)
    return [value, false]
  }

  loadAndDelete(key: K): Previous<V> {
    const previous = this.load(key)
    this.delete(key)
    return previous
  }

  swap(key: K, value: V): Previous<V> {
    const previous = this.load(key)
    this.set(key, value)
    return previous
  }

  compareAndSwap(key: K, old: V, value: V): boolean {
    if (!this.#holds(key, old)) return false
    this.set(key, value)
    return true
  }

  compareAndDelete(key: K, old: V): boolean {
    return this.#holds(key, old) && this.delete(key)
  }

  /** It has ended: a handle that is kept shouts at its next use. */
  close(): Draft<K, V> {
    this.#isOpen = false
    return this.#draft
  }

  #holds(key: K, old: V): boolean {
    return this.has(key) && this.#equal(this.get(key) as V, old)
  }

  /** Checked at the call, and again at every step: an iterator can outlive its transaction too. */
  #walk<T>(pick: (key: K, value: V) => T): IterableIterator<T> {
    return this.#steps(this.#all().entries(), pick)
  }

  *#steps<T>(entries: Iterable<[K, V]>, pick: (key: K, value: V) => T): Generator<T, undefined, unknown> {
    this.#all()
    for (const [key, value] of entries) {
      yield pick(key, value)
      this.#all()
    }
  }

  #one(key: K): Draft<K, V> {
    this.#mustBeOpen()
    if (this.#keys !== undefined && !this.#keys.has(key)) throw notInTransaction(this.#writer.label, key)
    return this.#draft
  }

  #all(): Draft<K, V> {
    this.#mustBeOpen()
    if (this.#keys !== undefined) throw notInTransaction(this.#writer.label)
    return this.#draft
  }

  #mustBeOpen(): void {
    if (!this.#isOpen) throw transactionClosed(this.#writer.label)
  }
}
