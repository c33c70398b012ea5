import type { Item, Model, Mount } from '../contender.ts'
import { cloneRow, type PlainRow, setSelected, showShell } from './shell.ts'

/** The reference: what the operations ask for, and nothing to find out. */
export const mount: Mount = (root, act) => {
  let rows: (PlainRow & { id: number })[] = []
  let selected: HTMLElement | undefined

  function add(items: readonly Item[]): void {
    const fragment = document.createDocumentFragment()
    for (const { id, label } of items) {
      const row = cloneRow(id)
      row.label.data = label
      fragment.append(row.element)
      rows.push({ ...row, id })
    }
    body.append(fragment)
  }
  const model: Model = {
    replace(items) {
      model.clear()
      add(items)
    },
    append: add,
    updateEveryTenth() {
      for (let i = 0; i < rows.length; i += 10) (rows[i] as PlainRow).label.data += ' !!!'
    },
    swap() {
      const last = rows.length - 2
      const a = rows[1] as PlainRow & { id: number }
      const b = rows[last] as PlainRow & { id: number }
      rows[1] = b
      rows[last] = a
      const behind = b.element.nextSibling
      body.insertBefore(b.element, a.element)
      body.insertBefore(a.element, behind)
    },
    select(id) {
      if (selected !== undefined) setSelected(selected, false)
      selected = rows.find((row) => row.id === id)?.element
      if (selected !== undefined) setSelected(selected, true)
    },
    remove(id) {
      const index = rows.findIndex((row) => row.id === id)
      rows[index]?.element.remove()
      rows.splice(index, 1)
    },
    clear() {
      rows = []
      selected = undefined
      body.textContent = ''
    },
  }
  const body = showShell(root, act, model)
  return model
}
