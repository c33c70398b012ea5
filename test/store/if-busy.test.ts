import { createStore, type IfBusy, type Store } from 'tidemap/store'
import { describe, expect, test, vi } from 'vitest'
import { deferred } from '../support/deferred.ts'
import { reasonOf } from '../support/failure.ts'
import { holdTurn } from '../support/held-turn.ts'
import { isSettled, microtasks } from '../support/settled.ts'

const before: [string, number][] = [
  ['a', 1],
  ['b', 2],
]
type Write = (store: Store<string, number>, ifBusy: IfBusy) => Promise<unknown>
const writes: [name: string, write: Write][] = [
  ['set', (store, ifBusy) => store.set('a', 9, { ifBusy })],
  ['set with a promise', (store, ifBusy) => store.set('a', Promise.resolve(9), { ifBusy })],
  ['delete', (store, ifBusy) => store.delete('a', { ifBusy })],
  [
    'setMany',
    (store, ifBusy) =>
      store.setMany(
        [
          ['c', 3],
          ['a', 9],
        ],
        { ifBusy },
      ),
  ],
  ['replace', (store, ifBusy) => store.replace([['a', 9]], { ifBusy })],
  ['clear', (store, ifBusy) => store.clear({ ifBusy })],
  ['update', (store, ifBusy) => store.update('a', () => 9, { ifBusy })],
  ['transaction', (store, ifBusy) => store.transaction((tx) => tx.set('a', 9), { ifBusy })],
  [
    'transaction with keys',
    (store, ifBusy) => store.transaction((tx) => tx.set('a', 9), { ifBusy, keys: ['b', 'a'] }),
  ],
]

describe.each(writes)('%s', (name, write) => {
  test("'skip' does nothing where a turn it needs is taken, and resolves: exhaustMap", async () => {
    const store = createStore(before)
    const { view } = store
    const holder = holdTurn(store, ['a'])
    expect(await write(store, 'skip')).toBe(name === 'delete' ? false : undefined)
    expect([store.view === view, store.inspect().waiting, store.inspect().layers]).toEqual([true, 0, 0])
    await holder.release()
    expect([...store]).toEqual(before)
  })

  test("'fail' rejects with LOCK_BUSY where a turn it needs is taken", async () => {
    const store = createStore(before)
    const { view } = store
    const holder = holdTurn(store, ['a'])
    expect(await reasonOf(write(store, 'fail'))).toMatchObject({ code: 'LOCK_BUSY' })
    expect([store.view === view, store.inspect().waiting]).toEqual([true, 0])
    await holder.release()
  })

  test.each<IfBusy>(['skip', 'fail', 'latest', 'queue'])(
    "'%s' writes where its turns are free",
    async (ifBusy) => {
      const [store, twin] = [createStore(before), createStore(before)]
      const holder = holdTurn(store, ['elsewhere'])
      if (['replace', 'clear', 'transaction'].includes(name)) await holder.release()
      await write(store, ifBusy)
      await write(twin, 'queue')
      expect([...store.confirmed]).toEqual([...twin])
      await holder.release()
    },
  )

  test("'latest' ends the one before, running or queued, which rejects with SUPERSEDED: switchMap", async () => {
    const store = createStore(before)
    const first = store.set('a', new Promise<number>(() => {}), { ifBusy: 'latest' })
    const second = write(store, 'latest')
    const third = write(store, 'latest')
    expect(await reasonOf(first)).toMatchObject({ code: 'SUPERSEDED' })
    await third
    const outcome = await second.then(
      () => 'done',
      ({ code }: { code: string }) => code,
    )
    // the second is done where it needed no waiting
    expect(['done', 'SUPERSEDED']).toContain(outcome)
    expect([store.isBusy(), store.inspect().layers]).toEqual([false, 0])
  })

  test("'latest' waits for writers of other kinds", async () => {
    const store = createStore(before)
    const holder = holdTurn(store, ['a'])
    const done = write(store, 'latest')
    await microtasks()
    expect([isSettled(done), [...store.confirmed]]).toEqual([false, before])
    await holder.release()
    await done
  })

  test('a word that is none is refused, whether the key is busy or free, and nothing is written', async () => {
    const store = createStore(before)
    expect(await reasonOf(write(store, 'newest' as never))).toMatchObject({ code: 'INVALID_ARGUMENT' })
    const holder = holdTurn(store, ['a'])
    expect(await reasonOf(write(store, 'newest' as never))).toMatchObject({ code: 'INVALID_ARGUMENT' })
    await holder.release()
    expect([...store]).toEqual(before)
  })
})

describe("'latest' over several keys", () => {
  test('ends those that share a key, and no others', async () => {
    const store = createStore<string, number>()
    const never = (): Promise<never> => new Promise(() => {})
    const ab = store.transaction(never, { keys: ['a', 'b'], ifBusy: 'latest' })
    const c = store.transaction(never, { keys: ['c'], ifBusy: 'latest' })
    const d = store.update('d', never)
    const bd = store.transaction((tx) => tx.set('b', 1), { keys: ['b', 'e'], ifBusy: 'latest' })
    expect(await reasonOf(ab)).toMatchObject({ code: 'SUPERSEDED' })
    await bd
    expect([isSettled(c), isSettled(d), store.isBusy('c'), store.isBusy('a')]).toEqual([
      false,
      false,
      true,
      false,
    ])
    const whole = store.transaction(() => {}, { ifBusy: 'latest' })
    expect(await reasonOf(c)).toMatchObject({ code: 'SUPERSEDED' })
    expect(isSettled(whole)).toBe(false)
    const f = store.set('f', 1, { ifBusy: 'latest' })
    expect(await reasonOf(whole)).toMatchObject({ code: 'SUPERSEDED' })
    await f
    store.dispose()
  })

  test('a recipe that takes over begins in the call, as the turn is free then', () => {
    const store = createStore<string, number>([['a', 0]])
    void store.update('a', () => new Promise<number>(() => {}), { ifBusy: 'latest' })
    const recipe = vi.fn(() => 1)

    void store.update('a', recipe, { ifBusy: 'latest' })

    expect(recipe).toHaveBeenCalledTimes(1)
    expect(store.get('a')).toBe(1)
  })

  test('one whose caller gives up when it hears that the other was ended is not begun', async () => {
    const store = createStore<string, number>([['a', 0]])
    const controller = new AbortController()
    const running = store.update(
      'a',
      (_a, { signal }) => {
        signal.addEventListener('abort', () => controller.abort('enough'))
        return new Promise<number>(() => {})
      },
      { ifBusy: 'latest' },
    )
    const recipe = vi.fn(() => 1)

    const reason = await reasonOf(store.update('a', recipe, { ifBusy: 'latest', signal: controller.signal }))

    expect([reason, recipe.mock.calls.length]).toEqual(['enough', 0])
    expect(await reasonOf(running)).toMatchObject({ code: 'SUPERSEDED' })
    expect(store.isBusy()).toBe(false)
  })

  test('F47: of answers that arrive in any order, the one asked for last is stored', async () => {
    const store = createStore<string, string>()
    const answers = [deferred<string>(), deferred<string>(), deferred<string>()]
    const asked = answers.map(({ promise }) => store.set('q', promise, { ifBusy: 'latest' }))
    answers[2]!.resolve('third')
    await asked[2]
    answers[0]!.resolve('first')
    answers[1]!.resolve('second')
    await microtasks()
    expect(store.get('q')).toBe('third')
    expect(await reasonOf(asked[0]!)).toMatchObject({ code: 'SUPERSEDED' })
    expect(await reasonOf(asked[1]!)).toMatchObject({ code: 'SUPERSEDED' })
  })

  test('nothing flickers: what replaces a shown write is shown before that one goes', async () => {
    const store = createStore<string, string>([['q', '']])
    const holder = holdTurn(store, ['q'])
    const seen: unknown[] = []
    store.subscribeKey('q', (value) => seen.push(value))
    const first = store.set('q', 'a', { ifBusy: 'latest' })
    const second = store.set('q', 'ab', { ifBusy: 'latest' })
    expect(await reasonOf(first)).toMatchObject({ code: 'SUPERSEDED' })
    await holder.release()
    await second
    expect(seen).toEqual(['a', 'ab'])
  })

  test('the signal of the one that was ended has aborted, and a listener of that may write', async () => {
    const store = createStore<string, number>([['a', 0]])
    const aborted = vi.fn(() => void store.set('b', 1))
    const first = store.update(
      'a',
      (_a, { signal }) => {
        signal.addEventListener('abort', aborted)
        return new Promise<number>(() => {})
      },
      { ifBusy: 'latest' },
    )
    await store.update('a', () => 2, { ifBusy: 'latest' })
    expect(await reasonOf(first)).toMatchObject({ code: 'SUPERSEDED' })
    expect([aborted.mock.calls.length, ...store]).toEqual([1, ['a', 2], ['b', 1]])
  })
})

test("Go's operations wait or fail", async () => {
  const store = createStore(before)
  const holder = holdTurn(store, ['a'])
  const options = { ifBusy: 'fail' } as const
  const asked = [
    store.swap('a', 9, options),
    store.loadOrStore('a', 9, options),
    store.loadAndDelete('a', options),
    store.compareAndSwap('a', 1, 9, options),
    store.compareAndDelete('a', 1, options),
  ]
  for (const one of asked) expect(await reasonOf(one)).toMatchObject({ code: 'LOCK_BUSY' })
  await holder.release()
  expect(await store.swap('a', 9, options)).toEqual([1, true])
})
