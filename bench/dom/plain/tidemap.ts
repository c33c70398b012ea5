import { bindAttribute, bindList, bindText } from 'tidemap/dom'
import type { Mount } from '../contender.ts'
import { createTidemapModel } from '../tidemap-model.ts'
import { cloneRow, showShell } from './shell.ts'

export const mount: Mount = (root, act) => {
  const model = createTidemapModel()
  const body = showShell(root, act, model)
  bindList(body, model.rows, {
    create(_label, id, row) {
      const { element, label } = cloneRow(id)
      row.defer(bindText(label, model.rows, id))
      row.defer(bindAttribute(element, 'class', model.selected, id, (is) => is && 'danger'))
      return element
    },
  })
  return model
}
