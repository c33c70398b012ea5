// A directed graph with labelled edges, and its cycles.

/** Write after write, read after write, write after read; real time. */
export type EdgeKind = 'ww' | 'wr' | 'rw' | 'rt'

export interface Edge {
  readonly from: number
  readonly to: number
  readonly kind: EdgeKind
}

export class Graph {
  readonly #out: Edge[][] = []
  #edges = 0

  constructor(nodes: number) {
    for (let i = 0; i < nodes; i++) this.#out.push([])
  }

  get edges(): number {
    return this.#edges
  }

  addNode(): number {
    return this.#out.push([]) - 1
  }

  /** An edge from a node to itself says nothing. */
  add(from: number, to: number, kind: EdgeKind): void {
    if (from === to) return
    this.#out[from]!.push({ from, to, kind })
    this.#edges++
  }

  /** The strongly connected components of more than one node, where only edges of these kinds count: Tarjan's, without recursion. */
  cyclic(kinds: readonly EdgeKind[]): ReadonlySet<number>[] {
    const size = this.#out.length
    const number = new Int32Array(size).fill(-1)
    const low = new Int32Array(size)
    const isOpen = new Uint8Array(size)
    const open: number[] = []
    const components: Set<number>[] = []
    let next = 0
    for (let root = 0; root < size; root++) {
      if (number[root] !== -1) continue
      const path: { node: number; edge: number }[] = []
      const enter = (node: number): void => {
        number[node] = next
        low[node] = next++
        isOpen[node] = 1
        open.push(node)
        path.push({ node, edge: 0 })
      }
      enter(root)
      for (let step = path.at(-1); step !== undefined; step = path.at(-1)) {
        const { node } = step
        const edge = this.#out[node]![step.edge++]
        if (edge !== undefined) {
          if (!kinds.includes(edge.kind)) continue
          if (number[edge.to] === -1) enter(edge.to)
          else if (isOpen[edge.to] === 1) low[node] = Math.min(low[node]!, number[edge.to]!)
          continue
        }
        path.pop()
        const above = path.at(-1)
        if (above !== undefined) low[above.node] = Math.min(low[above.node]!, low[node]!)
        if (low[node] !== number[node]) continue
        const component = new Set<number>()
        for (let member = -1; member !== node; ) {
          member = open.pop()!
          isOpen[member] = 0
          component.add(member)
        }
        if (component.size > 1) components.push(component)
      }
    }
    return components
  }

  /** A shortest cycle through some node of the component. */
  cycleIn(component: ReadonlySet<number>, kinds: readonly EdgeKind[]): readonly Edge[] | undefined {
    for (const node of component) {
      for (const edge of this.#out[node]!) {
        if (!kinds.includes(edge.kind) || !component.has(edge.to)) continue
        const back = this.#path(edge.to, node, component, kinds)
        if (back !== undefined) return [edge, ...back]
      }
    }
    return undefined
  }

  /** A cycle in the component with one edge of `kind`, all others being of `others`. */
  cycleWithOne(
    kind: EdgeKind,
    component: ReadonlySet<number>,
    others: readonly EdgeKind[],
  ): readonly Edge[] | undefined {
    for (const node of component) {
      for (const edge of this.#out[node]!) {
        if (edge.kind !== kind || !component.has(edge.to)) continue
        const back = this.#path(edge.to, node, component, others)
        if (back !== undefined) return [edge, ...back]
      }
    }
    return undefined
  }

  /** By breadth. */
  #path(
    from: number,
    to: number,
    within: ReadonlySet<number>,
    kinds: readonly EdgeKind[],
  ): Edge[] | undefined {
    const cameBy = new Map<number, Edge>()
    const queue = [from]
    for (const node of queue) {
      if (node === to) break
      for (const edge of this.#out[node]!) {
        if (!kinds.includes(edge.kind) || !within.has(edge.to) || edge.to === from || cameBy.has(edge.to))
          continue
        cameBy.set(edge.to, edge)
        queue.push(edge.to)
      }
    }
    const path: Edge[] = []
    for (let node = to; node !== from; ) {
      const edge = cameBy.get(node)
      if (edge === undefined) return undefined
      path.unshift(edge)
      node = edge.from
    }
    return path
  }
}
