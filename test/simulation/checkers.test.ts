// The two checkers of histories are tested themselves: on histories made by hand, bad ones and good ones that look bad, against the slow
// twin of one, and against each other.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type Action,
  type Entries,
  type Operation,
  SerialTwin,
  type Step,
  serialOrder,
} from '../support/serial-twin.ts'
import type { Version } from './accesses.ts'
import { components } from './components.ts'
import { type Anomaly, findAnomalies, type VersionedHistory } from './dependency-graph.ts'
import { linearize } from './linearizability.ts'

const did = (action: Action, result?: unknown): Step => ({ store: 0, action, result })
const got = (key: string, value: Version): Step => did({ do: 'get', key }, value)
const put = (key: string, value: string): Step => did({ do: 'set', key, value })
const drop = (key: string): Step => did({ do: 'delete', key }, true)
const all = (...entries: [string, string][]): Step => did({ do: 'entries' }, entries)
const inStore = (store: number, step: Step): Step => ({ ...step, store })

const operation = (
  name: string,
  [called, returned]: readonly [number, number],
  steps: readonly Step[],
  end: Operation['end'] = 'committed',
): Operation => ({ name, called, returned, steps, end })

/** A view has no duration: it was there at that moment. */
const view = (at: number, ...steps: Step[]): Operation => operation(`view at ${at}`, [at, at], steps)

interface Given {
  readonly operations: readonly Operation[]
  readonly initial?: readonly Entries[]
  /** In the order in which they were confirmed; by key, or `store/key`. */
  readonly versions: Record<string, readonly Version[]>
}

const history = ({ operations, initial, versions }: Given): VersionedHistory => ({
  operations,
  initial: initial ?? [
    [
      ['x', 'x0'],
      ['y', 'y0'],
    ],
  ],
  versions: new Map(
    Object.entries(versions).map(([key, all]) => [key.includes('/') ? key : `0/${key}`, all] as const),
  ),
})

const anomalies = (given: Given): Anomaly[] =>
  findAnomalies(history(given)).findings.map(({ anomaly }) => anomaly)

const forever = Number.POSITIVE_INFINITY

describe('a history is refused, and its fault named:', () => {
  const bad: Record<string, Given & { readonly anomaly: Anomaly; readonly onlyGraph?: true }> = {
    'a lost update': {
      anomaly: 'G-single',
      operations: [
        operation('first', [0, 5], [got('x', 'x0'), put('x', 'x1')]),
        operation('second', [1, 6], [got('x', 'x0'), put('x', 'x2')]),
      ],
      versions: { x: ['x0', 'x1', 'x2'] },
    },
    'write skew': {
      anomaly: 'G2',
      operations: [
        operation('first', [0, 5], [got('x', 'x0'), got('y', 'y0'), put('x', 'x1')]),
        operation('second', [1, 6], [got('x', 'x0'), got('y', 'y0'), put('y', 'y1')]),
      ],
      versions: { x: ['x0', 'x1'], y: ['y0', 'y1'] },
    },
    'a long fork': {
      anomaly: 'G2',
      operations: [
        operation('x', [0, 9], [put('x', 'x1')]),
        operation('y', [0, 9], [put('y', 'y1')]),
        operation('one', [0, 9], [got('x', 'x1'), got('y', 'y0')]),
        operation('other', [0, 9], [got('x', 'x0'), got('y', 'y1')]),
      ],
      versions: { x: ['x0', 'x1'], y: ['y0', 'y1'] },
    },
    'read skew': {
      anomaly: 'G-single',
      operations: [
        operation('writer', [1, 2], [put('x', 'x1'), put('y', 'y1')]),
        operation('reader', [0, 5], [got('x', 'x0'), got('y', 'y1')]),
      ],
      versions: { x: ['x0', 'x1'], y: ['y0', 'y1'] },
    },
    'two transactions whose writes interleave': {
      anomaly: 'G0',
      operations: [
        operation('first', [0, 5], [put('x', 'x1'), put('y', 'y1')]),
        operation('second', [0, 5], [put('x', 'x2'), put('y', 'y2')]),
        view(9, got('x', 'x2'), got('y', 'y1')),
      ],
      versions: { x: ['x0', 'x1', 'x2'], y: ['y0', 'y2', 'y1'] },
    },
    'two transactions that each read what the other wrote': {
      anomaly: 'G1c',
      operations: [
        operation('first', [0, 5], [got('y', 'y1'), put('x', 'x1')]),
        operation('second', [0, 5], [got('x', 'x1'), put('y', 'y1')]),
      ],
      versions: { x: ['x0', 'x1'], y: ['y0', 'y1'] },
    },
    'a dirty read: half of a transaction': {
      anomaly: 'G-single',
      operations: [
        operation('writer', [0, 9], [put('x', 'x1'), put('y', 'y1')]),
        view(3, got('x', 'x1'), got('y', 'y0')),
      ],
      versions: { x: ['x0', 'x1'], y: ['y0', 'y1'] },
    },
    'a read of what was aborted': {
      anomaly: 'G1a',
      operations: [operation('aborted', [0, 9], [put('x', 'x1')], 'failed'), view(3, got('x', 'x1'))],
      versions: { x: ['x0'] },
    },
    'what was aborted, among the versions': {
      anomaly: 'G1a',
      operations: [operation('aborted', [0, 1], [put('x', 'x1')], 'failed'), view(3, got('x', 'x1'))],
      versions: { x: ['x0', 'x1'] },
    },
    'a read of what its writer wrote over': {
      anomaly: 'G1b',
      operations: [operation('writer', [0, 9], [put('x', 'x1'), put('x', 'x2')]), view(3, got('x', 'x1'))],
      versions: { x: ['x0', 'x2'] },
    },
    'what its writer wrote over, among the versions': {
      anomaly: 'G1b',
      operations: [operation('writer', [0, 9], [put('x', 'x1'), put('x', 'x2')]), view(3, got('x', 'x1'))],
      versions: { x: ['x0', 'x1', 'x2'] },
    },
    'a stale read, called when the write had returned': {
      anomaly: 'G-single-realtime',
      operations: [
        operation('writer', [0, 1], [put('x', 'x1')]),
        operation('reader', [2, 3], [got('x', 'x0')]),
      ],
      versions: { x: ['x0', 'x1'] },
    },
    'a read from the future': {
      anomaly: 'G1c-realtime',
      operations: [view(1, got('x', 'x1')), operation('writer', [2, 3], [put('x', 'x1')])],
      versions: { x: ['x0', 'x1'] },
    },
    'writes that were confirmed against their order in time': {
      anomaly: 'G0-realtime',
      operations: [
        operation('first', [0, 1], [put('x', 'x1')]),
        operation('second', [2, 3], [put('x', 'x2')]),
        view(4, got('x', 'x1')),
      ],
      versions: { x: ['x0', 'x2', 'x1'] },
    },
    'views that go back': {
      anomaly: 'G-single-realtime',
      operations: [
        operation('writer', [0, 9], [put('x', 'x1')]),
        view(2, got('x', 'x1')),
        view(3, got('x', 'x0')),
      ],
      versions: { x: ['x0', 'x1'] },
    },
    'a key that comes and goes between two looks at the whole map': {
      anomaly: 'G-single',
      operations: [
        operation('adds', [0, 9], [put('z', 'z1'), put('x', 'x1')]),
        operation('reader', [0, 9], [got('z', undefined), all(['x', 'x1'], ['y', 'y0'], ['z', 'z1'])]),
      ],
      versions: { x: ['x0', 'x1'], z: [undefined, 'z1'] },
    },
    'a phantom: one sees all keys without the new one, and what was written because of it': {
      anomaly: 'G-single',
      operations: [
        operation('adds', [0, 4], [put('z', 'z1')]),
        operation('answers', [0, 9], [got('z', 'z1'), put('x', 'x1')]),
        operation('reader', [0, 9], [got('z', undefined), got('x', 'x1')]),
      ],
      versions: { x: ['x0', 'x1'], z: [undefined, 'z1'] },
    },
    'a transaction that failed and had read two states': {
      anomaly: 'G-single',
      operations: [
        operation('writer', [1, 2], [put('x', 'x1'), put('y', 'y1')]),
        operation('failed', [0, 5], [got('x', 'x0'), got('y', 'y1')], 'failed'),
      ],
      versions: { x: ['x0', 'x1'], y: ['y0', 'y1'] },
    },
    'a transaction that was told two values of one key': {
      anomaly: 'internal',
      operations: [
        operation('writer', [1, 2], [put('x', 'x1')]),
        operation('reader', [0, 5], [got('x', 'x0'), got('x', 'x1')]),
      ],
      versions: { x: ['x0', 'x1'] },
    },
    'a transaction that did not see its own write': {
      anomaly: 'internal',
      operations: [operation('writer', [1, 2], [put('x', 'x1'), got('x', 'x0')])],
      versions: { x: ['x0', 'x1'] },
    },
    'a write that was confirmed and lost': {
      anomaly: 'lost write',
      operations: [operation('writer', [1, 2], [put('x', 'x1')]), view(3, got('x', 'x0'))],
      versions: { x: ['x0'] },
    },
    'a value of nobody': {
      anomaly: 'garbage',
      operations: [view(3, got('x', 'x7'))],
      versions: { x: ['x0'] },
    },
    'a version of nobody': {
      anomaly: 'garbage',
      operations: [view(3, got('x', 'x7'))],
      versions: { x: ['x0', 'x7'] },
    },
    'a key that is there again after its deletion': {
      anomaly: 'G-single-realtime',
      operations: [
        operation('deletes', [0, 1], [drop('x')]),
        operation('writes', [2, 3], [got('x', undefined), put('x', 'x1')]),
        view(4, got('x', undefined)),
      ],
      versions: { x: ['x0', undefined, 'x1'] },
    },
    'a transaction over two stores that one of them has seen': {
      anomaly: 'G-single',
      initial: [[['x', 'x0']], [['x', 'x0']]],
      operations: [
        operation('writer', [0, 9], [put('x', 'x1'), inStore(1, put('x', 'x1'))]),
        view(3, got('x', 'x1'), inStore(1, got('x', 'x0'))),
      ],
      versions: { '0/x': ['x0', 'x1'], '1/x': ['x0', 'x1'] },
    },
    'a compareAndSwap of what was not there any more': {
      anomaly: 'G-single',
      operations: [
        operation('swap', [0, 9], [did({ do: 'compareAndSwap', key: 'x', old: 'x0', value: 'x1' }, true)]),
        operation('other', [0, 9], [did({ do: 'compareAndSwap', key: 'x', old: 'x0', value: 'x2' }, true)]),
      ],
      versions: { x: ['x0', 'x1', 'x2'] },
    },
    'two that both found nothing and stored': {
      anomaly: 'G-single',
      operations: [
        operation('one', [0, 9], [did({ do: 'loadOrStore', key: 'z', value: 'z1' }, ['z1', false])]),
        operation('other', [0, 9], [did({ do: 'loadOrStore', key: 'z', value: 'z2' }, ['z2', false])]),
      ],
      versions: { z: [undefined, 'z1', 'z2'] },
    },
  }

  test.each(Object.entries(bad))('%s', (_name, { anomaly, ...given }) => {
    expect(anomalies(given)).toContain(anomaly)
    expect(linearize(history(given)).holds).toBe(false)
    expect(serialOrder(history(given).initial, given.operations).holds).toBe(false)
  })
})

describe('a history is accepted that only looks bad:', () => {
  const good: Record<string, Given> = {
    'nothing at all': { operations: [], versions: {} },
    'a read that overlaps a write and sees what was before': {
      operations: [operation('writer', [0, 3], [put('x', 'x1')]), operation('r', [2, 5], [got('x', 'x0')])],
      versions: { x: ['x0', 'x1'] },
    },
    'the same, called in the moment in which the write returned': {
      operations: [operation('writer', [0, 3], [put('x', 'x1')]), operation('r', [3, 5], [got('x', 'x0')])],
      versions: { x: ['x0', 'x1'] },
    },
    'writes that overlap, confirmed against the order of their calls': {
      operations: [
        operation('first', [0, 9], [put('x', 'x1')]),
        operation('second', [1, 9], [put('x', 'x2')]),
        operation('end', [10, 11], [got('x', 'x1')]),
      ],
      versions: { x: ['x0', 'x2', 'x1'] },
    },
    'a write that never returned and was seen': {
      operations: [operation('lost', [0, forever], [put('x', 'x1')], 'unknown'), view(3, got('x', 'x1'))],
      versions: { x: ['x0', 'x1'] },
    },
    'a write that never returned and never was': {
      operations: [operation('lost', [0, forever], [put('x', 'x1')], 'unknown'), view(3, got('x', 'x0'))],
      versions: { x: ['x0'] },
    },
    'a failed transaction that read what it had written itself': {
      operations: [
        operation('failed', [0, 3], [got('x', 'x0'), put('x', 'x1'), got('x', 'x1')], 'failed'),
        view(4, got('x', 'x0')),
      ],
      versions: { x: ['x0'] },
    },
    'two that each read what the other wrote later: one came first': {
      operations: [
        operation('first', [0, 5], [got('x', 'x0'), got('y', 'y0'), put('x', 'x1')]),
        operation('second', [1, 6], [got('x', 'x1'), got('y', 'y0'), put('y', 'y1')]),
      ],
      versions: { x: ['x0', 'x1'], y: ['y0', 'y1'] },
    },
    'readers of two keys that saw two writes in one order': {
      operations: [
        operation('x', [0, 9], [put('x', 'x1')]),
        operation('y', [0, 9], [put('y', 'y1')]),
        operation('one', [0, 9], [got('x', 'x1'), got('y', 'y0')]),
        operation('other', [0, 9], [got('x', 'x0'), got('y', 'y0')]),
      ],
      versions: { x: ['x0', 'x1'], y: ['y0', 'y1'] },
    },
    'a key that is deleted, absent twice and set again': {
      operations: [
        operation('deletes', [0, 1], [drop('x')]),
        view(2, got('x', undefined)),
        operation('sets', [3, 4], [put('x', 'x1')]),
        operation('deletes again', [5, 6], [drop('x')]),
        view(7, got('x', undefined)),
      ],
      versions: { x: ['x0', undefined, 'x1', undefined] },
    },
    'two stores, each with a key of the same name': {
      initial: [[['x', 'x0']], [['x', 'x0']]],
      operations: [
        operation('one', [0, 1], [put('x', 'x1')]),
        operation('other', [2, 3], [inStore(1, got('x', 'x0')), inStore(1, put('x', 'x1'))]),
      ],
      versions: { '0/x': ['x0', 'x1'], '1/x': ['x0', 'x1'] },
    },
  }

  test.each(Object.entries(good))('%s', (_name, given) => {
    expect(findAnomalies(history(given)).findings).toEqual([])
    expect(linearize(history(given)).holds).toBe(true)
    expect(serialOrder(history(given).initial, given.operations).holds).toBe(true)
  })
})

describe('a history falls into components:', () => {
  const keysOf = (operations: readonly Operation[]): string[][] =>
    components({ initial: [[]], operations }).map((part) => part.operations.map(({ name }) => name))

  test('keys that nothing connects are apart', () => {
    const operations = [operation('a', [0, 1], [put('a', '1')]), operation('b', [0, 1], [put('b', '1')])]

    expect(keysOf(operations)).toEqual([['a'], ['b']])
  })

  test('keys that a chain of transactions connects are together', () => {
    const operations = [
      operation('ab', [0, 1], [put('a', '1'), put('b', '1')]),
      operation('d', [0, 1], [put('d', '1')]),
      operation('bc', [0, 1], [got('b', '1'), put('c', '1')]),
      operation('c', [0, 1], [got('c', '1')]),
    ]

    expect(keysOf(operations)).toEqual([['ab', 'bc', 'c'], ['d']])
  })

  test('who looks at a whole store connects all of it, and not the other store', () => {
    const operations = [
      operation('a', [0, 1], [put('a', '1')]),
      operation('b', [0, 1], [put('b', '1')]),
      operation('all', [2, 3], [all(['a', '1'], ['b', '1'])]),
      operation('elsewhere', [0, 1], [inStore(1, put('a', '1'))]),
    ]

    expect(keysOf(operations)).toEqual([['a', 'b', 'all'], ['elsewhere']])
  })
})

// ---- random histories: serial ones stretched over time, of which some are then made wrong

interface Made {
  readonly history: VersionedHistory
  readonly isSpoiled: boolean
}

const KEYS = ['x', 'y', 'z']
const step = fc.record({
  key: fc.constantFrom(...KEYS),
  does: fc.constantFrom('get', 'get', 'set', 'set', 'compareAndSwap'),
})
const transaction = fc.record({
  steps: fc.array(step, { minLength: 1, maxLength: 3 }),
  before: fc.nat(9),
  after: fc.nat(9),
  fails: fc.constantFrom(false, false, false, true),
})
const spoiled = fc.option(fc.record({ operation: fc.nat(20), step: fc.nat(3), instead: fc.nat(9) }))

const made: fc.Arbitrary<Made> = fc
  .tuple(fc.array(transaction, { maxLength: 8 }), spoiled)
  .map(([transactions, spoil]) => {
    const twin = new Map<string, Version>()
    const versions = new Map<string, Version[]>(KEYS.map((key) => [`0/${key}`, [undefined]]))
    const operations = transactions.map(({ steps, before, after, fails }, i): Operation => {
      const own = new Map(twin)
      const taken = steps.map(({ key, does }, j): Step => {
        const value = `${i}.${j}`
        const old = own.get(key)
        if (does === 'get' || (does === 'compareAndSwap' && old === undefined)) return got(key, old)
        own.set(key, value)
        return does === 'set' ? put(key, value) : did({ do: 'compareAndSwap', key, old, value }, true)
      })
      const end = fails ? 'failed' : 'committed'
      if (!fails) {
        for (const [key, value] of own) if (twin.get(key) !== value) versions.get(`0/${key}`)!.push(value)
        for (const [key, value] of own) twin.set(key, value)
      }
      return operation(`#${i}`, [10 * i - 5 * before, 10 * i + 5 * after + 1], taken, end)
    })
    const reads = operations.flatMap((one, i) =>
      one.steps.flatMap(({ action }, j) => (action.do === 'get' ? [[i, j] as const] : [])),
    )
    if (spoil === null || reads.length === 0)
      return { history: { initial: [[]], operations, versions }, isSpoiled: false }
    const [at, which] = reads[spoil.operation % reads.length]!
    const target = operations[at]!
    const { key } = target.steps[which]!.action as { key: string }
    const values = versions.get(`0/${key}`)!
    const steps = [...target.steps]
    steps[which] = got(key, values[spoil.instead % values.length])
    operations[at] = { ...target, steps }
    return { history: { initial: [[]], operations, versions }, isSpoiled: true }
  })

describe('of random histories', () => {
  test('the search says what its slow twin says', () => {
    let refused = 0
    fc.assert(
      fc.property(made, ({ history: { initial, operations } }) => {
        const verdict = linearize({ initial, operations })

        expect(verdict.holds).toBe(serialOrder(initial, operations).holds)
        if (!verdict.holds) refused++
        else expect(replayed(initial, verdict.order)).toBe(true)
      }),
      { numRuns: 2000 },
    )
    expect(refused).toBeGreaterThan(100)
  })

  test('where the graph finds nothing, there is an order; where nothing was spoiled, it finds nothing', () => {
    let found = 0
    fc.assert(
      fc.property(made, ({ history: some, isSpoiled }) => {
        const { findings } = findAnomalies(some)

        if (findings.length === 0) expect(linearize(some).holds).toBe(true)
        else found++
        if (!isSpoiled) expect(findings).toEqual([])
      }),
      { numRuns: 2000 },
    )
    expect(found).toBeGreaterThan(100)
  })
})

/** Whether an order, taken component by component, can be carried out. */
function replayed(initial: readonly Entries[], order: readonly Operation[]): boolean {
  let twin: SerialTwin | undefined = new SerialTwin(initial)
  for (const { steps, end } of order) {
    const next: SerialTwin | undefined = twin?.after(steps)
    if (next === undefined) return false
    if (end !== 'failed') twin = next
  }
  return true
}
