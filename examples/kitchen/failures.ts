import { bindList } from 'tidemap/dom'
import { clone } from './clone.ts'
import type { Edits } from './edits.ts'
import { find } from './find.ts'
import type { Failure, Stores } from './stores.ts'

/** Edits that were taken back, with the reason, and the way to try each again. */
export function mountFailures(
  root: HTMLElement,
  { dishes, failures }: Stores,
  edits: Edits,
  signal: AbortSignal,
): void {
  const create = ({ edit, reason }: Failure): HTMLElement => {
    const element = clone(root, 'failure')
    const name = dishes.get(edit.dish)?.name ?? 'a dish'
    const what = edit.name === undefined ? `One more portion of ${name}` : `“${edit.name}” for ${name}`
    find(element, '.text', HTMLElement).textContent = `${what} was taken back: ${reason}`
    const leaveTo = (act: () => void) => () => {
      const { nextElementSibling, previousElementSibling } = element
      const neighbour = nextElementSibling ?? previousElementSibling
      act()
      // The focus does not get lost with the row it is in.
      const next =
        neighbour?.querySelector('button') ?? root.querySelector(`[data-dish="${edit.dish}"] .open`)
      if (next instanceof HTMLElement) next.focus({ preventScroll: true })
    }
    const tryAgain = leaveTo(() => edits.tryAgain(edit))
    const dismiss = leaveTo(() => void failures.delete(edit.id))
    find(element, '.again', HTMLButtonElement).addEventListener('click', tryAgain)
    find(element, '.dismiss', HTMLButtonElement).addEventListener('click', dismiss)
    return element
  }
  bindList(find(root, '#failures', HTMLElement), failures, { create, signal })
}
