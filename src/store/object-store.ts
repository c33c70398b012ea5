import type { Change } from '../core/change.ts'
import type { Found, Previous } from '../core/read-dirty-map.ts'
import type { View } from '../core/view.ts'
import type { Unsubscribe } from './listeners.ts'
import type { Selection } from './select.ts'
import type { AtomicOptions, LayeredOptions, UpdateOptions, WritableStore, WriteOptions } from './store.ts'
import type { SkippableTransactionOptions, Transaction, TransactionOptions } from './transaction.ts'
import type { RecipeContext } from './writer.ts'

/** The keys of a shape that may be missing: only those can be deleted. */
export type OptionalKey<T> = { [P in keyof T]-?: undefined extends T[P] ? P : never }[keyof T]

/** A pair `[key, value]` of a shape. */
type EntryOf<T> = { [P in keyof T]-?: readonly [P, T[P]] }[keyof T]

/** A View of a fixed shape: each key has the type of its property. */
export interface ObjectView<T extends object> extends View<keyof T, T[keyof T]> {
  get<P extends keyof T>(key: P): T[P]
}

/** A Transaction over a fixed shape; `D` is the shape as recipes get it. */
export interface ObjectTransaction<T extends object, D extends Record<keyof T, unknown> = T>
  extends Omit<Transaction<keyof T, T[keyof T]>, Typed | 'clear' | 'replace' | 'setMany'> {
  get<P extends keyof T>(key: P): T[P]
  set<P extends keyof T>(key: P, value: T[P]): void
  delete(key: OptionalKey<T>): boolean
  update<P extends keyof T>(key: P, recipe: (value: D[P], context: RecipeContext) => T[P] | D[P] | void): T[P]
  load<P extends keyof T>(key: P): Found<T[P]>
  loadOrStore<P extends keyof T>(key: P, value: T[P]): [actual: T[P], loaded: boolean]
  loadAndDelete<P extends OptionalKey<T>>(key: P): Previous<T[P]>
  swap<P extends keyof T>(key: P, value: T[P]): Previous<T[P]>
  compareAndSwap<P extends keyof T>(key: P, old: T[P], value: T[P]): boolean
  compareAndDelete<P extends OptionalKey<T>>(key: P, old: T[P]): boolean
}

type Typed =
  | 'get'
  | 'set'
  | 'delete'
  | 'update'
  | 'load'
  | 'loadOrStore'
  | 'loadAndDelete'
  | 'swap'
  | 'compareAndSwap'
  | 'compareAndDelete'

/**
 * A store made from a plain object: the same store, with each key typed by its own property. What would change the shape (`clear`,
 * `replace`, deleting a key that is not optional) is not offered; `setMany` takes entries whose values fit their keys.
 */
export interface WritableObjectStore<T extends object, D extends Record<keyof T, unknown> = T>
  extends Omit<
    WritableStore<keyof T, T[keyof T]>,
    Typed | 'view' | 'confirmed' | 'subscribeKey' | 'transaction' | 'batch' | 'clear' | 'replace' | 'setMany'
  > {
  readonly view: ObjectView<T>
  readonly confirmed: ObjectView<T>
  get<P extends keyof T>(key: P): T[P]
  subscribeKey<P extends keyof T>(
    key: P,
    listener: (value: T[P], previous: T[P], change: Change<keyof T, T[keyof T]>) => void,
    equal?: (a: T[P], b: T[P]) => boolean,
  ): Unsubscribe
  set<P extends keyof T>(key: P, value: T[P] | PromiseLike<T[P]>, options?: LayeredOptions): Promise<void>
  setMany(entries: Iterable<EntryOf<T>>, options?: LayeredOptions): Promise<void>
  delete(key: OptionalKey<T>, options?: LayeredOptions): Promise<boolean>
  load<P extends keyof T>(key: P, options?: WriteOptions): Promise<Found<T[P]>>
  loadOrStore<P extends keyof T>(
    key: P,
    value: T[P],
    options?: AtomicOptions,
  ): Promise<[actual: T[P], loaded: boolean]>
  loadAndDelete<P extends OptionalKey<T>>(key: P, options?: AtomicOptions): Promise<Previous<T[P]>>
  swap<P extends keyof T>(key: P, value: T[P], options?: AtomicOptions): Promise<Previous<T[P]>>
  compareAndSwap<P extends keyof T>(key: P, old: T[P], value: T[P], options?: AtomicOptions): Promise<boolean>
  compareAndDelete<P extends OptionalKey<T>>(key: P, old: T[P], options?: AtomicOptions): Promise<boolean>
  transaction<R>(
    body: (tx: ObjectTransaction<T, D>) => R | PromiseLike<R>,
    options?: TransactionOptions<keyof T, ObjectTransaction<T, D>>,
  ): Promise<R>
  transaction<R>(
    body: (tx: ObjectTransaction<T, D>) => R | PromiseLike<R>,
    options?: SkippableTransactionOptions<keyof T, ObjectTransaction<T, D>>,
  ): Promise<R | undefined>
  batch<R>(body: (tx: ObjectTransaction<T, D>) => R): Promise<R>
}

/** {@link WritableObjectStore} with plain recipes: what `createStore({ … })` of `tidemap/store` makes. */
export interface ObjectStore<T extends object> extends WritableObjectStore<T> {
  update<P extends keyof T>(
    key: P,
    recipe: (value: T[P], context: RecipeContext) => T[P] | PromiseLike<T[P]>,
    options?: UpdateOptions<(value: T[P]) => T[P]>,
  ): Promise<T[P]>
  select<R>(selector: (view: ObjectView<T>) => R, equal?: (a: R, b: R) => boolean): Selection<R>
}
