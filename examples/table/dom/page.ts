import { bindAttribute, bindList, bindText } from 'tidemap/dom'
import { find } from '../find.ts'
import { moveByKey } from '../keyboard.ts'
import { formatCount, type Meter } from '../meter.ts'
import { operations } from '../operations.ts'
import { removeRow, selectRow, type Table } from '../table.ts'
import { rowMaker, showRow } from './row.ts'

export function showPage(root: HTMLElement, table: Table, meter: Meter): void {
  root.append(find<HTMLTemplateElement>(document, '#page').content.cloneNode(true))
  addOperations(find(root, '.operations'), table, meter)
  bindStatus(root, table, meter)
  const body = find(root, 'tbody')
  const makeRow = rowMaker(find<HTMLTemplateElement>(document, '#row'))
  bindList(body, table.rows, {
    create(row, id) {
      meter.draw()
      return makeRow(row, id)
    },
    update: showRow,
  })
  countRedraws(body, meter)
  listen(root, table, meter)
}

function addOperations(toolbar: HTMLElement, table: Table, meter: Meter): void {
  for (const { text, run } of operations) {
    const button = document.createElement('button')
    button.type = 'button'
    button.textContent = text
    button.addEventListener('click', () => meter.measure(text, () => run(table)))
    toolbar.append(button)
  }
}

function bindStatus(root: HTMLElement, { rows }: Table, { facts }: Meter): void {
  const size = find(root, '.size')
  rows
    .select((view) => formatCount(view.size))
    .subscribe((text) => {
      size.textContent = text
    })
  bindAttribute(find(root, '.facts'), 'hidden', facts, 'operation', (operation) => operation === '')
  bindText(find(root, '.operation'), facts, 'operation')
  bindText(find(root, '.milliseconds'), facts, 'milliseconds', formatCount)
  bindText(find(root, '.drawn'), facts, 'drawn', formatCount)
}

/** One listener for all rows, which therefore have none of their own. */
function listen(root: HTMLElement, table: Table, meter: Meter): void {
  find(root, 'tbody').addEventListener('click', ({ target }) => {
    const button = (target as Element).closest('button')
    const id = Number(button?.closest('tr')?.dataset['id'])
    if (button?.className === 'label') meter.measure('Select', () => selectRow(table, id))
    if (button?.className === 'remove') meter.measure('Remove', () => removeRow(table, id))
  })
  const sheet = find(root, '.sheet')
  sheet.addEventListener('keydown', (event) => {
    const { key, target } = event
    if (target !== null) moveByKey({ key, target, preventDefault: () => event.preventDefault() }, sheet)
  })
}

/** Counts what the browser saw written: rows, not nodes. */
function countRedraws(body: HTMLElement, meter: Meter): void {
  const observer = new MutationObserver((records) => {
    meter.draw(new Set(records.map(({ target }) => rowOf(target))).size)
  })
  observer.observe(body, { attributeFilter: ['aria-selected'], characterData: true, subtree: true })
}

const rowOf = (node: Node): Element | null | undefined =>
  (node instanceof Element ? node : node.parentElement)?.closest('tr')
