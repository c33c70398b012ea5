import { find, setText } from './find.ts'
import { chartOf, describeMoment, historyLength, placeOf, showMoment, toggleFrozen } from './history.ts'
import type { Stores } from './stores.ts'

/** Freeze, and the minute before now: to go back in time is to draw from a view that was kept. */
export function mountTimeline(root: HTMLElement, stores: Stores): () => void {
  const { settings, status } = stores
  const button = find(root, '.freeze', HTMLButtonElement)
  const slider = find(root, '.moment', HTMLInputElement)
  const line = find(root, '.chart polyline', SVGElement)
  const area = find(root, '.chart polygon', SVGElement)
  const output = find(root, '.when', HTMLElement)
  slider.max = String(historyLength)

  const paint = () => {
    const frozen = settings.get('frozen')
    const history = status.get('history')
    const chart = chartOf(history)
    line.setAttribute('points', chart.line)
    area.setAttribute('points', chart.area)

    button.setAttribute('aria-pressed', String(frozen !== null))
    root.classList.toggle('frozen', frozen !== null)
    slider.value = String(placeOf(frozen, history))
    const text = describeMoment(frozen, history)
    setText(output, text)
    slider.setAttribute('aria-valuetext', text)
  }

  const freeze = () => toggleFrozen(stores)
  const choose = () => showMoment(stores, Number(slider.value))

  button.addEventListener('click', freeze)
  slider.addEventListener('input', choose)
  const subscriptions = [status.subscribeKey('history', paint), settings.subscribeKey('frozen', paint)]
  paint()

  return () => {
    button.removeEventListener('click', freeze)
    slider.removeEventListener('input', choose)
    for (const unsubscribe of subscriptions) unsubscribe()
  }
}
