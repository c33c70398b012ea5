import { createStore, type Store } from 'tidemap/store'
import type { Item, Model } from './contender.ts'
import { swapped } from './swapped.ts'

interface TidemapRow {
  readonly label: string
  readonly isSelected: boolean
}

export interface TidemapModel extends Model {
  readonly rows: Store<number, TidemapRow>
}

const entryOf = ({ id, label }: Item): [number, TidemapRow] => [id, { label, isSelected: false }]

/** A record for each row: the same for both pages, and as in examples/table. */
export function createTidemapModel(): TidemapModel {
  const rows = createStore<number, TidemapRow>()
  let selected: number | undefined
  return {
    rows,
    replace(items) {
      selected = undefined
      void rows.replace(items.map(entryOf))
    },
    append: (items) => void rows.setMany(items.map(entryOf)),
    updateEveryTenth() {
      const updated: [number, TidemapRow][] = []
      let place = 0
      rows.forEach(({ label, isSelected }, id) => {
        if (place++ % 10 === 0) updated.push([id, { label: `${label} !!!`, isSelected }])
      })
      void rows.setMany(updated)
    },
    swap() {
      const entries: [number, TidemapRow][] = []
      rows.forEach((row, id) => void entries.push([id, row]))
      void rows.replace(swapped(entries))
    },
    select(id) {
      const changed: [number, TidemapRow][] = []
      for (const key of new Set([selected ?? id, id])) {
        const row = rows.get(key)
        if (row !== undefined) changed.push([key, { ...row, isSelected: key === id }])
      }
      selected = id
      void rows.setMany(changed)
    },
    remove: (id) => void rows.delete(id),
    clear() {
      selected = undefined
      void rows.clear()
    },
  }
}
