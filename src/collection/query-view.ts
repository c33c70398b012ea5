import { ABSENT, type Absent } from '../core/vector.ts'
import { View } from '../core/view.ts'
import { ViewIterator } from '../core/view-iterator.ts'
import type { OrderStatisticTree } from './order-statistic-tree.ts'

/** An entry of a query. It never changes: a new value is a new row, and so is a new place. */
export interface Row<K, V> {
  readonly key: K
  readonly value: V
}

/** Which of two rows comes first; `view` is one of the source that has both. */
export type Order<K, V> = (a: Row<K, V>, b: Row<K, V>, view: View<K, V>) => number

/** All rows of a query in their order, and the view of the source that they were made from. */
export interface Ordered<K, V> {
  readonly tree: OrderStatisticTree<Row<K, V>>
  readonly source: View<K, V>
}

/**
 * The view of a query: a window of its ordered rows, each found by its key as well.
 *
 * Invariants: Q1 `#rows` has just the rows of `tree` from position `start` on that are `size` many. Q2 `#ordered` may be put in the place
 * of another one only if both show the same rows in the same order through the window.
 */
export class QueryView<K, V> extends View<K, V> {
  readonly size: number
  readonly version: number
  readonly #rows: View<K, Row<K, V>>
  readonly #start: number
  readonly #order: Order<K, V>
  #ordered: Ordered<K, V>

  constructor(rows: View<K, Row<K, V>>, ordered: Ordered<K, V>, start: number, order: Order<K, V>) {
    super(null)
    this.size = rows.size
    this.version = rows.version
    this.#rows = rows
    this.#start = start
    this.#order = order
    this.#ordered = ordered
  }

  /** Q2: so that the newest view of a query does not keep an old one of its source. */
  follow(ordered: Ordered<K, V>): void {
    this.#ordered = ordered
  }

  protected lookup(key: K): V | Absent {
    const row = this.#rows.get(key)
    return row === undefined ? ABSENT : row.value
  }

  compare(a: K, b: K): number {
    const first = this.#rows.get(a) as Row<K, V>
    const second = this.#rows.get(b) as Row<K, V>
    return this.#order(first, second, this.#ordered.source)
  }

  keysThatMayDiffer(older: View<K, V>): Iterable<K> | undefined {
    return older instanceof QueryView ? this.#rows.keysThatMayDiffer(older.#rows) : undefined
  }

  entries(): MapIterator<[K, V]> {
    return new RowIterator(this.#ordered.tree, this.#start, this.size, ({ key, value }): [K, V] => [
      key,
      value,
    ])
  }

  keys(): MapIterator<K> {
    return new RowIterator(this.#ordered.tree, this.#start, this.size, ({ key }) => key)
  }

  values(): MapIterator<V> {
    return new RowIterator(this.#ordered.tree, this.#start, this.size, ({ value }) => value)
  }

  forEach(callback: (value: V, key: K, view: View<K, V>) => void, thisArg?: unknown): void {
    for (const [key, value] of this.entries()) callback.call(thisArg, value, key, this)
  }
}

/** Leaf by leaf: a step down the tree for every few rows. */
class RowIterator<K, V, T> extends ViewIterator<T> {
  readonly #tree: OrderStatisticTree<Row<K, V>>
  readonly #pick: (row: Row<K, V>) => T
  #next: number
  readonly #end: number
  #chunk: readonly Row<K, V>[] = []
  #offset = 0

  constructor(tree: OrderStatisticTree<Row<K, V>>, start: number, size: number, pick: (row: Row<K, V>) => T) {
    super()
    this.#tree = tree
    this.#pick = pick
    this.#next = start
    this.#end = start + size
  }

  next(): IteratorResult<T, undefined> {
    if (this.#next >= this.#end) return { done: true, value: undefined }
    if (this.#offset === this.#chunk.length) {
      this.#chunk = this.#tree.chunkFrom(this.#next)
      this.#offset = 0
    }
    this.#next++
    return { done: false, value: this.#pick(this.#chunk[this.#offset++] as Row<K, V>) }
  }
}
