import type { ProcessView } from './stores.ts'

export interface Totals {
  readonly processes: number
  readonly running: number
  readonly threads: number
  readonly cpu: number
  readonly memory: number
}

/** Works on any view: on the newest one, and on one that was frozen. */
export function totalsOf(view: ProcessView): Totals {
  const totals = { processes: 0, running: 0, threads: 0, cpu: 0, memory: 0 }
  for (const { owner, state, threads, cpu, memory } of view.values()) {
    if (state === 'ended') continue
    if (state === 'running') totals.running += 1
    if (owner === null) {
      totals.processes += 1
      totals.threads += threads
    }
    totals.cpu += cpu
    totals.memory += memory
  }
  return totals
}

export function isSameTotals(a: Totals, b: Totals): boolean {
  const names = Object.keys(a) as (keyof Totals)[]
  return names.every((name) => a[name] === b[name])
}
