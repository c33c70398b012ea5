import type { Change, View } from '../index.ts'
import { ABSENT, type Absent } from './reading.ts'

/**
 * What React shows of a store where it has left out the writes of a pending transition: an older view with later changes on it. It has
 * an identity of its own, and is gone when the transition has been shown.
 *
 * It has all methods of a View and is no instance of it: this package asks tidemap for types only, so that it works with every copy of
 * it. Keys that are new follow in the order of the changes. Reading a key costs what it costs in the view below; everything else copies
 * the view once.
 */
class BranchView<K, V> implements Pick<View<K, V>, keyof View<K, V>> {
  readonly version: number
  readonly #base: View<K, V>
  readonly #changed: ReadonlyMap<K, V | Absent>
  #copy: Map<K, V> | undefined

  /** One on another is one on what that one lies on: a transition may be pending while thousands of writes come. */
  constructor(base: View<K, V>, changed: ReadonlyMap<K, V | Absent>, version: number) {
    const below: View<K, V> | BranchView<K, V> = base
    const isBranch = below instanceof BranchView
    this.version = version
    this.#base = isBranch ? below.#base : base
    this.#changed = isBranch ? new Map([...below.#changed, ...changed]) : changed
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

  get(key: K): V | undefined {
    if (!this.#changed.has(key)) return this.#base.get(key)
    const value = this.#changed.get(key)
    return value === ABSENT ? undefined : value
  }

  has(key: K): boolean {
    return this.#changed.has(key) ? this.#changed.get(key) !== ABSENT : this.#base.has(key)
  }

  changesSince(older: View<K, V>): Change<K, V>[] {
    const changes: Change<K, V>[] = []
    for (const key of new Set([...older.keys(), ...this.keys()])) {
      const value = this.get(key) as V
      const previous = older.get(key) as V
      if (!older.has(key)) changes.push({ type: 'add', key, value, previous: undefined })
      else if (!this.has(key)) changes.push({ type: 'delete', key, value: undefined, previous })
      else if (!Object.is(value, previous)) changes.push({ type: 'update', key, value, previous })
    }
    return changes
  }

  compare(a: K, b: K): number {
    const keys = [...this.keys()]
    return keys.indexOf(a) - keys.indexOf(b)
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
    for (const [key, value] of this.#whole) callback.call(thisArg, value, key, asView(this))
  }

  [Symbol.iterator](): MapIterator<[K, V]> {
    return this.entries()
  }

  get [Symbol.toStringTag](): string {
    return 'View'
  }

  supersede(): void {}

  keysThatMayDiffer(): undefined {
    return undefined
  }
}

const asView = <K, V>(branch: BranchView<K, V>): View<K, V> => branch as unknown as View<K, V>

/** `base` with `changed` on it. */
export const branchView = <K, V>(
  base: View<K, V>,
  changed: ReadonlyMap<K, V | Absent>,
  version: number,
): View<K, V> => asView(new BranchView(base, changed, version))
