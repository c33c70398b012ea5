import { batch, type Signal, signal } from '@preact/signals-core'
import type { Item, Model } from './contender.ts'
import { swapped } from './swapped.ts'

export interface SignalRow {
  readonly id: number
  readonly label: Signal<string>
  readonly isSelected: Signal<boolean>
}

export interface SignalsModel extends Model {
  readonly rows: Signal<readonly SignalRow[]>
}

export function createSignalsModel(): SignalsModel {
  const rows = signal<readonly SignalRow[]>([])
  let selected: SignalRow | undefined
  const rowOf = ({ id, label }: Item): SignalRow => ({ id, label: signal(label), isSelected: signal(false) })
  return {
    rows,
    replace(items) {
      selected = undefined
      rows.value = items.map(rowOf)
    },
    append(items) {
      rows.value = [...rows.value, ...items.map(rowOf)]
    },
    updateEveryTenth: () =>
      batch(() => {
        for (let i = 0; i < rows.value.length; i += 10) (rows.value[i] as SignalRow).label.value += ' !!!'
      }),
    swap() {
      rows.value = swapped(rows.value)
    },
    select: (id) =>
      batch(() => {
        if (selected !== undefined) selected.isSelected.value = false
        selected = rows.value.find((row) => row.id === id)
        if (selected !== undefined) selected.isSelected.value = true
      }),
    remove(id) {
      rows.value = rows.value.filter((row) => row.id !== id)
    },
    clear() {
      rows.value = []
    },
  }
}
