import { ABSENT, type Absent } from '../core/vector.ts'
import { View } from '../core/view.ts'

/** What the pending layers make of one key. */
export interface Laid<V> {
  /** Whether the topmost layer gives the key a value, or deletes it. */
  readonly present: boolean
  readonly value: V | undefined
  /** How many layers delete the key below the topmost: it is where it would be after deleting and setting it again, at the end. */
  readonly deletions: number
  /** The topmost layer of the key, and how many lie over it. */
  readonly top: unknown
  readonly layers: number
}

/**
 * A view of confirmed state with pending layers over it: what you set is what you see.
 *
 * Its order is the one that carrying out the layers over the confirmed state would give: keys of the base keep their place, keys that
 * layers add follow in the order they were laid.
 */
export class LayeredView<K, V> extends View<K, V> {
  readonly version: number
  readonly #base: View<K, V>
  readonly #laid: View<K, Laid<V>>
  /** Whether a layer has cleared everything below. */
  readonly #cleared: boolean
  #size = -1

  constructor(base: View<K, V>, laid: View<K, Laid<V>>, cleared: boolean, version: number) {
    super(null)
    this.version = version
    this.#base = base
    this.#laid = laid
    this.#cleared = cleared
  }

  /** Counted when it is asked for, O(pending): a layer may be laid thousands of times between two looks. */
  get size(): number {
    if (this.#size < 0) {
      let size = this.#cleared ? 0 : this.#base.size
      this.#laid.forEach((laid, key) => {
        size += Number(laid.present) - Number(this.#isBelow(key))
      })
      this.#size = size
    }
    return this.#size
  }

  protected lookup(key: K): V | Absent {
    const laid = this.#laid.get(key)
    if (laid !== undefined) return laid.present ? (laid.value as V) : ABSENT
    if (!this.#isBelow(key)) return ABSENT
    return this.#base.get(key) as V
  }

  *entries(): MapIterator<[K, V]> {
    if (!this.#cleared) {
      for (const [key, value] of this.#base) {
        const laid = this.#laid.get(key)
        if (laid === undefined) yield [key, value]
        else if (laid.present && laid.deletions === 0) yield [key, laid.value as V]
      }
    }
    for (const [key, laid] of this.#laid) {
      if (laid.present && this.#isLast(key)) yield [key, laid.value as V]
    }
  }

  *keys(): MapIterator<K> {
    for (const [key] of this.entries()) yield key
  }

  *values(): MapIterator<V> {
    for (const [, value] of this.entries()) yield value
  }

  forEach(callback: (value: V, key: K, view: View<K, V>) => void, thisArg?: unknown): void {
    for (const [key, value] of this.entries()) callback.call(thisArg, value, key, this)
  }

  compare(a: K, b: K): number {
    const isLast = this.#isLast(a)
    if (isLast !== this.#isLast(b)) return isLast ? 1 : -1
    return (isLast ? this.#laid : this.#base).compare(a, b)
  }

  /** Whether a key that it has follows those of the base. */
  #isLast(key: K): boolean {
    return !this.#isBelow(key) || (this.#laid.get(key)?.deletions ?? 0) > 0
  }

  keysThatMayDiffer(older: View<K, V>): Iterable<K> | undefined {
    if (this.#cleared) return undefined
    if (!(older instanceof LayeredView)) return this.#differFrom(older, this.#laid.keys())
    if (older.#cleared) return undefined
    // keys that the same layer lies over in both say the same in both
    const laid = this.#laid.keysThatMayDiffer(older.#laid)
    return this.#differFrom(older.#base, laid ?? [...this.#laid.keys(), ...older.#laid.keys()])
  }

  #differFrom(base: View<K, V>, laid: Iterable<K>): Iterable<K> | undefined {
    const below = this.#base.keysThatMayDiffer(base)
    return below && new Set([...below, ...laid])
  }

  #isBelow(key: K): boolean {
    return !this.#cleared && this.#base.has(key)
  }
}
