// Small programs under every schedule there is: every order of calls, awaits and aborts. The checks are those of the model test.
import { afterAll, describe, expect, test } from 'vitest'
import { underEverySchedule } from '../support/schedule.ts'
import {
  abortable,
  clear,
  drop,
  fails,
  get,
  load,
  op,
  pause,
  put,
  remove,
  replace,
  type SmallProgram,
  set,
  setMany,
  setPromise,
  setUnseen,
  transaction,
  update,
  whole,
} from '../support/small-program.ts'
import type { Reaction } from '../support/store-program.ts'
import { runProgram } from '../support/store-run.ts'

const counts = new Map<string, number>()

/** How many interleavings a program has; every one of them has been run and checked. */
async function interleavings(name: string, small: SmallProgram, turns = 0): Promise<number> {
  const program = whole(small)
  const count = await underEverySchedule(async (schedule) => void (await runProgram(program, schedule)), {
    turns,
  })
  counts.set(name, count)
  return count
}

const inViewRound = (round: number, does: Reaction['does']): Reaction => ({
  to: 'view',
  key: 'a',
  round,
  does,
})

const programs: Record<string, SmallProgram> = {
  'two recipes of one key': {
    clients: [[op(update('a', [pause, pause]))], [op(update('a', [pause, pause]))]],
  },
  'three recipes of one key': { clients: [[op(update('a'))], [op(update('a'))], [op(update('a'))]] },
  'draft recipes that are aborted': {
    draft: true,
    clients: [[abortable(update('a'))], [abortable(update('a'))]],
  },
  'a recipe that throws after its await, and one behind it': {
    clients: [[op(update('a', [pause, fails]))], [op(update('a')), op(load('a'))]],
  },
  'a recipe, a write over it, and its abort': {
    clients: [[abortable(update('a'))], [op(set('a')), op(load('a'))]],
  },
  'a recipe and two writes over it, one of which is aborted': {
    clients: [[op(update('a'))], [abortable(remove('a')), op(set('a'))]],
  },
  'two writes over a recipe, both aborted': {
    clients: [[op(update('a'))], [abortable(set('a')), abortable(set('a'))]],
  },
  'a write that is hidden by a clear which is aborted': {
    clients: [[op(update('a', [pause, pause]))], [op(set('a')), abortable(clear)]],
  },
  'a replace over a transaction, aborted': {
    clients: [[op(transaction('all', drop('a'), pause))], [op(set('c')), abortable(replace('b', 'a'))]],
  },
  'a transaction, a write over it, and a load': {
    clients: [[op(transaction('all', put('a'), pause, put('b')))], [op(set('a'))], [op(load('a'))]],
  },
  'a transaction that throws after its writes, and readers': {
    clients: [[op(transaction('all', put('a'), pause, put('b'), fails))], [op(load('a')), op(load('b'))]],
  },
  'crossing transactions over two keys': {
    clients: [
      [op(transaction(['a', 'b'], get('a'), put('b'), pause))],
      [op(transaction(['b', 'a'], get('b'), put('a'), pause))],
      [op(update('a'))],
    ],
  },
  'transactions over overlapping keys, one aborted': {
    clients: [
      [abortable(transaction(['a', 'b'], put('a'), pause, put('b')))],
      [op(transaction(['b', 'c'], get('b'), pause, put('c')))],
      [op(set('c'))],
    ],
  },
  'crossing transactions over two stores': {
    clients: [
      [op(transaction({ across: [0, 1] }, get('a', 0), put('a', 1), pause))],
      [op(transaction({ across: [1, 0] }, get('a', 1), put('a', 0), pause))],
      [op(set('a'), 'none', 1)],
    ],
  },
  'a transaction over two stores, aborted while it waits or runs': {
    clients: [
      [op(update('a'), 'none', 1)],
      [abortable(transaction({ across: [0, 1] }, put('a', 0), pause, put('a', 1)))],
    ],
  },
  'the latest of three': {
    clients: [
      [op(update('a', [pause], 'latest'))],
      [op(update('a', [pause], 'latest')), op(update('a', [pause], 'latest'))],
    ],
  },
  'the latest, aborted, behind an ordinary one': {
    clients: [
      [op(update('a')), abortable(update('a', [pause], 'latest'))],
      [op(update('a', [pause], 'latest'))],
    ],
  },
  'who skips and who fails': {
    clients: [[op(update('a'))], [op(update('a', [pause], 'skip'))], [op(update('a', [pause], 'fail'))]],
  },
  'promises that arrive in another order': {
    clients: [[op(setPromise('a', pause)), op(load('a'))], [op(setPromise('a', pause))]],
  },
  'a promise that rejects, with a write over it': {
    clients: [[op(setPromise('a', pause, fails))], [op(set('a'))], [op(load('a'))]],
  },
  'the whole map behind a key that is aborted': {
    clients: [[abortable(update('a'))], [op(clear)], [op(setMany('a', 'b'))]],
  },
  'a waiter for the whole map that is aborted between others': {
    clients: [[op(update('a'))], [abortable(transaction('all', put('b')))], [op(update('b')), op(set('a'))]],
  },
  'a write that waits unseen': {
    clients: [[op(update('a'))], [op(setUnseen('a')), op(set('a'))], [op(load('a'))]],
  },
  'a store that ends': { clients: [[op(update('a'))], [op(set('a'))], [op({ do: 'dispose' })]] },
  'a store that ends in the middle of a transaction over two': {
    clients: [
      [op(transaction({ across: [0, 1] }, pause, put('a', 1)))],
      [op(set('a'), 'none', 1)],
      [op({ do: 'dispose' })],
    ],
  },
  'a frame among commits': {
    mode: 'frames',
    clients: [[op(update('a'))], [op(set('a')), op(load('a'))]],
  },
  'misses among commits': {
    mode: 'misses',
    clients: [[op(update('c'))], [op(load('c'))], [op(set('c')), op({ do: 'promote' })]],
  },
  'a listener that writes': {
    clients: [[op(update('a'))], [op(set('a'))]],
    reactions: [inViewRound(0, op(set('b'))), inViewRound(1, op(update('a')))],
  },
  'a listener that aborts whoever is about to begin': {
    clients: [[op(update('a'))], [abortable(update('a'))], [abortable(update('a'))]],
    reactions: [inViewRound(0, 'abort')],
  },
  'a listener that ends the store': {
    clients: [[op(update('a'))], [op(set('a')), op(update('a'))]],
    reactions: [inViewRound(1, op({ do: 'dispose' }))],
  },
}

describe('under every schedule, the store is a serial twin:', () => {
  test.each(Object.entries(programs))('%s', async (name, program) => {
    const count = await interleavings(name, program)

    expect(count).toBeGreaterThan(1)
  })

  test.each([
    ['two recipes of one key', 3],
    ['a recipe, a write over it, and its abort', 1],
    ['crossing transactions over two stores', 1],
    ['a store that ends', 2],
    ['a frame among commits', 1],
    ['promises that arrive in another order', 1],
    ['a store that ends in the middle of a transaction over two', 2],
    ['a replace over a transaction, aborted', 2],
  ])('%s, also between one microtask and the next', async (name, turns) => {
    const count = await interleavings(`${name}, by microtasks`, programs[name]!, turns)

    expect(count).toBeGreaterThan(counts.get(name)!)
  })

  test('these were more than 2,000 interleavings', () => {
    const total = [...counts.values()].reduce((sum, count) => sum + count, 0)

    expect(total).toBeGreaterThan(2000)
  })
})

afterAll(() => {
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0)
  console.info(`store interleavings: ${total} of ${counts.size} programs, all of them checked`)
  if (process.env['TIDEMAP_COUNTS']) console.info([...counts])
})
