import { autorun } from 'mobx'
import type { Mount } from '../contender.ts'
import { createMobxModel, type MobxRow } from '../mobx-model.ts'
import { createKeyedRows } from './keyed-rows.ts'
import { cloneRow, setSelected, showShell } from './shell.ts'

export const mount: Mount = (root, act) => {
  const model = createMobxModel()
  const body = showShell(root, act, model)
  const show = createKeyedRows<MobxRow>(body, (row) => {
    const { element, label } = cloneRow(row.id)
    const ends = [
      autorun(() => {
        label.data = row.label
      }),
      autorun(() => setSelected(element, row.isSelected)),
    ]
    return { element, end: () => ends.forEach((end) => void end()) }
  })
  autorun(() => show(model.rows.slice()))
  return model
}
