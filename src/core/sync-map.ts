import { Mutex } from './mutex.ts'
import { type Found, type Previous, ReadDirtyMap } from './read-dirty-map.ts'
import { isThenable } from './thenable.ts'
import type { View } from './view.ts'

export interface SyncMapOptions {
  /** The mutex of the slow path; a new one by default. Give one to count or to schedule its turns. */
  readonly mutex?: Mutex | undefined
}

/**
 * Go's sync.Map for the async world: a read side that answers without waiting, a dirty side behind an awaitable mutex, and promotion
 * of dirty to read when enough reads have missed.
 *
 * When to use: as the engine of something that publishes views ({@link View}), or where code written against Go's map is ported. When
 * not: application state belongs in a store, which adds turns per key, equality, subscriptions and transactions.
 *
 * Methods are async because the slow path takes the mutex. A call that needs no turn, or finds the mutex free, has run when it
 * returns; its promise is settled. None of them throws or rejects by itself.
 *
 * The `…Locked` methods are public for whoever builds a store on this map: take {@link SyncMap.mutex}, do all of a commit in one
 * synchronous step, release. They are the operations above without waiting, and those that Go's map has inside or has not:
 * `applyLocked` and `replaceLocked` (many keys), `missLocked` and `countMissLocked`, `promoteLocked` and `publishLocked`, `commitLocked`
 * and `commitOneLocked` (both in one), `renewLocked` and `nextVersionLocked`. Nobody checks that the caller has the mutex: without it,
 * the call lands between two steps of somebody who has. In application code use the methods without the suffix.
 *
 * Where it differs from Go: `view` is an immutable picture, while Go's read has entries that change in place; and no operation copies
 * read into dirty, see {@link ReadDirtyMap}.
 *
 * @example
 * ```ts
 * import { SyncMap } from 'tidemap/core'
 *
 * const map = new SyncMap<string, number>()
 * await map.store('a', 1)
 * await map.load('a') // => [1, true]
 * await map.loadOrStore('a', 2) // => [1, true]
 * await map.compareAndSwap('a', 1, 3) // => true
 * await map.load('b') // => [undefined, false]
 * ```
 */
export class SyncMap<K, V> extends ReadDirtyMap<K, V> {
  /** The turn of the slow path. Hold it to use the `…Locked` methods. */
  readonly mutex: Mutex
  /** Iterations under way: they go on with the entries they began with, whatever happens to the map. */
  readonly #ranges: Set<RangeScope<K, V>> = new Set()
  #view: View<K, V>
  #promotions = 0

  constructor(entries?: Iterable<readonly [K, V]> | null, options?: SyncMapOptions) {
    super(entries)
    this.mutex = options?.mutex ?? new Mutex()
    this.#view = this.live.view
  }

  /** The picture of read at the last promotion (or Clear): what readers and subscribers see. O(1). */
  get view(): View<K, V> {
    return this.#view
  }

  /** How often dirty became read. */
  get promotions(): number {
    return this.#promotions
  }

  /** Entries that the structure has touched by itself; see {@link VersionedMap.touched}. */
  get touched(): number {
    return this.live.touched
  }

  /** The value of `key`. Waits for the mutex only where read does not have the key and dirty may; that is a miss. */
  async load(key: K): Promise<Found<V>> {
    return this.#isDecidedByRead(key) ? this.find(key) : this.#locked(() => this.loadLocked(key))
  }

  /** {@link SyncMap.load} for the holder of the mutex. */
  loadLocked(key: K): Found<V> {
    const found = this.find(key)
    if (!this.#isDecidedByRead(key)) this.missLocked()
    return found
  }

  /** Sets the value of `key`. */
  async store(key: K, value: V): Promise<void> {
    return this.#hasEntry(key) ? this.revive(key, value) : this.#locked(() => this.storeLocked(key, value))
  }

  /** Sets the value of `key` and tells what was there. */
  async swap(key: K, value: V): Promise<Previous<V>> {
    return this.#hasEntry(key) ? this.swapLocked(key, value) : this.#locked(() => this.swapLocked(key, value))
  }

  /** {@link SyncMap.swap} for the holder of the mutex. */
  swapLocked(key: K, value: V): Previous<V> {
    const previous = this.find(key)
    this.storeLocked(key, value)
    return previous
  }

  /** The value that is there, or else `value`, stored now. `value` is taken as it is: a function is a value. */
  async loadOrStore(key: K, value: V): Promise<[actual: V, loaded: boolean]> {
    if (this.#hasEntry(key)) return this.loadOrStoreLocked(key, value)
    return this.#locked(() => this.loadOrStoreLocked(key, value))
  }

  /** {@link SyncMap.loadOrStore} for the holder of the mutex. */
  loadOrStoreLocked(key: K, value: V): [actual: V, loaded: boolean] {
    const [actual, loaded] = this.find(key)
    const onlyInDirty = this.own.has(key)
    if (!loaded) this.storeLocked(key, value)
    if (onlyInDirty) this.missLocked()
    return loaded ? [actual, true] : [value, false]
  }

  /** Deletes `key` and tells what was there. */
  async loadAndDelete(key: K): Promise<Previous<V>> {
    if (this.#isDecidedByRead(key)) return this.loadAndDeleteLocked(key)
    return this.#locked(() => this.loadAndDeleteLocked(key))
  }

  /** Deletes `key` and tells what was there; counts a miss where only dirty could know. */
  loadAndDeleteLocked(key: K): Previous<V> {
    const previous = this.find(key)
    if (this.remove(key)) this.missLocked()
    return previous
  }

  /** Deletes `key`. */
  async delete(key: K): Promise<void> {
    if (this.#isDecidedByRead(key)) return this.deleteLocked(key)
    return this.#locked(() => this.deleteLocked(key))
  }

  /** {@link SyncMap.delete} for the holder of the mutex. */
  deleteLocked(key: K): void {
    this.loadAndDeleteLocked(key)
  }

  /** Replaces `old` by `value` and tells whether it did; an absent key equals nothing, not even `undefined`. */
  async compareAndSwap(key: K, old: V, value: V): Promise<boolean> {
    if (this.#isDecidedByRead(key)) return this.compareAndSwapLocked(key, old, value)
    return this.#locked(() => this.compareAndSwapLocked(key, old, value))
  }

  /** {@link SyncMap.compareAndSwap} for the holder of the mutex. */
  compareAndSwapLocked(key: K, old: V, value: V): boolean {
    const onlyInDirty = this.own.has(key)
    const swapped = this.#holds(key, old)
    if (swapped) this.revive(key, value)
    if (onlyInDirty) this.missLocked()
    return swapped
  }

  /** Deletes `key` if its value is `old` and tells whether it did. */
  async compareAndDelete(key: K, old: V): Promise<boolean> {
    if (this.#isDecidedByRead(key)) return this.compareAndDeleteLocked(key, old)
    return this.#locked(() => this.compareAndDeleteLocked(key, old))
  }

  /** {@link SyncMap.compareAndDelete} for the holder of the mutex. */
  compareAndDeleteLocked(key: K, old: V): boolean {
    // the miss is counted before the comparison, whether or not dirty has the key; the entry stays until its promotion
    if (!this.#isDecidedByRead(key)) this.missLocked()
    const deleted = this.#holds(key, old)
    if (deleted) this.bury(key)
    return deleted
  }

  /** Deletes all keys. Publishes an empty read at once. */
  async clear(): Promise<void> {
    return this.#isClear ? undefined : this.#locked(() => this.clearLocked())
  }

  /** {@link SyncMap.clear} for the holder of the mutex. */
  clearLocked(): void {
    if (this.#isClear) return
    this.replaceLocked(new Map())
    this.#view = this.live.view
  }

  /**
   * Calls `callback` for every key that read has, after dirty, if there is one, was promoted. `false` stops.
   *
   * The callback may be async and may call any method. It sees each key at most once, with the value that its entry has at that moment;
   * keys that come while it runs are not visited. For one moment's picture iterate `view`. A callback that throws ends it and rejects
   * with that error.
   */
  async range(callback: (value: V, key: K) => unknown): Promise<void> {
    if (this.amended) {
      const promoted = this.#locked(() => {
        if (this.amended) this.promoteLocked()
      })
      if (isThenable(promoted)) await promoted
    }
    const scope: RangeScope<K, V> = { dropped: [], entries: undefined }
    const nil = [...this.nil]
    this.#ranges.add(scope)
    try {
      for (const keys of [this.live.view.keys(), nil]) {
        for (const key of keys) {
          if (scope.dropped.some((gone) => gone.has(key))) continue
          const entries = scope.entries ?? this.live
          if (!entries.has(key)) continue
          const goOn = callback(entries.get(key) as V, key)
          if ((isThenable(goOn) ? await goOn : goOn) === false) return
        }
      }
    } finally {
      this.#ranges.delete(scope)
    }
  }

  /** Runs `operation` with the mutex: now, if it is free, so that the caller's promise is settled when it returns. */
  #locked<T>(operation: () => T): T | Promise<T> {
    const lock = this.mutex.tryAcquire()
    if (lock === undefined) return this.mutex.runExclusive(operation)
    try {
      return operation() // looks at read first, again: it may have changed while this call waited
    } finally {
      lock.release()
    }
  }

  /** Whether read has the key, or nothing else can have it: no lock is needed to know. */
  #isDecidedByRead(key: K): boolean {
    return this.isInRead(key) || !this.amended
  }

  /** Whether read has an entry that can be given a value without dirty. */
  #hasEntry(key: K): boolean {
    return this.isInRead(key) && !this.expunged.has(key)
  }

  #holds(key: K, old: V): boolean {
    const [value, ok] = this.find(key)
    return ok && Object.is(value, old)
  }

  override commitLocked(deleted: ReadonlySet<K>, written: ReadonlyMap<K, V>, count: number): void {
    if (this.#ranges.size === 0) return super.commitLocked(deleted, written, count)
    this.applyLocked(deleted, written) // an iteration has to be told of every entry that leaves
    this.publishLocked()
  }

  override commitOneLocked(key: K, value: V): void {
    if (this.#ranges.size === 0) return super.commitOneLocked(key, value)
    this.storeLocked(key, value)
    this.publishLocked()
  }

  override promoteLocked(): void {
    if (this.dirty) this.#drop(this.expunged)
    super.promoteLocked()
    this.#promotions++
    this.#view = this.live.view
  }

  override publishLocked(): void {
    this.#drop(this.nil)
    super.publishLocked()
  }

  override renewLocked(): void {
    const isNewest = this.#view === this.live.view
    super.renewLocked()
    if (isNewest) this.#view = this.live.view
  }

  override replaceLocked(entries: ReadonlyMap<K, V>, differing?: Iterable<K>): void {
    for (const range of this.#ranges) range.entries ??= this.live.view
    super.replaceLocked(entries, differing)
  }

  /** The entries of these keys leave the map: an iteration must not mistake a later entry of the same key for them. */
  #drop(keys: ReadonlySet<K>): void {
    for (const range of this.#ranges) if (range.entries === undefined) range.dropped.push(keys)
  }

  get #isClear(): boolean {
    const { live, nil } = this
    return !this.amended && live.size + nil.size + this.#view.size === 0 // expunged keys exist only while amended
  }
}

/** What an iteration knows of entries that have left the map since it began. */
interface RangeScope<K, V> {
  /** Keys whose entry was expunged and then left out by a promotion. */
  readonly dropped: ReadonlySet<K>[]
  /** After a Clear: the old entries, which nobody can reach any more, as they were then. */
  entries: View<K, V> | undefined
}
