import { find } from './find.ts'
import type { Stores } from './stores.ts'

/** What the stores are doing inside. */
export function mountFigures(root: HTMLElement, stores: Stores, signal: AbortSignal): void {
  const body = find(root, '#figures', HTMLElement)
  for (const name of ['dishes', 'pages', 'details', 'search', 'requests'] as const) {
    const store = stores[name]
    const row = document.createElement('tr')
    const cells = ['keys', 'layers', 'running', 'waiting', 'promotions'].map((figure) => {
      const cell = document.createElement('td')
      cell.dataset['figure'] = `${name} ${figure}`
      return cell
    })
    const heading = document.createElement('th')
    heading.scope = 'row'
    heading.textContent = name
    row.append(heading, ...cells)
    body.append(row)

    const show = () => {
      const { layers, running, waiting, promotions } = store.inspect()
      for (const [i, value] of [store.size, layers, running, waiting, promotions].entries()) {
        const cell = cells[i]
        if (cell && cell.textContent !== String(value)) cell.textContent = String(value)
      }
    }
    // Turns that are taken and given back publish nothing: they are looked at with the next view, and every quarter of a second.
    store.subscribe(show)
    store.subscribePending(show)
    const timer = setInterval(show, 250)
    signal.addEventListener('abort', () => clearInterval(timer))
    show()
  }
}
