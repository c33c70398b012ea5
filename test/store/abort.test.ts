import { createStore, type Store, type WriteOptions } from 'tidemap/store'
import { describe, expect, test, vi } from 'vitest'
import { deferred } from '../support/deferred.ts'
import { reasonOf } from '../support/failure.ts'
import { holdTurn } from '../support/held-turn.ts'
import { isSettled } from '../support/settled.ts'
import { beforeTheWrite, writeMethods } from '../support/write-methods.ts'

const example = (): Store<string, number> => createStore(beforeTheWrite)
const abortable = writeMethods.filter(({ takesSignal }) => takesSignal)

describe('aborted before it begins', () => {
  test.each(abortable)(
    '$name with a signal that is aborted already does nothing and rejects with its reason',
    async ({ example: write }) => {
      const store = example()
      const before = store.view
      const reason = { because: 'of this' }

      const promise = write(store, { signal: AbortSignal.abort(reason) })

      expect(await reasonOf(promise)).toBe(reason)
      expect(store.view).toBe(before)
      expect(store.isBusy()).toBe(false)
    },
  )

  test.each(abortable)(
    '$name, busy, with a signal that is aborted already is never shown',
    async ({ example: write }) => {
      const store = example()
      const before = store.view
      const holder = holdTurn(store)
      const listener = vi.fn()
      store.subscribe(listener)

      const promise = write(store, { signal: AbortSignal.abort('early') })

      expect(await reasonOf(promise)).toBe('early')
      expect(store.view).toBe(before)
      expect(listener).not.toHaveBeenCalled()
      await holder.release()
    },
  )
})

describe('aborted while it waits', () => {
  test.each(abortable)(
    '$name leaves the queue at once, its layer is gone, and the others keep their order',
    async ({ example: write }) => {
      const store = example()
      const holder = holdTurn(store)
      const controller = new AbortController()
      const order: string[] = []
      const first = store.update('a', (a = 0) => {
        order.push('first')
        return a
      })
      const promise = write(store, { signal: controller.signal })
      const last = store.update('a', (a = 0) => {
        order.push('last')
        return a
      })

      controller.abort('enough')
      const after = [[...store], store.inspect().waiting, store.inspect().layers]
      await holder.release()
      await Promise.all([first, last])

      expect(await reasonOf(promise)).toBe('enough')
      expect(after).toEqual([beforeTheWrite, 2, 0])
      expect(order).toEqual(['first', 'last'])
      expect([...store]).toEqual(beforeTheWrite)
      expect(store.isBusy()).toBe(false)
    },
  )

  test('F5: of four that wait the second and then the third are aborted: the others are served in order', async () => {
    const store = example()
    const holder = holdTurn(store, ['a'])
    const controllers = [1, 2, 3, 4].map(() => new AbortController())
    const order: number[] = []
    const writes = controllers.map(({ signal }, i) =>
      store.update(
        'a',
        () => {
          order.push(i + 1)
          return i
        },
        { signal },
      ),
    )
    const outcomes = Promise.allSettled(writes)

    controllers[1]?.abort('enough')
    controllers[2]?.abort('enough')
    await holder.release()

    expect((await outcomes).map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'rejected',
      'fulfilled',
    ])
    expect(order).toEqual([1, 4])
  })

  test('load leaves the queue too', async () => {
    const store = example()
    const holder = holdTurn(store, ['a'])
    const controller = new AbortController()

    const promise = store.load('a', { signal: controller.signal })
    controller.abort('enough')

    expect(await reasonOf(promise)).toBe('enough')
    expect(await reasonOf(store.load('b', { signal: controller.signal }))).toBe('enough')
    await holder.release()
  })
})

describe('aborted in the tick in which its turn comes', () => {
  test('F4: just after the hand-over: one outcome, and the turn passes on', async () => {
    const store = example()
    const controller = new AbortController()
    const gate = deferred<number>()
    const recipe = vi.fn((a = 0) => a + 1)
    const running = store.update('a', () => gate.promise)
    const promise = store.update('a', recipe, { signal: controller.signal })
    const next = store.update('a', (a = 0) => a + 10)

    gate.resolve(5)
    void running.then(() => controller.abort('enough'))

    const outcome = await promise.catch((reason: unknown) => reason)
    expect(await next).toBe(outcome === 'enough' ? 15 : 16)
    expect(recipe).toHaveBeenCalledTimes(outcome === 'enough' ? 0 : 1)
    expect(store.isBusy()).toBe(false)
  })

  test('F4: by a listener of the round of the writer before it: it never begins, and the turn passes on', async () => {
    const store = example()
    const controller = new AbortController()
    const gate = deferred<number>()
    const recipe = vi.fn(() => 99)
    const running = store.update('a', () => gate.promise)
    const promise = store.update('a', recipe, { signal: controller.signal })
    const next = store.update('a', (a = 0) => a + 10)
    store.subscribeKey('a', () => controller.abort('enough'))

    gate.resolve(5)
    await running

    expect(await reasonOf(promise)).toBe('enough')
    expect(recipe).not.toHaveBeenCalled()
    expect(await next).toBe(15)
  })

  test('F4: every microtask between the hand-over and its end: one outcome each time', async () => {
    const outcomes = new Set<unknown>()
    for (let ticks = 0; ticks < 12; ticks++) {
      const store = createStore<string, number>([['a', 0]])
      const controller = new AbortController()
      const gate = deferred<number>()
      const running = store.update('a', () => gate.promise)
      const promise = store.update('a', async (a = 0) => a + 1, { signal: controller.signal })
      const next = store.update('a', (a = 0) => a + 10)

      gate.resolve(0)
      for (let i = 0; i < ticks; i++) await Promise.resolve()
      controller.abort('enough')
      const outcome = await promise.catch((reason: unknown) => reason)

      outcomes.add(outcome)
      expect(await next).toBe(outcome === 'enough' ? 10 : 11)
      expect(store.get('a')).toBe(outcome === 'enough' ? 10 : 11)
      expect([store.isBusy(), store.inspect().layers]).toEqual([false, 0])
      await running
    }

    expect([...outcomes].sort()).toEqual([1, 'enough'])
  })
})

describe('aborted while it runs', () => {
  const running: [
    name: string,
    run: (
      store: Store<string, number>,
      body: () => Promise<never>,
      options: WriteOptions,
    ) => Promise<unknown>,
  ][] = [
    ['update', (store, body, options) => store.update('a', body, options)],
    ['transaction', (store, body, options) => store.transaction(body, options)],
    ['transaction with keys', (store, body, options) => store.transaction(body, { ...options, keys: ['a'] })],
    ['set of a promise', (store, body, options) => store.set('a', body(), options)],
  ]

  test.each(running)(
    'L3: %s gives its turn back before abort() returns, and rejects with the reason untouched',
    async (_name, run) => {
      const store = example()
      const before = store.view
      const controller = new AbortController()
      const reason = new Error('enough')
      const promise = run(store, () => new Promise<never>(() => {}), { signal: controller.signal })
      const next = store.swap('a', 5)

      controller.abort(reason)

      expect([store.isBusy(), isSettled(promise), store.view === before]).toEqual([true, true, true])
      expect(await reasonOf(promise)).toBe(reason)
      expect(await next).toEqual([1, true])
      expect(store.isBusy()).toBe(false)
    },
  )

  test.each(running)('F25: %s: what its body does afterwards is void, whatever it is', async (_name, run) => {
    for (const end of ['resolve', 'reject'] as const) {
      const store = example()
      const controller = new AbortController()
      const gate = deferred<never>()
      const promise = run(store, () => gate.promise, { signal: controller.signal })
      controller.abort('enough')
      const before = store.view

      gate[end](99 as never)
      await reasonOf(promise)
      await store.idle()

      expect(store.view).toBe(before)
    }
  })

  test('T1: an abort after the end changes nothing', async () => {
    const store = example()
    const controller = new AbortController()

    const result = await store.update('a', async () => 9, { signal: controller.signal })
    controller.abort('late')

    expect([result, store.get('a')]).toEqual([9, 9])
  })

  test('a time limit is AbortSignal.timeout: its reason comes through', async () => {
    const store = example()
    const signal = new AbortController()
    const promise = store.update('a', () => new Promise<number>(() => {}), { signal: signal.signal })

    signal.abort(new DOMException('The operation timed out.', 'TimeoutError'))

    expect(await reasonOf(promise)).toMatchObject({ name: 'TimeoutError' })
  })

  test('the abort of one ends several that share its signal, and nobody else', async () => {
    const store = example()
    const controller = new AbortController()
    const shared = { signal: controller.signal }
    const running = store.update('a', () => new Promise<number>(() => {}), shared)
    const queued = store.update('a', () => 7, shared)
    const set = store.set('a', 8, shared)
    const other = store.update('a', (a = 0) => a + 100)

    controller.abort('enough')

    expect(await Promise.all([running, queued, set].map(reasonOf))).toEqual(['enough', 'enough', 'enough'])
    expect(await other).toBe(101)
    expect(store.confirmed).toBe(store.view)
  })

  test('a listener that is told of a failed layer may write', async () => {
    const store = example()
    const controller = new AbortController()
    const holder = holdTurn(store, ['a'])
    const set = store.set('a', 9, { signal: controller.signal })
    store.subscribeKey('a', () => void store.set('c', 3))

    controller.abort('enough')

    expect(await reasonOf(set)).toBe('enough')
    expect(store.get('c')).toBe(3)
    await holder.release()
  })

  test('R5: an abort inside a recipe tells its rounds when the recipe has ended, to listeners that may write', async () => {
    const store = example()
    const onError = vi.fn()
    const other = createStore<string, number>(beforeTheWrite, { onError })
    const controller = new AbortController()
    const holder = holdTurn(other, ['b'])
    const set = other.set('b', 9, { signal: controller.signal })
    const order: string[] = []
    other.subscribeKey('b', () => {
      order.push('round')
      void other.set('c', 3)
    })

    const updated = await other.update('a', (a = 0) => {
      controller.abort('enough')
      order.push('recipe')
      return a + 1
    })

    expect(await reasonOf(set)).toBe('enough')
    expect([order, updated, other.get('c')]).toEqual([['recipe', 'round'], 2, 3])
    expect(onError).not.toHaveBeenCalled()
    await holder.release()
    await store.idle()
  })

  test('R5: the same where the recipe aborts itself, throws, or goes on waiting', async () => {
    const ends: ((controller: AbortController) => number | Promise<number>)[] = [
      () => 1,
      () => new Promise(() => {}),
      () => {
        throw new Error('no')
      },
    ]
    for (const end of ends) {
      const store = example()
      const controller = new AbortController()
      void holdTurn(store, ['b'])
      const set = store.set('b', 9, { signal: controller.signal })
      const heard: unknown[] = []
      store.subscribeKey('b', (value) => heard.push(value))

      const updated = store.update(
        'a',
        () => {
          controller.abort('enough')
          return end(controller)
        },
        { signal: controller.signal },
      )

      expect(heard).toEqual([2])
      expect(await reasonOf(set)).toBe('enough')
      expect(await reasonOf(updated)).toBe('enough')
    }
  })
})

describe('M3: a long-lived signal', () => {
  test.each(abortable)(
    '$name leaves no listener on it, whether free, busy or failed',
    async ({ example: write }) => {
      const { signal } = new AbortController()
      const added = vi.spyOn(signal, 'addEventListener')
      const removed = vi.spyOn(signal, 'removeEventListener')
      const store = example()
      const holder = holdTurn(store)

      const busy = write(store, { signal })
      await holder.release()
      await busy.catch(() => {})
      await write(example(), { signal })

      expect(removed.mock.calls.length).toBe(added.mock.calls.length)
      for (const [i, [type, listener]] of added.mock.calls.entries()) {
        expect(removed.mock.calls[i]?.slice(0, 2)).toEqual([type, listener])
      }
    },
  )

  test('nor does one that throws', async () => {
    const { signal } = new AbortController()
    const added = vi.spyOn(signal, 'addEventListener')
    const removed = vi.spyOn(signal, 'removeEventListener')

    await reasonOf(example().update('a', () => Promise.reject(new Error('no')), { signal }))

    expect([added.mock.calls.length, removed.mock.calls.length]).toEqual([1, 1])
  })
})

describe('entries and keys that abort while they are read', () => {
  test('nothing is written or shown', async () => {
    for (const write of ['setMany', 'replace'] as const) {
      const store = example()
      const holder = holdTurn(store, ['a'])
      const controller = new AbortController()
      const before = store.view
      const entries = function* (): Generator<[string, number]> {
        yield ['a', 9]
        controller.abort('enough')
      }

      const reason = await reasonOf(store[write](entries(), { signal: controller.signal }))

      expect(reason).toBe('enough')
      expect(store.view).toBe(before)
      await holder.release()
    }
  })
})

test('an abort in the middle of the commit comes too late: the write resolves, and is confirmed', async () => {
  const controller = new AbortController()
  const store = createStore<string, number>([['a', 1]], {
    equal: (a, b) => {
      controller.abort('enough')
      return a === b
    },
  })

  const updated = await store.update('a', () => 2, { signal: controller.signal })

  expect([updated, store.confirmed.get('a')]).toEqual([2, 2])
})
