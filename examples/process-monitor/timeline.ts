import { find, setText } from './find.ts'
import type { Moment, ProcessView, Stores } from './stores.ts'
import { totalsOf } from './totals.ts'

/** How many views are kept: at four a second, the last minute. */
const length = 240

/**
 * Freeze, and the minute before now. To freeze is to keep `processes.view` and to draw from that; to go back in time is to draw from a
 * view that was kept. A view is never copied and never changes, so keeping 240 of them costs what has changed between them.
 */
export function mountTimeline(root: HTMLElement, { processes, settings }: Stores): () => void {
  const button = find(root, '.freeze', HTMLButtonElement)
  const slider = find(root, '.moment', HTMLInputElement)
  const line = find(root, '.chart polyline', SVGElement)
  const area = find(root, '.chart polygon', SVGElement)
  const output = find(root, '.when', HTMLElement)
  const history: Moment[] = []
  slider.max = String(length)
  slider.value = slider.max

  const momentOf = (view: ProcessView): Moment => ({ at: Date.now(), view, cpu: totalsOf(view).cpu })

  const paint = () => {
    const frozen = settings.get('frozen')
    const top = Math.max(100, ...history.map(({ cpu }) => cpu))
    const points = history.map(
      ({ cpu }, index) => `${length - history.length + index + 1},${100 - (cpu / top) * 100}`,
    )
    line.setAttribute('points', points.join(' '))
    area.setAttribute('points', [`${length - history.length + 1},100`, ...points, `${length},100`].join(' '))

    button.setAttribute('aria-pressed', String(frozen !== null))
    root.classList.toggle('frozen', frozen !== null)
    const index = history.findIndex(({ view }) => view === frozen?.view)
    slider.value = String(frozen ? length - history.length + Math.max(index, 0) : length)
    const changed = frozen ? processes.view.changesSince(frozen.view).length : 0
    const text = frozen
      ? `${((Date.now() - frozen.at) / 1000).toFixed(1)} s ago, ${changed} rows have changed since`
      : 'now'
    setText(output, text)
    slider.setAttribute('aria-valuetext', text)
  }

  const freeze = () => {
    const isFrozen = settings.get('frozen') !== null
    void settings.set('frozen', isFrozen ? null : momentOf(processes.view))
  }

  const choose = () => {
    const index = Math.max(Number(slider.value) - (length - history.length), 0)
    void settings.set('frozen', history[index] ?? null)
  }

  button.addEventListener('click', freeze)
  slider.addEventListener('input', choose)
  const subscriptions = [
    processes.subscribe((view) => {
      history.push(momentOf(view))
      if (history.length > length) history.shift()
      paint()
    }),
    settings.subscribeKey('frozen', paint),
  ]
  paint()

  return () => {
    button.removeEventListener('click', freeze)
    slider.removeEventListener('input', choose)
    for (const unsubscribe of subscriptions) unsubscribe()
  }
}
