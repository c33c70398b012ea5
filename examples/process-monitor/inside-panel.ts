import { bufferTime } from 'rxjs'
import type { Store } from 'tidemap'
import { figuresOf } from './figures.ts'
import { find, setText } from './find.ts'
import type { Stores } from './stores.ts'

/** What the stores look like inside, twice a second. */
export function mountInsidePanel(root: HTMLElement, { processes, notes, inspections }: Stores): () => void {
  const panel = find(root, '#inside', HTMLDetailsElement)
  const disposals = [
    mountColumn(panel, 'processes', processes),
    mountColumn(panel, 'notes', notes),
    mountColumn(panel, 'inspections', inspections),
  ]
  return () => {
    for (const dispose of disposals) dispose()
  }
}

function mountColumn<V>(panel: HTMLDetailsElement, name: string, store: Store<number, V>): () => void {
  const write = (figure: string, text: number | string) =>
    setText(find(panel, `[data-figure=${figure}] [data-store=${name}]`, HTMLElement), String(text))

  // Every promotion is one emission, so a second's worth of them is the views a second.
  const perSecond = store.changes$.pipe(bufferTime(1000)).subscribe((rounds) => {
    write('views', rounds.length)
    write('changes', rounds.flat().length)
  })

  const paint = () => {
    if (!panel.open) return
    for (const [name, figure] of Object.entries(figuresOf(store))) write(name, figure)
  }
  const timer = setInterval(paint, 500)
  panel.addEventListener('toggle', paint)
  paint()

  return () => {
    perSecond.unsubscribe()
    clearInterval(timer)
    panel.removeEventListener('toggle', paint)
  }
}
