// The checks of the model test are tested themselves: each must find the fault it is there for.
import fc from 'fast-check'
import type { Transaction, Unsubscribe, WritableStore } from 'tidemap/store'
import { describe, expect, test } from 'vitest'
import { Schedule } from '../support/schedule.ts'
import { type Action, type Operation, SerialTwin, type Step, serialOrder } from '../support/serial-twin.ts'
import type { Flavour, Value } from '../support/store-flavour.ts'
import { layeredPrograms, type Program, programs } from '../support/store-program.ts'
import { runProgram } from '../support/store-run.ts'
import { unhandledRejections } from '../support/unhandled-rejections.ts'

// ---- histories

const did = (action: Action, result?: unknown): Step => ({ store: 0, action, result })
const got = (key: string, value: string | undefined): Step => did({ do: 'get', key }, value)
const put = (key: string, value: string): Step => did({ do: 'set', key, value })
const all = (...entries: [string, string][]): Step => did({ do: 'entries' }, entries)

type Options = Partial<Pick<Operation, 'end' | 'lanes'>>

const operation = (
  name: string,
  [called, returned]: readonly [number, number],
  steps: readonly Step[],
  options: Options = {},
): Operation => ({ name, called, returned, steps, end: 'committed', ...options })

const holds = (operations: readonly Operation[], entries: readonly [string, string][] = []): boolean =>
  serialOrder([entries], operations).holds

const forever = Number.POSITIVE_INFINITY
const lane = (...keys: string[]): Options => ({ lanes: new Map([[0, new Set(keys)]]) })

describe('the serial twin accepts', () => {
  test('two recipes of which each saw the other or came first', () => {
    const first = operation('first', [0, 5], [got('n', '0'), put('n', '1')])
    const second = operation('second', [1, 6], [got('n', '1'), put('n', '2')])

    expect(holds([first, second, operation('end', [7, 8], [all(['n', '2'])])], [['n', '0']])).toBe(true)
  })

  test('operations that overlap, in the order that fits', () => {
    const writes = [operation('a', [0, 9], [put('k', 'a')]), operation('b', [0, 9], [put('k', 'b')])]

    expect(holds([...writes, operation('end', [10, 11], [got('k', 'a')])])).toBe(true)
    expect(holds([...writes, operation('end', [10, 11], [got('k', 'b')])])).toBe(true)
  })

  test('what never returned, whether it took effect or not', () => {
    const lost = operation('lost', [0, forever], [put('k', 'a')], { end: 'unknown' })

    expect(holds([lost, operation('end', [10, 11], [got('k', 'a')])])).toBe(true)
    expect(holds([lost, operation('end', [10, 11], [got('k', undefined)])])).toBe(true)
  })

  test('a failed transaction that read one state and left no trace', () => {
    const failed = operation('failed', [0, 3], [got('a', '1'), put('a', '2'), got('a', '2')], {
      end: 'failed',
    })

    expect(holds([failed, operation('end', [4, 5], [got('a', '1')])], [['a', '1']])).toBe(true)
  })
})

const twoKeys: [string, string][] = [
  ['a', '1'],
  ['b', '1'],
]

describe('the serial twin rejects', () => {
  const bad: Record<string, { operations: readonly Operation[]; entries?: [string, string][] }> = {
    'a lost update': {
      operations: [
        operation('first', [0, 5], [got('n', '0'), put('n', '1')]),
        operation('second', [1, 6], [got('n', '0'), put('n', '1 too')]),
      ],
      entries: [['n', '0']],
    },
    'write skew: each read what the other wrote, before it did': {
      operations: [
        operation('first', [0, 5], [got('a', '1'), got('b', '1'), put('a', '0')]),
        operation('second', [1, 6], [got('a', '1'), got('b', '1'), put('b', '0')]),
      ],
      entries: twoKeys,
    },
    'read skew: one key before a transaction, the other after it': {
      operations: [
        operation('writer', [1, 2], [put('a', '2'), put('b', '2')]),
        operation('reader', [0, 5], [got('a', '1'), got('b', '2')]),
      ],
      entries: twoKeys,
    },
    'half a transaction': {
      operations: [
        operation('writer', [0, 9], [put('a', '2'), put('b', '2')]),
        operation('snapshot', [3, 3], [all(['a', '2'], ['b', '1'])]),
      ],
      entries: twoKeys,
    },
    'a long fork: two readers saw two writes in two orders': {
      operations: [
        operation('a', [0, 9], [put('a', '2')]),
        operation('b', [0, 9], [put('b', '2')]),
        operation('one', [0, 9], [got('a', '2'), got('b', '1')]),
        operation('other', [0, 9], [got('a', '1'), got('b', '2')]),
      ],
      entries: twoKeys,
    },
    'a stale load, called after the write had returned': {
      operations: [operation('set', [0, 1], [put('a', '2')]), operation('load', [2, 3], [got('a', '1')])],
      entries: twoKeys,
    },
    'a load that went back': {
      operations: [
        operation('set', [0, 9], [put('a', '2')]),
        operation('early', [1, 2], [got('a', '2')]),
        operation('late', [3, 4], [got('a', '1')]),
      ],
      entries: twoKeys,
    },
    'a write that was acknowledged and lost': {
      operations: [operation('set', [0, 1], [put('c', '1')]), operation('end', [2, 3], [all(...twoKeys)])],
      entries: twoKeys,
    },
    'what an aborted transaction wrote, in a later read': {
      operations: [
        operation('aborted', [0, 1], [put('a', '2')], { end: 'failed' }),
        operation('end', [2, 3], [got('a', '2')]),
      ],
      entries: twoKeys,
    },
    'a failed transaction that saw two states': {
      operations: [
        operation('writer', [1, 2], [put('a', '2'), put('b', '2')]),
        operation('failed', [0, 5], [got('a', '1'), got('b', '2')], { end: 'failed' }),
      ],
      entries: twoKeys,
    },
    'a transaction that did not see its own write': {
      operations: [operation('writer', [0, 1], [put('a', '2'), got('a', '1')])],
      entries: twoKeys,
    },
    'a wrong answer of a compareAndSwap': {
      operations: [
        operation('swap', [0, 1], [did({ do: 'compareAndSwap', key: 'a', old: '0', value: '2' }, true)]),
      ],
      entries: twoKeys,
    },
    'the right keys in the wrong order': {
      operations: [
        operation('delete', [0, 1], [did({ do: 'delete', key: 'a' }, true)]),
        operation('set', [2, 3], [put('a', '2')]),
        operation('end', [4, 5], [all(['a', '2'], ['b', '1'])]),
      ],
      entries: twoKeys,
    },
    'a turn taken before one that was called earlier': {
      operations: [
        operation('first', [0, 9], [put('a', '2')], lane('a')),
        operation('second', [1, 9], [put('a', '3')], lane('a')),
        operation('end', [10, 11], [got('a', '2')]),
      ],
      entries: twoKeys,
    },
  }

  test.each(Object.entries(bad))('%s', (_name, { operations, entries }) => {
    expect(holds(operations, entries)).toBe(false)
  })

  test('a transaction over two stores that only one of them has seen', () => {
    const both: Step[] = [
      { store: 0, action: { do: 'set', key: 'a', value: '2' }, result: undefined },
      { store: 1, action: { do: 'set', key: 'a', value: '2' }, result: undefined },
    ]
    const seen: Step[] = [
      { store: 0, action: { do: 'get', key: 'a' }, result: '2' },
      { store: 1, action: { do: 'get', key: 'a' }, result: undefined },
    ]

    expect(serialOrder([[], []], [operation('writer', [0, 9], both)]).holds).toBe(true)
    expect(
      serialOrder([[], []], [operation('writer', [0, 9], both), operation('seen', [3, 3], seen)]).holds,
    ).toBe(false)
  })
})

test('the search finds an order wherever there is one', () => {
  // a random serial history, its operations then stretched over time at random, has an order by its making
  const step = fc.record({
    key: fc.constantFrom('a', 'b', 'c'),
    isWrite: fc.boolean(),
    before: fc.nat(6),
    after: fc.nat(6),
  })

  fc.assert(
    fc.property(
      fc.array(fc.array(step, { minLength: 1, maxLength: 3 }), { maxLength: 9 }),
      (transactions) => {
        let twin = new SerialTwin([[]])
        const operations = transactions.map((steps, i) => {
          const done = steps.map(({ key, isWrite }, j): Step => {
            const { result } = isWrite ? put(key, `${i}.${j}`) : { result: twin.maps[0]!.get(key) }
            const next = isWrite ? put(key, `${i}.${j}`) : got(key, result as string | undefined)
            twin = twin.after([next])!
            return next
          })
          const [{ before, after }] = steps as [(typeof steps)[0]]
          return operation(`${i}`, [10 * i - 5 * before, 10 * i + 5 * after + 1], done)
        })
        const verdict = serialOrder([[]], operations)

        expect(verdict.holds).toBe(true)
        expect(verdict.twin.contents).toBe(
          verdict.order.reduce((now, { steps }) => now.after(steps)!, new SerialTwin([[]])).contents,
        )
      },
    ),
    { numRuns: 300 },
  )
})

// ---- stores with a fault put in from outside

type AnyStore = WritableStore<string, Value>

/** The same store but for some methods. */
function but(flavour: Flavour, change: (store: AnyStore) => Partial<AnyStore>): Flavour {
  const { store } = flavour
  const changed = change(store)
  const handler: ProxyHandler<AnyStore> = {
    get: (target, name) => {
      if (name in changed) return Reflect.get(changed, name)
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  }
  return { ...flavour, store: new Proxy(store, handler) }
}

const inert = (): Unsubscribe => Object.assign(() => {}, { [Symbol.dispose]: () => {} })

/** Every third call of it is left out. */
function lossy<A extends unknown[]>(call: (...args: A) => void): (...args: A) => void {
  let count = 0
  return (...args) => {
    if (++count % 3 !== 0) call(...args)
  }
}

const faults: Record<
  string,
  { change: (flavour: Flavour) => Flavour; found: RegExp; mode?: Program['mode'] }
> = {
  'a recipe that is given what was there when it was called': {
    change: (flavour) => ({
      ...flavour,
      update: (key, recipe, options) => {
        const seen = flavour.store.confirmed.get(key)
        return flavour.update(key, (_given, context) => recipe(seen, context), options)
      },
    }),
    found: /no serial order/,
  },
  'a recipe that runs twice': {
    change: (flavour) => ({
      ...flavour,
      update: (key, recipe, options) =>
        flavour.update(
          key,
          (given, context) => {
            void recipe(given, context)
            return recipe(given, context)
          },
          options,
        ),
    }),
    found: /ran twice/,
  },
  'a transaction that is repeated when it fails': {
    change: (flavour) =>
      but(flavour, (store) => ({
        transaction: (body, options) =>
          store.transaction(body, options).catch(() => store.transaction(body, options)),
      })),
    found: /ran twice|did not end at once/,
  },
  'a failed transaction whose first write stays': {
    change: (flavour) =>
      but(flavour, (store) => ({
        transaction: async (body, options) => {
          let kept: [string, Value] | undefined
          const keep = (tx: Transaction<string, Value>): Transaction<string, Value> =>
            new Proxy(tx, {
              get: (target, name) => {
                const value: unknown = Reflect.get(target, name, target)
                if (typeof value !== 'function') return value
                if (name === 'set') {
                  return (key: string, to: Value): void => {
                    target.set(key, to)
                    kept ??= [key, to]
                  }
                }
                return value.bind(target)
              },
            })
          try {
            return await store.transaction((tx) => body(keep(tx)), options)
          } catch (error) {
            if (kept !== undefined) await store.set(...kept).catch(() => {})
            throw error
          }
        },
      })),
    found: /no serial order|did not end at once|shows|goes on/,
  },
  'a setMany in two steps': {
    change: (flavour) =>
      but(flavour, (store) => ({
        setMany: (entries, options) => {
          const [first, ...rest] = entries
          if (first !== undefined) void store.setMany([first], options).catch(() => {})
          return store.setMany(rest, options)
        },
      })),
    found: /no serial order|promotions|layers|shows/,
  },
  'a load that answers from the view': {
    change: (flavour) =>
      but(flavour, (store) => ({
        load: async (key) => (store.has(key) ? [store.get(key)!, true] : [undefined, false]),
      })),
    found: /overtook|no serial order|dispose rejects with nothing/,
  },
  'a load that waits for everybody': {
    change: (flavour) =>
      but(flavour, (store) => ({
        load: (key, options) => store.idle().then(() => store.load(key, options)),
      })),
    found: /did not end|dispose lets somebody wait/,
  },
  'a round that is told twice': {
    change: (flavour) =>
      but(flavour, (store) => ({
        subscribe: (listener) =>
          store.subscribe((view, previous, changes) => {
            listener(view, previous, changes)
            listener(view, previous, changes)
          }),
      })),
    found: /skipped or told twice/,
  },
  'a round that is not told': {
    change: (flavour) =>
      but(flavour, (store) => ({ subscribe: (listener) => store.subscribe(lossy(listener)) })),
    found: /skipped or told twice|not told/,
  },
  'rounds in the wrong order': {
    change: (flavour) =>
      but(flavour, (store) => ({
        subscribe: (listener) => {
          let held: (() => void) | undefined
          return store.subscribe((view, previous, changes) => {
            const tell = (): void => listener(view, previous, changes)
            if (held === undefined) held = tell
            else {
              tell()
              held()
              held = undefined
            }
          })
        },
      })),
    found: /skipped or told twice|not told/,
  },
  'a change that its key is not told of': {
    change: (flavour) =>
      but(flavour, (store) => ({
        subscribeKey: (key, listener) => store.subscribeKey(key, lossy(listener)),
      })),
    found: /subscribeKey/,
  },
  'a key that came and nobody heard': {
    change: (flavour) =>
      but(flavour, (store) => ({ subscribeKeys: (listener) => store.subscribeKeys(lossy(listener)) })),
    found: /subscribeKeys/,
  },
  'pending keys that change in silence': {
    change: (flavour) => but(flavour, () => ({ subscribePending: inert })),
    found: /nobody was told/,
  },
  'a selection that is stale': {
    change: (flavour) => ({
      ...flavour,
      select: (selector) => {
        const selection = flavour.select(selector)
        const { value } = selection
        return { value, subscribe: (listener) => selection.subscribe(listener) }
      },
    }),
    found: /a selection is/,
  },
  'a listener that is called after it has left': {
    change: (flavour) =>
      but(flavour, (store) => ({
        subscribeKey: (key, listener) => {
          store.subscribeKey(key, listener)
          return inert()
        },
      })),
    found: /after it had left/,
  },
  'a pending write that is not shown': {
    change: (flavour) =>
      but(flavour, (store) => ({
        set: (key, value, options) => store.set(key, value, { ...options, optimistic: false }),
      })),
    found: /shows|layers/,
  },
  'a pending write that is dropped': {
    change: (flavour) =>
      but(flavour, (store) => ({
        delete: (key, options) => (store.isBusy(key) ? Promise.resolve(true) : store.delete(key, options)),
      })),
    found: /overtook|shows|no serial order/,
  },
  'an abort that nobody hears': {
    change: (flavour) => ({
      ...flavour,
      update: (key, recipe, { signal: _, ...options }) => flavour.update(key, recipe, options),
    }),
    found: /was aborted and goes on|did not end at once|ran though/,
  },
  'a listener left on a signal': {
    change: (flavour) =>
      but(flavour, (store) => ({
        load: (key, options) => {
          options?.signal?.addEventListener('abort', () => {})
          return store.load(key, options)
        },
      })),
    found: /left on a signal/,
  },
  'somebody who waits for a store that has ended': {
    change: (flavour) => but(flavour, () => ({ dispose: () => {} })),
    found: /disposed|dispose lets/,
  },
  'an idle() that never comes': {
    change: (flavour) => but(flavour, () => ({ idle: () => new Promise<void>(() => {}) })),
    found: /idle|busy at the end/,
  },
  'a rejection that nobody can handle': {
    change: (flavour) =>
      but(flavour, (store) => ({
        clear: (options) => {
          void Promise.reject(new Error('of its own making'))
          return store.clear(options)
        },
      })),
    found: /unhandled rejection/,
  },
  'frames that show what is not committed': {
    mode: 'frames',
    change: (flavour) => but(flavour, (store) => ({ delete: async (key) => store.has(key) })),
    found: /no serial order|did not end at once|overtook|layers/,
  },
}

describe('the model test finds', () => {
  test.each(Object.entries(faults))('%s', async (_name, { change, found, mode = 'commit' }) => {
    const any = fc
      .oneof(programs(mode), layeredPrograms(mode))
      .map((program) => ({ ...program, draft: false }))
    const property = fc.asyncProperty(any, async (program) => {
      await runProgram(program, new Schedule(program.schedule, program), change)
    })
    let failure: unknown

    await unhandledRejections(async () => {
      const { errorInstance } = await fc.check(property, { numRuns: 500, seed: 1, endOnFailure: true })
      failure = errorInstance
    })

    expect(String(failure)).toMatch(found)
  })
})
