// Every pair and every triple of kinds of calls to a resource, each by a client of its own, under every schedule there is: every order of
// calls, answers, failures, awaits and aborts. What is checked is in ledger.ts. Triples with a call that can be aborted are nine tenths of
// the interleavings: they are run by `npm run test:deep` alone.
import { afterAll, describe, expect, test } from 'vitest'
import { sources } from '../../support/product.ts'
import { groupsOf } from '../groups.ts'
import { beginnings, holdsUnderEverySchedule, isAbortable, kinds } from './small-programs.ts'

const isDeep = Number(process.env['TIDEMAP_HISTORIES'] ?? 0) > 5000
const { pairs, triples } = groupsOf(Object.keys(kinds))
const some = triples.filter((names) => isDeep || !names.some(isAbortable))

let programs = 0
let interleavings = 0

describe.each(Object.entries(beginnings))(
  'under every schedule, %s, a resource keeps its rules:',
  { timeout: 180_000 },
  (_name, before) => {
    const holds = async (calls: readonly string[]): Promise<void> => {
      interleavings += await holdsUnderEverySchedule(calls, before, sources)
      programs++
    }

    test('every call beside every other, and beside itself', async () => {
      for (const pair of pairs) await holds(pair)
    })

    test.each(Object.keys(kinds))('every three different calls, of which the first is %s', async (name) => {
      for (const triple of some) if (triple[0] === name) await holds(triple)
    })
  },
)

test('these were more than 900 programs', () => {
  expect(programs).toBeGreaterThan(900)
})

afterAll(() => {
  console.info(
    `simulation: ${interleavings} interleavings of ${programs} programs of a resource, all there are`,
  )
})
