import { createStore as createDraftStore } from 'tidemap'
import { createStore, type Store, when } from 'tidemap/store'
import { describe, expect, test, vi } from 'vitest'
import { reasonOf } from '../support/failure.ts'
import { holdTurn } from '../support/held-turn.ts'
import { countedController } from '../support/listener-count.ts'
import { isSettled, microtasks } from '../support/settled.ts'
import { unhandledRejections } from '../support/unhandled-rejections.ts'

const example = (): Store<string, number> => createStore([['n', 0]])
const isBig = (n = 0): boolean => n > 9

describe('when', () => {
  test('resolves with the value of the first view that satisfies it, and with no later one', async () => {
    const store = example()
    const big = when(store, 'n', isBig)
    await store.set('n', 9)
    expect(isSettled(big)).toBe(false)
    void store.set('n', 10)
    void store.set('n', 11)
    expect(await big).toBe(10)
  })

  test('resolves at once where the current view does', async () => {
    const store = createStore([['n', 10]])
    const big = when(store, 'n', isBig)
    void store.set('n', 0)
    expect(await big).toBe(10)
  })

  test('an absent key is asked as undefined, and when it is deleted', async () => {
    const store = example()
    const gone = when(store, 'n', (n) => n === undefined)
    await store.delete('n')
    expect(await gone).toBe(undefined)
    expect(await when(store, 'never', (n) => n === undefined)).toBe(undefined)
  })

  test('a pending layer counts: it is shown', async () => {
    const store = example()
    const holder = holdTurn(store)
    const big = when(store, 'n', isBig)
    void store.set('n', 10)
    expect(await big).toBe(10)
    await holder.release()
  })

  test('what is committed and not published does not count yet', async () => {
    let promote = (): void => {}
    const store = createStore([['n', 0]], {
      promotion: (call) => {
        promote = call
      },
    })
    const big = when(store, 'n', isBig)
    await store.set('n', 10)
    await microtasks()
    expect(isSettled(big)).toBe(false)
    promote()
    expect(await big).toBe(10)
  })

  test.each(['now', 'later'])('a predicate that throws %s rejects with the very error', async (time) => {
    const store = example()
    const error = new Error('what is n?')
    const asked = when(store, 'n', (n) => {
      if (time === 'now' || n === 1) throw error
      return false
    })
    await store.set('n', 1)
    expect(await reasonOf(asked)).toBe(error)
  })

  test('abort rejects with the reason; a signal that has aborted asks nobody', async () => {
    const store = example()
    const controller = new AbortController()
    const big = when(store, 'n', isBig, { signal: controller.signal })
    controller.abort('enough')
    expect(await reasonOf(big)).toBe('enough')
    const predicate = vi.fn(() => true)
    expect(await reasonOf(when(store, 'n', predicate, { signal: controller.signal }))).toBe('enough')
    expect(predicate).not.toHaveBeenCalled()
  })

  test('F28: dispose rejects with STORE_DISPOSED, before and after; dropped, it is no unhandled rejection', async () => {
    const store = example()
    const reasons = await unhandledRejections(async () => {
      void when(store, 'n', isBig)
      const big = when(store, 'n', isBig)
      store.dispose()
      expect(await reasonOf(big)).toMatchObject({ code: 'STORE_DISPOSED' })
      void when(store, 'n', isBig)
      expect(await reasonOf(when(store, 'n', isBig))).toMatchObject({ code: 'STORE_DISPOSED' })
    })
    expect(reasons).toEqual([])
    expect(await when(store, 'n', (n) => n === 0)).toBe(0)
  })

  test.each(['at once', 'later', 'by a throw', 'by abort', 'by dispose'])(
    'M3: ended %s, it leaves no listener',
    async (how) => {
      const store = example()
      const controller = countedController()
      const removed = vi.fn()
      const subscribeKey = store.subscribeKey.bind(store)
      let subscribed = 0
      vi.spyOn(store, 'subscribeKey').mockImplementation((key, listener) => {
        const stop = subscribeKey(key, listener)
        subscribed++
        return Object.assign(
          () => {
            removed()
            stop()
          },
          { [Symbol.dispose]: stop },
        )
      })
      const asked = when(
        store,
        'n',
        (n = 0) => {
          if (how === 'by a throw') throw new Error('no')
          return how === 'at once' || isBig(n)
        },
        { signal: controller.signal },
      ).catch(() => {})
      if (how === 'later') await store.set('n', 10)
      if (how === 'by abort') controller.abort()
      if (how === 'by dispose') store.dispose()
      await asked
      const stopped = removed.mock.calls.length
      store.dispose()

      expect([subscribed, stopped > 0, controller.listeners]).toEqual([1, true, 0])
      expect(removed.mock.calls.length).toBe(stopped) // the end of the store concerns it no more
    },
  )

  test('F27: what is no store and what is no function is refused', async () => {
    const refused = { code: 'INVALID_ARGUMENT' }
    expect(await reasonOf(when(new Map() as never, 'n', isBig))).toMatchObject(refused)
    expect(await reasonOf(when(example(), 'n', undefined as never))).toMatchObject(refused)
    expect(await reasonOf(when(example(), 'n', isBig, { signal: {} as never }))).toMatchObject(refused)
  })

  test('a predicate that writes hears of its write', async () => {
    const store = example()
    const seen: unknown[] = []
    const value = await when(store, 'n', (n = 0) => {
      seen.push(n)
      if (n === 0) void store.set('n', 10)
      return n === 10
    })
    expect([value, seen]).toEqual([10, [0, 10]])
  })

  test('works with a store of tidemap, and types the keys of a shape', async () => {
    const store = createDraftStore({ user: null as string | null, visits: 0 })
    const user = when(store, 'user', (name) => name !== null)
    await store.set('user', 'ann')
    const name: string | null = await user
    expect(name).toBe('ann')
  })
})
