import { appendRows, clearRows, replaceRows, swapRows, type Table, updateEveryTenth } from './table.ts'

/** What the buttons say and do. */
export const operations: readonly { readonly text: string; readonly run: (table: Table) => void }[] = [
  { text: 'Create 1,000', run: (table) => replaceRows(table, 1000) },
  { text: 'Create 10,000', run: (table) => replaceRows(table, 10_000) },
  { text: 'Append 1,000', run: (table) => appendRows(table, 1000) },
  { text: 'Update every 10th', run: updateEveryTenth },
  { text: 'Swap two', run: swapRows },
  { text: 'Clear', run: clearRows },
]
