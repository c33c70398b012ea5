import { VersionedMap } from '../core/versioned-map.ts'
import type { View } from '../core/view.ts'
import { type Laid, LayeredView } from './layered-view.ts'
import { RecipeLayer } from './recipe-layer.ts'
import { type Staged, touchedBy } from './staged.ts'

/** A pending write that is already shown: what it writes, or a recipe for it. */
export type Layer<K, V> = Staged<K, V> | RecipeLayer<K, V>

/**
 * The pending layers of a store, and what they make of each key together.
 *
 * Invariants: Y1 `#laid` is what carrying out the layers in order over the confirmed state does to each key they touch. Y2 while no
 * layer is a recipe: a layer is taken away when its writer has its turn, and writers of one key take turns in the order of their calls:
 * so it is the lowest layer of each of its keys, and only a key that has no other changes. Only a layer that fails can be in the middle;
 * then Y1 is restored by carrying out the others again. Y3 while a layer is a recipe, any change of what is confirmed or of the layers
 * breaks Y1, and {@link replay} restores it in the same step; nothing else writes `#laid`. Y4 the order is that of the commits,
 * as far as it is known: first the layers whose writers have a place in the line, in the order of their places, over them those that
 * wait for something else (`isFloating`), in the order of their calls.
 */
export class Layers<K, V> {
  readonly #layers: Set<Layer<K, V>> = new Set()
  readonly #laid: VersionedMap<K, Laid<V>> = new VersionedMap()
  #recipes = 0
  /** Y3: whether a layer has left since the last replay, the last recipe perhaps. */
  #isStale = false
  /** How many of the layers clear what is below them. */
  #clearing = 0
  /** Whether `#laid` has a key where a layer has put it that is confirmed by now: right only while the base has the key. */
  #isDisordered = false

  get isEmpty(): boolean {
    return this.#layers.size === 0
  }

  get size(): number {
    return this.#layers.size
  }

  get hasRecipes(): boolean {
    return this.#recipes > 0
  }

  /** Y3: whether {@link replay} must be called before what is shown is looked at, though no recipe is left. */
  get isStale(): boolean {
    return this.#isStale
  }

  /** What the layers make of each key they touch. */
  get laid(): View<K, Laid<V>> {
    return this.#laid.view
  }

  /** Whether a layer hides everything that is confirmed. */
  get isClearing(): boolean {
    return this.#clearing > 0
  }

  get(key: K): Laid<V> | undefined {
    return this.#laid.get(key)
  }

  /** The keys laid over one by one. */
  keys(): MapIterator<K> {
    return this.#laid.view.keys()
  }

  /** Every key that a layer writes or deletes, shown or hidden. */
  *touched(): Generator<K, undefined, unknown> {
    for (const layer of this.#layers) yield* touchedBy(layer)
  }

  has(layer: Layer<K, V>): boolean {
    return this.#layers.has(layer)
  }

  over(base: View<K, V>, version: number): View<K, V> {
    return new LayeredView(base, this.#laid.view, this.isClearing, version)
  }

  add(layer: Layer<K, V>): void {
    this.#layers.add(layer)
    if (layer instanceof RecipeLayer) this.#recipes++
    if (!this.hasRecipes) this.#carryOut(layer)
  }

  /** Its writer has got its place in the line: Y4. Whether that has changed the order. */
  lineUp(layer: RecipeLayer<K, V>): boolean {
    const isFirst = [...this.#layers].find(isFloating) === layer
    layer.isFloating = false
    this.#layers.delete(layer)
    this.#layers.add(layer)
    return !isFirst
  }

  /** Y3: carries out all of them again, over `base`. */
  replay(base: View<K, V>, report: (error: unknown) => void): void {
    this.#reset()
    const layers = [...this.#layers].sort((a, b) => Number(isFloating(a)) - Number(isFloating(b)))
    for (const layer of layers) {
      if (layer instanceof RecipeLayer) layer.replay(this.over(base, 0), report)
      if (this.has(layer)) this.#carryOut(layer) // a recipe may have disposed the store
    }
  }

  #carryOut(layer: Layer<K, V>): void {
    if (layer.cleared) {
      this.#clearing++
      this.#laid.clear()
    }
    for (const key of layer.deleted) this.#lay(key, layer, false, undefined)
    for (const [key, value] of layer.written) this.#lay(key, layer, true, value)
  }

  /** Its writer has its turn: what it wrote is confirmed, or about to be, in the same step. */
  confirm(layer: Layer<K, V>): void {
    if (this.#leave(layer)) return
    if (layer.cleared) this.#clearing--
    if (this.#clearing === 0) this.#lift(layer) // below a layer that clears there is nothing to lift
  }

  /** Its writer will never have its turn. O(its keys) where it is alone on them, or lies below others on keys that `base` has. */
  fail(layer: Layer<K, V>, base: { has(key: K): boolean }): void {
    const isSimple =
      this.hasRecipes ||
      (this.#clearing === 0 && touchedBy(layer).every((key) => this.#canLift(key, layer, base)))
    if (isSimple) return this.confirm(layer)
    this.#leave(layer)
    this.#carryOutAgain()
  }

  /** Whether Y3 takes care of the rest. */
  #leave(layer: Layer<K, V>): boolean {
    this.#layers.delete(layer)
    if (!this.hasRecipes) return false
    if (layer instanceof RecipeLayer) this.#recipes--
    this.#isStale = true
    return true
  }

  /** The base has lost keys: those that layers still show stand where the layers that are left put them. */
  reorder(): void {
    if (this.#isDisordered) this.#carryOutAgain()
  }

  /** Y1 */
  #carryOutAgain(): void {
    this.#reset()
    for (const layer of this.#layers) this.#carryOut(layer)
  }

  /** None of their writers will have its turn. */
  clear(): void {
    this.#layers.clear()
    this.#recipes = 0
    this.#reset()
  }

  #reset(): void {
    this.#laid.clear()
    this.#clearing = 0
    this.#isDisordered = false
    this.#isStale = false
  }

  #lay(key: K, top: Layer<K, V>, present: boolean, value: V | undefined): void {
    const { layers = 0, deletions = 0, present: isPresent = true } = this.#laid.get(key) ?? {}
    if (present && !isPresent) this.#laid.delete(key) // deleted and set again: at the end
    this.#laid.set(key, {
      present,
      value,
      deletions: isPresent ? deletions : deletions + 1,
      top,
      layers: layers + 1,
    })
  }

  /** Whether taking `layer` away leaves `key` as it is, or as it is in the base, and where it is. */
  #canLift(key: K, layer: Layer<K, V>, base: { has(key: K): boolean }): boolean {
    const laid = this.#laid.get(key)
    if (laid === undefined || laid.layers === 1) return laid !== undefined
    return laid.top !== layer && laid.deletions === 0 && base.has(key)
  }

  #lift(layer: Layer<K, V>): void {
    for (const key of layer.deleted) this.#liftOne(key, layer, 1)
    for (const key of layer.written.keys()) this.#liftOne(key, layer, 0)
  }

  #liftOne(key: K, layer: Layer<K, V>, deletions: number): void {
    const laid = this.#laid.get(key)
    if (laid === undefined) return
    if (laid.top === layer) {
      this.#laid.delete(key)
      return
    }
    this.#laid.set(key, { ...laid, layers: laid.layers - 1, deletions: laid.deletions - deletions })
    this.#isDisordered ||= laid.present
  }
}

const isFloating = (layer: object): boolean => layer instanceof RecipeLayer && layer.isFloating
