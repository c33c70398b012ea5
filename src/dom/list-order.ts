import type { View } from '../index.ts'
import type { ListRow, RowOrder } from './list-row.ts'
import { longestRise } from './longest-rise.ts'

/** Keys that follow each other in a view, and the first row behind them that is none of them. */
export interface Run<K, N> {
  readonly keys: readonly K[]
  readonly before: ListRow<K, N> | undefined
}

/** The keys in which two views may differ, or `undefined` where only looking at all of them can tell. */
export function keysThatMayDiffer<K>(view: View<K, unknown>, previous: View<K, unknown>): Set<K> | undefined {
  const keys = view.keysThatMayDiffer(previous) ?? previous.keysThatMayDiffer(view)
  return keys && new Set(keys)
}

/**
 * Those of `keys` that `view` has, put together to runs; the other rows stand in the order of the view.
 *
 * What a store adds or moves goes to the end, and most of what changes stays in its place: so a key is looked for at the end, where the key
 * before it was found, and where its row is. Only what a query or `replace` puts elsewhere is walked to, from the nearer end.
 */
export function runsOf<K, N>(
  view: View<K, unknown>,
  keys: ReadonlySet<K>,
  rows: ReadonlyMap<K, ListRow<K, N>>,
  { first, last }: RowOrder<K, N>,
): readonly Run<K, N>[] {
  const runs: { keys: K[]; before: ListRow<K, N> | undefined }[] = []
  const isBehind = (row: ListRow<K, N> | undefined, key: K): boolean =>
    row !== undefined && view.compare(row.key, key) > 0
  let before: ListRow<K, N> | undefined
  let row = fixedFrom(last, 'previous', keys)
  for (const key of inOrder(view, keys).reverse()) {
    const own = isBehind(row, key) ? rows.get(key) : undefined
    if (own !== undefined) {
      const next = fixedFrom(own.next, 'next', keys)
      const previous = fixedFrom(own.previous, 'previous', keys)
      if ((next === undefined || isBehind(next, key)) && !isBehind(previous, key)) {
        before = next
        row = previous
      }
    }
    let front = isBehind(row, key) ? fixedFrom(first, 'next', keys) : undefined
    while (isBehind(row, key)) {
      before = isBehind(front, key) ? front : row
      row = fixedFrom(before?.previous, 'previous', keys)
      front = fixedFrom(front?.next, 'next', keys)
    }
    const run = runs.at(-1)
    if (run !== undefined && run.before === before) run.keys.push(key)
    else runs.push({ keys: [key], before })
  }
  for (const run of runs) run.keys.reverse()
  return runs
}

function inOrder<K>(view: View<K, unknown>, keys: Iterable<K>): K[] {
  const found: K[] = []
  let isSorted = true
  for (const key of keys) {
    if (!view.has(key)) continue
    isSorted &&= found.length === 0 || view.compare(found.at(-1) as K, key) < 0
    found.push(key)
  }
  return isSorted ? found : found.sort((a, b) => view.compare(a, b))
}

/** The first row from `row` on that is none of `keys`. */
function fixedFrom<K, N>(
  row: ListRow<K, N> | undefined,
  side: 'next' | 'previous',
  keys: ReadonlySet<K>,
): ListRow<K, N> | undefined {
  let found = row
  while (found !== undefined && keys.has(found.key)) found = found[side]
  return found
}

/**
 * Of `rows`, that are wanted in this order and stand in the order of their places, those that have to move lose their place: as few as
 * possible, and not the one of `still` if it is among them.
 */
export function letGo<K, N>(rows: readonly ListRow<K, N>[], still: () => N | undefined): void {
  if (rows.every((row, i) => i === 0 || row.place > (rows[i - 1] as ListRow<K, N>).place)) return
  const node = still()
  const index = node === undefined ? -1 : rows.findIndex((row) => row.node === node)
  const fixed = rows[index]
  // the others have to change from one side of it to the other
  const candidates =
    fixed === undefined ? rows : rows.filter((row, i) => i === index || i < index === row.place < fixed.place)
  const places = candidates.map((row) => row.place)
  const staying = longestRise(places)
  for (const row of rows) row.place = -1
  for (const i of staying) (candidates[i] as ListRow<K, N>).place = places[i] as number
}
