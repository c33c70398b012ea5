import { find } from '../find.ts'
import type { TableRow } from '../table.ts'

/** A function that makes the rows of `template`. */
export function rowMaker(template: HTMLTemplateElement) {
  const model = template.content.firstElementChild as HTMLTableRowElement
  return (row: TableRow, id: number): HTMLTableRowElement => {
    const element = model.cloneNode(true) as HTMLTableRowElement
    element.dataset['id'] = String(id)
    find(element, '.id').textContent = String(id)
    find(element, '.remove').setAttribute('aria-label', `Remove ${id}`)
    showRow(element, row)
    return element
  }
}

/** Into the text node that is there: a new one would take the user's selection along. */
export function showRow(element: HTMLTableRowElement, { label, isSelected }: TableRow): void {
  ;(find(element, '.label').firstChild as Text).data = label
  element.setAttribute('aria-selected', String(isSelected))
}
