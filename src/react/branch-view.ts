import { View } from '../index.ts'
import { ABSENT, type Absent } from './reading.ts'

/**
 * What React shows of a store where it has left out the writes of a pending transition: an older view with later changes on it. It has
 * an identity of its own, and is gone when the transition has been shown.
 *
 * Keys that are new follow in the order of the changes. Reading a key costs what the view below costs; iterating it, or its `size`,
 * copies the view once.
 */
export class BranchView<K, V> extends View<K, V> {
  readonly version: number
  readonly #base: View<K, V>
  readonly #changed: ReadonlyMap<K, V | Absent>
  #copy: Map<K, V> | undefined

  constructor(base: View<K, V>, changed: ReadonlyMap<K, V | Absent>, version: number) {
    super(null)
    this.version = version
    this.#base = base
    this.#changed = changed
  }

  get #whole(): Map<K, V> {
    if (this.#copy !== undefined) return this.#copy
    const copy = new Map(this.#base)
    for (const [key, value] of this.#changed) {
      if (value === ABSENT) copy.delete(key)
      else copy.set(key, value)
    }
    this.#copy = copy
    return copy
  }

  get size(): number {
    return this.#whole.size
  }

  override get(key: K): V | undefined {
    if (!this.#changed.has(key)) return this.#base.get(key)
    const value = this.#changed.get(key)
    return value === ABSENT ? undefined : value
  }

  override has(key: K): boolean {
    return this.#changed.has(key) ? this.#changed.get(key) !== ABSENT : this.#base.has(key)
  }

  entries(): MapIterator<[K, V]> {
    return this.#whole.entries()
  }

  keys(): MapIterator<K> {
    return this.#whole.keys()
  }

  values(): MapIterator<V> {
    return this.#whole.values()
  }

  forEach(callback: (value: V, key: K, view: View<K, V>) => void, thisArg?: unknown): void {
    for (const [key, value] of this.#whole) callback.call(thisArg, value, key, this)
  }

  keysThatMayDiffer(older: View<K, V>): Iterable<K> | undefined {
    return older === this.#base ? this.#changed.keys() : undefined
  }

  /** Never asked: `get` and `has` are its own. */
  protected lookup(): never {
    throw new Error('unreachable')
  }
}
