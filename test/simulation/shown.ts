// What a store may show of one key: the confirmed value with the pending writes over it, as far as one can know them from outside.
import type { Version } from './accesses.ts'

/** A write of one key that is not confirmed yet, or no longer pending: from outside one cannot always tell. */
export interface Pending {
  /** What it makes of what lies below it. */
  readonly over: (below: Version) => Version
  /**
   * Where it lies: `line`, in the order of the calls; `afloat`, over all in the line, in the order of the calls; `somewhere`, at a place of
   * the line that nobody outside knows; `unsure`: any of these, or nowhere any more.
   */
  readonly lies: 'line' | 'afloat' | 'somewhere' | 'unsure'
}

/** Every value that may be shown; `pending` is in the order of the calls. */
export function mayShow(confirmed: Version, pending: readonly Pending[]): Set<Version> {
  const found = new Set<Version>()
  const line = pending.filter(({ lies }) => lies === 'line')
  const unsure = pending.filter(({ lies }) => lies === 'somewhere' || lies === 'unsure')
  const arrange = (index: number, below: readonly Pending[], above: ReadonlySet<Pending>): void => {
    const next = unsure[index]
    if (next === undefined) {
      const afloat = pending.filter((one) => above.has(one))
      found.add([...below, ...afloat].reduce((value, { over }) => over(value), confirmed))
      return
    }
    for (let place = 0; place <= below.length; place++)
      arrange(index + 1, [...below.slice(0, place), next, ...below.slice(place)], above)
    if (next.lies === 'somewhere') return
    arrange(index + 1, below, above)
    arrange(index + 1, below, new Set([...above, next]))
  }
  arrange(0, line, new Set(pending.filter(({ lies }) => lies === 'afloat')))
  return found
}
