import type { Model } from '../contender.ts'

/** What all plain contenders show around their rows; one listener hears the clicks of all rows. */
export function showShell(
  root: HTMLElement,
  act: () => void,
  model: Pick<Model, 'select' | 'remove'>,
): HTMLElement {
  root.innerHTML = '<button type="button" id="go">Go</button><table><tbody></tbody></table>'
  root.querySelector('#go')?.addEventListener('click', act)
  const body = root.querySelector('tbody') as HTMLElement
  body.addEventListener('click', ({ target }) => {
    const id = Number((target as Element).closest('tr')?.firstChild?.textContent)
    if ((target as Element).nodeName === 'A') model.select(id)
    else if ((target as Element).nodeName === 'BUTTON') model.remove(id)
  })
  return body
}

export interface PlainRow {
  readonly element: HTMLElement
  /** The text node of the label. */
  readonly label: Text
}

const template = document.createElement('template')
template.innerHTML = '<tr><td> </td><td><a> </a></td><td><button type="button">×</button></td></tr>'
const model = template.content.firstChild as HTMLElement

export function cloneRow(id: number): PlainRow {
  const element = model.cloneNode(true) as HTMLElement
  const idCell = element.firstChild as HTMLElement
  ;(idCell.firstChild as Text).data = String(id)
  return { element, label: idCell.nextSibling?.firstChild?.firstChild as Text }
}

export function setSelected(element: HTMLElement, isSelected: boolean): void {
  if (isSelected) element.className = 'danger'
  else element.removeAttribute('class')
}
