import { createStore, type Store, type StoreOptions, type Transaction, transaction } from 'tidemap/store'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { deferred } from '../support/deferred.ts'
import { reasonOf, thrownBy } from '../support/failure.ts'
import { holdTurn } from '../support/held-turn.ts'
import { isSettled } from '../support/settled.ts'

const numbers = (a: number, options?: StoreOptions<number>): Store<string, number> =>
  createStore<string, number>([['a', a]], options)

describe('a transaction over several stores', () => {
  test('gives a tx of each store, in their order, and commits in all of them in one step', async () => {
    const [stock, cart] = [numbers(3), createStore<string, string>([['a', 'none']])]
    const seen: unknown[] = []
    const look = () => seen.push([stock.get('a'), cart.get('a')])
    stock.subscribe(look)
    cart.subscribe(look)

    const result = await transaction([stock, cart], async (from, to) => {
      from.set('a', (from.get('a') ?? 0) - 1)
      await Promise.resolve()
      look()
      to.set('a', 'one')
      return 'done'
    })

    expect(result).toBe('done')
    expect(seen).toEqual([
      [3, 'none'],
      [2, 'one'],
      [2, 'one'],
    ])
  })

  test('where all are free and nothing is awaited it has ended when the call returns', () => {
    const [one, other] = [numbers(1), numbers(2)]

    const done = transaction([one, other], (first, second) => {
      first.set('a', 10)
      second.set('a', 20)
    })

    expect([one.get('a'), other.get('a'), isSettled(done), one.isBusy(), other.isBusy()]).toEqual([
      10,
      20,
      true,
      false,
      false,
    ])
  })

  test('waits for every one of them, and holds them all until its end', async () => {
    const [one, other, third] = [numbers(1), numbers(2), numbers(3)]
    const holders = [holdTurn(one), holdTurn(other, ['a'])]
    const gate = deferred()
    const body = vi.fn(() => gate.promise)

    const done = transaction([one, other], body)
    const calls = [body.mock.calls.length]
    await holders[0]?.release()
    calls.push(body.mock.calls.length)
    await holders[1]?.release()
    await Promise.resolve()
    calls.push(body.mock.calls.length)
    const busy = [one.isBusy('x'), other.isBusy('x'), third.isBusy('x')]
    gate.resolve()
    await done

    expect([calls, busy]).toEqual([
      [0, 0, 1],
      [true, true, false],
    ])
    expect([one.isBusy(), other.isBusy()]).toEqual([false, false])
  })

  test('T3: crossing orders do not deadlock, and lose nothing', async () => {
    const stores = [numbers(0), numbers(0), numbers(0)] as const
    const add = (...picked: (0 | 1 | 2)[]) =>
      transaction(
        picked.map((i) => stores[i]),
        async (...txs) => {
          const values = txs.map((tx) => tx.get('a') ?? 0)
          await Promise.resolve()
          for (const [i, tx] of txs.entries()) tx.set('a', (values[i] ?? 0) + 1)
        },
      )

    await Promise.all([add(0, 1), add(1, 0), add(1, 2), add(2, 0), add(2, 1, 0), add(0), add(0, 2)])

    expect(stores.map((store) => store.get('a'))).toEqual([6, 4, 4])
    expect(stores.map((store) => store.isBusy())).toEqual([false, false, false])
  })

  test('listeners of one store that write to another have their rounds after its own', async () => {
    const [one, other] = [numbers(1), numbers(2)]
    const heard: unknown[] = []
    one.subscribeKey('a', () => void other.set('a', 30))
    other.subscribeKey('a', (value, previous) => heard.push([previous, value]))

    await transaction([one, other], (first, second) => {
      first.set('a', 10)
      second.set('a', 20)
    })

    expect(heard).toEqual([
      [2, 20],
      [20, 30],
    ])
  })

  test('over one store, and over none, is fine', async () => {
    const store = numbers(1)

    await transaction([store], (tx) => tx.set('a', 2))
    const result = await transaction([], () => 'nothing')

    expect([store.get('a'), result]).toEqual([2, 'nothing'])
  })
})

test('when a transaction over several stores has ended, each of them is idle', async () => {
  const stores = [createStore<string, number>(), createStore<string, number>()]

  await transaction(stores, async () => {})

  for (const store of stores) expect(isSettled(store.idle())).toBe(true)
})

describe('a transaction over several stores that fails', () => {
  test.each<[name: string, fail: (controller: AbortController) => unknown]>([
    [
      'throws',
      () => {
        throw 'enough' as unknown as Error
      },
    ],
    ['rejects', () => Promise.reject('enough')],
    [
      'is aborted',
      (controller) => {
        queueMicrotask(() => controller.abort('enough'))
        return new Promise(() => {})
      },
    ],
  ])('F23: that %s leaves nothing in any of them', async (_name, fail) => {
    const [one, other] = [numbers(1), numbers(2)]
    const views = [one.view, other.view]
    const controller = new AbortController()
    const kept: { get(key: string): unknown }[] = []

    const done = transaction(
      [one, other],
      (first, second) => {
        kept.push(first, second)
        first.set('a', 10)
        second.delete('a')
        return fail(controller)
      },
      { signal: controller.signal },
    )

    expect(await reasonOf(done)).toBe('enough')
    expect([one.view, other.view].map((view, i) => view === views[i])).toEqual([true, true])
    expect([one.isBusy(), other.isBusy()]).toEqual([false, false])
    for (const tx of kept) expect(thrownBy(() => tx.get('a'))).toMatchObject({ code: 'TRANSACTION_CLOSED' })
  })

  test('all or nothing: an `equal` of the second store that throws keeps the first from committing', async () => {
    const error = new Error('cannot compare')
    const one = numbers(1)
    const other = numbers(2, {
      equal: () => {
        throw error
      },
    })
    const before = one.view

    const reason = await reasonOf(
      transaction([one, other], (first, second) => {
        first.set('a', 10)
        second.set('a', 20)
      }),
    )

    expect(reason).toBe(error)
    expect(one.view).toBe(before)
    expect([one.isBusy(), other.isBusy()]).toEqual([false, false])
  })

  test('aborted while it waits for one store, it leaves the line of the others too', async () => {
    const [one, other] = [numbers(1), numbers(2)]
    const holder = holdTurn(other)
    const controller = new AbortController()
    const body = vi.fn()

    const done = transaction([one, other], body, { signal: controller.signal })
    const next = one.update('a', () => 10)
    const waited = isSettled(next)
    controller.abort('enough')

    expect(await reasonOf(done)).toBe('enough')
    expect([waited, await next]).toEqual([false, 10])
    await holder.release()
    expect(body).not.toHaveBeenCalled()
  })

  test('where one of them is disposed it is refused, and nobody is held', async () => {
    const [one, other] = [numbers(1), numbers(2)]
    other.dispose()
    const body = vi.fn()

    const reason = await reasonOf(transaction([one, other], body))

    expect(reason).toMatchObject({ code: 'STORE_DISPOSED' })
    expect(body).not.toHaveBeenCalled()
    expect(one.isBusy()).toBe(false)
  })

  test('disposed while it waits, it is rejected and lets go of the others', async () => {
    const [one, other] = [numbers(1), numbers(2)]
    const holder = holdTurn(other)

    const done = transaction([one, other], () => {})
    other.dispose()

    expect(await reasonOf(done)).toMatchObject({ code: 'STORE_DISPOSED' })
    expect(one.isBusy()).toBe(false)
    await holder.release()
  })
})

describe('what it is given', () => {
  const wrong = (value: unknown) => value as never

  test.each<[name: string, call: (store: Store<string, number>) => Promise<unknown>, says: RegExp]>([
    ['a store that is named twice', (store) => transaction([store, store], () => {}), /stores.*different/],
    ['something that is no store', (store) => transaction([store, wrong(new Map())], () => {}), /stores/],
    ['something that is no object', (store) => transaction([store, wrong('x')], () => {}), /stores/],
    ['null', () => transaction([wrong(null)], () => {}), /stores/],
    ['no list of stores', () => transaction(wrong(undefined), () => {}), /stores.*array/],
    ['a store in the place of the list', (store) => transaction(wrong(store), () => {}), /stores.*array/],
    ['no body', (store) => transaction([store], wrong(undefined)), /body of transaction/],
    ['a signal that is none', (store) => transaction([store], () => {}, wrong({ signal: {} })), /signal/],
  ])('%s is refused with INVALID_ARGUMENT, and told so', async (_name, call, says) => {
    const store = numbers(1)

    const reason = await reasonOf(call(store))

    expect(reason).toMatchObject({ code: 'INVALID_ARGUMENT', message: expect.stringMatching(says) })
    expect(store.isBusy()).toBe(false)
  })

  test('without a label errors call it transaction, and what it shows options.optimistic of it', async () => {
    const errors: unknown[] = []
    const [one, other] = [numbers(1, { onError: (error) => errors.push(error) }), numbers(2)]
    const holder = holdTurn(one)
    const busy = await reasonOf(transaction([one, other], () => {}, { ifBusy: 'fail' }))

    const done = transaction([one, other], () => {}, {
      optimistic: [() => void one.set('a', 5), undefined],
    })
    await holder.release()
    await done

    expect(String(busy)).toContain('transaction() is busy')
    expect(errors.map(String)).toEqual([
      expect.stringContaining('options.optimistic[0] of transaction would wait for itself'),
    ])
  })

  test('its label is its name in errors', async () => {
    let kept: { get(key: string): unknown } | undefined
    await transaction(
      [numbers(1)],
      (tx) => {
        kept = tx
      },
      { label: 'the transfer' },
    )

    expect(thrownBy(() => kept?.get('a'))).toMatchObject({ message: expect.stringContaining('the transfer') })
  })

  test('a signal that is aborted already: the body is not called', async () => {
    const body = vi.fn()

    const reason = await reasonOf(transaction([numbers(1)], body, { signal: AbortSignal.abort('early') }))

    expect(reason).toBe('early')
    expect(body).not.toHaveBeenCalled()
  })
})

describe('stores of different copies of the package', () => {
  afterEach(() => vi.resetModules())

  test('work together: a store is told by its brand, never by its class', async () => {
    const here = numbers(1)
    vi.resetModules()
    const copy = await import('tidemap/store')
    const there = copy.createStore<string, number>([['a', 2]])
    const heard: unknown[] = []
    here.subscribeKey('a', (value) => heard.push(['here', value, there.get('a')]))
    there.subscribeKey('a', (value) => heard.push(['there', value, here.get('a')]))

    await transaction([here, there], async (first, second) => {
      await Promise.resolve()
      first.set('a', 10)
      second.set('a', 20)
    })
    await copy.transaction([here, there], (first, second) => {
      first.set('a', 11)
      second.set('a', 21)
    })

    expect(copy.createStore).not.toBe(createStore)
    expect(heard).toEqual([
      ['here', 10, 20],
      ['there', 20, 10],
      ['here', 11, 21],
      ['there', 21, 11],
    ])
  })
})

describe('ifBusy over several stores', () => {
  const pair = () => [numbers(1), numbers(2)] as const
  const add = (by: number) => (tx: Transaction<string, number>) => void tx.update('a', (n = 0) => n + by)

  test.each([0, 1])("'skip' does nothing where a turn of store %i is taken, in any of them", async (busy) => {
    const stores = pair()
    const holder = holdTurn(stores[busy]!, ['other key'])
    const body = vi.fn()

    const done = transaction(stores, body, { ifBusy: 'skip' })

    expect(await done).toBeUndefined()
    expect(body).not.toHaveBeenCalled()
    expect(stores.map((store) => store.inspect().waiting)).toEqual([0, 0])
    await holder.release()
  })

  test.each([0, 1])("'fail' rejects with LOCK_BUSY where a turn of store %i is taken", async (busy) => {
    const stores = pair()
    const holder = holdTurn(stores[busy]!, ['other key'])

    const done = reasonOf(transaction(stores, () => 5, { ifBusy: 'fail', label: 'both' }))

    expect(await done).toMatchObject({ code: 'LOCK_BUSY', message: expect.stringContaining('both') })
    await holder.release()
  })

  test.each(['skip', 'fail', 'latest', 'queue'] as const)("'%s' runs where all are free", (ifBusy) => {
    const stores = pair()

    void transaction(stores, (a, b) => [a.set('a', 5), b.set('a', 6)], { ifBusy })

    expect(stores.map((store) => store.get('a'))).toEqual([5, 6])
  })

  test("'latest' ends the one before it in all of its stores, whichever they share, and rolls it back (F4)", async () => {
    const [one, two, three] = [numbers(1), numbers(2), numbers(3)]
    const gate = deferred()
    const signals: AbortSignal[] = []
    const first = reasonOf(
      transaction(
        [one, two],
        async (a, b) => {
          signals.push(a.signal)
          a.set('a', 10)
          b.set('a', 20)
          await gate.promise
        },
        { ifBusy: 'latest' },
      ),
    )

    await transaction([two, three], (b, c) => [b.set('a', 200), c.set('a', 300)], { ifBusy: 'latest' })
    gate.resolve()

    expect(await first).toMatchObject({ code: 'SUPERSEDED' })
    expect(signals.map(({ aborted }) => aborted)).toEqual([true])
    expect([one, two, three].map((store) => store.get('a'))).toEqual([1, 200, 300])
    expect([one, two, three].map((store) => store.isBusy())).toEqual([false, false, false])
  })

  test("'latest' ends, and is ended by, 'latest' writers of a key of one of the stores", async () => {
    const [one, two] = pair()
    const gate = deferred<number>()
    const before = reasonOf(one.update('a', () => gate.promise, { ifBusy: 'latest' }))
    const both = reasonOf(transaction([one, two], () => gate.promise, { ifBusy: 'latest' }))
    const after = two.update('a', () => 7, { ifBusy: 'latest' })
    gate.resolve(0)

    expect(await before).toMatchObject({ code: 'SUPERSEDED' })
    expect(await both).toMatchObject({ code: 'SUPERSEDED' })
    expect(await after).toBe(7)
    expect([one.get('a'), two.get('a')]).toEqual([1, 7])
  })

  test("a 'latest' whose aborts dispose one of its stores leaves no trace in the others (F28)", async () => {
    const [one, two] = pair()
    const gate = deferred()
    const first = reasonOf(
      transaction(
        [one],
        (a) => {
          a.signal.addEventListener('abort', () => two.dispose())
          return gate.promise
        },
        { ifBusy: 'latest' },
      ),
    )

    const second = reasonOf(transaction([one, two], () => 5, { ifBusy: 'latest' }))
    const third = one.update('a', () => 9, { ifBusy: 'latest' })

    expect(await first).toMatchObject({ code: 'SUPERSEDED' })
    expect(await second).toMatchObject({ code: 'STORE_DISPOSED' })
    expect(await third).toBe(9)
  })

  test('a word that is none rejects with INVALID_ARGUMENT', async () => {
    const options = { ifBusy: 'later' as 'queue' }

    expect(await reasonOf(transaction(pair(), () => 5, options))).toMatchObject({ code: 'INVALID_ARGUMENT' })
  })

  describe('optimistic', () => {
    test('shows a recipe for each store in one step, and confirms them in one step (S4)', async () => {
      const [one, two] = pair()
      const gate = deferred()
      const seen: unknown[] = []
      const look = () => seen.push([one.get('a'), two.get('a')])
      one.subscribe(look)
      two.subscribe(look)

      const done = transaction(
        [one, two],
        async (a, b) => {
          await gate.promise
          a.set('a', 11)
          b.set('a', 12)
        },
        { optimistic: [add(10), add(10)] },
      )
      const pending = [one.isPending('a'), two.isPending('a'), one.confirmed.get('a'), two.confirmed.get('a')]
      gate.resolve()
      await done

      expect(pending).toEqual([true, true, 1, 2])
      expect(seen.slice(0, 2)).toEqual([
        [11, 12],
        [11, 12],
      ])
      for (const state of seen) expect(state).toEqual([11, 12])
      expect([one.confirmed.get('a'), two.confirmed.get('a')]).toEqual([11, 12])
      expect([one.isPending('a'), two.isPending('a')]).toEqual([false, false])
    })

    test('takes the layers away in all of them where the body fails, and nothing else (F26)', async () => {
      const [one, two] = pair()
      const gate = deferred()
      const failing = reasonOf(
        transaction([one, two], () => gate.promise, { optimistic: [add(10), add(10)] }),
      )
      const going = transaction(
        [one, two],
        async (a, b) => {
          await Promise.resolve()
          a.update('a', (n = 0) => n + 100)
          b.update('a', (n = 0) => n + 100)
        },
        { optimistic: [add(100), add(100)] },
      )
      const shown = [one.get('a'), two.get('a')]
      gate.reject('no')
      await failing
      const afterwards = [one.get('a'), two.get('a')]
      await going

      expect([shown, afterwards]).toEqual([
        [111, 112],
        [101, 102],
      ])
      expect([one.confirmed.get('a'), two.confirmed.get('a')]).toEqual([101, 102])
    })

    test('takes them away where it is aborted in the queue, before abort returns (L3)', () => {
      const [one, two] = pair()
      const controller = new AbortController()
      holdTurn(two)
      transaction([one, two], () => {}, { optimistic: [add(10), add(10)], signal: controller.signal }).catch(
        () => {},
      )
      const shown = [one.get('a'), two.get('a')]

      controller.abort('left')

      expect(shown).toEqual([11, 12])
      expect([one.get('a'), two.get('a'), one.inspect().layers, two.inspect().layers]).toEqual([1, 2, 0, 0])
    })

    test('takes them away in the other stores where one is disposed while it waits (F28)', async () => {
      const [one, two] = pair()
      const holder = holdTurn(two)
      const waiting = reasonOf(transaction([one, two], () => {}, { optimistic: [add(10), undefined] }))
      const shown = one.get('a')

      two.dispose()

      expect(await waiting).toMatchObject({ code: 'STORE_DISPOSED' })
      expect([shown, one.get('a'), one.inspect().layers, one.isBusy()]).toEqual([11, 1, 0, false])
      await holder.release()
    })

    test('shows none of them any more where a scheduler ends it before all of them are shown (L3)', () => {
      const controller = new AbortController()
      const one = numbers(1, { promotion: () => controller.abort('left') })
      const two = numbers(2)
      holdTurn(two)

      transaction([one, two], () => {}, { optimistic: [add(10), add(10)], signal: controller.signal }).catch(
        () => {},
      )

      expect([two.get('a'), two.isPending('a')]).toEqual([2, false])
      expect([one.inspect().layers, two.inspect().layers]).toEqual([0, 0])
    })

    test('replays a recipe over what its store confirms meanwhile', async () => {
      const [one, two] = pair()
      const holder = holdTurn(one, ['a'], (tx) => void tx.set('a', 5))
      const done = transaction([one, two], (a, b) => [add(10)(a), add(10)(b)], {
        optimistic: [add(10), add(10)],
      })
      const before = one.get('a')

      await holder.release()
      await done

      expect([before, one.get('a'), two.get('a')]).toEqual([11, 15, 12])
    })

    test("with 'latest' nothing flickers: the new layers are there before the old ones go (F26)", async () => {
      const [one, two] = pair()
      const gate = deferred()
      const seen: unknown[] = []
      const first = reasonOf(
        transaction([one, two], () => gate.promise, { ifBusy: 'latest', optimistic: [add(10), add(10)] }),
      )
      one.subscribeKey('a', (value) => seen.push(value))

      const second = transaction([one, two], (a) => a.set('a', 31), {
        ifBusy: 'latest',
        optimistic: [(a) => a.set('a', 31), undefined],
      })
      await second
      gate.resolve()

      expect(await first).toMatchObject({ code: 'SUPERSEDED' })
      expect(seen).toEqual([31])
      expect([one.get('a'), two.get('a')]).toEqual([31, 2])
    })

    test.each<[what: string, optimistic: unknown, says: RegExp]>([
      ['one recipe for all', () => {}, /options\.optimistic .*array.*each store/],
      ['too few', [undefined], /options\.optimistic .*array.*each store/],
      ['no function', [undefined, 5], /options\.optimistic\[1\]/],
    ])('%s rejects with INVALID_ARGUMENT, and shows nothing', async (_what, optimistic, says) => {
      const stores = pair()

      const done = reasonOf(transaction(stores, () => 5, { optimistic: optimistic as never }))

      expect(await done).toMatchObject({
        code: 'INVALID_ARGUMENT',
        message: expect.stringMatching(says),
      })
      expect(stores.map((store) => store.inspect().layers)).toEqual([0, 0])
    })
  })
})
