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
      const updated: [number, string][] = []
      let place = 0
      rows.forEach((label, id) => {
        if (place++ % 10 === 0) updated.push([id, `${label} !!!`])
      })
      void rows.setMany(updated)
    },
    swap() {
      const entries: [number, string][] = []
      rows.forEach((label, id) => void entries.push([id, label]))
      void rows.replace(swapped(entries))
    },
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
