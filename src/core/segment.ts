import { BITS, EMPTY_NODE, leafAt, MASK, type Node, type Root, type Tree, Vector, WIDTH } from './vector.ts'

/** A token that no writer of the shared vector ever has. */
const PRIVATE = -1

/** How many writes a segment gathers before they are folded into the vector. Measured: 0 costs a hot key 2.2 times as much, 32 commits 0.8. */
export const LOG_SIZE = 32

/**
 * A root of the vector and a short log of the writes since. Slots are answered from the log's prefix that a view has captured, then
 * from the root.
 *
 * Invariants: L1 the log grows only at its end, so a captured prefix never changes. L2 `root` never changes once a view has captured
 * the segment, and no node below it is changed in place (the owner takes a new token at the next fold).
 */
export class Segment {
  root: Root
  readonly shift: number
  readonly slots: number[] = []
  /** Filled with references at birth: an array that starts empty would change its kind with the first number stored in it. */
  readonly values: unknown[] = EMPTY_NODE.slice(0, LOG_SIZE)
  length = 0
  /** Whether a view has been taken since this segment began. */
  captured = false

  constructor({ root, shift }: Tree) {
    this.root = root
    this.shift = shift
  }

  append(slot: number, value: unknown): void {
    this.slots.push(slot)
    this.values[this.length++] = value
  }

  /**
   * The content after the first `position` writes of the log of a `slot` that was handed out by then: the log has it, or the root.
   *
   * The walk is {@link leafAt} without its questions about nodes that are not there. With them, reading an old view of 1,000, 10,000
   * and 100,000 keys took 1.34, 1.64 and 2.1 times as long as `Map.get`; without, 1.26, 1.53 and 1.85.
   */
  read(position: number, slot: number): unknown {
    const slots = this.slots
    for (let i = position - 1; i >= 0; i--) if (slots[i] === slot) return this.values[i]
    let node = this.root[slot >>> this.shift] as Node
    for (let shift = this.shift - BITS; shift > 0; shift -= BITS) node = node[(slot >>> shift) & MASK] as Node
    return node[slot & MASK]
  }

  /** The 32 contents from slot `base` on after the first `position` writes; a copy only where the log touches them. */
  leaf(position: number, base: number): readonly unknown[] {
    const shared = leafAt(this.root, this.shift, base)
    let leaf = shared
    for (let i = 0; i < position; i++) {
      const slot = this.slots[i] as number
      if ((slot & -WIDTH) !== base) continue
      if (leaf === shared) leaf = shared.slice()
      leaf[slot & (WIDTH - 1)] = this.values[i]
    }
    return leaf
  }

  /** Writes the first `position` entries of the log into `vector`. */
  foldInto(vector: Vector, position: number, token: number): void {
    for (let i = 0; i < position; i++) vector.set(this.slots[i] as number, this.values[i], token)
  }

  /** The state after `position` writes as a segment of its own, sharing every node it does not change. */
  privateCopy(position: number): Segment {
    const vector = new Vector(this.root, this.shift)
    this.foldInto(vector, position, PRIVATE)
    return new Segment(vector)
  }
}
