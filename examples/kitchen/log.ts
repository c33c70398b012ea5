import { query } from 'tidemap/collection'
import { bindList } from 'tidemap/dom'
import { clone } from './clone.ts'
import { find } from './find.ts'
import type { Request, Stores } from './stores.ts'

/** Every request and what became of it, the latest first. */
export function mountLog(root: HTMLElement, { requests }: Stores, signal: AbortSignal): void {
  const update = (line: HTMLElement, { what, state, took }: Request) => {
    line.dataset['state'] = state
    find(line, '.state', HTMLElement).textContent = state
    find(line, '.what', HTMLElement).textContent = what
    find(line, '.took', HTMLElement).textContent = took === null ? '…' : `${Math.round(took)} ms`
  }
  const create = (request: Request) => {
    const line = clone(root, 'request')
    update(line, request)
    return line
  }
  const latestFirst = query(requests, { orderBy: (a, b) => b.id - a.id })
  bindList(find(root, '#log', HTMLElement), latestFirst, { create, update, signal })

  const flying = requests.select((view) => [...view.values()].filter(({ state }) => state === 'in flight'))
  const count = find(root, '#flying', HTMLElement)
  const show = () => {
    count.textContent = `${flying.value.length} in flight`
  }
  flying.subscribe(show)
  show()
}
