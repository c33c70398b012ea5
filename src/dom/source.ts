import type { ObjectView, Unsubscribe, View } from '../index.ts'

/**
 * What binding one key needs of a store. Both stores of tidemap have it, and so has anything else of this shape: it is asked for, not a
 * class.
 */
export interface KeySource<K, V> {
  readonly view: Pick<View<K, V>, 'get'>
  subscribeKey(key: K, listener: (value: V | undefined) => void): Unsubscribe
}

/** {@link KeySource} of a store made from a plain object: each key has the type of its property. */
export interface ObjectKeySource<T extends object> {
  readonly view: ObjectView<T>
  subscribeKey<P extends keyof T>(key: P, listener: (value: T[P]) => void): Unsubscribe
}

/** {@link KeySource} that can be written to. What a busy key is set to must be shown at once, as the stores of tidemap do. */
export interface FieldStore<K, V> extends KeySource<K, V> {
  set(key: K, value: V | PromiseLike<V>): PromiseLike<void>
}

/** {@link ObjectKeySource} that can be written to. */
export interface ObjectFieldStore<T extends object> extends ObjectKeySource<T> {
  set<P extends keyof T>(key: P, value: T[P] | PromiseLike<T[P]>): PromiseLike<void>
}
