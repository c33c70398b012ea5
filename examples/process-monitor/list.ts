import type { Actions } from './actions.ts'
import { arrange, isSameOrder } from './arrange.ts'
import { find, setText } from './find.ts'
import { hold } from './hold.ts'
import { moveBetweenRows } from './move-between-rows.ts'
import { reorder } from './reorder.ts'
import { createRow, type Row } from './row.ts'
import type { ProcessView, Stores } from './stores.ts'

/** The list. It subscribes to which rows there are and in what order; what is in a row is the row's own business. */
export function mountList(root: HTMLElement, stores: Stores, actions: Actions): () => void {
  const { processes, settings } = stores
  const body = find(root, '.rows', HTMLElement)
  const template = find(root, 'template', HTMLTemplateElement)
  const count = find(root, '.count', HTMLElement)
  const rows = new Map<number, Row>()
  const shownView = (): ProcessView => settings.get('frozen')?.view ?? processes.view

  const rowOf = (pid: number): Row => {
    const existing = rows.get(pid)
    if (existing) return existing
    const row = createRow(pid, template, stores, actions)
    row.paint(shownView())
    rows.set(pid, row)
    return row
  }

  const show = (order: readonly number[]) => {
    const held = holdRowsInUse(body, order)
    const wanted = new Set(order)
    for (const [pid, row] of rows) {
      if (wanted.has(pid)) continue
      row.dispose()
      rows.delete(pid)
    }
    reorder(
      body,
      held.map((pid) => rowOf(pid).element),
      body.querySelector('.row:focus-within'),
    )
    setText(count, `${order.length} of ${shownView().size}`)
  }

  // The order as it is now, and every time it becomes another one. Of a frozen view there is only the one.
  let unfollow = () => {}
  const follow = () => {
    unfollow()
    unfollow = () => {}
    const sort = settings.get('sort')
    const filter = settings.get('filter')
    const frozen = settings.get('frozen')
    if (frozen) return show(arrange(frozen.view, sort, filter))

    const order = processes.select((view) => arrange(view, sort, filter), isSameOrder)
    unfollow = order.subscribe(show)
    show(order.value)
  }

  const subscriptions = [
    settings.subscribeKey('sort', follow),
    settings.subscribeKey('filter', follow),
    settings.subscribeKey('frozen', (now, before) => {
      const from = before?.view ?? processes.view
      const to = now?.view ?? processes.view
      // Only the rows that differ between the two views are drawn again, whichever view is the older one.
      for (const { key } of to.changesSince(from)) rows.get(key)?.paint(to)
      follow()
    }),
  ]
  body.addEventListener('keydown', moveBetweenRows)
  follow()

  return () => {
    body.removeEventListener('keydown', moveBetweenRows)
    unfollow()
    for (const unsubscribe of subscriptions) unsubscribe()
    for (const row of rows.values()) row.dispose()
  }
}

/** The row under the pointer and the one with the focus keep their places. */
function holdRowsInUse(body: HTMLElement, order: readonly number[]): number[] {
  const pidsOf = (rows: Iterable<Element>) =>
    [...rows].map((row) => Number((row as HTMLElement).dataset['pid']))
  const inUse = pidsOf(body.querySelectorAll('.row:hover, .row:focus-within'))
  return hold(order, pidsOf(body.children), new Set(inUse))
}
