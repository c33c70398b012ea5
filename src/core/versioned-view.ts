import { CHUNK_MASK, type Epoch } from './epoch.ts'
import type { Segment } from './segment.ts'
import { ABSENT, type Absent, differingSlots, EMPTY_NODE, isAbsent, WIDTH } from './vector.ts'
import { View } from './view.ts'
import { ViewIterator } from './view-iterator.ts'

/** A superseded view folds its log prefix into a base of its own after this many reads per entry of the prefix. */
const READS_PER_ENTRY = 8

/**
 * The view of a VersionedMap: a length of an epoch and a position in a segment's log.
 *
 * Invariants: W1 `segment.read(position, slot)` is constant for every slot below `length`: the log grows only behind `position`, and
 * nodes under a captured root are never changed in place. W2 of the incarnations of a key below `length` at most the youngest lives.
 */
export class VersionedView<K, V> extends View<K, V> {
  readonly size: number
  readonly version: number
  readonly #epoch: Epoch<K>
  readonly #length: number
  #segment: Segment
  #position: number
  #reads = 0

  constructor(newest: ReadonlyMap<K, V>, version: number, epoch: Epoch<K>, segment: Segment) {
    super(newest)
    this.version = version
    this.size = newest.size
    this.#epoch = epoch
    this.#length = epoch.length
    this.#segment = segment
    this.#position = segment.length
  }

  protected lookup(key: K): V | Absent {
    // sync.Map's rule, kept per view: reads that have to look into the log are misses, and enough of them promote the log
    if (this.#position > 0 && ++this.#reads >= READS_PER_ENTRY * this.#position) this.#fold()
    const slot = this.#epoch.index.get(key)
    if (slot === undefined) return ABSENT
    if (slot >= this.#length) return this.#lookUpOlder(key)
    return this.#segment.read(this.#position, slot) as V | Absent
  }

  /** `key` was added, or added again, after this view was taken. Apart, so that the way of all other keys is short. */
  #lookUpOlder(key: K): V | Absent {
    const slot = this.#epoch.olderSlot(key, this.#length)
    return slot === undefined ? ABSENT : (this.#segment.read(this.#position, slot) as V | Absent)
  }

  /** The log prefix becomes part of a root that is this view's alone: nothing that anybody else can see changes. */
  #fold(): void {
    this.#segment = this.#segment.privateCopy(this.#position)
    this.#position = 0
  }

  entries(): MapIterator<[K, V]> {
    return new EntryIterator<K, V>(this.#epoch, this.#length, this.#segment, this.#position)
  }

  keys(): MapIterator<K> {
    return new KeyIterator<K, V>(this.#epoch, this.#length, this.#segment, this.#position)
  }

  values(): MapIterator<V> {
    return new ValueIterator<K, V>(this.#epoch, this.#length, this.#segment, this.#position)
  }

  forEach(callback: (value: V, key: K, view: View<K, V>) => void, thisArg?: unknown): void {
    const length = this.#length
    const segment = this.#segment
    const position = this.#position
    const epoch = this.#epoch
    const call = thisArg === undefined ? callback : callback.bind(thisArg)
    for (let base = 0; base < length; base += WIDTH) {
      const leaf = segment.leaf(position, base)
      const keys = epoch.chunkOf(base)
      const offset = base & CHUNK_MASK
      const end = Math.min(WIDTH, length - base)
      for (let i = 0; i < end; i++) {
        const value = leaf[i]
        if (!isAbsent(value)) call(value as V, keys[offset + i] as K, this)
      }
    }
  }

  compare(a: K, b: K): number {
    return this.#slotOf(a) - this.#slotOf(b)
  }

  #slotOf(key: K): number {
    const slot = this.#epoch.slotOf(key)
    return slot < this.#length ? slot : (this.#epoch.olderSlot(key, this.#length) as number)
  }

  keysThatMayDiffer(older: View<K, V>): Iterable<K> | undefined {
    if (!(older instanceof VersionedView)) return undefined
    if (older.#epoch !== this.#epoch)
      return this.#epoch.journalWith(older.#epoch)?.keysBetween(older.version, this.version)
    const a = older.#segment
    const b = this.#segment
    const from = older.#position
    const to = this.#position
    const isSame = a === b
    const slots = isSame
      ? a.slots.slice(Math.min(from, to), Math.max(from, to))
      : [...a.slots.slice(0, from), ...b.slots.slice(0, to)]
    if (!isSame) differingSlots(a, b, (slot) => void slots.push(slot))
    return new Set(slots.sort((a, b) => a - b).map((slot) => this.#epoch.keyAt(slot)))
  }
}

// Hand-written iterators, one class a kind: generators measured 2 to 3 times slower per entry.

abstract class SlotIterator<K, V, T> extends ViewIterator<T> {
  protected key: K | undefined = undefined
  protected value: V | undefined = undefined
  readonly #epoch: Epoch<K>
  readonly #length: number
  readonly #segment: Segment
  readonly #position: number
  #slot = 0
  #leaf: readonly unknown[] = EMPTY_NODE
  #keys: readonly K[] = []

  constructor(epoch: Epoch<K>, length: number, segment: Segment, position: number) {
    super()
    this.#epoch = epoch
    this.#length = length
    this.#segment = segment
    this.#position = position
  }

  /** Puts the next live entry into `key` and `value`; false at the end. */
  protected advance(): boolean {
    const length = this.#length
    for (let slot = this.#slot; slot < length; slot++) {
      if ((slot & (WIDTH - 1)) === 0) {
        this.#leaf = this.#segment.leaf(this.#position, slot)
        this.#keys = this.#epoch.chunkOf(slot)
      }
      const value = this.#leaf[slot & (WIDTH - 1)]
      if (isAbsent(value)) continue
      this.#slot = slot + 1
      this.key = this.#keys[slot & CHUNK_MASK]
      this.value = value as V
      return true
    }
    this.#slot = length
    return false
  }
}

class EntryIterator<K, V> extends SlotIterator<K, V, [K, V]> {
  next(): IteratorResult<[K, V], undefined> {
    return this.advance()
      ? { done: false, value: [this.key as K, this.value as V] }
      : { done: true, value: undefined }
  }
}

class KeyIterator<K, V> extends SlotIterator<K, V, K> {
  next(): IteratorResult<K, undefined> {
    return this.advance() ? { done: false, value: this.key as K } : { done: true, value: undefined }
  }
}

class ValueIterator<K, V> extends SlotIterator<K, V, V> {
  next(): IteratorResult<V, undefined> {
    return this.advance() ? { done: false, value: this.value as V } : { done: true, value: undefined }
  }
}
