import type { Change, View } from '../index.ts'
import { branchView } from './branch-view.ts'
import { ABSENT, type Absent, find } from './reading.ts'

/** A write that says how the next value is made of the one before. */
export interface Recipe<K, V> {
  readonly key: K
  readonly recipe: (value: V | undefined) => V
}

/**
 * One promotion, as React is told of it: an action for the reducers of those who show it. Where React leaves out an earlier step, because
 * its transition is pending, this one is carried out on what is left: by its recipe, or else by the values it has set.
 *
 * Invariant: J1 carried out twice on the same it makes the same, to the identity: React calls reducers as often as it likes.
 */
export class Step<K, V> {
  readonly from: View<K, V>
  readonly to: View<K, V>
  readonly changes: readonly Change<K, V>[]
  /** Whether all that was told before had been shown when it was made. */
  readonly isFirst: boolean
  /** Whether keys came, went or moved. */
  readonly moved: boolean
  readonly #recipe: Recipe<K, V> | undefined
  /** J1 */
  readonly #made: Map<View<K, V>, View<K, V>> = new Map()
  readonly #values: Map<V | Absent, V> = new Map()

  constructor(
    from: View<K, V>,
    to: View<K, V>,
    changes: readonly Change<K, V>[],
    isFirst: boolean,
    moved: boolean,
    recipe: Recipe<K, V> | undefined,
  ) {
    this.from = from
    this.to = to
    this.changes = changes
    this.isFirst = isFirst
    this.moved = moved
    this.#recipe = recipe
  }

  /** The view that follows `view`. */
  after(view: View<K, V>): View<K, V> {
    if (view === this.from) return this.to
    const made = this.#made.get(view)
    if (made !== undefined) return made
    const changed = new Map<K, V | Absent>()
    for (const { key } of this.changes) changed.set(key, this.valueAfter(key, find(view, key)))
    const branch = branchView(view, changed, this.to.version)
    this.#made.set(view, branch)
    return branch
  }

  /** The value of `key` that follows `value`. */
  valueAfter(key: K, value: V | Absent): V | Absent {
    const recipe = this.#recipe
    if (recipe === undefined || !isSameKey(recipe.key, key) || Object.is(value, find(this.from, key))) {
      return find(this.to, key)
    }
    if (!this.#values.has(value)) this.#values.set(value, recipe.recipe(value === ABSENT ? undefined : value))
    return this.#values.get(value) as V
  }
}

/** As in a Map. */
export const isSameKey = (a: unknown, b: unknown): boolean => a === b || Object.is(a, b)
