import { createStore, type Store } from 'tidemap/store'
import { describe, expect, test, vi } from 'vitest'
import { deferred } from '../support/deferred.ts'
import { reasonOf } from '../support/failure.ts'
import { holdTurn } from '../support/held-turn.ts'
import { isSettled } from '../support/settled.ts'
import { beforeTheWrite, writeMethods } from '../support/write-methods.ts'

const example = (): Store<string, number> => createStore(beforeTheWrite)

describe('a write whose turn is free', () => {
  test.each(writeMethods)(
    '$name is applied and published before the call returns (S3)',
    async ({ example: write, after, result }) => {
      const store = example()
      const before = store.view
      const heard: unknown[] = []
      store.subscribe((view) => heard.push([...view]))

      const promise = write(store)

      expect([...store]).toEqual(after)
      expect([...before]).toEqual(beforeTheWrite)
      expect(heard).toEqual([after])
      expect(isSettled(promise)).toBe(true)
      expect(store.isBusy()).toBe(false)
      expect(await promise).toEqual(result)
    },
  )

  test.each(writeMethods)(
    '$name is one promotion, and one round that is told when its turn is given back (S4)',
    ({ example: write }) => {
      const store = example()
      const busy: boolean[] = []
      store.subscribe(() => busy.push(store.isBusy()))
      const { promotions } = store.inspect()

      void write(store)

      expect(busy).toEqual([false])
      expect(store.inspect().promotions).toBe(promotions + 1)
    },
  )
})

describe('a write whose turn is held', () => {
  test.each(writeMethods)(
    '$name waits for its turn and is confirmed then',
    async ({ example: write, after, result }) => {
      const store = example()
      const holder = holdTurn(store)

      const promise = write(store)
      const early = [isSettled(promise), [...store.confirmed]]
      await holder.release()

      expect(await promise).toEqual(result)
      expect(early).toEqual([false, beforeTheWrite])
      expect([...store.confirmed]).toEqual(after)
      expect(store.confirmed).toBe(store.view)
      expect(store.isBusy()).toBe(false)
    },
  )

  test.each(writeMethods)(
    '$name shows what it will be: at once where it is plain, else in its turn',
    async ({ example: write, after, isPlain }) => {
      const store = example()
      const holder = holdTurn(store)

      const promise = write(store)

      expect([...store]).toEqual(isPlain ? after : beforeTheWrite)
      await holder.release()
      await promise
      expect([...store]).toEqual(after)
    },
  )

  test.each(writeMethods)(
    '$name goes on at once where only other keys are held',
    ({ example: write, name }) => {
      const takesTheMap = ['clear', 'replace', 'transaction', 'batch'].includes(name)
      const store = example()
      holdTurn(store, ['z'])

      const promise = write(store)

      expect(isSettled(promise)).toBe(!takesTheMap)
    },
  )

  test('S2: writers of all kinds take their turns in the order of their calls', async () => {
    const store = createStore<string, number>([['a', 0]])
    const holder = holdTurn(store)
    const order: string[] = []
    const done = (name: string) => () => void order.push(name)

    const all = [
      store.update('a', () => 1).then(done('update')),
      store.set('a', 2).then(done('set')),
      store.transaction((tx) => tx.set('a', 3)).then(done('transaction')),
      store.swap('a', 4).then(done('swap')),
      store.clear().then(done('clear')),
      store.loadOrStore('a', 5).then(done('loadOrStore')),
      store.load('a').then(done('load')),
      store.batch((tx) => tx.set('a', 6)).then(done('batch')),
      store.compareAndSwap('a', 6, 7).then(done('compareAndSwap')),
      store.setMany([['a', 8]]).then(done('setMany')),
      store.delete('a').then(done('delete')),
    ]
    await holder.release()
    await Promise.all(all)

    expect(order).toEqual([
      'update',
      'set',
      'transaction',
      'swap',
      'clear',
      'loadOrStore',
      'load',
      'batch',
      'compareAndSwap',
      'setMany',
      'delete',
    ])
  })

  test('S1: of the writers of one key one runs at a time', async () => {
    const store = createStore<string, number>()
    let running = 0
    let most = 0
    const body = async () => {
      most = Math.max(most, ++running)
      await Promise.resolve()
      await Promise.resolve()
      running--
      return 1
    }

    await Promise.all([
      store.update('a', body),
      store.transaction(body),
      store.transaction(body, { keys: ['b', 'a'] }),
      store.update('a', body),
      store.transaction(body, { keys: ['a'] }),
    ])

    expect(most).toBe(1)
  })

  test('S3: a write never overtakes one that waits, not even for the whole map', async () => {
    const store = createStore<string, number>()
    const holder = holdTurn(store, ['a'])
    const order: string[] = []

    const whole = store.transaction(() => void order.push('the whole map'))
    const other = store.update('b', () => {
      order.push('another key')
      return 1
    })
    await holder.release()
    await Promise.all([whole, other])

    expect(order).toEqual(['the whole map', 'another key'])
  })
})

describe('Go’s operations', () => {
  test('on a key that is there', async () => {
    const store = createStore<string, number>([['a', 1]])

    const results = [
      await store.load('a'),
      await store.loadOrStore('a', 2),
      await store.compareAndSwap('a', 5, 6),
      await store.compareAndSwap('a', 1, 6),
      await store.swap('a', 7),
      await store.compareAndDelete('a', 6),
      await store.loadAndDelete('a'),
    ]

    expect(results).toEqual([[1, true], [1, true], false, true, [6, true], false, [7, true]])
    expect(store.size).toBe(0)
  })

  test('F18: on a key that is absent, which equals nothing, not even undefined', async () => {
    const store = createStore<string, number | undefined>()

    const results = [
      await store.load('a'),
      await store.loadAndDelete('a'),
      await store.compareAndSwap('a', undefined, 1),
      await store.compareAndDelete('a', undefined),
      await store.swap('a', undefined),
      await store.compareAndSwap('a', undefined, 1),
      await store.loadOrStore('b', undefined),
      await store.compareAndDelete('b', undefined),
    ]

    expect(results).toEqual([
      [undefined, false],
      [undefined, false],
      false,
      false,
      [undefined, false],
      true,
      [undefined, false],
      true,
    ])
    expect([...store]).toEqual([['a', 1]])
  })

  test('loadOrStore takes a function as a value', async () => {
    const value = vi.fn()
    const store = createStore<string, () => void>()

    const [actual, loaded] = await store.loadOrStore('a', value)

    expect([actual === value, loaded, store.get('a') === value]).toEqual([true, false, true])
    expect(value).not.toHaveBeenCalled()
  })

  test('load waits for the writers of its key that came before it, and for no others', async () => {
    const store = createStore<string, number>([['a', 0]])
    const gate = deferred()
    const order: string[] = []
    const first = store.update('a', async (a = 0) => {
      await gate.promise
      return a + 1
    })
    holdTurn(store, ['b'])

    const loaded = store.load('a').then((found) => order.push(`load ${found}`))
    const second = store.update('a', (a = 0) => a + 1).then(() => order.push('second'))
    const other = await store.load('c')
    gate.resolve()
    await Promise.all([first, loaded, second])

    expect(order).toEqual(['load 1,true', 'second'])
    expect(other).toEqual([undefined, false])
    expect(store.get('a')).toBe(2)
  })

  test('load of a free key is answered before it returns', () => {
    const store = createStore<string, number>([['a', 0]])

    const promise = store.load('a')

    expect(isSettled(promise)).toBe(true)
  })

  test('get never waits and never sees what a writer has not committed (S8)', async () => {
    const store = createStore<string, number>([['a', 0]])
    const gate = deferred()
    const updated = store.transaction(async (tx) => {
      tx.set('a', 1)
      await gate.promise
    })

    const early = [store.get('a'), store.view.get('a'), store.confirmed.get('a')]
    gate.resolve()
    await updated

    expect(early).toEqual([0, 0, 0])
    expect(store.get('a')).toBe(1)
  })
})

describe('set of a promise', () => {
  test('takes its turn now: the order of calls decides, not the order of arrival', async () => {
    const store = createStore<string, string>()
    const [slow, fast] = [deferred<string>(), deferred<string>()]

    const first = store.set('a', slow.promise)
    const second = store.set('a', fast.promise)
    fast.resolve('second')
    await Promise.resolve()
    slow.resolve('first')
    await Promise.all([first, second])

    expect(store.get('a')).toBe('second')
  })

  test('shows nothing until it has arrived, and other keys go on', async () => {
    const store = createStore<string, string>()
    const later = deferred<string>()

    const promise = store.set('a', later.promise)
    await store.set('b', 'now')
    const early = [store.has('a'), store.isBusy('a'), store.isBusy('b'), store.get('b')]
    later.resolve('then')
    await promise

    expect(early).toEqual([false, true, false, 'now'])
    expect(store.get('a')).toBe('then')
  })

  test('a rejection stores nothing, rejects the returned promise as it is, and hinders nobody', async () => {
    const store = createStore<string, string>([['a', 'old']])
    const before = store.view
    const error = new Error('offline')
    const first = deferred<string>()

    const rejected = store.set('a', first.promise)
    const loaded = store.load('a')
    first.reject(error)

    expect(await reasonOf(rejected)).toBe(error)
    expect(await loaded).toEqual(['old', true])
    expect(store.view).toBe(before)
    expect(store.isBusy()).toBe(false)
  })

  test('F53: a thenable is waited for as a promise is', async () => {
    const store = createStore<string, string>()
    const thenable: PromiseLike<string> = {
      // biome-ignore lint/suspicious/noThenProperty: a thenable is what this is about
      then: (onResolve, onReject) => Promise.resolve('from afar').then(onResolve, onReject),
    }

    await store.set('a', thenable)

    expect(store.get('a')).toBe('from afar')
  })

  test('of a promise that rejects while it waits for its turn makes no unhandled rejection of its own', async () => {
    const store = createStore<string, string>()
    const holder = holdTurn(store)
    const error = new Error('offline')

    const promise = store.set('a', Promise.reject(error))
    const reason = reasonOf(promise)
    await Promise.resolve()
    await holder.release()

    expect(await reason).toBe(error)
  })
})

describe('promise-like values with a hostile then', () => {
  const throwing = (): unknown =>
    Object.defineProperty({}, 'then', {
      get() {
        throw new Error('no then for you')
      },
    })
  const hostile: [name: string, value: () => unknown, message: string][] = [
    ['a getter that throws', throwing, 'no then for you'],
    [
      'a method that throws',
      () => ({
        // biome-ignore lint/suspicious/noThenProperty: a thenable is what this is about
        then() {
          throw new Error('thrown by then')
        },
      }),
      'thrown by then',
    ],
    [
      'a native promise with a method of its own that throws',
      () =>
        Object.assign(Promise.resolve(1), {
          // biome-ignore lint/suspicious/noThenProperty: a thenable is what this is about
          then() {
            throw new Error('thrown by own then')
          },
        }),
      'thrown by own then',
    ],
  ]

  test.each(hostile)('set of %s rejects and leaves the key free', async (_name, value, message) => {
    const store = createStore<string, unknown>([['a', 0]])

    const reason = await reasonOf(store.set('a', value()))

    expect(reason).toMatchObject({ message })
    expect([store.get('a'), store.isBusy()]).toEqual([0, false])
  })

  test.each(hostile)(
    'an update that returns %s rejects and leaves the key free',
    async (_name, value, message) => {
      const store = createStore<string, unknown>([['a', 0]])

      const reason = await reasonOf(store.update('a', () => value()))

      expect(reason).toMatchObject({ message })
      expect([store.get('a'), store.isBusy()]).toEqual([0, false])
      await store.update('a', () => 1)
      expect(store.get('a')).toBe(1)
    },
  )

  test.each(hostile)(
    'a transaction and a batch that return %s are rolled back',
    async (_name, value, message) => {
      const store = createStore<string, unknown>([['a', 0]])
      const before = store.view
      const body = (tx: { set(key: string, next: unknown): void }) => {
        tx.set('a', 1)
        return value()
      }

      const reasons = [await reasonOf(store.transaction(body)), await reasonOf(store.batch(body))]

      expect(reasons[0]).toMatchObject({ message })
      expect(reasons[1]).toBeInstanceOf(Error)
      expect(store.view).toBe(before)
      expect(store.isBusy()).toBe(false)
    },
  )

  test('T1: one that resolves twice, and rejects, counts once', async () => {
    const store = createStore<string, number>()
    const greedy: PromiseLike<number> = {
      // biome-ignore lint/suspicious/noThenProperty: a thenable is what this is about
      then(onResolve, onReject) {
        void onResolve?.(1)
        void onResolve?.(2)
        void onReject?.(new Error('too late'))
        return Promise.reject(new Error('nobody looks')).catch(() => {}) as never
      },
    }

    await store.set('a', greedy)
    await store.update('b', () => greedy)

    expect([...store]).toEqual([
      ['a', 1],
      ['b', 1],
    ])
  })

  test('S1: one that never settles holds its turn until it is aborted, and no longer', async () => {
    const store = createStore<string, number>()
    const controller = new AbortController()
    // biome-ignore lint/suspicious/noThenProperty: a thenable is what this is about
    const never = { then() {} } as unknown as PromiseLike<number>

    const stuck = store.set('a', never, { signal: controller.signal })
    const next = store.update('a', () => 1)
    controller.abort('enough')

    expect(await reasonOf(stuck)).toBe('enough')
    expect(await next).toBe(1)
  })
})

describe('arguments are checked where they enter', () => {
  const wrong = (value: unknown) => value as never
  const calls: [name: string, (store: Store<string, number>) => Promise<unknown>][] = [
    ['setMany of no iterable', (store) => store.setMany(wrong(5))],
    ['setMany of null', (store) => store.setMany(wrong(null))],
    ['setMany of entries that are no pairs', (store) => store.setMany(wrong(['ab']))],
    ['replace of no iterable', (store) => store.replace(wrong({}))],
    ['F27: update with a value in the place of the recipe', (store) => store.update('a', wrong(5))],
    ['F27: update without a recipe', (store) => store.update('a', wrong(undefined))],
    ['update with an unknown ifBusy', (store) => store.update('a', () => 1, wrong({ ifBusy: 'perhaps' }))],
    ['transaction without a body', (store) => store.transaction(wrong(undefined))],
    [
      'transaction with keys that are no iterable',
      (store) => store.transaction(() => {}, wrong({ keys: 5 })),
    ],
    ['batch without a body', (store) => store.batch(wrong(null))],
    ['update with a signal that is none', (store) => store.update('a', () => 1, wrong({ signal: {} }))],
    ['set with a signal that is none', (store) => store.set('a', 9, wrong({ signal: 'now' }))],
    ['transaction with a signal that is none', (store) => store.transaction(() => {}, wrong({ signal: 1 }))],
  ]

  test.each(calls)('%s rejects with INVALID_ARGUMENT, and nothing has happened', async (_name, call) => {
    const store = example()
    const before = store.view

    const reason = await reasonOf(call(store))

    expect(reason).toMatchObject({ code: 'INVALID_ARGUMENT' })
    expect(store.view).toBe(before)
    expect([store.isBusy(), store.inspect().waiting]).toEqual([false, 0])
  })

  test('entries that throw reject with their own error, before anything is written', async () => {
    const store = example()
    const before = store.view
    const error = new Error('half way')
    const entries = function* (): Generator<[string, number]> {
      yield ['a', 9]
      throw error
    }

    const reasons = [await reasonOf(store.setMany(entries())), await reasonOf(store.replace(entries()))]

    expect(reasons).toEqual([error, error])
    expect(store.view).toBe(before)
  })

  test('keys that throw reject with their own error', async () => {
    const store = example()
    const error = new Error('no keys')
    const keys: Iterable<string> = {
      [Symbol.iterator]() {
        throw error
      },
    }

    const reason = await reasonOf(store.transaction(() => {}, { keys }))

    expect(reason).toBe(error)
    expect(store.isBusy()).toBe(false)
  })
})

test.each(['free', 'taken'])(
  'delete of a key that is not there resolves to false where its turn is %s',
  async (turn) => {
    const store = createStore<string, number>()
    const holder = turn === 'taken' ? holdTurn(store) : undefined

    const deleted = store.delete('a')
    await holder?.release()

    expect(await deleted).toBe(false)
  },
)

test.each(['free', 'taken'])(
  'a value that refuses to be looked at rejects the write where its turn is %s',
  async (turn) => {
    const error = new Error('not mine to show')
    const value = new Proxy(
      {},
      {
        getPrototypeOf() {
          throw error
        },
      },
    )
    const store = createStore<string, object>()
    const holder = turn === 'taken' ? holdTurn(store) : undefined

    expect(await reasonOf(store.set('a', value))).toBe(error)
    expect([store.has('a'), store.inspect().waiting]).toEqual([false, 0])
    await holder?.release()
  },
)
