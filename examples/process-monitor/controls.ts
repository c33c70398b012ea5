import { bindInput } from 'tidemap/dom'
import { find } from './find.ts'
import { sortBy } from './sort-by.ts'
import type { Pace, SortKey, Stores } from './stores.ts'

/** Sorting, filter and switches: each control is bound to one key of the settings. */
export function mountControls(root: HTMLElement, stores: Stores): () => void {
  const { settings, status } = stores
  const headers = [...root.querySelectorAll<HTMLElement>('[data-sort]')]
  const threads = find(root, '#threads', HTMLInputElement)

  const paintSort = () => {
    const { by, descending } = settings.get('sort')
    for (const header of headers) {
      const direction = descending ? 'descending' : 'ascending'
      header.setAttribute('aria-sort', header.dataset['sort'] === by ? direction : 'none')
    }
  }

  const sort = (event: Event) => {
    const header = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-sort]') : null
    const by = header?.dataset['sort'] as SortKey | undefined
    if (by) sortBy(stores, by)
  }

  const listeners = new AbortController()
  const { signal } = listeners
  for (const header of headers) header.addEventListener('click', sort, { signal })

  const subscriptions = [
    bindInput(find(root, '#filter', HTMLInputElement), settings, 'filter'),
    bindInput(threads, settings, 'threads'),
    bindInput(find(root, '#draws', HTMLInputElement), settings, 'showsDraws'),
    bindInput(find(root, '#pace', HTMLSelectElement), settings, 'pace', { parse: (text) => text as Pace }),
    settings.subscribeKey('sort', paintSort),
    status.subscribeKey('machine', (machine) => {
      threads.disabled = !machine?.hasThreads
    }),
  ]
  paintSort()
  return () => {
    listeners.abort()
    for (const unsubscribe of subscriptions) unsubscribe()
  }
}
