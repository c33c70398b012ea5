import type { Journal } from './journal.ts'
import { EMPTY_ROOT, Vector } from './vector.ts'

const CHUNK_BITS = 10
export const CHUNK_MASK = 1023
/** After so many keys, less one, `index` gets an entry that is no key: 0.8% of its memory. */
const STRANGER_MASK = 127

/**
 * A numbering of keys. Slots are handed out in the order of insertion and never reused, so slot order is iteration order; when too many
 * are dead, the live keys move to a new epoch.
 *
 * Invariants: E1 a slot has one key for ever. E2 `index` has the youngest slot of every key that ever had one here, and now and then an
 * object that nobody else has. E3 `reborn` has the older slots of every key that was deleted and added again, oldest first; they are
 * dead by then. A sorted list, because a view has to find the one among them that it knew, and a key can come and go as often as there
 * are keys.
 */
export class Epoch<K> {
  readonly index: Map<K, number> = new Map()
  readonly #reborn: Map<K, number[]> = new Map()
  readonly vector: Vector = new Vector()
  length = 0
  /** What was written about the time when this epoch took over from the one before it. */
  before: Journal<K> | undefined
  /** What was written about the time when the next epoch took over: the same as its `before`. */
  after: Journal<K> | undefined
  /** Slot -> key, in chunks, so that growing never copies what is there. */
  readonly #chunks: K[][] = []

  /** A new slot for `key`, which has none that is live. */
  push(key: K, mayHaveDied: boolean): number {
    const slot = this.length++
    const dead = mayHaveDied ? this.index.get(key) : undefined
    if (dead !== undefined) {
      const older = this.#reborn.get(key)
      if (older === undefined) this.#reborn.set(key, [dead])
      else older.push(dead)
    }
    if ((slot & CHUNK_MASK) === 0) this.#chunks.push(EMPTY_ROOT.slice() as unknown[] as K[])
    this.chunkOf(slot).push(key === 0 ? (0 as K) : key) // as a Map has it: no -0
    this.index.set(key, slot)
    // The engine rehashes a Map in one step, when it is full. With some entries that are no keys, `index` is full some writes earlier than
    // the Map of the newest state, so that no write waits for both: the longest pause while 200,000 keys came was 12 ms, and is 6 ms.
    if ((slot & STRANGER_MASK) === STRANGER_MASK) this.index.set({} as K, slot)
    return slot
  }

  chunkOf(slot: number): K[] {
    return this.#chunks[slot >>> CHUNK_BITS] as K[]
  }

  keyAt(slot: number): K {
    return this.chunkOf(slot)[slot & CHUNK_MASK] as K
  }

  slotOf(key: K): number {
    return this.index.get(key) as number
  }

  /** What tells views of this epoch from those of `other`, if one of the two came right after the other. */
  journalWith(other: Epoch<K>): Journal<K> | undefined {
    const { before, after } = this
    if (before === undefined || before !== other.after) return after === other.before ? after : undefined
    return before
  }

  /** The youngest of the dead slots of `key` below `length`, if it has one there. */
  olderSlot(key: K, length: number): number | undefined {
    const older = this.#reborn.get(key)
    if (older === undefined) return undefined
    let low = 0
    let high = older.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((older[middle] as number) < length) low = middle + 1
      else high = middle
    }
    return older[low - 1]
  }
}
