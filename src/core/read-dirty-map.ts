import { look } from './change.ts'
import { ABSENT } from './vector.ts'
import { VersionedMap } from './versioned-map.ts'
import type { View } from './view.ts'

/** What a lookup found: `ok` tells a stored `undefined` from an absent key. */
export type Found<V> = [value: V, ok: true] | [value: undefined, ok: false]
/** What was there before, and whether anything was. */
export type Previous<V> = [previous: V, loaded: true] | [previous: undefined, loaded: false]

/** Go's three states of an entry: it has a value; deleted; or deleted and left out of dirty, so that it must be added there again. */
export type EntryState<V> =
  | { readonly state: 'value'; readonly value: V }
  | { readonly state: 'nil' }
  | { readonly state: 'expunged' }

/** The inside of a SyncMap, as Go's has it. */
export interface Inspection<K, V> {
  /** Every key of the read map with the state of its entry. */
  readonly read: Map<K, EntryState<V>>
  /** Whether dirty has a key that read has not. */
  readonly amended: boolean
  /** `shared`: keys whose entry is the very one in read; `own`: the others. */
  readonly dirty: null | { readonly shared: K[]; readonly own: Map<K, EntryState<V>> }
  /** Reads since the last promotion that had to look into dirty. */
  readonly misses: number
}

/**
 * The protocol of Go's sync.Map for a caller that holds its mutex: read, dirty, amended, misses, nil, expunged, promotion, over a
 * {@link VersionedMap} that has every live key. Most keys are live, in read, and need no mark.
 *
 * The suffix `Locked` means that the caller holds the mutex, or is the only one who has the map.
 *
 * Invariants: S1 the keys of the map are live ∪ nil ∪ expunged, disjoint; read is all of them but `own`. S2 expunged keys exist only
 * while dirty does; every nil key is in dirty while dirty exists. So making dirty turns all nil into expunged, and a promotion forgets
 * all expunged: both by exchanging a Set, O(1), where Go copies read. S3 dirty has live ∪ nil. S4 `amended` implies `dirty`; `own` is
 * empty unless amended.
 *
 * Source: Go's `sync.Map` in the read/dirty form it had until Go 1.23, replayed step for step in the tests.
 */
export class ReadDirtyMap<K, V> {
  protected readonly live: VersionedMap<K, V>
  /** S1: keys that only dirty has. */
  protected own: Set<K> = new Set()
  /** Deleted keys whose entry is still there. */
  protected nil: Set<K> = new Set()
  /** Deleted keys that dirty was made without. */
  protected expunged: Set<K> = new Set()
  /** Whether a dirty map exists; it may be empty. */
  protected dirty = false
  protected amended = false
  protected misses = 0

  constructor(entries?: Iterable<readonly [K, V]> | null) {
    this.live = new VersionedMap(entries)
  }

  /** The newest state, dirty included: what `load` sees, as a view. O(1). */
  get newest(): View<K, V> {
    return this.live.view
  }

  /** How many keys have a value, dirty included. */
  get size(): number {
    return this.live.size
  }

  /** The newest value of `key`, dirty included, without waiting and without counting a miss. */
  get(key: K): V | undefined {
    return this.live.get(key)
  }

  /** Whether `key` has a value, dirty included. */
  has(key: K): boolean {
    return this.live.has(key)
  }

  /** The keys that have a value, in their order; to be gone through before the next write. */
  keys(): MapIterator<K> {
    return this.live.keys()
  }

  /** {@link get} and {@link has} in one. */
  find(key: K): Found<V> {
    const value = look(this.live, key)
    return value === ABSENT ? [undefined, false] : [value, true]
  }

  /** The newest entries, dirty included. */
  entries(): MapIterator<[K, V]> {
    return this.live.view.entries()
  }

  /** Sets the value of `key`: in place where read has it, else in dirty, which is made if need be. */
  storeLocked(key: K, value: V): void {
    if (!this.#isKnown(key)) {
      this.#makeDirty()
      this.own.add(key)
    }
    this.expunged.delete(key)
    this.revive(key, value)
  }

  /**
   * Deletions, then writes in their order, into dirty. A deletion may count a miss, as Go's does; a promotion by that comes after all of
   * them, because nobody may see half of it. Whether there was one.
   */
  applyLocked(deleted: ReadonlySet<K>, written: ReadonlyMap<K, V>): boolean {
    let misses = 0
    for (const key of deleted) if (this.remove(key)) misses++
    for (const [key, value] of written) this.storeLocked(key, value)
    return misses > 0 && this.missLocked(misses)
  }

  /** {@link applyLocked} and {@link publishLocked} in one step, without marks: publishing forgets them all. */
  commitLocked(deleted: ReadonlySet<K>, written: ReadonlyMap<K, V>, count: number): void {
    this.live.apply(deleted, written, count)
    this.publishLocked()
  }

  /** {@link commitLocked} of one written key: the store's hot path. */
  commitOneLocked(key: K, value: V): void {
    this.live.set(key, value)
    this.publishLocked()
  }

  /**
   * Exactly these entries in this order, in place of all there is. They are in dirty until they are published. `differing`: as
   * {@link VersionedMap.replace} takes it.
   */
  replaceLocked(entries: ReadonlyMap<K, V>, differing?: Iterable<K>): void {
    this.live.replace(entries, differing)
    this.own = new Set(entries.keys())
    this.nil = new Set()
    this.expunged = new Set()
    this.misses = 0
    this.amended = entries.size > 0
    this.dirty ||= this.amended
  }

  /** Another view of the same contents, for an owner that shows other views in between. */
  renewLocked(): void {
    this.live.renewView()
  }

  /** The next number in the order of this map's views. */
  nextVersionLocked(): number {
    return this.live.nextVersion()
  }

  /** Counts reads that read could not answer; promotes when the misses have reached the size of dirty. Whether it did. */
  missLocked(count = 1): boolean {
    this.misses += count
    if (this.dirty && this.misses < this.live.size + this.nil.size) return false // S3
    this.promoteLocked()
    return true
  }

  /** Counts a miss, for an owner with another rule of promotion. */
  countMissLocked(): void {
    this.misses++
  }

  /** Dirty becomes read: what was committed is published, what was expunged is forgotten. O(1). */
  promoteLocked(): void {
    this.misses = 0
    if (!this.dirty) return
    this.expunged = new Set()
    this.own = new Set()
    this.dirty = false
    this.amended = false
  }

  /** As if dirty were made and promoted: everything committed is published, and what was deleted is forgotten too. O(1). */
  publishLocked(): void {
    this.promoteLocked()
    if (this.nil.size > 0) this.nil = new Set()
  }

  /** The inside, as Go's map has it; O(n), for tests and tools. */
  inspect(): Inspection<K, V> {
    const read = new Map<K, EntryState<V>>()
    const own = new Map<K, EntryState<V>>()
    const add = (key: K, entry: EntryState<V>): void => void (this.own.has(key) ? own : read).set(key, entry)
    for (const [key, value] of this.live.view) add(key, { state: 'value', value })
    for (const key of this.nil) add(key, { state: 'nil' })
    const shared = [...read.keys()]
    for (const key of this.expunged) add(key, { state: 'expunged' })
    return { read, amended: this.amended, dirty: this.dirty ? { shared, own } : null, misses: this.misses }
  }

  #isKnown(key: K): boolean {
    return this.live.has(key) || this.nil.has(key) || this.expunged.has(key)
  }

  protected isInRead(key: K): boolean {
    return this.#isKnown(key) && !this.own.has(key)
  }

  /** Gives an entry its value, be it live or nil. */
  protected revive(key: K, value: V): void {
    this.nil.delete(key)
    this.live.set(key, value)
  }

  /** Deletes the value of an entry; the entry stays, until dirty is made without it and promoted. */
  protected bury(key: K): void {
    this.live.delete(key)
    this.nil.add(key)
  }

  /** Deletes the value of `key`, if it has one. Whether it had to look into dirty: a miss. */
  protected remove(key: K): boolean {
    if (this.isInRead(key) || !this.amended) {
      if (this.live.has(key)) this.bury(key)
      return false
    }
    if (this.own.delete(key)) {
      this.live.delete(key)
      this.nil.delete(key)
    }
    return true
  }

  /** S2 */
  #makeDirty(): void {
    if (!this.dirty) {
      this.dirty = true
      this.expunged = this.nil
      this.nil = new Set()
    }
    this.amended = true
  }
}
