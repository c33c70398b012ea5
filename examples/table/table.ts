import { createStore, type ObjectStore, type Store } from 'tidemap/store'
import type { MakeRows } from './labels.ts'

export interface TableRow {
  readonly label: string
  readonly isSelected: boolean
}

/** What both pages show. */
export interface Table {
  /** By id, in the order of the page. A row is one key, so that what concerns it is told to it once, and to no other. */
  readonly rows: Store<number, TableRow>
  /** For whoever wants to know which: the rows know it of themselves. */
  readonly selection: ObjectStore<{ readonly id: number | undefined }>
  readonly makeRows: MakeRows
}

export function createTable(makeRows: MakeRows): Table {
  return {
    rows: createStore(),
    selection: createStore<{ id: number | undefined }>({ id: undefined }),
    makeRows,
  }
}

const entryOf = ([id, label]: [number, string]): [number, TableRow] => [id, { label, isSelected: false }]

export function replaceRows({ rows, selection, makeRows }: Table, count: number): void {
  void rows.replace(makeRows(count).map(entryOf))
  void selection.set('id', undefined)
}

export function appendRows({ rows, makeRows }: Table, count: number): void {
  void rows.setMany(makeRows(count).map(entryOf))
}

export function updateEveryTenth({ rows }: Table): void {
  const updated: [number, TableRow][] = []
  let place = 0
  rows.forEach((row, id) => {
    if (place++ % 10 === 0) updated.push([id, { ...row, label: `${row.label} !!!` }])
  })
  void rows.setMany(updated)
}

/** The second row and the last but one change places: the same entries in another order are no change of any value. */
export function swapRows({ rows }: Table): void {
  const entries: [number, TableRow][] = []
  rows.forEach((row, id) => void entries.push([id, row]))
  const second = entries[1]
  const lastButOne = entries.at(-2)
  if (entries.length < 4 || second === undefined || lastButOne === undefined) return
  entries[1] = lastButOne
  entries[entries.length - 2] = second
  void rows.replace(entries)
}

export function clearRows({ rows, selection }: Table): void {
  void rows.clear()
  void selection.set('id', undefined)
}

/** One promotion for both rows: the one that was, and the one that is. */
export function selectRow({ rows, selection }: Table, id: number): void {
  void rows.batch((tx) => {
    for (const key of new Set([selection.get('id') ?? id, id])) {
      const row = tx.get(key)
      if (row !== undefined) tx.set(key, { ...row, isSelected: key === id })
    }
  })
  void selection.set('id', id)
}

export function removeRow({ rows, selection }: Table, id: number): void {
  void rows.delete(id)
  if (selection.get('id') === id) void selection.set('id', undefined)
}
