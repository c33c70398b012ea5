import { look } from '../core/change.ts'
import { ABSENT, type Absent } from '../core/vector.ts'
import type { View } from '../core/view.ts'
import type { DraftBase } from './draft.ts'
import { NOTHING, type Staged } from './staged.ts'

/** What a recipe wrote over one state, and what it found there before it wrote. */
export interface Outcome<K, V> {
  readonly staged: Staged<K, V>
  /** Each key it looked at or wrote, with the value below; `undefined` where it went over the map as a whole. */
  readonly seen: ReadonlyMap<K, V | Absent> | undefined
}

/**
 * A pending write that is a recipe: what it shows depends on what lies below it.
 *
 * Invariants: L1 the recipe is pure, so over a state in which all it looked at is the same, it writes the same: then it is not run, and
 * what it shows keeps its identity. L2 where the recipe throws, it shows nothing, until something below it has changed.
 */
export class RecipeLayer<K, V> implements Staged<K, V> {
  /** Whether it has no place in the line yet: it lies over all that have one. */
  isFloating = false
  readonly #run: (base: DraftBase<K, V>) => Staged<K, V>
  #last: Outcome<K, V> | undefined
  #hasFailed = false

  /** @param run carries the recipe out over `base`; throws what the recipe throws */
  constructor(run: (base: DraftBase<K, V>) => Staged<K, V>) {
    this.#run = run
  }

  get cleared(): boolean {
    return this.#shown.cleared
  }

  get deleted(): ReadonlySet<K> {
    return this.#shown.deleted
  }

  get written(): ReadonlyMap<K, V> {
    return this.#shown.written
  }

  get #shown(): Staged<K, V> {
    return this.#last?.staged ?? NOTHING
  }

  /** What it writes over `base`: L1. Changes nothing of what it shows. */
  over(base: View<K, V>): Outcome<K, V> {
    const last = this.#last
    if (last?.seen !== undefined && isSeenIn(last.seen, base)) return last
    const seen = new Map<K, V | Absent>()
    let isWhole = false
    const staged = this.#run({
      has(key) {
        const value = look(base, key)
        seen.set(key, value)
        return value !== ABSENT
      },
      peek: (key) => base.get(key),
      get size() {
        isWhole = true
        return base.size
      },
      get newest() {
        isWhole = true
        return base
      },
    })
    return { staged, seen: isWhole || staged.cleared ? undefined : seen }
  }

  /** Shows what it writes over `base` from now on. Throws what the recipe throws. */
  carryOut(base: View<K, V>): void {
    this.#last = this.over(base)
    this.#hasFailed = false
  }

  /** The same for a recipe that has been shown: L2; it is reported once. */
  replay(base: View<K, V>, report: (error: unknown) => void): void {
    try {
      this.carryOut(base)
    } catch (error) {
      this.#last = undefined
      if (!this.#hasFailed) report(error)
      this.#hasFailed = true
    }
  }
}

function isSeenIn<K, V>(seen: ReadonlyMap<K, V | Absent>, base: View<K, V>): boolean {
  for (const [key, value] of seen) if (!Object.is(look(base, key), value)) return false
  return true
}
