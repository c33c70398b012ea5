/** A row as the bench makes it; every contender keeps it in its own way. */
export interface Item {
  readonly id: number
  readonly label: string
}

/** The writes of the nine operations. */
export interface Model {
  replace(items: readonly Item[]): void
  append(items: readonly Item[]): void
  /** Every tenth row from the first has ` !!!` added to its label. */
  updateEveryTenth(): void
  /** The second row and the last but one change places. */
  swap(): void
  select(id: number): void
  remove(id: number): void
  clear(): void
}

/**
 * Shows an empty table: a button `#go` that runs `act`, and a `tbody` with one `tr` a row, of class `danger` where it is selected: the id,
 * the label in an `a` that selects it, and a button that removes it.
 */
export type Mount = (root: HTMLElement, act: () => void) => Model
