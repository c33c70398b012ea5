import { createStore, type ErrorCode, type Store, TidemapError, transaction, when } from 'tidemap/store'
import { describe, expect, test } from 'vitest'
import { reasonOf, thrownBy } from '../support/failure.ts'
import { holdTurn } from '../support/held-turn.ts'

const numbers = (): Store<string, number> => createStore<string, number>([['a', 1]])

/** One way to come by every code of `tidemap/store`. */
const examples: [code: ErrorCode, provoke: () => Promise<unknown>, says: RegExp][] = [
  [
    'INVALID_ARGUMENT',
    () => reasonOf(numbers().update('a', 5 as never)),
    /recipe must be a function, got 5\./,
  ],
  [
    'LOCK_BUSY',
    async () => {
      const store = numbers()
      void holdTurn(store)
      return reasonOf(store.update('a', () => 2, { ifBusy: 'fail' }))
    },
    /"a".*ifBusy/,
  ],
  [
    'LOCK_REENTRANT',
    () => {
      const store = numbers()
      return reasonOf(store.transaction(() => void store.set('a', 2), { label: 'the payment' }))
    },
    /the payment.*tx/,
  ],
  [
    'SUPERSEDED',
    async () => {
      const store = numbers()
      const first = store.update('a', () => new Promise<number>(() => {}), { ifBusy: 'latest' })
      void store.update('a', () => 2, { ifBusy: 'latest' })
      return reasonOf(first)
    },
    /"a".*latest/,
  ],
  [
    'TRANSACTION_CLOSED',
    async () => {
      let kept: { get(key: string): unknown } | undefined
      await numbers().transaction((tx) => {
        kept = tx
      })
      return thrownBy(() => kept?.get('a'))
    },
    /transaction\(\).*has ended.*Await/,
  ],
  [
    'KEY_NOT_IN_TRANSACTION',
    () => reasonOf(numbers().transaction((tx) => tx.get('b'), { keys: ['a'], label: 'the payment' })),
    /the payment.*"b".*keys/,
  ],
  [
    'UPDATE_LOOP',
    async () => {
      const errors: unknown[] = []
      const store = createStore<string, number>([], { onError: (error) => errors.push(error) })
      store.subscribeKey('a', (a = 0) => void store.set('a', a + 1))
      await store.set('a', 1)
      return errors[0]
    },
    /1000.*"a"/,
  ],
  [
    'STORE_DISPOSED',
    () => {
      const store = numbers()
      store.dispose()
      return reasonOf(store.set('a', 2))
    },
    /disposed/,
  ],
]

describe('TidemapError', () => {
  test.each(examples)(
    '%s is reached, is one class with a literal code, and says what happened',
    async (code, provoke, says) => {
      const error = await provoke()

      expect(error).toBeInstanceOf(TidemapError)
      expect(error).toBeInstanceOf(Error)
      expect(error).toMatchObject({ name: 'TidemapError', code, message: expect.stringMatching(says) })
    },
  )

  test('F12: every rejection is a fresh error with the stack of its own call', async () => {
    const store = numbers()
    store.dispose()

    const [one, other] = [await reasonOf(store.set('a', 2)), await reasonOf(store.set('a', 2))]

    expect(one).not.toBe(other)
    expect(one).toMatchObject({ stack: expect.stringContaining('TidemapError') })
  })

  test('what waits at a dispose is rejected with an error each', async () => {
    const store = numbers()
    const holder = holdTurn(store)
    const writes = [store.set('a', 2), store.set('a', 3)].map(reasonOf)

    store.dispose()
    const [one, other] = await Promise.all(writes)

    expect(one).not.toBe(other)
    await holder.release()
  })

  test('takes a cause', () => {
    const cause = new Error('below')

    const error = new TidemapError('INVALID_ARGUMENT', 'above', { cause })

    expect(error.cause).toBe(cause)
  })
})

describe('messages', () => {
  const hostile = {
    toString() {
      throw new Error('toString was called')
    },
  }

  test.each<[name: string, key: unknown, shown: string]>([
    ['a text, in quotes', 'a "b"', '"a \\"b\\""'],
    ['a number', 5, '5'],
    ['a symbol', Symbol('id'), 'Symbol(id)'],
    ['a bigint', 5n, '5'],
    ['undefined', undefined, 'undefined'],
    ['an object, not by its own toString', hostile, '[object]'],
    ['a function, not by its own toString', Object.assign(() => 1, hostile), '[function]'],
    ['an object without a prototype', Object.create(null), '[object]'],
  ])('name a key that is %s', async (_name, key, shown) => {
    const store = createStore<unknown, number>()
    void holdTurn(store)

    const reason = await reasonOf(store.update(key, () => 1, { ifBusy: 'fail' }))

    expect(reason).toMatchObject({ code: 'LOCK_BUSY', message: expect.stringContaining(`update(${shown})`) })
  })

  test.each<[says: string, provoke: () => unknown]>([
    ['entries must be an iterable of [key, value]', () => reasonOf(numbers().setMany(5 as never))],
    ['entries must be an iterable of [key, value]', () => reasonOf(numbers().setMany(['ab'] as never))],
    ['entries must be entries or a plain object', () => thrownBy(() => createStore(5 as never))],
    [
      'options.keys must be an iterable of keys',
      () => reasonOf(numbers().transaction(() => {}, { keys: 5 as never })),
    ],
    [
      "options.promotion must be 'commit', 'misses' or a function",
      () => thrownBy(() => createStore([], { promotion: 'often' as never })),
    ],
    [
      'options.stallAfterMs must be a positive number of milliseconds',
      () => thrownBy(() => createStore([], { stallAfterMs: -1 })),
    ],
    ['The listener must be a function', () => thrownBy(() => numbers().subscribe(5 as never))],
    ['store must be a store of tidemap', () => reasonOf(when(new Map() as never, 'a', () => true))],
    ['The predicate must be a function', () => reasonOf(when(numbers(), 'a', 5 as never))],
    [
      'The listener must be a function',
      () => thrownBy(() => numbers().subscribeKey('a', 5 as never, Object.is)),
    ],
    ['equal must be a function', () => thrownBy(() => numbers().subscribeKey('a', () => {}, 5 as never))],
    ['The selector must be a function', () => thrownBy(() => numbers().select(5 as never))],
    ['equal must be a function', () => thrownBy(() => numbers().select(() => 1, 5 as never))],
    [
      'The listener must be a function',
      () =>
        thrownBy(() =>
          numbers()
            .select(() => 1)
            .subscribe(5 as never),
        ),
    ],
    ['options.signal must be an AbortSignal', () => reasonOf(numbers().set('a', 2, { signal: 5 as never }))],
    [
      'options.ifBusy must be one of queue,latest,skip,fail',
      () => reasonOf(numbers().set('a', 2, { ifBusy: 'soon' as never })),
    ],
    [
      'options.optimistic must be a function',
      () => reasonOf(numbers().update('a', () => 2, { optimistic: 5 as never })),
    ],
    [
      'options.optimistic must be a function',
      () => reasonOf(numbers().transaction(() => {}, { optimistic: 5 as never })),
    ],
    ['The body of batch must be synchronous', () => reasonOf(numbers().batch(async () => {}))],
  ])('of INVALID_ARGUMENT say which argument, and what it must be: %s', async (says, provoke) => {
    expect(await provoke()).toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining(`${says}, got `),
    })
  })

  const options = { ifBusy: 'fail' } as const
  test.each<[call: string, write: (store: Store<string, number>) => Promise<unknown>]>([
    ['set("a")', (store) => store.set('a', 2, options)],
    ['delete("a")', (store) => store.delete('a', options)],
    ['setMany("a", "b")', (store) => store.setMany(Object.entries({ a: 2, b: 3 }), options)],
    ['replace()', (store) => store.replace([], options)],
    ['clear()', (store) => store.clear(options)],
    ['update("a")', (store) => store.update('a', () => 2, options)],
    ['transaction()', (store) => store.transaction(() => {}, options)],
    ['swap("a")', (store) => store.swap('a', 2, options)],
    ['loadOrStore("a")', (store) => store.loadOrStore('a', 2, options)],
    ['loadAndDelete("a")', (store) => store.loadAndDelete('a', options)],
    ['compareAndSwap("a")', (store) => store.compareAndSwap('a', 1, 2, options)],
    ['compareAndDelete("a")', (store) => store.compareAndDelete('a', 1, options)],
  ])('name the call that failed: %s', async (call, write) => {
    const store = numbers()
    void holdTurn(store)

    const reason = await reasonOf(write(store))

    expect(reason).toMatchObject({ message: expect.stringContaining(`${call} is busy`) })
  })

  test('name no more than three keys', async () => {
    const store = numbers()

    const error = await store.transaction((tx) => thrownBy(() => tx.get('x')), { keys: ['a', 'b', 'c', 'd'] })

    expect(String(error)).toContain('transaction("a", "b", "c", …)')
  })

  test('what the caller gave is never wrapped', async () => {
    const store = numbers()
    const error = new RangeError('mine')

    const reasons = [
      await reasonOf(
        store.update('a', () => {
          throw error
        }),
      ),
      await reasonOf(store.transaction(() => Promise.reject(error))),
      await reasonOf(store.set('a', Promise.reject(error))),
      await reasonOf(store.set('a', 2, { signal: AbortSignal.abort(error) })),
      await reasonOf(transaction([store], () => Promise.reject(error))),
    ]

    for (const reason of reasons) expect(reason).toBe(error)
  })
})
