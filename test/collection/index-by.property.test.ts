// Groups of an index against filtering the view: random writers, layers, listeners and readers.
import fc from 'fast-check'
import { type Collection, indexBy, query } from 'tidemap/collection'
import { createStore } from 'tidemap/store'
import { expect, test } from 'vitest'
import { type HeldTurn, holdTurn } from '../support/held-turn.ts'

interface Row {
  readonly group: string
  readonly n: number
}

const GROUPS = ['a', 'b', 'c']

const row: fc.Arbitrary<Row> = fc.record({ group: fc.constantFrom(...GROUPS), n: fc.nat(5) })

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constantFrom('set', 'set in a listener'), key: fc.nat(12), row }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('delete', 'both'), key: fc.nat(12), row }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('clear', 'replace'), key: fc.nat(12), row }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('hold', 'release'), key: fc.nat(12), row }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constantFrom('read', 'listen', 'leave'), key: fc.nat(2), row }),
  },
)

const byKey = <E extends readonly [number, unknown]>(entries: Iterable<E>): E[] =>
  [...entries].sort(([a], [b]) => a - b)

const byNumber = (a: Row, b: Row, keyOfA: number, keyOfB: number): number => a.n - b.n || keyOfA - keyOfB

/** Somebody who listens to a group, and knows it by what is told alone. */
class Reader {
  readonly rows: Map<number, Row>
  readonly stop: () => void

  constructor(group: Collection<number, Row>) {
    this.rows = new Map(group)
    this.stop = group.subscribe((view, _previous, changes) => {
      for (const { type, key, value } of changes) {
        if (type === 'delete') this.rows.delete(key)
        else this.rows.set(key, value)
      }
      expect(byKey(this.rows)).toEqual(byKey(view))
    })
  }
}

const runs = 200 * Number(process.env['TIDEMAP_RUNS'] ?? 1)

test('a group of an index has the rows that a filter finds, and tells each change once (F29, F31)', async () => {
  let told = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(row, { maxLength: 8 }),
      fc.array(step, { maxLength: 30 }),
      async (rows, program) => {
        const store = createStore<number, Row>(rows.map((one, i) => [i, one]))
        const index = indexBy(store, (one) => one.group)
        const groups = GROUPS.map((name) => index.group(name))
        const first = GROUPS.map((name) => index.group(name, { orderBy: byNumber, limit: 2 }))
        const over = query(index.group('a'), { where: ({ n }) => n > 2 })
        const readers = new Map<number, Reader>()
        let held: HeldTurn | undefined
        let inListener: (() => void) | undefined
        store.subscribe(() => {
          const write = inListener
          inListener = undefined
          write?.()
        })
        const stopOver = new Reader(over)

        const check = (): void => {
          const found = (name: string) => [...store.view].filter(([, { group }]) => group === name)
          expect([...index.keys()].sort()).toEqual(GROUPS.filter((name) => found(name).length > 0))
          for (const [i, name] of GROUPS.entries()) {
            const expected = found(name)
            expect(byKey(index.get(name) ?? [])).toEqual(byKey(expected))
            expect(byKey(groups[i] as Collection<number, Row>)).toEqual(byKey(expected))
            const sorted = expected.sort(([a, x], [b, y]) => byNumber(x, y, a, b)).slice(0, 2)
            expect([...(first[i] as Collection<number, Row>)]).toEqual(sorted)
          }
          for (const [i, reader] of readers) expect(byKey(reader.rows)).toEqual(byKey(groups[i] ?? []))
          expect(byKey(stopOver.rows)).toEqual(byKey(found('a').filter(([, { n }]) => n > 2)))
        }

        for (const { do: what, key, row: one } of program) {
          if (what === 'set') void store.set(key, one)
          else if (what === 'set in a listener') {
            inListener = () => void store.set((key + 1) % 13, { ...one, group: 'a' })
            void store.set(key, one)
          } else if (what === 'delete') void store.delete(key)
          else if (what === 'both')
            void store.setMany([
              [key, one],
              [(key + 5) % 13, one],
            ])
          else if (what === 'clear') void store.clear()
          else if (what === 'replace') void store.replace([[key, one]])
          else if (what === 'hold') held ??= holdTurn(store, undefined, (tx) => void tx.set(key, one))
          else if (what === 'release') {
            await held?.release()
            held = undefined
          } else if (what === 'listen' && !readers.has(key)) {
            readers.set(key, new Reader(groups[key] as Collection<number, Row>))
          } else if (what === 'leave') {
            readers.get(key)?.stop()
            readers.delete(key)
          }
          if (what !== 'hold') check()
          told += readers.size
        }
        await held?.release()
        await store.idle()
        check()
      },
    ),
    { numRuns: runs },
  )
  expect(told).toBeGreaterThan(0)
})

test('a changed row wakes the listeners of its groups alone, and runs groupOf once (F29)', async () => {
  const store = createStore<number, Row>([
    [1, { group: 'a', n: 1 }],
    [2, { group: 'b', n: 1 }],
  ])
  let asked = 0
  const index = indexBy(store, ({ group }) => {
    asked++
    return group
  })
  const heard: string[] = []
  for (const name of [...GROUPS, 'd'])
    index.group(name).subscribe((view) => heard.push(`${name} ${[...view.keys()].join()}`))
  asked = 0

  await store.set(3, { group: 'c', n: 1 })
  await store.set(1, { group: 'b', n: 1 })

  expect(heard).toEqual(['c 3', 'a ', 'b 2,1'])
  expect(asked).toBe(2)
})

test('a group that has lost its last row comes back to whoever listens to it', async () => {
  const store = createStore<number, Row>([[1, { group: 'a', n: 1 }]])
  const index = indexBy(store, ({ group }) => group)
  const heard: number[] = []
  query(index.group('a')).subscribe((view) => heard.push(view.size))

  await store.set(1, { group: 'a', n: 2 })
  await store.delete(1)
  const names = [...index.keys()]
  await store.set(1, { group: 'a', n: 3 })

  expect(heard).toEqual([1, 0, 1])
  expect(names).toEqual([])
})

test('what groupOf throws reaches the reader, and the index goes on from its last good result', async () => {
  const store = createStore<number, Row>([[1, { group: 'a', n: 1 }]])
  const index = indexBy(store, ({ group }) => {
    if (group === 'b') throw new RangeError('b')
    return group
  })
  const group = index.group('a')
  const before = group.view

  await store.set(1, { group: 'b', n: 1 })
  expect(() => group.view).toThrow(RangeError)
  await store.set(1, { group: 'a', n: 2 })

  expect([...before]).toEqual([[1, { group: 'a', n: 1 }]])
  expect([...group]).toEqual([[1, { group: 'a', n: 2 }]])
})

test('arguments of the wrong shape are refused', () => {
  const store = createStore<number, Row>()
  const index = indexBy(store, ({ group }) => group)

  const refused = { code: 'INVALID_ARGUMENT' }
  expect(() => indexBy({} as never, () => 1)).toThrow(expect.objectContaining(refused))
  expect(() => indexBy(store, 'group' as never)).toThrow(expect.objectContaining(refused))
  expect(() => index.group('a', { limit: -1 })).toThrow(expect.objectContaining(refused))
})
