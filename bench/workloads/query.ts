import { query } from 'tidemap/collection'
import type { Store } from 'tidemap/store'
import { entriesOf, type Item, Sequence } from '../data.ts'
import { followed } from '../followed.ts'
import { type Candidate, expect } from '../harness.ts'
import { SIZES, timed, type Workload } from '../workload.ts'

const isShown = (item: Item): boolean => item.n % 2 === 0
const byNumber = (a: Item, b: Item): number => b.n - a.n

type Rows = readonly (readonly [string, Item])[]

const sorted = (entries: Iterable<[string, Item]>): Rows =>
  [...entries].filter(([, item]) => isShown(item)).sort(([, a], [, b]) => byNumber(a, b))

export const liveQuery: Workload = {
  title: 'change one of N rows of a filtered, ordered list',
  unit: 'ns',
  base: 'filter and sort',
  sizes: SIZES,
  targets: { query: 0.1 },
  measure(size, quick) {
    const entries = entriesOf(size)
    const sequence = new Sequence(entries)
    const candidate = (name: string, follow: (store: Store<string, Item>) => () => Rows): Candidate =>
      followed(name, entries, sequence, follow, (shown, contents) => {
        const expected = sorted(contents)
        const rows = shown()
        expect(rows.length === expected.length, `${rows.length} rows of ${expected.length}`)
        expected.forEach(([key, item], i) => {
          expect(rows[i]?.[0] === key && rows[i]?.[1].n === item.n, `row ${i}`)
        })
      })

    return timed(
      this.base,
      [
        candidate('query', (store) => {
          const rows = query(store, { where: isShown, orderBy: byNumber })
          let view = rows.view
          rows.subscribe((next) => {
            view = next
          })
          return () => [...view]
        }),
        candidate('filter and sort', (store) => {
          let rows = sorted(store.view)
          store.subscribe((view) => {
            rows = sorted(view)
          })
          return () => rows
        }),
        candidate('select', (store) => {
          const selection = store.select((view) => sorted(view))
          let rows = selection.value
          selection.subscribe((next) => {
            rows = next
          })
          return () => rows
        }),
      ],
      quick,
    )
  },
}
