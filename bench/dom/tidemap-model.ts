import { createStore, type Store } from 'tidemap/store'
import type { Item, Model } from './contender.ts'
import { swapped } from './swapped.ts'

export interface TidemapModel extends Model {
  readonly rows: Store<number, string>
  readonly selected: Store<number, true>
}

const entryOf = ({ id, label }: Item) => [id, label] as const

/** The same for both pages, and as in examples/table. */
export function createTidemapModel(): TidemapModel {
  const rows = createStore<number, string>()
  const selected = createStore<number, true>()
  return {
    rows,
    selected,
    replace(items) {
      void rows.replace(items.map(entryOf))
      void selected.clear()
    },
    append: (items) => void rows.setMany(items.map(entryOf)),
    updateEveryTenth() {
      const tenth = [...rows].filter((_, i) => i % 10 === 0)
      void rows.setMany(tenth.map(([id, label]) => [id, `${label} !!!`]))
    },
    swap: () => void rows.replace(swapped(rows)),
    select: (id) => void selected.replace([[id, true]]),
    remove(id) {
      void rows.delete(id)
      void selected.delete(id)
    },
    clear() {
      void rows.clear()
      void selected.clear()
    },
  }
}
