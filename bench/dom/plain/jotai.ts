import type { Mount } from '../contender.ts'
import { createJotaiModel, type JotaiRow } from '../jotai-model.ts'
import { createKeyedRows } from './keyed-rows.ts'
import { cloneRow, setSelected, showShell } from './shell.ts'

export const mount: Mount = (root, act) => {
  const model = createJotaiModel()
  const { store, rows } = model
  const body = showShell(root, act, model)
  const show = createKeyedRows<JotaiRow>(body, (row) => {
    const { element, label } = cloneRow(row.id)
    label.data = store.get(row.label)
    const ends = [
      store.sub(row.label, () => {
        label.data = store.get(row.label)
      }),
      store.sub(row.isSelected, () => setSelected(element, store.get(row.isSelected))),
    ]
    return { element, end: () => ends.forEach((end) => void end()) }
  })
  store.sub(rows, () => show(store.get(rows)))
  return model
}
