// Every pair and every triple of different calls, each by a client of its own, under every schedule there is: every order of calls, awaits
// and aborts. What is checked is in support/store-world.ts; besides, every history is explained by the search.
import { afterAll, describe, expect, test } from 'vitest'
import { sources } from '../support/product.ts'
import { underEverySchedule } from '../support/schedule.ts'
import {
  abortable,
  clear,
  compareAndSwap,
  fails,
  get,
  load,
  loadAndDelete,
  loadOrStore,
  op,
  pause,
  put,
  remove,
  replace,
  set,
  setMany,
  setPromise,
  setUnseen,
  transaction,
  update,
  whole,
} from '../support/small-program.ts'
import type { Op } from '../support/store-program.ts'
import { runProgram } from '../support/store-run.ts'
import { groupsOf } from './groups.ts'
import { linearize } from './linearizability.ts'
import type { Promotion } from './program.ts'
import { besides, elsewhere, isExplainedUnderEverySchedule } from './small-programs.ts'

const calls: Record<string, Op> = {
  load: op(load('a')),
  set: op(set('a')),
  'set, aborted': abortable(set('a')),
  'set, unseen': op(setUnseen('a')),
  'set a promise': op(setPromise('a', pause)),
  delete: op(remove('a')),
  clear: op(clear),
  setMany: op(setMany('a', 'b')),
  replace: op(replace('b', 'a')),
  compareAndSwap: op(compareAndSwap('a')),
  loadOrStore: op(loadOrStore('a')),
  loadAndDelete: op(loadAndDelete('a')),
  update: op(update('a')),
  'update, aborted': abortable(update('a', [])),
  'update that throws': op(update('a', [pause, fails])),
  'update, the latest': op(update('a', [pause], 'latest')),
  'transaction of two keys': op(transaction(['a', 'b'], get('a'), put('b'), pause)),
  'transaction that throws': op(transaction('all', put('a'), pause, fails)),
  'transaction over two stores': op(transaction({ across: [1, 0] }, get('a', 0), put('a', 1), pause)),
}

const names = Object.keys(calls)
const { pairs, triples } = groupsOf(names)

const groups = groupsOf(Object.keys(besides))
const isAborted = (name: string): boolean => besides[name]!.aborts
/** Of three calls one can be aborted: the triples with two such were another 17,000 interleavings, as many as all the others together. */
const concerns = (group: readonly string[]): boolean =>
  group.some((name) => name in elsewhere) && (group.length < 3 || group.filter(isAborted).length < 2)

let programs = 0
let interleavings = 0

async function holdsUnderEverySchedule(some: readonly string[]): Promise<void> {
  const program = whole({ clients: some.map((name) => [calls[name]!]) })
  interleavings += await underEverySchedule(async (schedule) => {
    const history = await runProgram(program, schedule)
    if (!linearize(history).holds) throw new Error(`no order for ${some.join(' | ')}: ${schedule}`)
  })
  programs++
}

async function isExplained(some: readonly string[], promotion: Promotion): Promise<void> {
  interleavings += await isExplainedUnderEverySchedule(some, promotion, sources)
  programs++
}

describe('under every schedule, the store is a serial twin:', { timeout: 180_000 }, () => {
  test('every call beside every other, and beside itself', async () => {
    for (const pair of pairs) await holdsUnderEverySchedule(pair)
  })

  test.each(names)('every three different calls, of which the first is %s', async (name) => {
    for (const triple of triples) if (triple[0] === name) await holdsUnderEverySchedule(triple)
  })

  test.each(['commit', 'frames'] as const)(
    'values computed or confirmed elsewhere, each beside every other call, published by %s',
    async (promotion) => {
      for (const pair of groups.pairs) if (concerns(pair)) await isExplained(pair, promotion)
    },
  )

  test.each(Object.keys(elsewhere))('every three different calls, beginning with %s', async (name) => {
    for (const triple of groups.triples)
      if (triple[0] === name && concerns(triple)) await isExplained(triple, 'commit')
  })

  test('these were more than 800 programs', () => {
    expect(programs).toBeGreaterThan(800)
  })
})

afterAll(() => {
  console.info(`simulation: ${interleavings} interleavings of ${programs} programs, all there are`)
})
