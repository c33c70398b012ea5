import type { Staged } from './staged.ts'

/** What a draft lies over: the map of confirmed state, or for a layer what is shown below it. */
export interface DraftBase<K, V> {
  readonly size: number
  has(key: K): boolean
  get(key: K): V | undefined
  entries(): Iterable<[K, V]>
}

/**
 * What one running writer has written and not committed, and what it reads: its own writes over the confirmed state. Dropping it is
 * the rollback.
 *
 * Invariants: D1 a key of the base is the base's own for as long as it is neither in `deleted` nor `cleared`, and keeps its place there.
 * D2 `#grown` is by how much it has more keys than the base, or than nothing once `cleared`. The base may change only in keys that the
 * writer does not touch: it holds the turns of the others.
 */
export class Draft<K, V> implements Staged<K, V> {
  cleared = false
  readonly deleted: Set<K> = new Set()
  readonly written: Map<K, V> = new Map()
  readonly #base: DraftBase<K, V>
  /** D2 */
  #grown = 0

  constructor(base: DraftBase<K, V>) {
    this.#base = base
  }

  get size(): number {
    return (this.cleared ? 0 : this.#base.size) + this.#grown
  }

  get(key: K): V | undefined {
    const value = this.written.get(key)
    if (value !== undefined || this.written.has(key)) return value
    return this.#isInBase(key) ? this.#base.get(key) : undefined
  }

  has(key: K): boolean {
    return this.written.has(key) || this.#isInBase(key)
  }

  set(key: K, value: V): void {
    if (!this.has(key)) this.#grown++
    this.written.set(key, value)
  }

  delete(key: K): boolean {
    const hadKey = this.has(key)
    if (hadKey) this.#grown--
    this.written.delete(key)
    this.deleted.add(key)
    return hadKey
  }

  clear(): void {
    this.cleared = true
    this.deleted.clear()
    this.written.clear()
    this.#grown = 0
  }

  *entries(): Generator<[K, V], undefined, unknown> {
    if (!this.cleared) {
      for (const [key, value] of this.#base.entries()) {
        if (this.#isInBase(key)) yield [key, this.written.has(key) ? (this.written.get(key) as V) : value]
      }
    }
    for (const entry of this.written) if (!this.#isInBase(entry[0])) yield entry
  }

  /** D1 */
  #isInBase(key: K): boolean {
    return !this.cleared && !this.deleted.has(key) && this.#base.has(key)
  }
}
