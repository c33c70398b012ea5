import { action, type IObservableArray, observable } from 'mobx'
import type { Item, Model } from './contender.ts'
import { swapped } from './swapped.ts'

export interface MobxRow {
  readonly id: number
  label: string
  isSelected: boolean
}

export interface MobxModel extends Model {
  readonly rows: IObservableArray<MobxRow>
}

export function createMobxModel(): MobxModel {
  const rows = observable.array<MobxRow>([], { deep: false })
  let selected: MobxRow | undefined
  const rowOf = ({ id, label }: Item): MobxRow => observable({ id, label, isSelected: false })
  return {
    rows,
    replace: action((items: readonly Item[]) => {
      selected = undefined
      rows.replace(items.map(rowOf))
    }),
    append: action((items: readonly Item[]) => {
      rows.push(...items.map(rowOf))
    }),
    updateEveryTenth: action(() => {
      for (let i = 0; i < rows.length; i += 10) (rows[i] as MobxRow).label += ' !!!'
    }),
    swap: action(() => {
      rows.replace(swapped(rows))
    }),
    select: action((id: number) => {
      if (selected !== undefined) selected.isSelected = false
      selected = rows.find((row) => row.id === id)
      if (selected !== undefined) selected.isSelected = true
    }),
    remove: action((id: number) => {
      rows.splice(
        rows.findIndex((row) => row.id === id),
        1,
      )
    }),
    clear: action(() => {
      rows.clear()
    }),
  }
}
