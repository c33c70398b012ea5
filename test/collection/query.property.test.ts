// Queries against filter, sort and slice of the view: random programs of writers, layers, listeners and readers.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type QuerySpec, QueryWorld, type Seen, type Step } from '../support/query-world.ts'

const key = fc.nat(22)
const rank = fc.nat(14)
const index = fc.nat(3)

const spec: fc.Arbitrary<QuerySpec> = fc.record({
  where: fc.constantFrom('all', 'on', 'low', 'even keys'),
  orderBy: fc.constantFrom('none', 'rank', 'rank descending', 'key', 'nothing is before anything'),
  offset: fc.oneof(fc.constant(0), fc.nat(6)),
  limit: fc.option(fc.nat(6), { nil: undefined }),
  over: fc.integer({ min: -3, max: 2 }),
})

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constantFrom('set', 'touch', 'later'), key, rank }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constantFrom('delete', 'move', 'move', 'hold'), key }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom('batch', 'replace'),
      keys: fc.array(key, { maxLength: 8 }),
      rank,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constantFrom('clear', 'hold all', 'release', 'release', 'churn') }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constantFrom('answer', 'read', 'keep', 'listen', 'listen', 'leave'),
      query: index,
      key,
    }),
  },
)

const runs = 300 * Number(process.env['TIDEMAP_RUNS'] ?? 1)

test('a query is always filter, sort and slice of the view, and tells each change once (F29, F30, F31)', async () => {
  const seen: Seen = { rounds: 0, moves: 0, layered: 0, windows: 0, nested: 0 }
  await fc.assert(
    fc.asyncProperty(
      fc.array(spec, { minLength: 1, maxLength: 4 }),
      fc.nat(23),
      fc.boolean(),
      fc.boolean(),
      fc.array(step, { maxLength: 40, size: 'max' }),
      async (specs, size, isWatched, isHeard, program) => {
        const world = new QueryWorld(specs, size, isWatched, seen)
        if (isHeard) for (const at of specs.keys()) await world.step({ do: 'listen', query: at, key: 0 })
        for (const one of program) await world.step(one)
        await world.end()
      },
    ),
    { numRuns: runs },
  )
  for (const [what, times] of Object.entries(seen)) expect(times, what).toBeGreaterThan(0)
})
