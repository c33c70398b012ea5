import { look } from '../core/change.ts'
import type { Absent } from '../core/vector.ts'
import { View } from '../core/view.ts'

/** What was read of a view: these keys with what was seen there, or so much that any change counts. */
export interface Reads<K, V> {
  readonly keys: Map<K, V | Absent>
  membership: boolean
  everything: boolean
}

/** A view that notes what is read through it. */
export class TrackingView<K, V> extends View<K, V> {
  readonly reads: Reads<K, V> = { keys: new Map(), membership: false, everything: false }
  readonly #view: View<K, V>

  constructor(view: View<K, V>) {
    super(null)
    this.#view = view
  }

  get size(): number {
    this.reads.membership = true
    return this.#view.size
  }

  get version(): number {
    return this.#whole().version
  }

  protected lookup(key: K): V | Absent {
    const value = look(this.#view, key)
    this.reads.keys.set(key, value)
    return value
  }

  keys(): MapIterator<K> {
    this.reads.membership = true
    return this.#view.keys()
  }

  entries(): MapIterator<[K, V]> {
    return this.#whole().entries()
  }

  values(): MapIterator<V> {
    return this.#whole().values()
  }

  forEach(callback: (value: V, key: K, view: View<K, V>) => void, thisArg?: unknown): void {
    this.#whole().forEach(callback, thisArg)
  }

  compare(a: K, b: K): number {
    return this.#whole().compare(a, b)
  }

  keysThatMayDiffer(older: View<K, V>): Iterable<K> | undefined {
    return this.#whole().keysThatMayDiffer(older)
  }

  #whole(): View<K, V> {
    this.reads.everything = true
    return this.#view
  }
}

/** Whether all that was read is known, and the same in `view`. */
export function isUnchanged<K, V>(reads: Reads<K, V>, view: View<K, V>): boolean {
  if (reads.everything || reads.membership) return false
  for (const [key, seen] of reads.keys) if (!Object.is(look(view, key), seen)) return false
  return true
}
