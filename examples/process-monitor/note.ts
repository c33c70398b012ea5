import { bindInput } from 'tidemap/dom'
import type { Actions } from './actions.ts'
import { find } from './find.ts'
import type { Stores } from './stores.ts'

/** The note of a row: a text field, and a button that has a slow service tidy the text while one types on. */
export function mountNote(cell: HTMLElement, pid: number, { notes }: Stores, actions: Actions): () => void {
  const field = find(cell, 'input', HTMLInputElement)
  const button = find(cell, 'button', HTMLButtonElement)
  field.setAttribute('aria-label', `Note on ${pid}`)
  button.setAttribute('aria-label', `Tidy the note on ${pid}`)
  const unbind = bindInput(field, notes, pid)

  const paint = () => {
    button.setAttribute('aria-busy', String(notes.isBusy(pid)))
    // Pending: what the field shows is laid over what is confirmed.
    cell.classList.toggle('pending', notes.isPending(pid))
  }

  const followWriter = async () => {
    const unsubscribe = notes.subscribePending(paint)
    paint()
    try {
      // `load` waits for the writers that came before it, and for no others; what is typed meanwhile queues behind it.
      do await notes.load(pid)
      while (notes.isPending(pid))
    } catch {
      // The page is going, and its stores with it.
    }
    unsubscribe()
    paint()
  }

  const tidy = () => {
    button.title = ''
    actions.tidy(pid).catch((error) => {
      button.title = String(error)
    })
    void followWriter()
  }

  button.addEventListener('click', tidy)
  // A row that comes back after it was filtered out finds its writer still at work.
  if (notes.isBusy(pid)) void followWriter()
  return () => {
    button.removeEventListener('click', tidy)
    unbind()
  }
}
