import { bindInput } from 'tidemap/dom'
import { TidemapError } from 'tidemap/store'
import { moveByArrows } from './arrow-keys.ts'
import type { Client } from './client.ts'
import { reasonOf } from './edits.ts'
import { find } from './find.ts'
import type { Match } from './protocol.ts'
import type { Search, Stores } from './stores.ts'

/** Type-ahead over the whole book: each letter asks anew and ends the request before it, so no late answer can show up. */
export function mountSearch(root: HTMLElement, stores: Stores, client: Client, signal: AbortSignal): void {
  const { search, shown } = stores
  const field = find(root, '#search', HTMLInputElement)
  const matches = find(root, '#matches', HTMLElement)
  bindInput(field, search, 'text', { signal })
  moveByArrows(find(root, '.search', HTMLElement), ['#search, .match'], signal)

  const ask = (text: string) => {
    const look = async (_: Search['found'], { signal }: { signal: AbortSignal }) => ({
      text,
      matches: text.trim() === '' ? [] : await client.search(text, signal),
    })
    void search.set('failed', null)
    search.update('found', look, { ifBusy: 'latest' }).catch((error: unknown) => {
      const isOvertaken = error instanceof TidemapError && error.code === 'SUPERSEDED'
      if (!isOvertaken) void search.set('failed', { text, reason: reasonOf(error) })
    })
  }
  search.subscribeKey('text', ask)
  const askAgain = () => {
    ask(search.get('text'))
    field.focus() // the button goes
  }
  const again = find(root, '#search-again', HTMLButtonElement)
  again.addEventListener('click', askAgain, { signal })

  const buttonOf = ({ id, name }: Match) => {
    const item = document.createElement('li')
    const button = document.createElement('button')
    button.type = 'button'
    button.className = 'match'
    button.textContent = name
    button.addEventListener('click', () => void shown.set('open', id))
    item.append(button)
    return item
  }
  const state = search.select((view) => stateOf(view.get('text'), view.get('found'), view.get('failed')))
  const status = find(root, '#search-status', HTMLElement)
  const show = () => {
    status.textContent = state.value
    again.hidden = !state.value.startsWith('Failed')
  }
  state.subscribe(show)
  search.subscribeKey('found', ({ matches: found }) => matches.replaceChildren(...found.map(buttonOf)))
  show()
}

function stateOf(text: string, found: Search['found'], failed: Search['failed']): string {
  if (failed?.text === text) return `Failed: ${failed.reason}`
  if (found.text !== text) return `Asking for “${text}” …`
  if (text.trim() === '') return 'Searches the whole book, not only what is loaded.'
  return `${found.matches.length} found for “${text}”`
}
