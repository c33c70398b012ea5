import type { Change, ObjectView, View } from '../index.ts'

/**
 * What the hooks ask of a store: any store of tidemap, from whichever entry, any query over one, and whatever else has this shape.
 * `view` is the same object until something has changed; listeners are called after that, and not when they are added.
 */
export interface Source<K, V> {
  readonly view: View<K, V>
  subscribe(
    listener: (view: View<K, V>, previous: View<K, V>, changes: readonly Change<K, V>[]) => void,
  ): () => void
  subscribeKey(key: K, listener: () => void): () => void
}

/** {@link Source} that also tells membership: what `useKeys` asks for. */
export interface KeysSource<K, V> extends Source<K, V> {
  subscribeKeys(listener: () => void): () => void
}

/** What `usePending` asks for. */
export interface PendingSource<K> {
  isPending(key: K): boolean
  pendingKeys(): ReadonlySet<K>
  subscribePending(listener: () => void): () => void
}

/** What `useKeyState` asks for. */
export interface WritableSource<K, V> extends Source<K, V> {
  set(key: K, value: NoInfer<V>): Promise<void>
}

/** A store made from a plain object: each key is typed by its own property. */
export interface ShapeSource<T extends object> extends Source<keyof T, T[keyof T]> {
  readonly view: ObjectView<T>
}

export interface WritableShapeSource<T extends object> extends ShapeSource<T> {
  set<P extends keyof T>(key: P, value: T[P]): Promise<void>
}
