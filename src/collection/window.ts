import type { OrderStatisticTree } from './order-statistic-tree.ts'
import type { Row } from './query-view.ts'

/** A row of the window before and after; the same row where it has left and come back. */
export interface Shift<K, V> {
  readonly before: Row<K, V> | undefined
  after: Row<K, V> | undefined
}

/**
 * A tree that is being edited, seen through a window of positions: what comes into sight and what goes.
 *
 * A removal or insertion moves at most one row over each edge, so an edit costs O(log n), however wide the window is.
 */
export class Window<K, V> {
  /** The rows that an edit has touched within sight, or has moved over an edge. */
  readonly shifts: Map<K, Shift<K, V>> = new Map()
  #tree: OrderStatisticTree<Row<K, V>>
  readonly #start: number
  readonly #end: number

  constructor(tree: OrderStatisticTree<Row<K, V>>, start: number, end: number) {
    this.#tree = tree
    this.#start = start
    this.#end = end
  }

  get tree(): OrderStatisticTree<Row<K, V>> {
    return this.#tree
  }

  remove(position: number): void {
    this.#hide(Math.max(position, this.#start), position)
    this.#tree = this.#tree.removed(position)
    this.#show(this.#end - 1, position)
  }

  insert(position: number, row: Row<K, V>): void {
    this.#hide(this.#end - 1, position)
    this.#tree = this.#tree.inserted(position, row)
    this.#show(Math.max(position, this.#start), position)
  }

  /** The row that an edit at `edited` moves out of sight at `position`. */
  #hide(position: number, edited: number): void {
    const row = this.#inSight(position, edited)
    if (row === undefined) return
    const shift = this.shifts.get(row.key)
    if (shift === undefined) this.shifts.set(row.key, { before: row, after: undefined })
    else shift.after = undefined
  }

  #show(position: number, edited: number): void {
    const row = this.#inSight(position, edited)
    if (row === undefined) return
    const shift = this.shifts.get(row.key)
    if (shift === undefined) this.shifts.set(row.key, { before: undefined, after: row })
    else shift.after = row
  }

  #inSight(position: number, edited: number): Row<K, V> | undefined {
    if (edited >= this.#end || position < this.#start || position >= this.#end) return undefined
    return this.#tree.at(position)
  }
}
