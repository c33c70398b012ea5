import type { Moment, ProcessView, Stores } from './stores.ts'
import { totalsOf } from './totals-of.ts'

/** How many views are kept: at four a second, the last minute. */
export const historyLength = 240

const momentOf = (view: ProcessView): Moment => ({ at: Date.now(), view, cpu: totalsOf(view).cpu })

/** Keeps the minute before now. A view is never copied and never changes, so 240 of them cost what has changed between them. */
export function keepHistory({ processes, status }: Stores): () => void {
  return processes.subscribe((view) => {
    void status.set('history', [...status.get('history'), momentOf(view)].slice(-historyLength))
  })
}

/** Freezes what is shown now, or goes on. To freeze is to keep `processes.view` and to draw from that. */
export function toggleFrozen({ processes, settings }: Stores): void {
  void settings.set('frozen', settings.get('frozen') ? null : momentOf(processes.view))
}

/** Shows the moment at a place of the slider; at its end, now. */
export function showMoment({ settings, status }: Stores, place: number): void {
  const history = status.get('history')
  void settings.set('frozen', history[Math.max(place - (historyLength - history.length), 0)] ?? null)
}

/** Where on the slider a moment is. */
export function placeOf(moment: Moment | null, history: readonly Moment[]): number {
  if (!moment) return historyLength
  const index = history.findIndex(({ view }) => view === moment.view)
  return historyLength - history.length + Math.max(index, 0)
}

/** How long ago it was at the newest view, and what has changed since. */
export function describeMoment(moment: Moment | null, history: readonly Moment[]): string {
  const newest = history.at(-1)
  if (!moment || !newest) return 'now'
  const seconds = Math.max(newest.at - moment.at, 0) / 1000
  return `${seconds.toFixed(1)} s ago, ${newest.view.changesSince(moment.view).length} rows have changed since`
}

/** The points of the chart's line. */
export function chartOf(history: readonly Moment[]): { line: string; area: string } {
  const top = Math.max(100, ...history.map(({ cpu }) => cpu))
  const start = historyLength - history.length + 1
  const line = history.map(({ cpu }, index) => `${start + index},${100 - (cpu / top) * 100}`).join(' ')
  return { line, area: `${start},100 ${line} ${historyLength},100` }
}
