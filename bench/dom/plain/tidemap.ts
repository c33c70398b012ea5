import { bindList } from 'tidemap/dom'
import type { Mount } from '../contender.ts'
import { createTidemapModel } from '../tidemap-model.ts'
import { cloneRow, setSelected, showShell } from './shell.ts'

export const mount: Mount = (root, act) => {
  const model = createTidemapModel()
  const body = showShell(root, act, model)
  bindList(body, model.rows, {
    create(row, id) {
      const { element, label } = cloneRow(id)
      label.data = row.label
      return element
    },
    update(element, { label, isSelected }) {
      labelOf(element).data = label
      setSelected(element, isSelected)
    },
  })
  return model
}

const labelOf = (element: HTMLElement): Text =>
  element.firstChild?.nextSibling?.firstChild?.firstChild as Text
