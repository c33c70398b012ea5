import { effect, untracked } from '@preact/signals-core'
import type { Mount } from '../contender.ts'
import { createSignalsModel, type SignalRow } from '../signals-model.ts'
import { createKeyedRows } from './keyed-rows.ts'
import { cloneRow, setSelected, showShell } from './shell.ts'

export const mount: Mount = (root, act) => {
  const model = createSignalsModel()
  const body = showShell(root, act, model)
  const show = createKeyedRows<SignalRow>(body, (row) => {
    const { element, label } = cloneRow(row.id)
    const ends = [
      effect(() => {
        label.data = row.label.value
      }),
      effect(() => setSelected(element, row.isSelected.value)),
    ]
    return { element, end: () => ends.forEach((end) => void end()) }
  })
  effect(() => {
    const rows = model.rows.value
    untracked(() => show(rows))
  })
  return model
}
