import { bindAttribute, bindText, type Row } from 'tidemap/dom'
import { find } from '../find.ts'
import type { Table } from '../table.ts'

/** A function that makes rows which write to their own label and selection, and hear of no other row. */
export function rowMaker(table: Table, template: HTMLTemplateElement) {
  const model = template.content.firstElementChild as HTMLTableRowElement
  return (_label: string, id: number, row: Row<number>): HTMLTableRowElement => {
    const element = model.cloneNode(true) as HTMLTableRowElement
    const label = find(element, '.label')
    element.dataset['id'] = String(id)
    find(element, '.id').textContent = String(id)
    find(element, '.remove').setAttribute('aria-label', `Remove ${id}`)
    row.defer(bindText(label, table.rows, id))
    row.defer(bindAttribute(element, 'aria-selected', table.selected, id, (is) => is === true))
    return element
  }
}
