// Groups and their totals against computing them from the view: random writers, listeners and readers.
import fc from 'fast-check'
import { aggregate, avg, count, groupBy, max, min, query, sum } from 'tidemap/collection'
import { createStore } from 'tidemap/store'
import { expect, test } from 'vitest'

interface Row {
  readonly group: string
  readonly n: number
}

const aggregates = {
  n: count(),
  sum: sum((row: Row) => row.n),
  min: min((row: Row) => row.n),
  max: max((row: Row) => row.n),
  avg: avg((row: Row) => row.n),
}

/** Sums of these are exact in any order, so that the twin may add as it likes; or they are no numbers to add. */
const number = fc.oneof(
  { weight: 9, arbitrary: fc.integer({ min: -(2 ** 40), max: 2 ** 40 }).map((n) => n / 1024) },
  { weight: 1, arbitrary: fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY) },
)

const row: fc.Arbitrary<Row> = fc.record({ group: fc.constantFrom('a', 'b', 'c'), n: number })

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('set'), key: fc.nat(12), row }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('delete', 'both'), key: fc.nat(12), row }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('clear', 'replace'), key: fc.nat(12), row }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constantFrom('read', 'listen', 'leave'), key: fc.nat(1), row }),
  },
)

function totalsOf(rows: readonly Row[]) {
  const numbers = rows.map(({ n }) => n)
  const total = numbers.reduce((a, b) => a + b, 0)
  const any = numbers.length > 0
  return {
    n: numbers.length,
    sum: total,
    min: any ? Math.min(...numbers) + 0 : undefined,
    max: any ? Math.max(...numbers) + 0 : undefined,
    avg: any ? total / numbers.length : undefined,
  }
}

/** The slow obvious twin. */
function groupsOf(rows: readonly Row[]): Map<string, ReturnType<typeof totalsOf>> {
  const groups = new Map<string, Row[]>()
  for (const one of rows) groups.set(one.group, [...(groups.get(one.group) ?? []), one])
  return new Map([...groups].map(([group, members]) => [group, totalsOf(members)]))
}

const inOrder = <E extends readonly [string, unknown]>(entries: Iterable<E>) =>
  [...entries].sort(([a], [b]) => (a < b ? -1 : 1))

test('groups and totals are those of the view, and are told as they change', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40, size: 'max' }), (program) => {
      const errors: unknown[] = []
      const store = createStore<number, Row>([], { onError: (error) => errors.push(error) })
      const positive = query(store, { where: ({ n }) => n > 0 })
      const sources = [
        { groups: groupBy(store, ({ group }) => group, aggregates), rows: () => [...store.view.values()] },
        {
          groups: groupBy(positive, ({ group }) => group, aggregates),
          rows: () => [...store.view.values()].filter(({ n }) => n > 0),
        },
      ]
      const whole = aggregate(store, aggregates)
      const heard: ReturnType<typeof totalsOf>[] = [whole.value]
      whole.subscribe((value, previous) => {
        expect(previous).toBe(heard.at(-1))
        heard.push(value)
      })
      const ears = sources.map(({ groups }) => ({
        told: groups.view,
        stop: undefined as (() => void) | undefined,
        groups,
      }))
      const check = () => {
        for (const { groups, rows } of sources) expect(inOrder(groups)).toEqual(inOrder(groupsOf(rows())))
        expect(whole.value).toEqual(totalsOf([...store.view.values()]))
      }
      for (const { do: what, key, row } of program) {
        if (what === 'set') void store.set(key, row)
        else if (what === 'delete') void store.delete(key)
        else if (what === 'clear') void store.clear()
        else if (what === 'replace') void store.replace([[key, row]])
        else if (what === 'both') {
          void store.batch((tx) => {
            tx.set(key, row)
            tx.delete((key + 1) % 13)
            tx.set((key + 2) % 13, { ...row, n: -row.n })
          })
        } else if (what === 'read') check()
        else {
          const ear = ears[key]
          ear?.stop?.()
          if (ear === undefined) continue
          ear.stop = undefined
          if (what === 'leave') continue
          ear.told = ear.groups.view
          ear.stop = ear.groups.subscribe((view, previous, changes) => {
            expect(previous === ear.told && view !== previous).toBe(true)
            const byKey = (a: { key: string }, b: { key: string }) => (a.key < b.key ? -1 : 1)
            expect([...changes].sort(byKey)).toEqual(view.changesSince(previous).sort(byKey))
            expect(changes.length).toBeGreaterThan(0)
            ear.told = view
          })
        }
        for (const ear of ears) if (ear.stop !== undefined) expect(ear.told === ear.groups.view).toBe(true)
        expect(heard.at(-1) === whole.value).toBe(true)
      }
      check()
      expect(errors).toEqual([])
    }),
    { numRuns: 200 },
  )
})
