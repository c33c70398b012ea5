import { query } from 'tidemap/collection'
import { bindAttribute, bindInput, bindList, bindText, type Row } from 'tidemap/dom'
import { moveByArrows } from './arrow-keys.ts'
import { clone } from './clone.ts'
import type { Edits } from './edits.ts'
import { find } from './find.ts'
import type { Dish } from './protocol.ts'
import { pendingOf } from './sources.ts'
import type { Resources, Shown, Stores } from './stores.ts'

const ORDERS: Record<Shown['sort'], (a: Dish, b: Dish) => number> = {
  menu: (a, b) => a.id - b.id,
  name: (a, b) => a.name.localeCompare(b.name),
  minutes: (a, b) => a.minutes - b.minutes,
  portions: (a, b) => b.portions - a.portions,
}

/** The dishes that have come so far, from whatever answer, as a live query over the store of all of them. */
export function mountList(
  root: HTMLElement,
  stores: Stores,
  resources: Resources,
  edits: Edits,
  signal: AbortSignal,
): void {
  const { dishes, shown } = stores
  const list = find(root, '#dishes', HTMLElement)
  bindInput(find(root, '#sort', HTMLSelectElement), shown, 'sort', {
    parse: (text) => text as Shown['sort'],
    signal,
  })
  bindInput(find(root, '#kind', HTMLSelectElement), shown, 'kind', { signal })
  moveByArrows(list, ['.open', '.add'], signal)

  const create = (_dish: Dish, id: number, row: Row<number>): HTMLElement => {
    const element = clone(root, 'dish')
    const open = find(element, '.open', HTMLButtonElement)
    const add = find(element, '.add', HTMLButtonElement)
    row.defer(bindText(open, dishes, id, (dish) => dish?.name))
    row.defer(bindText(find(element, '.kind', HTMLElement), dishes, id, (dish) => dish?.kind))
    row.defer(bindText(find(element, '.minutes', HTMLElement), dishes, id, (dish) => `${dish?.minutes} min`))
    row.defer(bindText(find(element, '.portions', HTMLElement), dishes, id, (dish) => dish?.portions))
    row.defer(bindAttribute(add, 'aria-label', dishes, id, (dish) => `One more portion of ${dish?.name}`))
    row.defer(bindAttribute(element, 'data-pending', pendingOf(dishes), id))
    row.defer(bindAttribute(open, 'aria-current', shown, 'open', (opened) => opened === id))
    element.dataset['dish'] = String(id)
    open.addEventListener('click', () => void shown.set('open', id))
    add.addEventListener('click', () => edits.addPortion(id))
    loadOnHint(open, (hint) => void resources.details.ensure(id, { signal: hint }).catch(() => {}), row)
    return element
  }

  let unbind = () => {}
  const arrange = () => {
    unbind()
    list.replaceChildren()
    const kind = shown.get('kind')
    const rows = query(dishes, {
      where: (dish) => kind === '' || dish.kind === kind,
      orderBy: ORDERS[shown.get('sort')],
    })
    unbind = bindList(list, rows, { create, signal })
  }
  shown.subscribeKey('sort', arrange)
  shown.subscribeKey('kind', arrange)
  arrange()
}

/**
 * Who points at a dish will open it, perhaps: its details are asked for already. Who goes away takes the wish back; the request ends with
 * it, unless somebody else waits for it by then.
 */
function loadOnHint(element: HTMLElement, load: (hint: AbortSignal) => void, row: Row<number>): void {
  let hint: AbortController | undefined
  const begin = () => {
    if (hint !== undefined) return // a click brings the focus to what is pointed at already
    hint = new AbortController()
    load(hint.signal)
  }
  const end = () => {
    hint?.abort()
    hint = undefined
  }
  for (const event of ['pointerenter', 'focus']) element.addEventListener(event, begin)
  for (const event of ['pointerleave', 'blur']) element.addEventListener(event, end)
  row.defer(end)
}
