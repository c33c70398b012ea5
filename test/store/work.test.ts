// What nobody asks for is not done: counted, not timed. The bounds are what is done today; more of it is a slower way to the same result.
import { createStore, type Store } from 'tidemap/store'
import { describe, expect, test, vi } from 'vitest'
import { VersionedView } from '../../src/core/versioned-view.ts'
import { holdTurn } from '../support/held-turn.ts'
import { NativeWork } from '../support/native-work.ts'

const numbered = (count: number) => Array.from({ length: count }, (_, i) => [i, i] as const)

const quietly = (promise: Promise<unknown>): void => void promise.catch(() => {})

/** How often the keys of a view are gone through while `action` runs. */
function listingsIn(action: () => void): number {
  const keys = vi.spyOn(VersionedView.prototype, 'keys')
  action()
  const { length } = keys.mock.calls
  keys.mockRestore()
  return length
}

describe('calls of native collections', () => {
  test.each<[what: string, most: number, set: (store: Store<number, number>) => () => void]>([
    ['a set that nobody hears', 3, (store) => () => void store.set(1, -1)],
    ['an equal set', 1, (store) => () => void store.set(1, 1)],
    [
      'a set that others hear',
      4,
      (store) => {
        store.subscribeKey(2, () => {})
        return () => void store.set(1, -1)
      },
    ],
    [
      'a set that its listener hears',
      4,
      (store) => {
        store.subscribeKey(1, () => {})
        return () => void store.set(1, -1)
      },
    ],
    [
      'a set of which a listener of views hears',
      3,
      (store) => {
        store.subscribe(() => {})
        return () => void store.set(1, -1)
      },
    ],
    [
      'a setMany that nobody hears',
      20,
      (store) => () =>
        void store.setMany([
          [1, -1],
          [2, -2],
        ]),
    ],
    [
      'a setMany that is heard',
      30,
      (store) => {
        store.subscribe(() => {})
        return () =>
          void store.setMany([
            [1, -1],
            [2, -2],
          ])
      },
    ],
    ['a delete that nobody hears', 16, (store) => () => void store.delete(1)],
    ['a clear that nobody hears', 40, (store) => () => void store.clear()],
    ['a replace by what is there', 188, (store) => () => void store.replace(numbered(20))],
    ['a replace that adds a key', 204, (store) => () => void store.replace(numbered(21))],
    ['a replace that leaves one out', 189, (store) => () => void store.replace(numbered(19))],
    ['a replace of everything', 156, (store) => () => void store.replace([[99, 1]])],
    [
      'a pending set that nobody hears',
      26,
      (store) => {
        holdTurn(store)
        return () => quietly(store.set(1, -1))
      },
    ],
    [
      'a second pending set',
      26,
      (store) => {
        holdTurn(store)
        quietly(store.set(1, -1))
        return () => quietly(store.set(2, -2))
      },
    ],
    [
      'the size of a layered view, asked for again',
      0,
      (store) => {
        holdTurn(store)
        quietly(store.set(1, -1))
        const { view } = store
        void view.size
        return () => void view.size
      },
    ],
    [
      'a pending set over a pending recipe',
      80,
      (store) => {
        holdTurn(store)
        quietly(store.update(1, () => 2, { optimistic: () => 2 }))
        return () => quietly(store.set(2, -2))
      },
    ],
    [
      'a pending set that fails below another',
      25,
      (store) => {
        holdTurn(store)
        const controller = new AbortController()
        quietly(store.set(1, -1, { signal: controller.signal }))
        quietly(store.set(1, -2))
        return () => controller.abort()
      },
    ],
    [
      'a pending set that fails on its own',
      25,
      (store) => {
        holdTurn(store)
        const controller = new AbortController()
        quietly(store.set(2, -2))
        quietly(store.set(1, -1, { signal: controller.signal }))
        return () => controller.abort()
      },
    ],
    [
      'a delete of another key below a pending set',
      25,
      (store) => {
        holdTurn(store, [1])
        quietly(store.set(1, -1))
        return () => void store.delete(2)
      },
    ],
    [
      'a pending clear that fails',
      43,
      (store) => {
        holdTurn(store, [1])
        const controller = new AbortController()
        quietly(store.clear({ signal: controller.signal }))
        return () => controller.abort()
      },
    ],
    ['a listener that comes and goes', 4, (store) => () => store.subscribeKey(1, () => {})()],
    [
      'reading a selection again',
      0,
      (store) => {
        const selection = store.select((view) => view.get(1))
        selection.subscribe(() => {})
        void selection.value
        return () => void selection.value
      },
    ],
    [
      'a set that a selection has not read',
      5,
      (store) => {
        store.select((view) => view.get(1)).subscribe(() => {})
        return () => void store.set(2, -2)
      },
    ],
    [
      'a set that a selection has read',
      21,
      (store) => {
        store.select((view) => view.get(1)).subscribe(() => {})
        return () => void store.set(1, -2)
      },
    ],
    [
      'a key that comes, and that a selection has not read',
      6,
      (store) => {
        store.select((view) => view.get(1)).subscribe(() => {})
        return () => void store.set(100, 1)
      },
    ],
  ])('%s: no more than %i', (_what, most, prepare) => {
    const act = prepare(createStore(numbered(20)))
    expect(NativeWork.of(act)).toBeLessThanOrEqual(most)
  })
})

describe('the order of keys', () => {
  const watched = (): Store<number, number> => {
    const store = createStore(numbered(20))
    store.subscribe(() => {})
    store.subscribeKeys(() => {})
    return store
  }

  test.each<[what: string, prepare: (store: Store<number, number>) => () => void]>([
    ['a set', (store) => () => void store.set(1, -1)],
    ['a key that comes', (store) => () => void store.set(100, 1)],
    ['a delete', (store) => () => void store.delete(1)],
    ['a replace of values', (store) => () => void store.replace(numbered(20).map(([key]) => [key, -1]))],
    [
      'a pending set',
      (store) => {
        holdTurn(store)
        return () => quietly(store.set(1, -1))
      },
    ],
    [
      'a pending set that fails',
      (store) => {
        holdTurn(store)
        const controller = new AbortController()
        quietly(store.set(1, -1, { signal: controller.signal }))
        return () => controller.abort()
      },
    ],
    [
      'a set beside a pending one',
      (store) => {
        holdTurn(store, [1])
        quietly(store.set(1, -1))
        return () => void store.set(2, -2)
      },
    ],
  ])('is not compared at %s', (_what, prepare) => {
    const act = prepare(watched())
    expect(listingsIn(act)).toBe(0)
  })
})
