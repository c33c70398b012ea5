import { attempt } from './report.ts'

/** One row of a list, as the code that makes it sees it. */
export interface Row<K> {
  readonly key: K
  /** Aborts when the row goes. Made when it is asked for: {@link defer} costs a row less. */
  readonly signal: AbortSignal
  /** Has `end` called when the row goes, or the list ends: for what the row itself has bound. */
  defer(end: () => void): void
}

/**
 * A row: a node of a doubly linked list, in the order of the page.
 *
 * Invariants: U1 what is deferred is called once, also if that is done after the row has gone. U2 `place` is -1 but while rows are being
 * put in order.
 */
export class ListRow<K, N> implements Row<K> {
  readonly key: K
  node!: N
  previous: ListRow<K, N> | undefined = undefined
  next: ListRow<K, N> | undefined = undefined
  /** U2: its number among the rows that may be moved; -1 again if it is to be moved. */
  place = -1
  isInOrder = false
  #isOver = false
  #ends: readonly (() => void)[] | undefined = undefined
  #controller: AbortController | undefined = undefined

  constructor(key: K) {
    this.key = key
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController()
    if (this.#isOver) this.#controller.abort()
    return this.#controller.signal
  }

  defer(end: () => void): void {
    if (this.#isOver) attempt(end)
    else this.#ends = this.#ends === undefined ? [end] : [...this.#ends, end] // pushing would make room for 17
  }

  /** The row goes. */
  end(): void {
    this.#isOver = true
    this.undo()
  }

  /** Ends what the row has bound so far; what was bound last ends first. */
  undo(): void {
    const ends = this.#ends
    const controller = this.#controller
    this.#ends = undefined
    this.#controller = undefined
    if (ends !== undefined) for (let i = ends.length - 1; i >= 0; i--) attempt(ends[i] as () => void)
    controller?.abort()
  }
}

/** The rows of a list in the order of the page: what tells a list which of them have to move. */
export class RowOrder<K, N> {
  first: ListRow<K, N> | undefined = undefined
  last: ListRow<K, N> | undefined = undefined

  /** Puts a row that is not in the order before `next`, or at the end. */
  insert(row: ListRow<K, N>, next: ListRow<K, N> | undefined): void {
    const previous = next === undefined ? this.last : next.previous
    row.previous = previous
    row.next = next
    if (previous === undefined) this.first = row
    else previous.next = row
    if (next === undefined) this.last = row
    else next.previous = row
    row.isInOrder = true
  }

  remove(row: ListRow<K, N>): void {
    const { previous, next } = row
    row.isInOrder = false
    if (previous === undefined) this.first = next
    else previous.next = next
    if (next === undefined) this.last = previous
    else next.previous = previous
  }

  clear(): void {
    this.first = undefined
    this.last = undefined
  }
}
