import type { Change, Unsubscribe, View } from '../index.ts'
import { type BindOptions, endsOnce, until } from './lifetime.ts'
import { keysThatMayDiffer, letGo, type Run, runsOf } from './list-order.ts'
import { ListRow, type Row, RowOrder } from './list-row.ts'
import { childWith, focusIn, move, refocus } from './move.ts'
import { report } from './report.ts'

/** What a list needs of what it shows: a store has it, and so has a query over one. */
export interface ListSource<K, V> {
  readonly view: View<K, V>
  subscribe(
    listener: (view: View<K, V>, previous: View<K, V>, changes: readonly Change<K, V>[]) => void,
  ): Unsubscribe
  subscribeKeys(listener: (view: View<K, V>, previous: View<K, V>) => void): Unsubscribe
}

export interface ListOptions<K, V, N extends ChildNode> extends BindOptions {
  /** Makes the row of a key that has come. What the row itself binds is given to `row.defer`, so that it ends with the row. */
  readonly create: (value: V, key: K, row: Row<K>) => N
  /** Shows a new value in the row of its key. Left out, the list hears of no values: then rows bind their own keys. */
  readonly update?: ((node: N, value: V, key: K) => void) | undefined
}

/**
 * Shows every entry of a store, or of a query over one, as a child of `parent`, in the order of its view.
 *
 * When to use: for any list or table whose rows come, go, move or change one by one. When not: for a text made of all entries, which is
 * `store.select` and one node.
 *
 * The list is driven by what has changed, not by comparing all rows: a promotion costs its changed keys. A key that is added gets a row,
 * one that is deleted loses it, one that is deleted and set again moves to the end, as in a Map; `replace`, and queries, move rows: no
 * more of them than needed, and the others keep their focus, selection and scroll position. (A row that has the focus stays where it is if
 * the others can move instead.) An update calls `update` for that row alone, or, where rows bind their own keys, nothing.
 *
 * The rows are put behind what `parent` has already; if it is empty, it belongs to the list. What `create` or `update` throws is
 * reported (to the store's `onError`; the first time, to the platform's `reportError`) and harms no other row: a row that could not be
 * made is a comment, until `update` makes it of the next value.
 *
 * @param source a store of tidemap, a query over one, or anything of that shape
 * @param options `create` a node for each key, `update` it; `signal`: ends the binding when it aborts; aborted already, nothing is bound
 * @returns a function that ends the binding, and what was deferred to its rows; also `Disposable`. The rows stay in the page.
 * @example
 * ```ts
 * import { createStore } from 'tidemap/store'
 * import { bindList } from 'tidemap/dom'
 *
 * const todos = createStore([[1, 'eat'], [2, 'sleep']])
 * const list = document.createElement('ul')
 * const stop = bindList(list, todos, {
 *   create(todo) {
 *     const item = document.createElement('li')
 *     item.textContent = todo
 *     return item
 *   },
 *   update(item, todo) {
 *     item.textContent = todo
 *   },
 * })
 * await todos.set(3, 'code')
 * await todos.set(1, 'eat well')
 * await todos.delete(2)
 * list.innerHTML // => '<li>eat well</li><li>code</li>'
 * stop()
 * ```
 */
export function bindList<K, V, N extends ChildNode>(
  parent: ParentNode & Node,
  source: ListSource<K, V>,
  options: ListOptions<K, V, N>,
): Unsubscribe {
  return until(options.signal, () => {
    const list = new ListBinding(parent, source, options)
    return endsOnce(list.start())
  })
}

/** From this part of all rows on, looking at all of them once is less work than looking for the places of some. */
const MOST = 0.25

/**
 * The rows of one list.
 *
 * Invariants: B1 between two rounds there is a row for each key of the view that was shown last, in its order: in the page, in `#order`
 * and by `#rows`. B2 rows whose keys may not differ between two views keep their order among each other, so only the others are looked
 * at. B3 code of the user's (`create`, `update`, what was deferred) may throw, end the list, and write to the source: a round that comes
 * while rows are being put in order is made up for afterwards.
 */
class ListBinding<K, V, N extends ChildNode> {
  readonly #parent: ParentNode & Node
  readonly #source: ListSource<K, V>
  readonly #options: ListOptions<K, V, N>
  #rows: Map<K, ListRow<K, ChildNode>> = new Map()
  readonly #order: RowOrder<K, ChildNode> = new RowOrder()
  /** Rows that could not be made: what is in the page for them is a comment. */
  readonly #broken: Set<K> = new Set()
  readonly #ownsParent: boolean
  #isArranging = false
  #isOpen = true
  #errors: unknown[] = []

  constructor(parent: ParentNode & Node, source: ListSource<K, V>, options: ListOptions<K, V, N>) {
    this.#parent = parent
    this.#source = source
    this.#options = options
    this.#ownsParent = parent.firstChild === null
  }

  /** Returns what ends it. */
  start(): () => void {
    const { update } = this.#options
    const stops = [
      this.#source.subscribeKeys((view, previous) => this.#tell(() => this.#arrange(view, previous))),
    ]
    if (update !== undefined) {
      stops.push(
        this.#source.subscribe((_view, _previous, changes) => this.#tell(() => this.#update(changes))),
      )
    }
    let shown = this.#source.view
    this.#arrange(shown, undefined)
    // B3: rounds that were told while the first rows were made
    for (let newest = this.#source.view; newest !== shown && this.#isOpen; newest = this.#source.view) {
      const changes = newest.changesSince(shown)
      shown = newest
      this.#arrange(newest, undefined)
      this.#update(changes)
    }
    for (const error of this.#errors.splice(0)) report(error)
    return () => {
      this.#isOpen = false
      for (const stop of stops) stop()
      for (const row of this.#rows.values()) row.end()
    }
  }

  /** What rows have thrown reaches the source when all of them have been served: it reports one error a listener. */
  #tell(act: () => void): void {
    act()
    const errors = this.#errors.splice(0)
    if (errors.length === 1) throw errors[0]
    if (errors.length > 1)
      throw new AggregateError(errors, `${errors.length} rows of a list could not be shown.`)
  }

  #arrange(view: View<K, V>, previous: View<K, V> | undefined): void {
    if (this.#isArranging) return
    this.#isArranging = true
    const active = this.#rows.size === 0 ? undefined : focusIn(this.#parent)
    try {
      const isMost = previous === undefined || Math.abs(view.size - this.#rows.size) > view.size * MOST
      const keys = isMost ? undefined : keysThatMayDiffer(view, previous)
      if (keys === undefined || keys.size > view.size * MOST) this.#arrangeAll(view)
      else this.#arrangeSome(view, keys)
      refocus(this.#parent, active)
    } finally {
      this.#isArranging = false
    }
  }

  #arrangeAll(view: View<K, V>): void {
    if (view.size === 0) return this.#clear()
    const gone: ListRow<K, ChildNode>[] = []
    for (const row of this.#rows.values()) if (!view.has(row.key)) gone.push(row)
    if (gone.length === this.#rows.size) this.#clear()
    else for (const row of gone) this.#remove(row)
    const keys: K[] = []
    const values: V[] = []
    let row = this.#order.first // those before it stand where they are wanted
    // a quarter of what iterating costs
    view.forEach((value, key) => {
      if (row !== undefined && keys.length === 0 && Object.is(row.key, key)) row = row.next
      else {
        keys.push(key)
        values.push(value)
      }
    })
    if (row === undefined) return this.#append(keys, values)
    const fixed = row.previous
    this.#place(view, { keys, before: undefined }, (each) => each !== fixed)
  }

  /** New rows behind all others. */
  #append(keys: readonly K[], values: readonly V[]): void {
    if (keys.length === 0) return
    const made = document.createDocumentFragment()
    for (let i = 0; i < keys.length; i++) {
      const row = this.#create(keys[i] as K, values[i] as V)
      if (row === undefined) break // B3: the list has been ended
      made.appendChild(row.node)
      this.#order.insert(row, undefined)
    }
    this.#parent.appendChild(made)
  }

  /** B2 */
  #arrangeSome(view: View<K, V>, keys: ReadonlySet<K>): void {
    for (const key of keys) {
      const row = view.has(key) ? undefined : this.#rows.get(key)
      if (row !== undefined) this.#remove(row)
    }
    for (const run of runsOf(view, keys, this.#rows, this.#order))
      this.#place(view, run, ({ key }) => keys.has(key))
  }

  /** Makes the rows of a run that are missing, and moves those that stand elsewhere; `isFree` tells which rows may be moved. */
  #place(
    view: View<K, V>,
    { keys, before }: Run<K, ChildNode>,
    isFree: (row: ListRow<K, ChildNode>) => boolean,
  ): void {
    const here = this.#freeRowsBefore(before, isFree)
    const there = keys.map((key) => this.#rows.get(key))
    letGo(there.filter((row) => row !== undefined && row.place >= 0) as ListRow<K, ChildNode>[], () =>
      childWith(this.#parent, focusIn(this.#parent)),
    )
    let waiting: ListRow<K, ChildNode>[] = []
    for (let i = 0; i < keys.length; i++) {
      const row = there[i] ?? this.#create(keys[i] as K, view.get(keys[i] as K) as V)
      if (row === undefined) break // B3: the list has been ended
      if (row.place < 0) waiting.push(row)
      else if (waiting.length > 0) {
        this.#insert(waiting, row)
        waiting = []
      }
    }
    this.#insert(waiting, before)
    for (const row of here) row.place = -1
  }

  /** The rows that may be moved and stand just before `before`, or at the end, with their places. */
  #freeRowsBefore(
    before: ListRow<K, ChildNode> | undefined,
    isFree: (row: ListRow<K, ChildNode>) => boolean,
  ): readonly ListRow<K, ChildNode>[] {
    const found: ListRow<K, ChildNode>[] = []
    let row = before === undefined ? this.#order.last : before.previous
    for (; row !== undefined && isFree(row); row = row.previous) found.push(row)
    for (const [i, each] of found.entries()) each.place = found.length - 1 - i
    return found
  }

  /** `undefined` where the list has been ended meanwhile. */
  #create(key: K, value: V): ListRow<K, ChildNode> | undefined {
    if (!this.#isOpen) return undefined
    const row = new ListRow<K, ChildNode>(key)
    this.#rows.set(key, row)
    this.#fill(row, value)
    return row
  }

  #fill(row: ListRow<K, ChildNode>, value: V): void {
    try {
      row.node = this.#options.create(value, row.key, row)
    } catch (error) {
      this.#errors.push(error)
      row.undo()
      row.node = document.createComment('')
      this.#broken.add(row.key)
    }
  }

  /** New rows as one fragment, those that are in the page one by one. */
  #insert(rows: readonly ListRow<K, ChildNode>[], before: ListRow<K, ChildNode> | undefined): void {
    if (rows.length === 0) return
    const place = before?.node ?? null
    let made: DocumentFragment | undefined
    for (const row of rows) {
      if (row.isInOrder) {
        if (made !== undefined) this.#parent.insertBefore(made, place)
        made = undefined
        this.#order.remove(row)
        move(this.#parent, row.node, place)
      } else if (rows.length === 1) this.#parent.insertBefore(row.node, place)
      else {
        made ??= document.createDocumentFragment()
        made.appendChild(row.node)
      }
      this.#order.insert(row, before)
    }
    if (made !== undefined) this.#parent.insertBefore(made, place)
  }

  #remove(row: ListRow<K, ChildNode>): void {
    this.#rows.delete(row.key)
    this.#broken.delete(row.key)
    this.#order.remove(row)
    row.node.remove()
    row.end()
  }

  /** All rows. In a parent of our own the engine is asked to drop everything, which costs it least. */
  #clear(): void {
    const rows = this.#rows
    const { first, last } = this.#order
    const parent = this.#parent
    if (this.#ownsParent && parent.firstChild === first?.node && parent.lastChild === last?.node)
      parent.textContent = ''
    else for (const row of rows.values()) row.node.remove()
    this.#rows = new Map()
    this.#broken.clear()
    this.#order.clear()
    for (const row of rows.values()) row.end()
  }

  #update(changes: readonly Change<K, V>[]): void {
    const { update } = this.#options
    if (update === undefined || this.#isArranging) return
    for (const { type, key, value } of changes) {
      const row = type === 'update' && this.#isOpen ? this.#rows.get(key) : undefined
      if (row === undefined) continue
      if (this.#broken.has(key)) this.#repair(row, value as V)
      else {
        try {
          update(row.node as N, value as V, key)
        } catch (error) {
          this.#errors.push(error)
        }
      }
    }
  }

  #repair(row: ListRow<K, ChildNode>, value: V): void {
    const { node } = row
    this.#broken.delete(row.key)
    this.#fill(row, value)
    node.replaceWith(row.node)
  }
}
