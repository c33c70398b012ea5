import fc from 'fast-check'
import { type Change, createStore, type View } from 'tidemap/store'
import { describe, expect, test } from 'vitest'
import { Step } from '../../src/react/step.ts'

const keys = fc.constantFrom<string[]>('a', 'b', 'c', 'd')
const entries = fc.uniqueArray(fc.tuple(keys, fc.nat(9)), { selector: ([key]) => key })
/** A number to set the key to, or undefined to delete it. */
const writes = fc.array(fc.tuple(keys, fc.option(fc.nat(9), { nil: undefined })), {
  minLength: 1,
  maxLength: 5,
})

/** The step of one batch of writes. */
function stepOf(
  from: readonly (readonly [string, number])[],
  batch: readonly (readonly [string, number | undefined])[],
) {
  const store = createStore<string, number>(from)
  const before = store.view
  let changes: readonly Change<string, number>[] = []
  store.subscribe((_view, _previous, told) => {
    changes = told
  })
  void store.batch((tx) => {
    for (const [key, value] of batch) value === undefined ? tx.delete(key) : tx.set(key, value)
  })
  return new Step(before, store.view, changes, true, true, undefined)
}

const viewOf = (pairs: readonly (readonly [string, number])[]): View<string, number> =>
  createStore<string, number>(pairs).view

describe('a step', () => {
  test('leads from the view it was made on to the very view of the store', () => {
    const step = stepOf([['a', 1]], [['a', 2]])
    expect(step.after(step.from)).toBe(step.to)
  })

  test('carried out on another view, sets and deletes what it changed, and is a view in all its methods', () => {
    fc.assert(
      fc.property(entries, writes, entries, (from, batch, other) => {
        const step = stepOf(from, batch)
        const base = viewOf(other)

        const branch = step.after(base)

        // the twin: a Map, written by hand
        const twin = new Map(other)
        for (const { key, type, value } of step.changes)
          type === 'delete' ? twin.delete(key) : twin.set(key, value)
        expect([...branch]).toEqual([...twin])
        expect([...branch.keys()]).toEqual([...twin.keys()])
        expect([...branch.values()]).toEqual([...twin.values()])
        expect(branch.size).toBe(twin.size)
        const seen: unknown[] = []
        branch.forEach((value, key, view) => void seen.push([key, value, view === branch]))
        expect(seen).toEqual([...twin].map(([key, value]) => [key, value, true]))
        for (const key of ['a', 'b', 'c', 'd']) {
          expect([branch.has(key), branch.get(key)]).toEqual([twin.has(key), twin.get(key)])
        }
        expect([...twin.keys()].sort(() => 0).sort((a, b) => branch.compare(a, b))).toEqual([...twin.keys()])
        const changed = branch.changesSince(base)
        const back = new Map(other)
        for (const { key, type, value } of changed)
          type === 'delete' ? back.delete(key) : back.set(key, value as number)
        expect(new Map(branch)).toEqual(back)
        expect(new Set(base.changesSince(branch).map(({ key }) => key))).toEqual(
          new Set(changed.map(({ key }) => key)),
        )
      }),
    )
  })

  test('thousands of them, carried out one after the other on what a transition has left, can be read', () => {
    const store = createStore<string, number>([['n', 0]])
    const steps: Step<string, number>[] = []
    store.subscribe((view, previous, changes) => {
      steps.push(new Step(previous, view, changes, false, false, undefined))
    })
    for (let n = 1; n <= 20_000; n++) void store.set('n', n)

    const branch = steps.reduce((view, step) => step.after(view), viewOf([['kept', 1]]))

    expect([...branch]).toEqual([
      ['kept', 1],
      ['n', 20_000],
    ])
  })

  test('makes the same of the same, to the identity (J1)', () => {
    const base = viewOf([['b', 1]])
    const step = stepOf([['a', 1]], [['a', 2]])
    expect(step.after(base)).toBe(step.after(base))
  })

  test('with a recipe makes the next value of the one that is there, once each, and the store’s own of the store’s own (J1)', () => {
    const { from, to, changes } = stepOf([['n', 3]], [['n', 6]])
    let calls = 0
    const double = (n = 0): number => {
      calls++
      return n * 2
    }
    const step = new Step(from, to, changes, false, false, { key: 'n', recipe: double })

    expect([step.valueAfter('n', 3), step.valueAfter('n', 1), step.valueAfter('n', 1)]).toEqual([6, 2, 2])
    expect(step.after(viewOf([['n', 1]])).get('n')).toBe(2)
    expect(calls).toBe(1)
  })
})
