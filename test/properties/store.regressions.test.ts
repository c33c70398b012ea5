// Faults that the model test has found, each made small by hand. The program that found it is in the comment where it is not obvious.
import { createStore as createDraftStore } from 'tidemap'
import { createStore, type View } from 'tidemap/store'
import { describe, expect, test } from 'vitest'
import { deferred } from '../support/deferred.ts'
import { reasonOf } from '../support/failure.ts'
import { isSettled, microtasks } from '../support/settled.ts'
import { unhandledRejections } from '../support/unhandled-rejections.ts'

const keysOf = (view: View<string, number>): string => [...view.keys()].join()

describe('a signal', () => {
  test('that a recipe asks for after its abort has aborted', async () => {
    const store = createStore([['a', 1]])
    const { promise, resolve } = deferred<void>()
    const controller = new AbortController()
    let late: AbortSignal | undefined
    const update = store.update(
      'a',
      async (_value, context) => {
        await promise
        late = context.signal
        return 2
      },
      { signal: controller.signal },
    )

    controller.abort('enough')
    resolve()
    await reasonOf(update)
    await microtasks()

    expect(late?.aborted).toBe(true)
    expect(late?.reason).toBe('enough')
  })

  test('that a transaction asks for after its abort has aborted', async () => {
    const store = createStore([['a', 1]])
    const { promise, resolve } = deferred<void>()
    const controller = new AbortController()
    let late: AbortSignal | undefined
    const running = store.transaction(
      async (tx) => {
        await promise
        late = tx.signal
      },
      { signal: controller.signal },
    )

    controller.abort('enough')
    resolve()
    await reasonOf(running)
    await microtasks()

    expect(late?.aborted).toBe(true)
  })

  test('that aborts in the synchronous part of a recipe revokes the draft for the rest of it', async () => {
    const store = createDraftStore([['a', { n: 1 }]])
    const controller = new AbortController()
    let read: unknown
    const update = store.update(
      'a',
      async (draft) => {
        controller.abort('enough')
        await undefined
        read = reasonOf((async () => draft?.n)())
      },
      { signal: controller.signal },
    )

    await reasonOf(update)
    await microtasks()

    expect(await read).toBeInstanceOf(TypeError)
  })

  test('that had aborted before a load which would have to wait rejects it at once', async () => {
    const store = createStore([['a', 1]])
    const { promise, resolve } = deferred<number>()
    const update = store.update('a', () => promise)

    const load = store.load('a', { signal: AbortSignal.abort('enough') })

    expect(isSettled(load)).toBe(true)
    expect(await reasonOf(load)).toBe('enough')
    resolve(2)
    await update
  })
})

describe('a transaction', () => {
  test('writes nothing of a setMany in which one key is not declared', async () => {
    const store = createStore([['a', 1]])

    await store.transaction(
      (tx) => {
        expect(() =>
          tx.setMany([
            ['a', 2],
            ['b', 2],
          ]),
        ).toThrow()
      },
      { keys: ['a'] },
    )

    expect([...store]).toEqual([['a', 1]])
  })

  test('that has ended refuses an empty setMany as it refuses everything', async () => {
    const store = createStore([['a', 1]])
    let kept: { setMany(entries: []): void } | undefined
    await store.transaction((tx) => {
      kept = tx
    })

    expect(() => kept?.setMany([])).toThrow(/has ended/)
  })
})

describe('a promise that is set', () => {
  test('and refused, because the store has ended, is nobody’s unhandled rejection', async () => {
    const store = createStore([['a', 1]])
    store.dispose()

    const reasons = await unhandledRejections(() => {
      void store.set('a', Promise.reject(new Error('nobody cares any more')))
    })

    expect(reasons).toEqual([])
  })
})

describe('a value that cannot be frozen', () => {
  test('is refused where its key is busy as where it is free: the promise rejects and nothing is written, then or later', async () => {
    const store = createStore<string, unknown>([['a', 1]])
    const { promise, resolve } = deferred<number>()
    const holder = store.update('a', () => promise)
    const cause = new Error('no keys')
    const value = new Proxy(
      {},
      {
        ownKeys: () => {
          throw cause
        },
      },
    )

    const set = store.set('a', value)

    expect(await reasonOf(set)).toBe(cause)
    expect(store.get('a')).toBe(1)
    resolve(2)
    await holder
    await store.idle()
    expect([...store]).toEqual([['a', 2]])
  })
})

describe('a selection with subscribers', () => {
  test('goes on giving the newest value when the store has ended, and tells nobody', async () => {
    const store = createStore([['a', 1]])
    const { promise, resolve } = deferred<number>()
    const update = store.update('a', () => promise)
    const double = store.select((view) => (view.get('a') ?? 0) * 2)
    const heard: number[] = []
    double.subscribe((value) => void heard.push(value))
    store.dispose()

    resolve(2)
    await update

    expect(double.value).toBe(4)
    expect(double.value).toBe(4)
    expect(heard).toEqual([])
  })
})

describe('pending writes', () => {
  /** A store whose key `a` is held until `release` is called. */
  const held = (entries: [string, number][]) => {
    const store = createStore<string, number>(entries)
    const { promise, resolve } = deferred<number>()
    const holder = store.update('a', () => promise)
    return { store, release: resolve, holder }
  }

  test('that a clear hid are told when the clear is aborted', async () => {
    const { store, release, holder } = held([])
    const controller = new AbortController()
    const set = store.set('a', 1)
    const clear = store.clear({ signal: controller.signal })
    const changes: unknown[] = []
    const values: unknown[] = []
    store.subscribe((_view, _previous, some) => void changes.push(...some))
    store.subscribeKey('a', (value) => void values.push(value))

    controller.abort('enough')

    expect(store.get('a')).toBe(1)
    expect(changes).toEqual([{ type: 'add', key: 'a', value: 1, previous: undefined }])
    expect(values).toEqual([1])
    release(0)
    await Promise.all([reasonOf(clear), set, holder])
  })

  test('that only change the order of keys are told to who listens to the keys, and so is their abort', async () => {
    const { store, release, holder } = held([
      ['a', 1],
      ['b', 2],
    ])
    const controller = new AbortController()
    const heard: string[] = []
    store.subscribeKeys((view) => void heard.push(keysOf(view)))

    const replace = store.replace(
      [
        ['b', 2],
        ['a', 1],
      ],
      { signal: controller.signal },
    )
    controller.abort('enough')

    expect(heard).toEqual(['b,a', 'a,b'])
    release(1)
    await Promise.all([reasonOf(replace), holder])
  })

  test('over a key that a transaction deletes move it, and who listens to the keys hears of it', async () => {
    const store = createStore([
      ['a', 1],
      ['b', 2],
    ])
    const { promise, resolve } = deferred<void>()
    const running = store.transaction(async (tx) => {
      tx.delete('a')
      await promise
    })
    const set = store.set('a', 3)
    const heard: string[] = []
    store.subscribeKeys((view) => void heard.push(keysOf(view)))

    resolve()
    await Promise.all([running, set])

    expect(heard[0]).toBe('b,a')
    expect(keysOf(store.view)).toBe('b,a')
  })

  test('that clear tell that a key under them has come, which is pending by that', async () => {
    const { store, release, holder } = held([])
    const clear = store.clear()
    const heard: string[] = []
    store.subscribePending(() => void heard.push([...store.pendingKeys()].join()))

    release(1)
    await Promise.all([holder, clear])

    expect(heard).toEqual(['a', ''])
  })

  // update a, clear, setMany b, clear (unseen), setMany a b: when b had been confirmed and cleared, it still stood before a
  test('stand in the order of the layers that are left, when the base has lost what the others had put there', async () => {
    const { store, release, holder } = held([])
    const { promise, resolve } = deferred<number>()
    const holdsB = store.update('b', () => promise)
    const writes = [
      store.set('b', 1),
      store.set('a', 3),
      store.transaction((tx) => void tx.delete('b'), { keys: ['b'] }),
      store.set('b', 3),
    ]
    const heard: string[] = []
    store.subscribeKeys((view) => void heard.push(keysOf(view)))

    resolve(0)
    await holdsB
    await microtasks()

    expect(heard.slice(-2)).toEqual(['a,b', 'b,a']) // b deleted below a pending write of it, which is then confirmed
    release(0)
    await Promise.all([...writes, holder])
  })

  test('stand in the order of the layers that are left, when a clear that waited unseen has emptied the base', async () => {
    const store = createStore<string, number>()
    const { promise, resolve } = deferred<number>()
    const holder = store.update('b', () => promise)
    const b = store.set('b', 1)
    const clear = store.clear({ optimistic: false })
    const both = store.setMany([
      ['a', 2],
      ['b', 2],
    ])
    const heard: string[] = []
    store.subscribe((view) => void heard.push(`${keysOf(store.confirmed)} -> ${keysOf(view)}`))

    resolve(0)
    await Promise.all([holder, b, clear, both])

    expect(heard).toEqual(['b -> b,a', 'b -> b,a', ' -> a,b', 'a,b -> a,b'])
  })
})
