import fc from 'fast-check'
import { createStore, type Store, type Transaction } from 'tidemap/store'
import { describe, expect, test, vi } from 'vitest'
import { deferred } from '../support/deferred.ts'
import { reasonOf, thrownBy } from '../support/failure.ts'

type Numbers = Store<string, number>
type Tx = Transaction<string, number>

const numbers = (): Numbers =>
  createStore<string, number>([
    ['a', 1],
    ['b', 2],
    ['c', 3],
  ])

describe('a transaction', () => {
  test('is isolated: nobody sees its writes before the end (S4)', async () => {
    const store = numbers()
    const gate = deferred()
    const before = store.view
    const listener = vi.fn()
    store.subscribe(listener)

    const done = store.transaction(async (tx) => {
      tx.set('a', 10)
      tx.delete('b')
      await gate.promise
    })
    const during = [store.view === before, store.confirmed === before, [...store], listener.mock.calls.length]
    gate.resolve()
    await done

    expect(during).toEqual([true, true, [...before], 0])
    expect([...store]).toEqual([
      ['a', 10],
      ['c', 3],
    ])
  })

  test('sees its own writes, before and after an await', async () => {
    const store = numbers()

    const seen = await store.transaction(async (tx) => {
      tx.set('a', 10)
      tx.delete('b')
      const first = [tx.get('a'), tx.has('b'), tx.size]
      await Promise.resolve()
      return [first, [tx.get('a'), tx.has('b'), tx.size]]
    })

    expect(seen).toEqual([
      [10, false, 2],
      [10, false, 2],
    ])
  })

  test('is one promotion and one round, with what it comes to', async () => {
    const store = numbers()
    const rounds: unknown[] = []
    store.subscribe((_view, _previous, changes) => rounds.push(changes))
    const { promotions } = store.inspect()

    await store.transaction((tx) => {
      tx.set('a', 10)
      tx.set('a', 11)
      tx.set('x', 24)
      tx.delete('x')
      tx.delete('b')
    })

    expect(rounds).toEqual([
      [
        { type: 'delete', key: 'b', value: undefined, previous: 2 },
        { type: 'update', key: 'a', value: 11, previous: 1 },
      ],
    ])
    expect(store.inspect().promotions).toBe(promotions + 1)
  })

  test('resolves to what its body resolves to', async () => {
    const store = numbers()

    expect(await store.transaction(() => 'now')).toBe('now')
    expect(await store.transaction(async () => 'later')).toBe('later')
    expect(await store.transaction(() => {})).toBe(undefined)
  })

  test('of which nothing is left in the end is none: no promotion, the same view', async () => {
    const store = numbers()
    const before = store.view
    const { promotions } = store.inspect()
    const listener = vi.fn()
    store.subscribe(listener)

    await store.transaction((tx) => {
      tx.set('a', 10)
      tx.set('a', 1)
      tx.set('x', 24)
      tx.delete('x')
      tx.delete('nobody')
    })
    await store.transaction((tx) => {
      tx.clear()
      tx.setMany([
        ['a', 1],
        ['b', 2],
        ['c', 3],
      ])
    })
    await store.transaction(() => {})

    expect(store.view).toBe(before)
    expect(store.inspect().promotions).toBe(promotions)
    expect(listener).not.toHaveBeenCalled()
  })

  test('that deletes a key and sets it again moves it to the end, as a Map does', async () => {
    const store = numbers()

    const inside = await store.transaction((tx) => {
      tx.delete('a')
      tx.set('d', 4)
      tx.set('a', 1)
      return [...tx.keys()]
    })

    expect(inside).toEqual(['b', 'c', 'd', 'a'])
    expect([...store.keys()]).toEqual(inside)
  })

  test('that clears and sets leaves just that', async () => {
    const store = numbers()

    const inside = await store.transaction((tx) => {
      tx.set('x', 24)
      tx.clear()
      const empty = [tx.size, tx.has('a'), tx.get('x'), [...tx]]
      tx.set('c', 3)
      tx.set('z', 26)
      return [empty, [...tx]]
    })

    const left = [
      ['c', 3],
      ['z', 26],
    ]
    expect(inside).toEqual([[0, false, undefined, []], left])
    expect([...store]).toEqual(left)
  })

  test('S9: sees one consistent state all the time, though writers of other keys come and wait', async () => {
    const store = numbers()
    const gate = deferred()
    const seen: unknown[] = []

    const done = store.transaction(async (tx) => {
      seen.push([...tx])
      await gate.promise
      seen.push([...tx])
    })
    const set = store.set('b', 20)
    const updated = store.update('c', () => 30)
    gate.resolve()
    await Promise.all([done, set, updated])

    expect(seen[0]).toEqual(seen[1])
    expect([...store.values()]).toEqual([1, 20, 30])
  })

  test('two of them on the whole map take turns', async () => {
    const store = numbers()
    const move = (from: string, to: string, gate: Promise<void>) =>
      store.transaction(async (tx) => {
        const amount = tx.get(from) ?? 0
        await gate
        tx.set(from, 0)
        tx.set(to, (tx.get(to) ?? 0) + amount)
      })
    const gates = [deferred(), deferred()]

    const both = [move('a', 'b', gates[0]!.promise), move('b', 'c', gates[1]!.promise)]
    gates[1]?.resolve()
    gates[0]?.resolve()
    await Promise.all(both)

    expect([...store.values()]).toEqual([0, 0, 6])
  })
})

describe('a transaction that fails', () => {
  const failures: [name: string, fail: (tx: Tx, controller: AbortController) => unknown, message: string][] =
    [
      [
        'throws',
        (tx) => {
          tx.set('a', 10)
          throw new Error('thrown')
        },
        'thrown',
      ],
      [
        'rejects after an await',
        async (tx) => {
          tx.set('a', 10)
          await Promise.resolve()
          tx.clear()
          throw new Error('rejected')
        },
        'rejected',
      ],
      [
        'is aborted while it waits',
        (tx, controller) => {
          tx.delete('a')
          queueMicrotask(() => controller.abort(new Error('aborted')))
          return new Promise(() => {})
        },
        'aborted',
      ],
      [
        'is aborted by its own body',
        (tx, controller) => {
          tx.delete('a')
          controller.abort(new Error('aborted from within'))
        },
        'aborted from within',
      ],
    ]

  test.each(failures)(
    'F23, S5: that %s leaves nothing: the same view, no round, the turn free',
    async (_name, fail, message) => {
      const store = numbers()
      const controller = new AbortController()
      const before = store.view
      const listener = vi.fn()
      store.subscribe(listener)
      const { promotions } = store.inspect()

      const reason = await reasonOf(
        store.transaction((tx) => fail(tx, controller), { signal: controller.signal }),
      )

      expect(reason).toMatchObject({ message })
      expect(store.view).toBe(before)
      expect(store.confirmed).toBe(before)
      expect(listener).not.toHaveBeenCalled()
      expect([store.isBusy(), store.inspect().promotions]).toEqual([false, promotions])
    },
  )

  test('an `equal` that throws at the commit rolls it back', async () => {
    const error = new Error('cannot compare')
    const store = createStore<string, number>([['a', 1]], {
      equal: () => {
        throw error
      },
    })
    const before = store.view

    const reason = await reasonOf(
      store.transaction((tx) => {
        tx.set('x', 24)
        tx.set('a', 2)
      }),
    )

    expect(reason).toBe(error)
    expect(store.view).toBe(before)
    expect(store.isBusy()).toBe(false)
  })

  test('an `equal` that aborts it at the commit comes too late', async () => {
    const controller = new AbortController()
    const store = createStore<string, number>([['a', 1]], {
      equal: (one, other) => {
        controller.abort('too late')
        return one === other
      },
    })

    const result = await store.transaction(
      (tx) => {
        tx.set('a', 2)
        return 'done'
      },
      { signal: controller.signal },
    )

    expect([result, store.get('a')]).toEqual(['done', 2])
  })
})

describe('the API of a draft', () => {
  test('Map and Go, synchronous, over its own writes', async () => {
    const store = numbers()

    const results = await store.transaction((tx) => [
      tx.set('d', 4),
      tx.load('d'),
      tx.load('x'),
      tx.loadOrStore('d', 5),
      tx.loadOrStore('e', 5),
      tx.swap('e', 6),
      tx.swap('f', 7),
      tx.compareAndSwap('f', 1, 8),
      tx.compareAndSwap('f', 7, 8),
      tx.compareAndSwap('x', undefined as never, 8),
      tx.compareAndDelete('f', 7),
      tx.compareAndDelete('f', 8),
      tx.loadAndDelete('e'),
      tx.loadAndDelete('e'),
      tx.update('a', (a = 0) => a + 9),
      tx.update('x', () => undefined),
      tx.update('g', () => 7),
      tx.delete('b'),
      tx.delete('b'),
      [...tx],
    ])

    const entries = [
      ['a', 10],
      ['c', 3],
      ['d', 4],
      ['g', 7],
    ]
    expect(results).toEqual([
      undefined,
      [4, true],
      [undefined, false],
      [4, true],
      [5, false],
      [5, true],
      [undefined, false],
      false,
      true,
      false,
      false,
      true,
      [6, true],
      [undefined, false],
      10,
      undefined,
      7,
      true,
      false,
      entries,
    ])
    expect([...store]).toEqual(entries)
  })

  test('reads and iterates as a Map that had the same writes would', async () => {
    const store = numbers()
    const twin = new Map(store)
    const write = (map: { set(key: string, value: number): unknown; delete(key: string): unknown }) => {
      map.set('x', 24)
      map.set('b', 20)
      map.delete('a')
      map.delete('x')
      map.set('y', 25)
      map.set('a', 10)
      map.set('x', 0)
    }
    write(twin)

    const seen = await store.transaction((tx) => {
      write(tx)
      const each: unknown[] = []
      tx.forEach((value, key) => {
        each.push([key, value])
      })
      return {
        size: tx.size,
        keys: [...tx.keys()],
        values: [...tx.values()],
        entries: [...tx.entries()],
        each,
      }
    })

    expect(seen).toEqual({
      size: twin.size,
      keys: [...twin.keys()],
      values: [...twin.values()],
      entries: [...twin],
      each: [...twin],
    })
    expect([...store]).toEqual([...twin])
  })

  test('D1, D2: whatever is written, it reads as a Map would, before and after the commit', async () => {
    type Write =
      | { readonly do: 'set' | 'loadOrStore'; readonly key: string; readonly value: number }
      | { readonly do: 'delete'; readonly key: string }
      | { readonly do: 'clear' }
      | { readonly do: 'replace'; readonly entries: readonly (readonly [string, number])[] }
    const key = fc.constantFrom('a', 'b', 'c', 'd', 'e')
    const write: fc.Arbitrary<Write> = fc.oneof(
      {
        weight: 5,
        arbitrary: fc.record({
          do: fc.constantFrom('set' as const, 'set' as const, 'loadOrStore' as const),
          key,
          value: fc.nat(3),
        }),
      },
      { weight: 4, arbitrary: fc.record({ do: fc.constant('delete' as const), key }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('clear' as const) }) },
      {
        weight: 1,
        arbitrary: fc.record({
          do: fc.constant('replace' as const),
          entries: fc.array(fc.tuple(key, fc.nat(3)), { maxLength: 4 }),
        }),
      },
    )
    const run = fc.asyncProperty(fc.array(write, { maxLength: 15 }), async (writes) => {
      const store = numbers()
      const twin = new Map(store)
      await store.transaction((tx) => {
        for (const one of writes) {
          if (one.do === 'clear') {
            tx.clear()
            twin.clear()
          } else if (one.do === 'replace') {
            tx.replace(one.entries)
            twin.clear()
            for (const [k, value] of one.entries) twin.set(k, value)
          } else if (one.do === 'delete') expect(tx.delete(one.key)).toBe(twin.delete(one.key))
          else if (one.do === 'set' || !twin.has(one.key)) {
            tx[one.do](one.key, one.value)
            twin.set(one.key, one.value)
          }
          expect([[...tx], tx.size]).toEqual([[...twin], twin.size])
        }
      })
      expect([...store]).toEqual([...twin])
      expect(store.size).toBe(twin.size)
    })

    await fc.assert(run, { numRuns: 500 })
  })

  test('an undefined that it wrote hides what was there', async () => {
    const store = createStore<string, number | undefined>([['a', 1]])

    const read = await store.transaction((tx) => {
      tx.set('a', undefined)
      return [tx.get('a'), tx.load('a')]
    })

    expect(read).toEqual([undefined, [undefined, true]])
  })

  test('F17: an iteration meets what is written in it, as that of a Map does', async () => {
    const store = numbers()
    const walk = (
      map: Iterable<[string, number]> &
        Pick<Map<string, number>, 'delete'> & { set(key: string, value: number): unknown },
    ) => {
      const seen: unknown[] = []
      for (const [key, value] of map) {
        seen.push([key, value])
        if (seen.length === 1) {
          map.set('b', 20)
          map.delete('c')
          map.set('d', 4)
          map.delete('a')
        }
        if (key === 'd') map.set('a', 100)
        if (seen.length > 9) break
      }
      return seen
    }

    const seen = await store.transaction((tx) => walk(tx))

    expect(seen).toEqual(walk(new Map(numbers())))
  })

  test('setMany and replace take any entries, and refuse what are none before anything is written', async () => {
    const store = numbers()

    const reasons = await store.transaction((tx) => {
      const codes = [
        thrownBy(() => tx.setMany(5 as never)),
        thrownBy(() => tx.replace(['ab'] as never)),
        thrownBy(() => tx.setMany([['x', 24], null] as never)),
      ]
      tx.replace(new Map([['z', 26]]))
      tx.setMany(
        (function* (): Generator<[string, number]> {
          yield ['y', 25]
        })(),
      )
      return codes
    })

    for (const reason of reasons) expect(reason).toMatchObject({ code: 'INVALID_ARGUMENT' })
    expect([...store]).toEqual([
      ['z', 26],
      ['y', 25],
    ])
  })

  test('update refuses an async recipe, which could not be awaited; what it rejects with is nobody’s', async () => {
    const store = numbers()

    const reason = await store.transaction((tx) =>
      thrownBy(() => tx.update('a', (async () => Promise.reject(new Error('lost'))) as never)),
    )

    expect(reason).toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('tx.update'),
    })
    expect(store.get('a')).toBe(1)
  })

  test('its signal aborts when the transaction does', async () => {
    const store = numbers()
    const controller = new AbortController()
    let signal: AbortSignal | undefined

    const running = store.transaction(
      (tx) => {
        signal = tx.signal
        return new Promise(() => {})
      },
      { signal: controller.signal },
    )
    controller.abort('enough')

    expect(await reasonOf(running)).toBe('enough')
    expect([signal?.aborted, signal?.reason]).toEqual([true, 'enough'])
  })
})

describe('a transaction with declared keys', () => {
  test('takes those lanes only', async () => {
    const store = numbers()
    const gate = deferred()

    const first = store.transaction(() => gate.promise, { keys: ['a', 'b'] })
    const busy = ['a', 'b', 'c'].map((key) => store.isBusy(key))
    const other = await store.transaction((tx) => tx.swap('c', 30), { keys: ['c'] })
    gate.resolve()
    await first

    expect([busy, other]).toEqual([
      [true, true, false],
      [3, true],
    ])
  })

  test('takes them all at one time: crossing orders cannot deadlock', async () => {
    const store = numbers()
    const swap = (one: string, other: string) =>
      store.transaction(
        async (tx) => {
          const [a, b] = [tx.get(one) ?? 0, tx.get(other) ?? 0]
          await Promise.resolve()
          tx.set(one, b)
          tx.set(other, a)
        },
        { keys: [one, other] },
      )

    await Promise.all([swap('a', 'b'), swap('b', 'a'), swap('b', 'c'), swap('c', 'a'), swap('a', 'b')])

    expect(store.isBusy()).toBe(false)
    expect([...store.values()].sort()).toEqual([1, 2, 3])
  })

  test('a key twice, and any iterable, are fine', async () => {
    const store = numbers()

    await store.transaction((tx) => tx.set('a', 10), { keys: ['a', 'a'] })
    await store.transaction((tx) => tx.set('b', 20), { keys: new Set(['b']) })

    expect([...store.values()]).toEqual([10, 20, 3])
  })

  test('no keys at all touch nothing and wait for nobody on a key', async () => {
    const store = numbers()
    const gate = deferred()
    const running = store.update('a', async () => {
      await gate.promise
      return 1
    })

    const result = await store.transaction(() => 'done', { keys: [] })
    gate.resolve()
    await running

    expect(result).toBe('done')
  })

  const foreign: [name: string, use: (tx: Tx) => unknown][] = [
    ['get', (tx) => tx.get('b')],
    ['has', (tx) => tx.has('b')],
    ['set', (tx) => tx.set('b', 1)],
    ['delete', (tx) => tx.delete('b')],
    ['update', (tx) => tx.update('b', () => 1)],
    ['load', (tx) => tx.load('b')],
    ['loadOrStore', (tx) => tx.loadOrStore('b', 1)],
    ['loadAndDelete', (tx) => tx.loadAndDelete('b')],
    ['swap', (tx) => tx.swap('b', 1)],
    ['compareAndSwap', (tx) => tx.compareAndSwap('b', 2, 1)],
    ['compareAndDelete', (tx) => tx.compareAndDelete('b', 2)],
    [
      'setMany',
      (tx) =>
        tx.setMany([
          ['a', 1],
          ['b', 1],
        ]),
    ],
  ]
  const whole: [name: string, use: (tx: Tx) => unknown][] = [
    ['size', (tx) => tx.size],
    ['keys', (tx) => tx.keys()],
    ['values', (tx) => tx.values()],
    ['entries', (tx) => tx.entries()],
    ['iteration', (tx) => [...tx]],
    ['forEach', (tx) => tx.forEach(() => {})],
    ['clear', (tx) => tx.clear()],
    ['replace', (tx) => tx.replace([['a', 1]])],
  ]

  test.each(foreign)(
    '%s of another key throws KEY_NOT_IN_TRANSACTION, which names the key',
    async (_name, use) => {
      const store = numbers()

      const error = await store.transaction((tx) => thrownBy(() => use(tx)), { keys: ['a'] })

      expect(error).toMatchObject({ code: 'KEY_NOT_IN_TRANSACTION', message: expect.stringContaining('"b"') })
      expect([...store]).toEqual([...numbers()])
    },
  )

  test.each(whole)('%s, which needs the whole map, throws KEY_NOT_IN_TRANSACTION', async (_name, use) => {
    const store = numbers()

    const error = await store.transaction((tx) => thrownBy(() => use(tx)), { keys: ['a'] })

    expect(error).toMatchObject({ code: 'KEY_NOT_IN_TRANSACTION' })
    expect([...store]).toEqual([...numbers()])
  })

  test.each([...foreign, ...whole])(
    'F24: %s of a tx that has ended throws TRANSACTION_CLOSED',
    async (_name, use) => {
      const store = numbers()
      const kept: Tx[] = []
      const controller = new AbortController()
      await store.transaction((tx) => void kept.push(tx), { label: 'the payment' })
      await reasonOf(
        store.transaction((tx) => {
          kept.push(tx)
          throw new Error('no')
        }),
      )
      const running = store.transaction(
        (tx) => {
          kept.push(tx)
          return new Promise(() => {})
        },
        { signal: controller.signal },
      )
      controller.abort('enough')
      await reasonOf(running)

      const errors = kept.map((tx) => thrownBy(() => use(tx)))

      expect(errors.length).toBe(3)
      for (const error of errors) expect(error).toMatchObject({ code: 'TRANSACTION_CLOSED' })
      expect(errors[0]).toMatchObject({ message: expect.stringContaining('the payment') })
      expect([...store]).toEqual([...numbers()])
    },
  )

  test.each<[name: string, steps: number]>([
    ['before its first step', 0],
    ['in its middle', 1],
    ['at its end', 3],
  ])('F24: an iterator %s throws TRANSACTION_CLOSED once the transaction has ended', async (_name, steps) => {
    const store = numbers()
    const kept: Iterator<unknown>[] = []
    await store.transaction((tx) => {
      for (const iterator of [tx.keys(), tx.values(), tx.entries(), tx[Symbol.iterator]()]) {
        kept.push(iterator)
        for (let i = 0; i < steps; i++) iterator.next()
      }
    })

    const errors = kept.map((iterator) => thrownBy(() => iterator.next()))

    for (const error of errors) expect(error).toMatchObject({ code: 'TRANSACTION_CLOSED' })
  })

  test('an abort closes the draft at once, though the body runs on', async () => {
    const store = numbers()
    const controller = new AbortController()
    const gate = deferred()
    const late = deferred<unknown>()
    const running = store.transaction(
      async (tx) => {
        await gate.promise
        late.resolve(thrownBy(() => tx.set('a', 10)))
      },
      { signal: controller.signal },
    )

    controller.abort('enough')
    gate.resolve()

    expect(await reasonOf(running)).toBe('enough')
    expect(await late.promise).toMatchObject({ code: 'TRANSACTION_CLOSED' })
  })

  test('an abort in the body itself closes the draft under it', async () => {
    const store = numbers()
    const controller = new AbortController()
    const errors: unknown[] = []

    const reason = await reasonOf(
      store.transaction(
        (tx) => {
          controller.abort('enough')
          errors.push(thrownBy(() => tx.set('a', 10)))
        },
        { signal: controller.signal },
      ),
    )

    expect(reason).toBe('enough')
    expect(errors[0]).toMatchObject({ code: 'TRANSACTION_CLOSED' })
  })
})

describe('labels', () => {
  test('errors name the transaction by its label, or else by its method and keys', async () => {
    const store = numbers()
    const name = async (options: object) =>
      String(
        await store.transaction((tx) => thrownBy(() => tx.get('x')), {
          keys: ['a', 'b', 'c', 'd'],
          ...options,
        }),
      )

    const messages = [await name({ label: 'the payment' }), await name({})]

    expect(messages[0]).toContain('the payment')
    expect(messages[1]).toContain('transaction("a", "b", "c", …)')
  })
})
