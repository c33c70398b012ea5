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
 * Invariants: D1 `deleted` has only keys of the base, and none once `cleared`. D2 a key that the draft adds (or moves) is in `written`
 * and counted in `#added`. The base may change only in keys that the writer does not touch: it holds the turns of the others.
 */
export class Draft<K, V> implements Staged<K, V> {
  readonly #base: DraftBase<K, V>
  #cleared = false
  readonly deleted: Set<K> = new Set()
  readonly written: Map<K, V> = new Map()
  deletedInVain: Set<K> | undefined
  /** D2 */
  #added = 0

  constructor(base: DraftBase<K, V>) {
    this.#base = base
  }

  get cleared(): boolean {
    return this.#cleared
  }

  get size(): number {
    return (this.#cleared ? 0 : this.#base.size - this.deleted.size) + this.#added
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
    if (!this.written.has(key) && !this.#isInBase(key)) this.#added++
    this.written.set(key, value)
  }

  delete(key: K): boolean {
    const inBase = this.#isInBase(key)
    if (!inBase) {
      this.deletedInVain ??= new Set()
      this.deletedInVain.add(key)
    }
    if (this.written.delete(key)) {
      if (!inBase) this.#added--
    } else if (!inBase) return false
    if (inBase) this.deleted.add(key)
    return true
  }

  clear(): void {
    this.#cleared = true
    this.deleted.clear()
    this.written.clear()
    this.#added = 0
  }

  *entries(): Generator<[K, V], undefined, unknown> {
    if (!this.#cleared) {
      for (const [key, value] of this.#base.entries()) {
        if (this.#isInBase(key)) yield [key, this.written.has(key) ? (this.written.get(key) as V) : value]
      }
    }
    for (const entry of this.written) if (!this.#isInBase(entry[0])) yield [...entry]
  }

  /** Whether the base still answers for the place of `key`. */
  #isInBase(key: K): boolean {
    return !this.#cleared && !this.deleted.has(key) && this.#base.has(key)
  }
}
