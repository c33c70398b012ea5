import type { View } from '../core/view.ts'
import type { DraftBase } from './draft.ts'
import { NOTHING, type Staged } from './staged.ts'
import { isUnchanged, type Reads, TrackingView } from './tracking-view.ts'

/** What a recipe wrote over one state, and what it found there before it wrote. */
export interface Outcome<K, V> {
  readonly staged: Staged<K, V>
  /** Each key it looked at or wrote is in it, with the value below; everything, where it cleared what was there. */
  readonly reads: Reads<K, V>
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
    if (last !== undefined && isUnchanged(last.reads, base)) return last
    const view = new TrackingView(base)
    const staged = this.#run(view)
    const { reads } = view
    reads.everything ||= staged.cleared
    return { staged, reads }
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
