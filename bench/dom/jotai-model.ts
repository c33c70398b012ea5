import { type Atom, atom, createStore, type PrimitiveAtom } from 'jotai/vanilla'
import type { Item, Model } from './contender.ts'
import { swapped } from './swapped.ts'

export interface JotaiRow {
  readonly id: number
  readonly label: PrimitiveAtom<string>
  readonly isSelected: PrimitiveAtom<boolean>
}

export interface JotaiModel extends Model {
  readonly store: ReturnType<typeof createStore>
  readonly rows: Atom<readonly JotaiRow[]>
}

/** An atom for each label and each selection. */
export function createJotaiModel(): JotaiModel {
  const store = createStore()
  const rows = atom<readonly JotaiRow[]>([])
  let selected: JotaiRow | undefined
  const rowOf = ({ id, label }: Item): JotaiRow => ({ id, label: atom(label), isSelected: atom(false) })
  const put = (next: readonly JotaiRow[]): void => store.set(rows, next)
  return {
    store,
    rows,
    replace(items) {
      selected = undefined
      put(items.map(rowOf))
    },
    append: (items) => put([...store.get(rows), ...items.map(rowOf)]),
    updateEveryTenth() {
      const all = store.get(rows)
      const tenth = atom(null, (get, set) => {
        for (let i = 0; i < all.length; i += 10) {
          const { label } = all[i] as JotaiRow
          set(label, `${get(label)} !!!`)
        }
      })
      store.set(tenth)
    },
    swap: () => put(swapped(store.get(rows))),
    select(id) {
      if (selected !== undefined) store.set(selected.isSelected, false)
      selected = store.get(rows).find((row) => row.id === id)
      if (selected !== undefined) store.set(selected.isSelected, true)
    },
    remove: (id) => put(store.get(rows).filter((row) => row.id !== id)),
    clear: () => put([]),
  }
}
