// The list against the obvious way: after every step the page has the view's entries in order, each key's node is the one it had, and
// no more nodes were moved than a longest common order leaves.
import fc from 'fast-check'
import { bindList } from 'tidemap/dom'
import { createStore } from 'tidemap/store'
import { expect, test } from 'vitest'
import { deferred } from '../support/deferred.ts'

type Step =
  | { readonly do: 'set' | 'delete' | 'again' | 'pend' | 'pend delete'; readonly key: number }
  | { readonly do: 'set many' | 'replace' | 'delete many'; readonly keys: readonly number[] }
  | { readonly do: 'swap' | 'move'; readonly key: number; readonly to: number }
  | { readonly do: 'clear' | 'hold' | 'release' | 'fail' }

const key = fc.nat({ max: 40 })
const keys = fc.uniqueArray(key, { maxLength: 41, size: 'max' })
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constantFrom('set', 'delete', 'again', 'pend', 'pend delete'), key }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('set many', 'replace', 'delete many'), keys }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('swap', 'move'), key, to: key }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('hold', 'release', 'fail') }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('clear') }) },
)

test('after every step the rows are those of the view, in order, moved as little as possible', async () => {
  let moves = 0
  await fc.assert(
    fc.asyncProperty(keys, fc.array(step, { maxLength: 25, size: 'max' }), async (first, steps) => {
      const parent = document.createElement('ul')
      let values = 0
      const entry = (k: number): [number, number] => [k, values++]
      const store = createStore(first.map(entry))
      const stop = bindList(parent, store, {
        create: (value, k) => document.createTextNode(`${k}=${value}`),
        update(node, value, k) {
          node.data = `${k}=${value}`
        },
      })
      let holders: ReturnType<typeof deferred<void>>[] = []
      let controllers: AbortController[] = []
      const quietly = (promise: Promise<unknown>) => void promise.catch(() => {})
      const pend = (write: (signal: AbortSignal) => Promise<unknown>) => {
        const controller = new AbortController()
        controllers.push(controller)
        quietly(write(controller.signal))
      }

      const act = (s: Step) => {
        switch (s.do) {
          case 'set':
            return void store.set(...entry(s.key))
          case 'delete':
            return void store.delete(s.key)
          case 'again':
            return void store.batch((tx) => {
              tx.delete(s.key)
              tx.set(...entry(s.key))
            })
          case 'pend':
            return pend((signal) => store.set(...entry(s.key), { signal }))
          case 'pend delete':
            return pend((signal) => store.delete(s.key, { signal }))
          case 'set many':
            return void store.setMany(s.keys.map(entry))
          case 'replace':
            // values that stay too: then only the order is another one
            return void store.replace(
              s.keys.map((k) => (k % 2 === 0 && store.has(k) ? [k, store.get(k)!] : entry(k))),
            )
          case 'swap':
          case 'move': {
            const entries = [...store]
            const [i, j] = [s.key % Math.max(1, entries.length), s.to % Math.max(1, entries.length)]
            const [one] = entries.splice(i, 1)
            if (one === undefined) return
            if (s.do === 'swap' && i !== j) entries.splice(i, 0, ...entries.splice(i < j ? j - 1 : j, 1))
            entries.splice(j, 0, one)
            return void store.replace(entries)
          }
          case 'delete many':
            return void store.batch((tx) => {
              for (const k of s.keys.slice(0, 5)) tx.delete(k)
            })
          case 'clear':
            return void store.clear()
          case 'hold': {
            const gate = deferred()
            holders.push(gate)
            return quietly(store.transaction(() => gate.promise))
          }
          case 'release': {
            holders.shift()?.resolve()
            return
          }
          case 'fail':
            controllers.shift()?.abort()
        }
      }

      for (const s of steps) {
        const before = new Map([...parent.childNodes].map((node) => [node.textContent!.split('=')[0], node]))
        const observer = new MutationObserver(() => {})
        const from = store.view
        observer.observe(parent, { childList: true })
        act(s)
        const removed = observer.takeRecords().flatMap(({ removedNodes }) => [...removedNodes])
        observer.disconnect()

        expect([...parent.childNodes].map((node) => node.textContent)).toEqual(
          [...store].map(([k, v]) => `${k}=${v}`),
        )
        for (const node of parent.childNodes) {
          const same = before.get(node.textContent!.split('=')[0])
          if (same !== undefined) expect(node).toBe(same)
        }
        if (s.do === 'hold' || s.do === 'release') {
          await Promise.resolve()
          await new Promise((resolve) => setTimeout(resolve))
          expect([...parent.childNodes].map((node) => node.textContent)).toEqual(
            [...store].map(([k, v]) => `${k}=${v}`),
          )
          continue
        }
        const moved = removed.filter((node) => node.parentNode === parent)
        const kept = [...from.keys()].filter((k) => store.has(k))
        moves += moved.length
        expect(moved.length).toBe(
          kept.length -
            longestCommonOrder(
              kept,
              [...store.keys()].filter((k) => from.has(k)),
            ),
        )
      }
      stop()
      for (const gate of holders) gate.resolve()
      holders = []
      controllers = []
    }),
    { numRuns: 150 },
  )
  expect(moves).toBeGreaterThan(100)
}, 60_000)

/** How many keys may stay where they are: the obvious O(n²) way. */
function longestCommonOrder(before: readonly number[], after: readonly number[]): number {
  const places = after.map((k) => before.indexOf(k))
  const best: number[] = []
  for (const [i, place] of places.entries()) {
    best[i] = 1 + Math.max(0, ...best.slice(0, i).filter((_, j) => places[j]! < place))
  }
  return Math.max(0, ...best)
}
