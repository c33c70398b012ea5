import type { Change } from '../core/change.ts'
import { VersionedMap } from '../core/versioned-map.ts'
import type { View } from '../core/view.ts'
import type { Round } from '../store/subscriptions.ts'
import type { Result } from './live-view.ts'
import { OrderStatisticTree } from './order-statistic-tree.ts'
import { type Order, type Ordered, QueryView, type Row } from './query-view.ts'
import { type Shift, Window } from './window.ts'

/** A query, checked and with its defaults. */
export interface Plan<K, V> {
  readonly where: ((value: V, key: K) => boolean) | undefined
  readonly orderBy: ((a: V, b: V, keyOfA: K, keyOfB: K) => number) | undefined
  readonly start: number
  /** `Infinity` where there is no limit. */
  readonly end: number
}

/** A row and how many of the rows that stay where they are come before it. */
interface Placed<K, V> {
  readonly row: Row<K, V>
  readonly gap: number
}

/** Where one row in so many has changed, or more, sorting all of them anew is less work than moving them one by one. */
const ROWS_A_CHANGE = 8

/** So many are never worth it: comparing two neighbouring views may name this many keys for one change. */
const FEW = 64

/**
 * The rows of a query, kept in order from one view of the source to the next.
 *
 * Invariants: O1 `#ordered.tree` has a row for each entry of `#ordered.source` for which `where` holds, in the order of `#order`, which
 * is total: entries that `orderBy` holds for equal stand as in the source. O2 `#rows` finds the row of a key; without a window that is
 * `#shown`. O3 `#shown` has the rows in the window, `#view` is the picture of it. O4 all of the caller's code runs before anything is
 * changed: what throws leaves the result as it was, and the next time begins there. O5 the rows whose keys did not change keep their
 * order among each other, so only the others are looked for: at most O(log n) comparisons and copied parts each.
 */
export class OrderedResult<K, V> implements Result<K, V, K, V> {
  readonly #plan: Plan<K, V>
  readonly #order: Order<K, V>
  readonly #shown: VersionedMap<K, Row<K, V>> = new VersionedMap()
  /** O2 */
  readonly #rows: Map<K, Row<K, V>> | undefined
  #ordered: Ordered<K, V>
  #view: QueryView<K, V>

  constructor(plan: Plan<K, V>, first: View<K, V>) {
    this.#plan = plan
    this.#order = orderOf(plan)
    this.#rows = plan.start === 0 && plan.end === Number.POSITIVE_INFINITY ? undefined : new Map()
    this.#ordered = { tree: OrderStatisticTree.of(this.#sorted(first)), source: first }
    this.#rows && fill(this.#rows, this.#ordered.tree)
    this.#shown.replace(this.#inWindow(this.#ordered.tree))
    this.#view = new QueryView(this.#shown.view, this.#ordered, plan.start, this.#order)
  }

  get view(): QueryView<K, V> {
    return this.#view
  }

  /** Brings the result to `source`. What changed, or nothing where the view is the same. */
  advance(source: View<K, V>): Round<K, V> | undefined {
    const before = this.#ordered.source
    const keys = source.keysThatMayDiffer(before) ?? before.keysThatMayDiffer(source)
    if (keys === undefined) return this.#sortAnew(source)
    const changed = [...keys]
    const isMost = changed.length > FEW && changed.length * ROWS_A_CHANGE > this.#ordered.tree.size
    return isMost ? this.#sortAnew(source) : this.#edit(source, changed)
  }

  #matches(source: View<K, V>, key: K, value: V | undefined): value is V {
    if (value === undefined && !source.has(key)) return false
    const { where } = this.#plan
    return where === undefined || where(value as V, key)
  }

  #sorted(source: View<K, V>): Row<K, V>[] {
    const rows: Row<K, V>[] = []
    for (const [key, value] of source) if (this.#matches(source, key, value)) rows.push({ key, value })
    const { orderBy } = this.#plan
    // they are in the source's order now, and the sort is stable
    return orderBy === undefined ? rows : rows.sort((a, b) => orderBy(a.value, b.value, a.key, b.key))
  }

  *#inWindow(tree: OrderStatisticTree<Row<K, V>>): Generator<[K, Row<K, V>], undefined, unknown> {
    const { start, end } = this.#plan
    const to = Math.min(end, tree.size)
    for (let i = start; i < to; ) {
      for (const row of tree.chunkFrom(i)) if (i++ < to) yield [row.key, row]
    }
  }

  /** O(rows), for the case that the views are far apart or most rows have changed. */
  #sortAnew(source: View<K, V>): Round<K, V> | undefined {
    const tree = OrderStatisticTree.of(this.#sorted(source))
    const rows = new Map(this.#inWindow(tree))
    const previous = this.#shown.view
    const shifts = new Map<K, Shift<K, V>>()
    for (const [key, row] of previous) shifts.set(key, { before: row, after: rows.get(key) })
    for (const [key, row] of rows) if (!previous.has(key)) shifts.set(key, { before: undefined, after: row })
    const moved = !this.#hasInOrder(rows)
    this.#ordered = { tree, source }
    if (this.#rows !== undefined) {
      this.#rows.clear()
      fill(this.#rows, tree)
    }
    this.#shown.replace(rows) // O2: also where nothing has changed, as all rows are new ones
    return this.#publish(changesOf(shifts), moved)
  }

  /** O5 */
  #edit(source: View<K, V>, changed: readonly K[]): Round<K, V> | undefined {
    const before = this.#ordered
    const outgoing: Row<K, V>[] = []
    const incoming: Row<K, V>[] = []
    const kept = new Set<K>()
    for (const key of changed) {
      const row = this.#rowOf(key)
      const value = source.get(key)
      if (row !== undefined) outgoing.push(row)
      if (!this.#matches(source, key, value)) continue
      if (row !== undefined) kept.add(key)
      incoming.push(row !== undefined && Object.is(row.value, value) ? row : { key, value })
    }
    const gone = this.#placesIn(before, outgoing)
    const window = new Window(before.tree, this.#plan.start, this.#plan.end)
    for (let i = gone.length - 1; i >= 0; i--) window.remove((gone[i] as Placed<K, V>).gap + i)
    let come = this.#placesFor({ tree: window.tree, source }, incoming)
    // a row that has moved is a new one, so that whoever compares two views finds it
    if (!isSameOrder(gone, come, kept)) come = come.map(({ row, gap }) => ({ row: { ...row }, gap }))
    for (const [i, { row, gap }] of come.entries()) window.insert(gap + i, row)

    this.#ordered = { tree: window.tree, source }
    if (this.#rows !== undefined) {
      for (const { row } of gone) this.#rows.delete(row.key)
      for (const { row } of come) this.#rows.set(row.key, row)
    }
    const { shifts } = window
    const changes = changesOf(shifts)
    const stayed = new Set<K>()
    const isMembership = changes.some(({ type }) => type !== 'update')
    for (const [key, { before, after }] of shifts)
      if (before !== undefined && after !== undefined) stayed.add(key)
    let moved = isMembership || !isSameOrder(gone, come, stayed)
    // in a window it may have passed rows out of sight alone
    if (moved && !isMembership && this.#rows !== undefined)
      moved = !this.#hasInOrder(this.#inWindow(window.tree))
    if (changes.length > 0 || moved) {
      const deleted = new Set<K>()
      const written = new Map<K, Row<K, V>>()
      for (const [key, { before, after }] of shifts) {
        if (after === undefined)
          deleted.add(key) // or it has only passed by
        else if (after !== before) written.set(key, after)
      }
      this.#shown.apply(deleted, written, deleted.size + written.size)
    }
    return this.#publish(changes, moved)
  }

  /** Whether these are the rows that were shown last, by their keys. */
  #hasInOrder(rows: Iterable<readonly [K, Row<K, V>]>): boolean {
    const keys = this.#view.keys()
    for (const [key] of rows) {
      const { value, done } = keys.next()
      if (done === true || !Object.is(key, value)) return false
    }
    return keys.next().done === true
  }

  #rowOf(key: K): Row<K, V> | undefined {
    return (this.#rows ?? this.#shown).get(key)
  }

  /** Where rows of `ordered` stand, in their order. */
  #placesIn({ tree, source }: Ordered<K, V>, rows: readonly Row<K, V>[]): Placed<K, V>[] {
    const found = rows.map((row) => {
      const position = tree.countBefore((other) => this.#order(other, row, source) < 0)
      return { row, position: tree.at(position) === row ? position : positionOf(tree, row) }
    })
    found.sort((a, b) => a.position - b.position)
    return found.map(({ row, position }, i) => ({ row, gap: position - i }))
  }

  /** Where rows belong that `ordered` has not, in their order. */
  #placesFor({ tree, source }: Ordered<K, V>, rows: readonly Row<K, V>[]): Placed<K, V>[] {
    let gap = 0 // never less than before, for an `orderBy` that contradicts itself: each row is put where its gap says
    return [...rows]
      .sort((a, b) => this.#order(a, b, source))
      .map((row) => {
        gap = Math.max(
          gap,
          tree.countBefore((other) => this.#order(other, row, source) < 0),
        )
        return { row, gap }
      })
  }

  #publish(changes: readonly Change<K, V>[], moved: boolean): Round<K, V> | undefined {
    const previous = this.#view
    if (changes.length === 0 && !moved) {
      previous.follow(this.#ordered)
      return undefined
    }
    const view = new QueryView(this.#shown.view, this.#ordered, this.#plan.start, this.#order)
    this.#view = view
    return { changes, moved, views: [view, previous] }
  }
}

/** O1. `NaN` counts as equal, as it does for `sort`. */
function orderOf<K, V>({ orderBy }: Plan<K, V>): Order<K, V> {
  if (orderBy === undefined) return (a, b, view) => view.compare(a.key, b.key)
  return (a, b, view) => orderBy(a.value, b.value, a.key, b.key) || view.compare(a.key, b.key)
}

function fill<K, V>(rows: Map<K, Row<K, V>>, tree: OrderStatisticTree<Row<K, V>>): void {
  for (let i = 0; i < tree.size; ) {
    for (const row of tree.chunkFrom(i)) {
      rows.set(row.key, row)
      i++
    }
  }
}

/** The long way, for an `orderBy` that contradicts itself and so leads to another place. */
function positionOf<K, V>(tree: OrderStatisticTree<Row<K, V>>, row: Row<K, V>): number {
  for (let i = 0; i < tree.size; ) {
    const chunk = tree.chunkFrom(i)
    const at = chunk.indexOf(row)
    if (at >= 0) return i + at
    i += chunk.length
  }
  return -1
}

/** Whether the rows of `keys` stand among the others, and among each other, as they did. */
function isSameOrder<K, V>(
  before: readonly Placed<K, V>[],
  after: readonly Placed<K, V>[],
  keys: ReadonlySet<K>,
): boolean {
  const were = before.filter(({ row }) => keys.has(row.key))
  const are = after.filter(({ row }) => keys.has(row.key))
  return were.every(({ row, gap }, i) => are[i]?.gap === gap && Object.is(are[i]?.row.key, row.key))
}

function changesOf<K, V>(shifts: ReadonlyMap<K, Shift<K, V>>): Change<K, V>[] {
  const changes: Change<K, V>[] = []
  for (const [key, { before, after }] of shifts) {
    if (after === undefined) {
      if (before !== undefined)
        changes.push({ type: 'delete', key, value: undefined, previous: before.value })
    } else if (before === undefined)
      changes.push({ type: 'add', key, value: after.value, previous: undefined })
    else if (!Object.is(before.value, after.value)) {
      changes.push({ type: 'update', key, value: after.value, previous: before.value })
    }
  }
  return changes
}
