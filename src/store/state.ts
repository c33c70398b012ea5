import { type Change, changeOf, look } from '../core/change.ts'
import { type Found, ReadDirtyMap } from '../core/read-dirty-map.ts'
import { ABSENT, type Absent } from '../core/vector.ts'
import type { View } from '../core/view.ts'
import { type Layer, Layers } from './layers.ts'
import { changeBy, changesBy, type Difference, type Net } from './net.ts'
import type { ResolvedOptions } from './options.ts'
import { RecipeLayer } from './recipe-layer.ts'
import { sameOrder } from './same-order.ts'
import { NOTHING, type Staged, touchedBy, type WriteHook } from './staged.ts'
import type { Subscriptions } from './subscriptions.ts'

/**
 * The state of a store: confirmed in SyncMap's protocol, with the pending layers over it, and published by promotion.
 *
 * All of it is synchronous: whoever calls a method that writes holds the turns of the keys it writes (the store's turns stand for the
 * map's mutex: nobody else has this map). Rounds are put in the queue here and told by {@link Subscriptions.flush}, when the writer
 * has given its turn back.
 *
 * Invariants: P1 no user code runs between `#open` and `#publish`, `equal` has been asked before; but the recipes of layers, which are
 * replayed last, may not write, and see what readers see. P2 while `#before` is set, readers
 * see it: the last published views. P3 `#shown` has, for every key whose shown value may have changed since the last promotion, the
 * value shown then. P4 a promotion that changes nothing anybody can see is none. P5 where recipes were replayed, the changes are
 * what the two views differ in. P6 where nothing lies over what is confirmed and nothing waits to be published, a write is its own
 * promotion: what it changes is known before it is made, and nothing of it has to be kept in `#shown`.
 */
export class State<K, V> {
  readonly map: ReadDirtyMap<K, V>
  readonly layers: Layers<K, V> = new Layers()
  hook: WriteHook<K> | undefined
  readonly #subscriptions: Subscriptions<K, V>
  readonly #equal: (a: V, b: V) => boolean
  readonly #seal: (value: V) => void
  readonly #promotion: ResolvedOptions<V>['promotion']
  readonly #report: (error: unknown) => void
  #promotions = 0
  /** P2 */
  #before: { readonly view: View<K, V>; readonly confirmed: View<K, V> } | undefined
  /** P3 */
  #shown: Map<K, V | Absent> = new Map()
  #isOpen = false
  #moved = false
  #pending = false
  #isScheduled = false
  #isReplaying = false
  #isReplayed = false
  #layered: View<K, V> | undefined

  constructor(
    entries: Iterable<readonly [K, V]>,
    subscriptions: Subscriptions<K, V>,
    options: ResolvedOptions<V>,
  ) {
    this.map = new ReadDirtyMap(entries)
    this.#subscriptions = subscriptions
    this.#equal = options.equal
    this.#seal = options.seal
    this.#promotion = options.promotion
    this.#report = options.report
  }

  get view(): View<K, V> {
    return this.#before?.view ?? this.newestShown
  }

  get confirmed(): View<K, V> {
    return this.#before?.confirmed ?? this.map.newest
  }

  get promotions(): number {
    return this.#promotions
  }

  /** `view.get(key)`, by the shortest way. */
  get(key: K): V | undefined {
    if (this.#before === undefined && this.layers.isEmpty) return this.map.get(key)
    return this.view.get(key)
  }

  /** The confirmed value; counts a miss where it is not published yet. */
  load(key: K): Found<V> {
    const found = this.map.find(key)
    if (this.#shown.has(key)) {
      if (this.#promotion !== 'misses') this.map.countMissLocked()
      else if (this.map.missLocked()) this.promote()
    }
    return found
  }

  isPending(key: K): boolean {
    return this.layers.get(key) !== undefined || (this.layers.isClearing && this.map.has(key))
  }

  /** The keys laid over, as of now. */
  pendingKeys(): Set<K> {
    return new Set([...this.layers.keys(), ...(this.layers.isClearing ? this.map.newest.keys() : [])])
  }

  /** One key: the hot path. */
  set(key: K, value: V): void {
    const map = this.map
    const previous = map.get(key)
    const isUpdate = previous !== undefined || map.has(key)
    const isSame = isUpdate && this.#equal(value, previous as V)
    if (!isSame) this.#seal(value)
    this.hook?.wrote(key)
    if (isSame) return
    const subscriptions = this.#subscriptions
    if (!this.#isPlain) return this.#write({ ...NOTHING, written: new Map([[key, value]]) })
    const before = subscriptions.wantsViews ? map.newest : undefined
    const listeners = subscriptions.of(key)
    map.commitOneLocked(key, value)
    this.#promotions++
    if (before === undefined && listeners === undefined) return
    // no -0: a Map has it as 0, and so have the changes of all other writes
    const change = changeOf(key === 0 ? (0 as K) : key, isUpdate ? (previous as V) : ABSENT, value)
    if (before !== undefined) subscriptions.announce({ changes: [change], views: [map.newest, before] })
    else if (listeners !== undefined) subscriptions.announceOne(listeners, change)
  }

  /** Makes it confirmed, with `layer`, which showed it so far, taken away in the same step. One promotion. Cannot fail. */
  commit({ staged, change }: Net<K, V>, layer?: Layer<K, V>): void {
    const isLaid = layer !== undefined && this.layers.has(layer)
    this.hook?.wroteAll(staged)
    if (isLaid) {
      this.#open()
      this.#touchLayer(layer)
      this.layers.confirm(layer)
      this.#pending = true
    }
    if (change === undefined) {
      if (isLaid) this.#layersChanged()
    } else this.#write(change)
  }

  /** Freezes what is to be shown before its turn. The value's own code may throw: to be called before anything else is done. */
  seal(staged: Staged<K, V>): void {
    for (const value of staged.written.values()) this.#seal(value)
  }

  /** Shows a pending write at once. */
  lay(layer: Layer<K, V>): void {
    this.#open(this.layers.hasRecipes || layer instanceof RecipeLayer)
    this.#touchLayer(layer)
    this.layers.add(layer)
    this.#moved ||= layer.cleared || layer.deleted.size > 0 // what is deleted may come back before the promotion
    this.#layersChanged()
  }

  /** What a writer's task does with its layer, if it has one. */
  shows(layer: Layer<K, V> | undefined): { lay?: () => void; cancel?: () => void } {
    return layer === undefined ? {} : { lay: () => this.lay(layer), cancel: () => this.fail(layer) }
  }

  /** The writer of a floating layer waits in the line from now on. */
  lineUp(layer: RecipeLayer<K, V>): void {
    if (!this.layers.lineUp(layer)) return
    this.#open()
    this.#layersChanged()
  }

  /** A pending write has failed: its layer goes, those over it stay. */
  fail(layer: Layer<K, V>): void {
    if (!this.layers.has(layer)) return
    this.#open()
    this.#touchLayer(layer)
    this.layers.fail(layer, this.map)
    this.#moved ||= layer.cleared || !this.layers.isEmpty
    this.#layersChanged()
  }

  /** The same for all of them in one step: one after the other would cost the square of their number. */
  failAll(): void {
    if (this.layers.isEmpty) return
    this.#open()
    this.#touch(this.pendingKeys())
    this.#moved = true
    this.layers.clear()
    this.#layersChanged()
  }

  /** Publishes what has been committed since the last promotion; a no-op where that is nothing. */
  promote(): void {
    if (!this.#isOpen || this.#isReplaying) return
    this.map.publishLocked()
    this.#announce()
  }

  #layersChanged(): void {
    this.#pending = true
    if (this.layers.isEmpty) this.map.renewLocked() // the versions of layered views lie above the last one of this
    this.#publish()
  }

  /** What `staged` comes to over the confirmed state. Asks `equal`, which may throw; changes nothing. */
  prepare(staged: Staged<K, V>): Net<K, V> {
    return { staged, change: changeBy(staged, this.map, this.#equal, this.#seal) }
  }

  /** {@link prepare} and {@link commit} in one. Whether it has changed anything. */
  write(staged: Staged<K, V>, layer?: Layer<K, V>): boolean {
    const net = this.prepare(staged)
    this.commit(net, layer)
    return net.change !== undefined
  }

  /** P6 */
  get #isPlain(): boolean {
    return this.#promotion === 'commit' && this.layers.isEmpty && !this.#isOpen
  }

  /** P6, or the long way. */
  #write(change: Difference<K, V>): void {
    if (!this.#isPlain) return this.#writeUnder(change)
    const { deleted, written, moved } = change
    const { map } = this
    const changes = this.#isWatched ? changesBy(deleted ?? map.keys(), written, map) : undefined
    const before = this.#subscriptions.wantsViews ? map.newest : undefined
    this.#make(change)
    this.#promotions++
    if (changes === undefined) return
    let isMoved = Boolean(moved?.size)
    for (const key of deleted ?? []) isMoved ||= written.has(key)
    this.#subscriptions.announce({ changes, moved: isMoved, views: before && [map.newest, before] })
  }

  /** Under pending layers, or to be published later. */
  #writeUnder(change: Difference<K, V>): void {
    const { deleted, written, all } = change
    const { map } = this
    this.#open()
    this.#pending ||= this.layers.isClearing
    this.#touch(deleted ?? map.keys())
    this.#touch(written.keys())
    // a layer may show what is deleted still, in another place; or it comes back before the promotion
    const isReordered = all !== undefined || deleted.size > 0
    if (isReordered) {
      this.layers.reorder()
      this.#moved = true
    }
    // a key that is added comes before those that layers add
    if (!this.layers.isEmpty) for (const key of written.keys()) this.#moved ||= !map.has(key)
    const isPromoted = this.#make(change)
    this.#publish()
    if (this.#promotion === 'misses' && isPromoted) this.promote()
  }

  /** Whether it came to a promotion by misses. */
  #make({ deleted, written, all, moved }: Difference<K, V>): boolean {
    const { map } = this
    const isCommit = this.#promotion === 'commit'
    if (all !== undefined) {
      map.replaceLocked(all, deleted && [...deleted, ...written.keys(), ...moved])
      if (isCommit) map.publishLocked()
    } else if (!isCommit) return map.applyLocked(deleted, written)
    else map.commitLocked(deleted, written, deleted.size + written.size)
    return false
  }

  /** The keys that a layer may show otherwise; it may hide others too. */
  #touchLayer(layer: Layer<K, V>): void {
    if (layer.cleared) {
      this.#touch(this.map.newest.keys())
      this.#touch(this.layers.touched())
    }
    this.#touch(touchedBy(layer))
  }

  /** What is shown with all that is committed, published or not. */
  get newestShown(): View<K, V> {
    if (this.layers.isEmpty) return this.map.newest
    this.#layered ??= this.layers.over(this.map.newest, this.map.nextVersionLocked())
    return this.#layered
  }

  /** P1, P2: the first change since the last promotion. */
  #open(hasRecipes = this.layers.hasRecipes): void {
    if (this.#isOpen) return
    this.#isOpen = true
    if (hasRecipes || this.#promotion !== 'commit' || this.#subscriptions.wantsViews) {
      this.#before = { view: this.view, confirmed: this.confirmed }
    }
  }

  /** Whether anybody will ask what has changed. */
  get #isWatched(): boolean {
    return this.#promotion !== 'commit' || !this.#subscriptions.isEmpty
  }

  /** P3 */
  #touch(keys: Iterable<K>): void {
    if (!this.#isWatched) return
    for (const key of keys) if (!this.#shown.has(key)) this.#shown.set(key, this.#look(key))
  }

  /** What is shown for `key` now, published or not. */
  #look(key: K): V | Absent {
    const laid = this.layers.get(key)
    if (laid !== undefined) return laid.present ? (laid.value as V) : ABSENT
    if (this.layers.isClearing) return ABSENT
    return look(this.map, key)
  }

  /** Everything has been changed: told now, or when the policy says so. */
  #publish(): void {
    this.#replay()
    this.#layered = undefined
    const schedule = this.#promotion // not called as a method: requestAnimationFrame refuses any `this` but its window
    if (schedule === 'commit') return this.#announce()
    if (schedule === 'misses' || this.#isScheduled) return
    this.#isScheduled = true
    let isLater = false
    try {
      schedule(() => {
        this.#isScheduled = false
        this.promote()
        if (isLater) this.#subscriptions.flush() // else the writer does, when it has given its turn back
      })
      isLater = true
    } catch (error) {
      this.#isScheduled = false
      this.#report(error)
    }
  }

  /** Y3, P5 */
  #replay(): void {
    const { layers } = this
    if (this.#isReplaying || !(layers.hasRecipes || layers.isStale)) return
    const before = layers.laid
    const wasClearing = layers.isClearing
    this.#isReplaying = true
    // told later: this is the middle of a write
    layers.replay(this.map.newest, (error) => void Promise.resolve().then(() => this.#report(error)))
    this.#isReplaying = false
    this.#isReplayed = true
    const after = layers.laid
    this.#pending ||= wasClearing || layers.isClearing || !sameOrder(before, after)
    this.#moved ||=
      this.#pending ||
      [...before.values(), ...after.values()].some((laid) => !laid.present || laid.deletions > 0)
  }

  #announce(): void {
    const before = this.#before
    const shown = this.#shown
    const pending = this.#pending
    const isReplayed = this.#isReplayed
    const moved = this.#moved
    if (shown.size > 0) this.#shown = new Map()
    this.#layered = undefined
    this.#before = undefined
    this.#isOpen = false
    this.#moved = false
    this.#pending = false
    this.#isReplayed = false
    this.#promotions++
    if (!this.#isWatched) return
    const changes =
      isReplayed && before !== undefined ? this.view.changesSince(before.view) : this.#changesFrom(shown)
    if (this.#subscriptions.isEmpty) return
    const views = before && this.#subscriptions.wantsViews ? ([this.view, before.view] as const) : undefined
    if (views && views[0] === views[1]) return // P4
    const told = changes.filter(
      (change) => change.type !== 'update' || !this.#isSame(change.previous, change.value),
    )
    this.#subscriptions.announce({ changes: told, moved, pending, views })
  }

  #changesFrom(shown: ReadonlyMap<K, V | Absent>): Change<K, V>[] {
    const changes: Change<K, V>[] = []
    for (const [key, previous] of shown) {
      const value = this.#look(key)
      if (!Object.is(value, previous)) changes.push(changeOf(key, previous, value))
    }
    return changes
  }

  /** A layer's value and the confirmed one may be equal and yet two objects. */
  #isSame(a: V, b: V): boolean {
    try {
      return this.#equal(a, b)
    } catch (error) {
      this.#report(error)
      return false
    }
  }
}
