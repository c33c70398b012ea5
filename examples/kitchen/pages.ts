import { bindAttribute, bindList, bindText, type Row } from 'tidemap/dom'
import { clone } from './clone.ts'
import { find } from './find.ts'
import { inWords, statusOf } from './sources.ts'
import type { Resources, Stores } from './stores.ts'

/** The pages that are shown: each one is watched, so it is loaded again when it is stale and somebody looks at the page again. */
export function mountPages(
  root: HTMLElement,
  { dishes, pages, wanted }: Stores,
  resources: Resources,
  signal: AbortSignal,
): void {
  const more = find(root, '#more', HTMLButtonElement)
  const statuses = statusOf(resources.pages)

  const create = (_: 'page', number: number, row: Row<number>): HTMLElement => {
    const element = clone(root, 'page')
    const again = find(element, 'button', HTMLButtonElement)
    row.defer(bindText(find(element, '.status', HTMLElement), statuses, number, inWords))
    row.defer(bindAttribute(element, 'data-status', statuses, number, (status) => status?.status))
    row.defer(bindAttribute(element, 'data-fetch', statuses, number, (status) => status?.fetchStatus))
    row.defer(
      bindText(again, statuses, number, (status) => (status?.status === 'error' ? 'Try again' : 'Reload')),
    )
    row.defer(resources.pages.watch(number))
    find(element, '.name', HTMLElement).textContent = `Page ${number}`
    again.setAttribute('aria-label', `Reload page ${number}`)
    again.addEventListener('click', () => void resources.pages.refetch(number).catch(() => {}))
    void resources.pages.load(number).catch(() => {}) // its status says it
    return element
  }
  bindList(find(root, '#pages', HTMLElement), wanted, { create, signal })

  /** Of any page that has come: all of them know how many there are. */
  const known = pages.select((view) => [...view.values()].at(-1))
  const count = find(root, '#count', HTMLElement)
  const show = () => {
    const { value } = known
    more.disabled = value === undefined || wanted.size >= value.pages
    count.textContent = value === undefined ? 'No dish yet' : `${dishes.size} of ${value.total} dishes`
  }
  known.subscribe(show)
  dishes.subscribeKeys(show)
  wanted.subscribeKeys(show)
  show()
  more.addEventListener('click', () => void wanted.set(wanted.size + 1, 'page'), { signal })

  const stale = () => void Promise.all([resources.pages.invalidate(), resources.details.invalidate()])
  find(root, '#stale', HTMLButtonElement).addEventListener('click', stale, { signal })
}
