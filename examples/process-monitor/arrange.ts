import type { Process } from './protocol.ts'
import type { ProcessView, Sorting, SortKey } from './stores.ts'

/** The pids to show, in order. Ties keep the order of the pids, so that rows at rest do not change places. */
export function arrange(view: ProcessView, { by, descending }: Sorting, filter: string): number[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean)
  const isWanted = ({ pid, name, user, command, state }: Process) => {
    const text = `${pid} ${name} ${user} ${command} ${state}`.toLowerCase()
    return words.every((word) => text.includes(word))
  }
  const shown = words.length > 0 ? [...view.values()].filter(isWanted) : [...view.values()]
  const direction = descending ? -1 : 1
  return shown.sort((a, b) => direction * compare(a, b, by) || a.pid - b.pid).map(({ pid }) => pid)
}

function compare(a: Process, b: Process, by: SortKey): number {
  const [x, y] = [a[by], b[by]]
  return typeof x === 'number' && typeof y === 'number' ? x - y : collator.compare(String(x), String(y))
}

const collator = new Intl.Collator()

export function isSameOrder(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((pid, index) => pid === b[index])
}
