import type { Mount } from '../contender.ts'
import { createZustandModel } from '../zustand-model.ts'
import { createKeyedRows } from './keyed-rows.ts'
import { cloneRow, setSelected, showShell } from './shell.ts'

export const mount: Mount = (root, act) => {
  const model = createZustandModel()
  const { store } = model
  const body = showShell(root, act, model)
  const show = createKeyedRows<{ id: number }>(body, ({ id }) => {
    const { element, label } = cloneRow(id)
    label.data = store.getState().labels.get(id) ?? ''
    const end = store.subscribe((state, before) => {
      const text = state.labels.get(id)
      if (text !== undefined && text !== before.labels.get(id)) label.data = text
      const isSelected = state.selected === id
      if (isSelected !== (before.selected === id)) setSelected(element, isSelected)
    })
    return { element, end }
  })
  store.subscribe((state, before) => {
    if (state.ids !== before.ids) show(state.ids.map((id) => ({ id })))
  })
  return model
}
