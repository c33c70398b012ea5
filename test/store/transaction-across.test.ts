import { createStore, type Store, type StoreOptions, transaction } from 'tidemap/store'
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

  test.each<[name: string, call: (store: Store<string, number>) => Promise<unknown>]>([
    ['a store that is named twice', (store) => transaction([store, store], () => {})],
    ['something that is no store', (store) => transaction([store, wrong(new Map())], () => {})],
    ['null', () => transaction([wrong(null)], () => {})],
    ['no list of stores', () => transaction(wrong(undefined), () => {})],
    ['a store in the place of the list', (store) => transaction(wrong(store), () => {})],
    ['no body', (store) => transaction([store], wrong(undefined))],
    ['a signal that is none', (store) => transaction([store], () => {}, wrong({ signal: {} }))],
  ])('%s is refused with INVALID_ARGUMENT', async (_name, call) => {
    const store = numbers(1)

    const reason = await reasonOf(call(store))

    expect(reason).toMatchObject({ code: 'INVALID_ARGUMENT' })
    expect(store.isBusy()).toBe(false)
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
