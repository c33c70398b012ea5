import { Epoch } from './epoch.ts'
import { Journal } from './journal.ts'
import { LOG_SIZE, Segment } from './segment.ts'
import { ABSENT, EMPTY_ROOT, isAbsent, WIDTH } from './vector.ts'
import { VersionedView } from './versioned-view.ts'
import type { View } from './view.ts'

/** Fewer dead slots than this are never worth a new epoch. */
const FEW_DEAD = 32

/** From this many changes at once on, the log is passed by: it would be folded in the middle of them anyway. */
const BULK = 16

/**
 * A map whose newest state is one native Map, read at a native Map's speed, and whose older states stay true as immutable views.
 *
 * When to use: as the store under something that publishes snapshots. When not: it has no turns, no equality check and no
 * notification: `set` always writes. That is the caller's ({@link SyncMap}, the store).
 *
 * Taking a view costs O(1); a write copies one path of a 32-way vector at most, amortised over {@link LOG_SIZE} writes; no operation
 * visits more than a constant number of entries per key it changes (the engine's own growth of a native Map apart).
 *
 * Invariants: N1 `newest` is private, and nobody iterates it across a write: nothing has to survive its changes. N2 in an epoch the live
 * slots in slot order are the keys of `newest` in its order. N3 at most one view reads `newest`, it is `#view`, and it is superseded
 * before `newest` changes. N4 a node is changed in place only if it carries `#token`, and `#token` grows at the first fold after a view
 * was taken. N5 `#next`, where there is one, has exactly the live slots below `#cursor`, in order, with their newest values. N6 nothing
 * points from an older view to a newer one, nor from the map to a superseded view: a dropped view is plain garbage.
 *
 * Source: the multi-version reads of databases (a reader keeps the version it began with, writers go on), over a persistent vector with
 * transient ownership (Clojure's); for compaction the evacuation of Go's own map (a few slots an operation); inside old views
 * sync.Map's promotion by misses.
 *
 * @example
 * ```ts
 * import { VersionedMap } from 'tidemap/core'
 *
 * const map = new VersionedMap([['a', 1]])
 * const before = map.view
 * map.set('b', 2)
 * map.delete('a')
 * const keys = [...before.keys()]
 * keys // => ['a']
 * map.view === before // => false
 * ```
 */
export class VersionedMap<K, V> {
  #newest: Map<K, V> = new Map()
  #epoch: Epoch<K> = new Epoch()
  #segment!: Segment
  #token = 0
  #view: VersionedView<K, V> | null = null
  #version = 0
  /** N5: the epoch under construction while dead slots are being left behind. */
  #next: Epoch<K> | null = null
  #cursor = 0
  /** Work of epochs that are gone, and of evacuations. */
  #touched = 0

  constructor(entries?: Iterable<readonly [K, V]> | null) {
    this.#fill(new Map(entries))
  }

  get size(): number {
    return this.#newest.size
  }

  get(key: K): V | undefined {
    return this.#newest.get(key)
  }

  has(key: K): boolean {
    return this.#newest.has(key)
  }

  /** The keys in their order, as fast as a native Map's; to be gone through before the next write. To keep them, take a view. */
  keys(): MapIterator<K> {
    return this.#newest.keys()
  }

  /** The newest state as an immutable view: the same object until the next write. */
  get view(): View<K, V> {
    if (this.#view !== null) return this.#view
    this.#segment.captured = true
    this.#view = new VersionedView(this.#newest, this.#version, this.#epoch, this.#segment)
    return this.#view
  }

  /** Entries that the structure has read or written by itself so far; for tests and tools. */
  get touched(): number {
    return this.#touched + this.#epoch.vector.touched + (this.#next?.vector.touched ?? 0)
  }

  /** The next version number; for owners that publish other views between this map's own. */
  nextVersion(): number {
    return ++this.#version
  }

  /** Makes the next `view` a new object with a new version, though nothing has changed. */
  renewView(): void {
    this.#supersede()
  }

  set(key: K, value: V): void {
    this.#supersede()
    this.#put(key, value, false)
    this.#settle(1)?.add(key, this.#version)
  }

  /** Whether `key` was there. */
  delete(key: K): boolean {
    if (!this.#newest.has(key)) return false
    this.#supersede()
    this.#remove(key, false)
    this.#settle(1)?.add(key, this.#version)
    return true
  }

  /** Many changes as one step: first the deletions, then the writes in their order. Keys in `deleted` that are absent are no harm. */
  apply(deleted: ReadonlySet<K>, written: ReadonlyMap<K, V>, count: number): void {
    if (count === 0) return
    this.#supersede()
    const bulk = count >= BULK
    if (bulk) this.#fold()
    for (const key of deleted) if (this.#newest.has(key)) this.#remove(key, bulk)
    for (const [key, value] of written) this.#put(key, value, bulk)
    if (bulk) this.#rebase()
    const journal = this.#settle(count)
    if (journal !== undefined)
      for (const key of [...deleted, ...written.keys()]) journal.add(key, this.#version)
  }

  /** All keys at once, O(1). */
  clear(): void {
    this.replace([])
  }

  /**
   * Exactly these entries in exactly this order, O(entries).
   *
   * @param differing the keys in which they differ from what is there, by value or by place, where the caller knows and they are few:
   * then `changesSince` costs no more than these.
   */
  replace(entries: Iterable<readonly [K, V]>, differing?: Iterable<K>): void {
    const copy = new Map(entries) // a foreign iterable may throw, or look at this map: before anything has changed
    this.#supersede()
    const journal = differing && new Journal<K>(this.#version - 1, this.#epoch.length)
    for (const key of differing ?? []) journal?.add(key, this.#version)
    this.#epoch.after = journal
    this.#touched = this.touched
    this.#next = null
    this.#fill(copy)
    this.#epoch.before = journal
  }

  /** A new epoch. `copy` is this map's own from now on. */
  #fill(copy: Map<K, V>): void {
    const epoch = new Epoch<K>()
    for (const [key, value] of copy) epoch.vector.set(epoch.push(key, false), value, 0)
    this.#newest = copy
    this.#begin(epoch)
    this.#rebase()
  }

  #begin(epoch: Epoch<K>): void {
    this.#epoch.vector.root = EMPTY_ROOT // N6: views have roots of their own, and must not keep what was written after them
    this.#epoch = epoch
    this.#token = 0
  }

  /** N3. Every write begins here. */
  #supersede(): void {
    this.#version++
    const view = this.#view
    if (view === null) return
    view.supersede()
    this.#view = null
  }

  #put(key: K, value: V, bulk: boolean): void {
    const newest = this.#newest
    const before = newest.size
    newest.set(key, value)
    const epoch = this.#epoch
    if (newest.size !== before) {
      this.#record(epoch.push(key, epoch.length > before), value, bulk)
      return
    }
    const slot = epoch.slotOf(key)
    this.#record(slot, value, bulk)
    this.#mirror(key, slot, value)
  }

  #remove(key: K, bulk: boolean): void {
    this.#newest.delete(key)
    const slot = this.#epoch.slotOf(key)
    this.#record(slot, ABSENT, bulk)
    this.#mirror(key, slot, ABSENT)
  }

  #record(slot: number, value: unknown, bulk: boolean): void {
    if (bulk) {
      this.#epoch.vector.set(slot, value, this.#token)
      return
    }
    if (this.#segment.length === LOG_SIZE) this.#fold()
    this.#segment.append(slot, value)
    this.#touched++
  }

  /** N5 */
  #mirror(key: K, slot: number, value: unknown): void {
    const next = this.#next
    if (next !== null && slot < this.#cursor) next.vector.set(next.slotOf(key), value, 0)
  }

  /** The log becomes part of the vector. N4: nodes that a view may see get a new owner first. */
  #fold(): void {
    const segment = this.#segment
    if (segment.captured) this.#token++
    segment.foldInto(this.#epoch.vector, segment.length, this.#token)
    this.#rebase()
  }

  #rebase(): void {
    this.#segment = new Segment(this.#epoch.vector)
  }

  /**
   * Compaction, a leaf or two per written key: no step is longer for a larger map.
   *
   * @returns where to write down the keys of this step
   */
  #settle(written: number): Journal<K> | undefined {
    const epoch = this.#epoch
    if (this.#next === null) {
      const live = this.#newest.size
      const dead = epoch.length - live
      if (dead <= FEW_DEAD || dead <= live) return epoch.before
      epoch.before = undefined // what it is about is far away by now: so many keys have died since
      epoch.after = new Journal(this.#version - 1, epoch.length)
      this.#next = new Epoch()
      this.#next.before = epoch.after
      this.#cursor = 0
    }
    this.#evacuate(this.#next, written)
    return epoch.after
  }

  #evacuate(next: Epoch<K>, written: number): void {
    const epoch = this.#epoch
    const segment = this.#segment
    const length = epoch.length
    const leaves = 1 + (written >>> 1)
    let base = this.#cursor
    for (let i = 0; i < leaves; i++, base += WIDTH) {
      const leaf = segment.leaf(segment.length, base)
      for (let offset = 0; offset < WIDTH; offset++) {
        const value = leaf[offset]
        // a dead slot is expunged: it is not taken along
        if (!isAbsent(value)) next.vector.set(next.push(epoch.keyAt(base + offset), false), value, 0)
      }
      this.#touched += WIDTH
    }
    this.#cursor = Math.min(base, length)
    if (this.#cursor < length) return
    this.#touched += epoch.vector.touched
    this.#next = null
    this.#begin(next)
    this.#rebase()
  }
}
