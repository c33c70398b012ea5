import type { Item, Model } from './contender.ts'
import { swapped } from './swapped.ts'

/** What the table must show. */
export interface Shown {
  readonly items: readonly Item[]
  readonly selected: number | undefined
}

/** One of the nine operations of js-framework-benchmark, on a table of `size` rows. */
interface Operation {
  /** Rows that must be there before, as a multiple of `size`. */
  readonly from: 0 | 1
  /** What is shown afterwards; `make` makes new rows. */
  readonly result: (before: Shown, make: (times: number) => readonly Item[]) => Shown
  /** The write, run by the button; or, for what is clicked in a row, the place of the row and what is clicked in it. */
  readonly act:
    | ((model: Model, before: Shown, after: Shown) => void)
    | { readonly row: number; readonly button: string }
}

const replacing =
  (times: number): Operation['result'] =>
  (_before, make) => ({ items: make(times), selected: undefined })

export const operations = {
  'create 1k': { from: 0, result: replacing(1), act: (model, _before, { items }) => model.replace(items) },
  replace: { from: 1, result: replacing(1), act: (model, _before, { items }) => model.replace(items) },
  'update 10th': {
    from: 1,
    result: ({ items, selected }) => ({
      items: items.map((item, i) => (i % 10 === 0 ? { ...item, label: `${item.label} !!!` } : item)),
      selected,
    }),
    act: (model) => model.updateEveryTenth(),
  },
  select: {
    from: 1,
    result: ({ items }) => ({ items, selected: items[5]?.id }),
    act: { row: 5, button: 'a' },
  },
  swap: {
    from: 1,
    result: ({ items, selected }) => ({ items: swapped(items), selected }),
    act: (model) => model.swap(),
  },
  remove: {
    from: 1,
    result: ({ items, selected }) => ({ items: items.filter((_, i) => i !== 6), selected }),
    act: { row: 6, button: 'button' },
  },
  'create 10k': { from: 0, result: replacing(10), act: (model, _before, { items }) => model.replace(items) },
  'append 1k': {
    from: 1,
    result: ({ items, selected }, make) => ({ items: [...items, ...make(1)], selected }),
    act: (model, before, after) => model.append(after.items.slice(before.items.length)),
  },
  clear: {
    from: 1,
    result: () => ({ items: [], selected: undefined }),
    act: (model) => model.clear(),
  },
} satisfies Record<string, Operation>

export type OperationName = keyof typeof operations

export const operationOf = (name: OperationName): Operation => operations[name]
