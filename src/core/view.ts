import { type Change, changeOf, look } from './change.ts'
import { type Absent, isAbsent } from './vector.ts'

/**
 * An immutable snapshot of a whole map, with the read API of `ReadonlyMap`: what you render from, keep, and compare.
 *
 * When to use: whenever several keys must be read from one moment. When not: to read one key now, `store.get(k)` says the same.
 *
 * It never changes, whoever still holds it: values, membership, size and iteration order (a Map's: an update keeps its place, delete
 * and set again moves to the end). Taking one costs O(1), reading the newest one what a native Map costs, reading an old one about
 * 1.3 to 2.5 times that (the more keys, the more), whatever its age. Two views with the same identity have the same contents. A view
 * that nobody holds is ordinary garbage. It is not an instance of Map: `new Map(view)` copies it into one.
 *
 * Source of the idea: the `read` of Go's sync.Map, over a persistent vector (Bagwell, Clojure) instead of shared entries.
 *
 * @example
 * ```ts
 * import { createStore } from 'tidemap/store'
 *
 * const store = createStore([['a', 1], ['b', 2]])
 * const before = store.view
 * await store.set('a', 10)
 * before.get('a') // => 1
 * store.view.get('a') // => 10
 * store.view.changesSince(before) // => [{ type: 'update', key: 'a', value: 10, previous: 1 }]
 * ```
 */
export abstract class View<K, V> implements ReadonlyMap<K, V> {
  /**
   * V1: the native Map of the newest state, for as long as this view is a picture of it; at most one view of a map has it. Before the
   * map changes for the first time after the view was taken, `supersede` takes it away, and `lookup` answers from then on.
   */
  #newest: ReadonlyMap<K, V> | null

  /** How many keys it has. */
  abstract readonly size: number

  /** Grows with every view of the same map: of two views the one with the larger version is the later one. */
  abstract readonly version: number

  protected constructor(newest: ReadonlyMap<K, V> | null) {
    this.#newest = newest
  }

  /** The value of `key`, or `undefined`. Never waits. */
  get(key: K): V | undefined {
    const newest = this.#newest
    if (newest !== null) return newest.get(key)
    const value = this.lookup(key)
    return isAbsent(value) ? undefined : value
  }

  /** Whether `key` is there; tells a stored `undefined` from an absent key. */
  has(key: K): boolean {
    const newest = this.#newest
    return newest !== null ? newest.has(key) : !isAbsent(this.lookup(key))
  }

  /**
   * What has changed from `older` to this view, each key once: O(writes in between), and never more than O(size); after a `clear`, or a
   * `replace` of more than some, and for views of different maps, O(size). Works in both directions. Keys that only moved in the order
   * are not in it.
   */
  changesSince(older: View<K, V>): Change<K, V>[] {
    const changes: Change<K, V>[] = []
    if (older === this) return changes
    for (const key of this.#keysToCompare(older)) {
      const value = look(this, key)
      const previous = look(older, key)
      if (!Object.is(value, previous)) changes.push(changeOf(key, previous, value))
    }
    return changes
  }

  #keysToCompare(older: View<K, V>): Iterable<K> {
    const some = this.keysThatMayDiffer(older) ?? older.keysThatMayDiffer(this)
    return some ?? new Set([...older.keys(), ...this.keys()])
  }

  /** Which of two keys that it has comes first: negative for `a`, positive for `b`, as a comparator for `sort`. */
  abstract compare(a: K, b: K): number

  abstract entries(): MapIterator<[K, V]>
  abstract keys(): MapIterator<K>
  abstract values(): MapIterator<V>
  abstract forEach(callback: (value: V, key: K, view: View<K, V>) => void, thisArg?: unknown): void

  [Symbol.iterator](): MapIterator<[K, V]> {
    return this.entries()
  }

  /** Also keeps frameworks that wrap plain data in proxies (Vue) from wrapping a view. */
  get [Symbol.toStringTag](): string {
    return 'View'
  }

  /** V1: for the owner of the newest state, before it changes it. To anybody else it is no harm: this view reads slower from then on. */
  supersede(): void {
    this.#newest = null
  }

  /** The value of `key` in a view that is not, or no longer, the newest. */
  protected abstract lookup(key: K): V | Absent

  /** A superset of the keys in which the two differ, by value or by place, or `undefined` where only a full comparison can tell. */
  abstract keysThatMayDiffer(older: View<K, V>): Iterable<K> | undefined
}
