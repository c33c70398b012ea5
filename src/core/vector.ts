/**
 * What a slot holds where its key has no value. A symbol, so that it narrows in types; not `undefined`, which is a value; and never a
 * small integer, so that every node starts as an array of references and keeps that kind (no transition of its elements later).
 */
export const ABSENT: unique symbol = Symbol('absent')
export type Absent = typeof ABSENT

/** 32 entries (values, or child nodes) and, at index 32, the token of the writer that may change the node in place. */
export type Node = unknown[]

const BITS = 5
export const WIDTH = 32
const MASK = 31
const OWNER = 32
export const EMPTY_NODE: Node = /* @__PURE__ */ emptyNode()

/**
 * A persistent 32-way vector: slot -> value. Roots that were taken stay true for ever; a write copies the path to its slot, except the
 * nodes that carry the writer's own token (the transients of Clojure), which nobody else can have seen.
 */
export class Vector {
  root: Node
  /** How far a slot number is shifted at the root: 5 per level below it. */
  shift: number
  /** Entries read or written while copying paths, ever: what a test counts instead of taking the time. */
  touched = 0

  constructor(root: Node, shift: number) {
    this.root = root
    this.shift = shift
  }

  set(slot: number, value: unknown, token: number): void {
    while (slot >>> (this.shift + BITS) !== 0) {
      const root = EMPTY_NODE.slice()
      root[0] = this.root
      root[OWNER] = token
      this.root = root
      this.shift += BITS
    }
    let node = this.root
    if (node[OWNER] !== token) node = this.root = this.#copy(node, token)
    for (let shift = this.shift; shift > 0; shift -= BITS) {
      const index = (slot >>> shift) & MASK
      let child = node[index] as Node | Absent
      if (child === ABSENT || child[OWNER] !== token) {
        child = this.#copy(child === ABSENT ? EMPTY_NODE : child, token)
        node[index] = child
      }
      node = child
    }
    node[slot & MASK] = value
    this.touched++
  }

  #copy(node: Node, token: number): Node {
    const copy = node.slice()
    copy[OWNER] = token
    this.touched += WIDTH
    return copy
  }
}

function emptyNode(): Node {
  return new Array<unknown>(WIDTH + 1).fill(ABSENT)
}

/** The 32 slots around `slot`, or a node of absent ones. */
export function leafAt(root: Node, shift: number, slot: number): Node {
  if (slot >>> (shift + BITS) !== 0) return EMPTY_NODE
  let node = root
  for (let level = shift; level > 0; level -= BITS) {
    const child = node[(slot >>> level) & MASK]
    if (child === ABSENT) return EMPTY_NODE
    node = child as Node
  }
  return node
}

/** Calls back with every slot whose content may differ between two roots; pruned wherever both share a node. */
export function differingSlots(
  a: Node,
  aShift: number,
  b: Node,
  bShift: number,
  found: (slot: number) => void,
): void {
  let left: Node = a
  let right: Node = b
  let shift = aShift
  for (; shift < bShift; shift += BITS) left = raise(left)
  for (let level = bShift; level < shift; level += BITS) right = raise(right)
  walk(left, right, shift, 0, found)
}

function walk(a: Node, b: Node, shift: number, base: number, found: (slot: number) => void): void {
  if (a === b) return
  for (let i = 0; i < WIDTH; i++) {
    const left = a[i]
    const right = b[i]
    if (left === right) continue
    if (shift === 0) found(base + i)
    else {
      const below = (node: unknown): Node => (node === ABSENT ? EMPTY_NODE : (node as Node))
      walk(below(left), below(right), shift - BITS, base + (i << shift), found)
    }
  }
}

function raise(node: Node): Node {
  const root = EMPTY_NODE.slice()
  root[0] = node
  return root
}
