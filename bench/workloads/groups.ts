import { indexBy, query } from 'tidemap/collection'
import type { Store } from 'tidemap/store'
import { entriesOf, type Item, Sequence } from '../data.ts'
import { followed } from '../followed.ts'
import { type Candidate, expect } from '../harness.ts'
import { SIZES, timed, type Workload } from '../workload.ts'

/** So many groups there are, and so many are subscribed to. */
const GROUPS = 1000
const HEARD = 100

const groupOf = (item: Item): number => item.n % GROUPS

type Rows = Iterable<readonly [string, Item]>

export const groups: Workload = {
  title: `change one of N rows in ${GROUPS} groups, of which ${HEARD} are subscribed to`,
  unit: 'ns',
  base: 'a query a group',
  sizes: SIZES,
  targets: { indexBy: 0.2 },
  measure(size, quick) {
    const entries = entriesOf(size)
    const sequence = new Sequence(entries)
    const candidate = (
      name: string,
      follow: (store: Store<string, Item>) => (group: number) => Rows,
    ): Candidate =>
      followed(name, entries, sequence, follow, (rowsOf, contents) => {
        for (const group of [0, HEARD - 1]) {
          const rows = new Map(rowsOf(group))
          const expected = [...contents].filter(([, item]) => groupOf(item) === group)
          expect(rows.size === expected.length, `${rows.size} rows of ${expected.length}`)
          for (const [key, item] of expected) expect(rows.get(key)?.n === item.n, `row ${key}`)
        }
      })
    const heard = Array.from({ length: HEARD }, (_, group) => group)

    return timed(
      this.base,
      [
        candidate('indexBy', (store) => {
          const index = indexBy(store, groupOf)
          const views = heard.map((group) => index.group(group).view)
          for (const group of heard) {
            index.group(group).subscribe((view) => {
              views[group] = view
            })
          }
          return (group) => views[group] ?? []
        }),
        candidate('a query a group', (store) => {
          const queries = heard.map((group) => query(store, { where: (item) => groupOf(item) === group }))
          const views = queries.map(({ view }) => view)
          for (const group of heard) {
            queries[group]?.subscribe((view) => {
              views[group] = view
            })
          }
          return (group) => views[group] ?? []
        }),
      ],
      quick,
    )
  },
}
