/** The most parts a node has; one that an edit leaves with fewer than LEAST is merged with its neighbour. */
const MOST = 32
const LEAST = 8

interface Leaf<T> {
  readonly items: readonly T[]
  readonly children: undefined
  readonly size: number
  readonly last: T
}

interface Branch<T> {
  readonly items: undefined
  readonly children: readonly Node<T>[]
  readonly size: number
  readonly last: T
}

type Node<T> = Leaf<T> | Branch<T>

/** What trees of one origin have done so far; for tests. */
interface Work {
  touched: number
}

/**
 * An immutable sequence with O(log n) access, insertion and removal by position, and search in sorted order: a B+ tree that counts.
 *
 * An edit copies one path and shares the rest, so a tree that somebody keeps stays as it was, and costs what it does not share.
 *
 * Invariants: B1 all leaves have the same depth. B2 every node but the root has LEAST to MOST parts, and a root that is a branch has two
 * at least. B3 `size` is the number of items below a node, `last` the last of them.
 *
 * Source: order-statistic trees (Cormen et al., chapter 14) over a B+ tree with path copying (Driscoll et al.).
 */
export class OrderStatisticTree<T> {
  readonly #root: Node<T>
  readonly #work: Work

  private constructor(root: Node<T>, work: Work) {
    this.#root = root
    this.#work = work
  }

  /** Of these items in this order, O(items). */
  static of<T>(items: readonly T[]): OrderStatisticTree<T> {
    const work: Work = { touched: 0 }
    return new OrderStatisticTree(rootOf(leavesOf(items, work), work), work)
  }

  get size(): number {
    return this.#root.size
  }

  /** Parts of nodes that this tree, those before it and those made from it have read or copied. */
  get touched(): number {
    return this.#work.touched
  }

  at(index: number): T | undefined {
    return index < this.size ? this.chunkFrom(index)[0] : undefined
  }

  /** The items from `index` on that lie together with it: a few, and at least that one. */
  chunkFrom(index: number): readonly T[] {
    let node = this.#root
    let rest = index
    while (node.children !== undefined) {
      let i = 0
      for (; rest >= partOf(node.children, i).size; i++) rest -= partOf(node.children, i).size
      this.#work.touched += i + 1
      node = partOf(node.children, i)
    }
    return rest === 0 ? node.items : node.items.slice(rest)
  }

  /** How many items come before a place, where `isBefore` holds for a first part of the items and for none behind it. */
  countBefore(isBefore: (item: T) => boolean): number {
    let before = 0
    for (let node = this.#root; ; ) {
      const { children, items } = node
      const parts = children ?? items
      let low = 0
      let high = parts.length
      while (low < high) {
        const middle = (low + high) >>> 1
        this.#work.touched++
        if (isBefore(children === undefined ? partOf(items, middle) : partOf(children, middle).last))
          low = middle + 1
        else high = middle
      }
      if (children === undefined) return before + low
      for (let i = 0; i < low; i++) before += partOf(children, i).size
      if (low === children.length) return before
      node = partOf(children, low)
    }
  }

  inserted(index: number, item: T): OrderStatisticTree<T> {
    return this.#edited(index, 0, [item])
  }

  removed(index: number): OrderStatisticTree<T> {
    return this.#edited(index, 1, [])
  }

  #edited(index: number, remove: 0 | 1, items: readonly T[]): OrderStatisticTree<T> {
    return new OrderStatisticTree(
      rootOf(edit(this.#root, index, remove, items, this.#work), this.#work),
      this.#work,
    )
  }
}

const partOf = <P>(parts: readonly P[], index: number): P => parts[index] as P

/** What takes the place of a node: nothing, itself with the change, or two that share its parts. */
function edit<T>(node: Node<T>, index: number, remove: 0 | 1, items: readonly T[], work: Work): Node<T>[] {
  if (node.children === undefined) {
    const copy = node.items.slice()
    copy.splice(index, remove, ...items)
    return leavesOf(copy, work)
  }
  const children = node.children.slice()
  let rest = index
  let i = 0
  // what is inserted between two children goes to the end of the first
  for (; rest > partOf(children, i).size - remove; i++) rest -= partOf(children, i).size
  const edited = edit(partOf(children, i), rest, remove, items, work)
  children.splice(i, 1, ...edited)
  if (edited.length === 1) mend(children, i, work)
  return branchesOf(children, work)
}

/** B2 for the child at `index`. */
function mend<T>(children: Node<T>[], index: number, work: Work): void {
  const child = partOf(children, index)
  if ((child.children ?? child.items).length >= LEAST || children.length === 1) return
  const from = index > 0 ? index - 1 : 0
  const first = partOf(children, from)
  const second = partOf(children, from + 1)
  const merged =
    first.children === undefined || second.children === undefined
      ? leavesOf([...(first.items ?? []), ...(second.items ?? [])], work)
      : branchesOf([...first.children, ...second.children], work)
  children.splice(from, 2, ...merged)
}

/** B2: as many nodes as needed, with parts shared out evenly. */
function shareOut<P, N>(parts: readonly P[], make: (parts: readonly P[]) => N): N[] {
  const count = Math.ceil(parts.length / MOST)
  const nodes: N[] = []
  for (let i = 0; i < count; i++) {
    const from = Math.floor((i * parts.length) / count)
    const to = Math.floor(((i + 1) * parts.length) / count)
    nodes.push(make(count === 1 ? parts : parts.slice(from, to)))
  }
  return nodes
}

function leavesOf<T>(items: readonly T[], work: Work): Leaf<T>[] {
  work.touched += items.length
  return shareOut(items, (own) => ({
    items: own,
    children: undefined,
    size: own.length,
    last: partOf(own, own.length - 1),
  }))
}

function branchesOf<T>(children: readonly Node<T>[], work: Work): Branch<T>[] {
  work.touched += children.length
  return shareOut(children, (own) => {
    let size = 0
    for (const child of own) size += child.size
    return { items: undefined, children: own, size, last: partOf(own, own.length - 1).last }
  })
}

/** One node above all of these, which have the same depth. */
function rootOf<T>(nodes: readonly Node<T>[], work: Work): Node<T> {
  let level = nodes
  while (level.length > 1) level = branchesOf(level, work)
  let root: Node<T> = level[0] ?? { items: [], children: undefined, size: 0, last: undefined as T }
  while (root.children?.length === 1) root = partOf(root.children, 0)
  return root
}
