import { createStore, type Store } from 'tidemap/store'
import type { MakeRows } from './labels.ts'

/** What both pages show. */
export interface Table {
  /** The label of each row by its id, in the order of the page. */
  readonly rows: Store<number, string>
  /** The selected row: a set of one. As one key `selected` it would be told to every row; like this, to the two that it concerns. */
  readonly selected: Store<number, true>
  readonly makeRows: MakeRows
}

export function createTable(makeRows: MakeRows): Table {
  return { rows: createStore(), selected: createStore(), makeRows }
}

export function replaceRows({ rows, selected, makeRows }: Table, count: number): void {
  void rows.replace(makeRows(count))
  void selected.clear()
}

export function appendRows({ rows, makeRows }: Table, count: number): void {
  void rows.setMany(makeRows(count))
}

export function updateEveryTenth({ rows }: Table): void {
  const updated: [number, string][] = []
  let place = 0
  rows.forEach((label, id) => {
    if (place++ % 10 === 0) updated.push([id, `${label} !!!`])
  })
  void rows.setMany(updated)
}

/** The second row and the last but one change places: the same entries in another order are no change of any value. */
export function swapRows({ rows }: Table): void {
  const entries: [number, string][] = []
  rows.forEach((label, id) => void entries.push([id, label]))
  const second = entries[1]
  const lastButOne = entries.at(-2)
  if (entries.length < 4 || second === undefined || lastButOne === undefined) return
  entries[1] = lastButOne
  entries[entries.length - 2] = second
  void rows.replace(entries)
}

export function clearRows({ rows, selected }: Table): void {
  void rows.clear()
  void selected.clear()
}

export function selectRow({ selected }: Table, id: number): void {
  void selected.replace([[id, true]])
}

export function removeRow({ rows, selected }: Table, id: number): void {
  void rows.delete(id)
  void selected.delete(id)
}
