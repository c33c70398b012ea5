// `replace` of entries that are mostly there already costs what differs: the history, the round and whoever follows it.
import fc from 'fast-check'
import { createStore, type Store } from 'tidemap/store'
import { describe, expect, test, vi } from 'vitest'

type Entry = readonly [key: number, value: string]

const numbered = (count: number): Entry[] => Array.from({ length: count }, (_, i) => [i, `value ${i}`])

/** What a `replace` has written down for whoever compares the views before and after it; `undefined` where they compare everything. */
async function replacedBy(store: Store<number, string>, entries: readonly Entry[]) {
  const before = store.view
  await store.replace(entries)
  const differing = store.view.keysThatMayDiffer(before)
  return differing && new Set(differing)
}

describe('a replace', () => {
  test.each<[what: string, change: (entries: Entry[]) => Entry[], differing: number[]]>([
    ['changes values', (all) => spliced(spliced(all, 3, 1, [3, 'new']), 900, 1, [900, 'new']), [3, 900]],
    ['adds keys at the end', (all) => [...all, [1000, 'new'], [1001, 'new']], [1000, 1001]],
    ['adds a key in front', (all) => [[-1, 'new'], ...all], [-1]],
    ['adds a key in the middle', (all) => spliced(all, 500, 0, [-1, 'new']), [-1]],
    ['leaves keys out', (all) => spliced(all, 10, 2), [10, 11]],
    ['lets two keys change places', (all) => swapped(all, 1, 998), [1, 998]],
    ['moves a key a little', (all) => [...all.slice(1, 5), all[0]!, ...all.slice(5)], [0, 1, 2, 3, 4]],
    [
      'does all of it',
      (all) => [[-1, 'new'], ...spliced(spliced(swapped(all, 1, 998), 10, 1), 4, 1, [4, 'new'])],
      [-1, 1, 998, 4, 10],
    ],
  ])('that %s is as much as that for those who compare', async (_what, change, differing) => {
    const store = createStore(numbered(1000))
    const entries = change(numbered(1000))

    const found = await replacedBy(store, entries)

    expect([...store]).toEqual(entries)
    expect(found).toEqual(new Set(differing))
  })

  test('of more than a part is compared as a whole', async () => {
    const store = createStore(numbered(1000))
    expect(await replacedBy(store, numbered(1000).reverse())).toBeUndefined()
    expect(await replacedBy(store, [[5000, 'alone']])).toBeUndefined()
    expect(await replacedBy(store, [])).toBeUndefined()
  })

  test('of what is there already is none, also for an `equal` by which a value is not equal to itself', async () => {
    const store = createStore([['a', Number.NaN]], { equal: (a, b) => a === b })
    const before = store.view
    const heard = vi.fn()
    store.subscribe(heard)

    await store.replace([['a', Number.NaN]])

    expect(heard).not.toHaveBeenCalled()
    expect(store.view).toBe(before)
  })

  test('goes on to be known by its differences while other keys are written', async () => {
    const store = createStore(numbered(1000))
    const before = store.view
    await store.replace([[-1, 'new'], ...numbered(1000)])

    await store.set(7, 'written')
    await store.delete(8)

    expect(new Set(store.view.keysThatMayDiffer(before))).toEqual(new Set([-1, 7, 8]))
    expect(store.view.changesSince(before)).toEqual([
      { type: 'add', key: -1, value: 'new', previous: undefined },
      { type: 'update', key: 7, value: 'written', previous: 'value 7' },
      { type: 'delete', key: 8, value: undefined, previous: 'value 8' },
    ])
  })

  test('keeps the values that were there where the new ones are equal, in whatever order they come', async () => {
    const byId = (a: { id: number }, b: { id: number }) => a.id === b.id
    const first = [1, 2, 3].map((id) => [id, { id }] as const)
    const store = createStore(first, { equal: byId })

    await store.replace([3, 4, 1].map((id) => [id, { id }] as const))

    expect([...store.keys()]).toEqual([3, 4, 1])
    expect(store.get(1)).toBe(first[0]![1])
    expect(store.get(3)).toBe(first[2]![1])
  })

  test('keeps the entries as they were, whatever is written afterwards', async () => {
    const entries = new Map(numbered(3))
    const store = createStore([[9, 'old']])
    await store.replace(entries)

    await store.set(0, 'later')
    entries.set(1, 'mine')

    expect(entries.get(0)).toBe('value 0')
    expect(store.get(1)).toBe('value 1')
  })

  test('of an order alone tells those who listen to keys, and of an equal list nobody', async () => {
    const store = createStore(numbered(3))
    const told = vi.fn()
    const toldOfKeys = vi.fn()
    store.subscribe((_view, _previous, changes) => told(changes))
    store.subscribeKeys(toldOfKeys)

    await store.replace(numbered(3))
    expect(told).not.toHaveBeenCalled()
    await store.replace(numbered(3).reverse())

    expect(toldOfKeys).toHaveBeenCalledTimes(1)
    expect(told.mock.calls).toEqual([[[]]])
  })

  test('after any number of them a view has the entries, and what differs is among the keys that may', async () => {
    const key = fc.nat({ max: 60 })
    const step = fc.oneof(
      { weight: 2, arbitrary: fc.record({ do: fc.constant('all' as const), keys: fc.uniqueArray(key) }) },
      {
        weight: 6,
        arbitrary: fc.record({
          do: fc.constant('edit' as const),
          edits: fc.array(
            fc.record({ what: fc.constantFrom('swap', 'move', 'drop', 'add', 'write'), a: key, b: key }),
            { maxLength: 4 },
          ),
        }),
      },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('set' as const), key }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('delete' as const), key }) },
    )
    let known = 0
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), fc.boolean(), async (steps, isWatched) => {
        let values = 0
        let twin: Entry[] = numbered(40)
        const store = createStore(twin)
        const stop = isWatched ? store.subscribe(() => {}) : undefined
        for (const one of steps) {
          const before = store.view
          const entriesBefore = twin
          if (one.do === 'all') twin = one.keys.map((k) => [k, `${values++}`])
          else if (one.do === 'edit')
            twin = one.edits.reduce((all, edit) => edited(all, edit, values++), twin)
          else if (one.do === 'delete') twin = twin.filter(([k]) => k !== one.key)
          else twin = [...new Map(twin).set(one.key, `${values++}`)]
          if (one.do === 'set') void store.set(one.key, new Map(twin).get(one.key) as string)
          else if (one.do === 'delete') void store.delete(one.key)
          else void store.replace(twin)

          expect([...store.view]).toEqual(twin)
          expect([...before]).toEqual(entriesBefore)
          const differing = store.view.keysThatMayDiffer(before)
          if (differing === undefined) continue
          known++
          const some = new Set(differing)
          const others = ([k]: Entry) => !some.has(k)
          expect(twin.filter(others)).toEqual(entriesBefore.filter(others))
        }
        stop?.()
      }),
      { numRuns: 300 },
    )
    expect(known).toBeGreaterThan(500)
  })
})

const spliced = (all: readonly Entry[], at: number, count: number, ...added: Entry[]): Entry[] => [
  ...all.slice(0, at),
  ...added,
  ...all.slice(at + count),
]

const swapped = (all: readonly Entry[], i: number, j: number): Entry[] =>
  spliced(spliced(all, i, 1, all[j] as Entry), j, 1, all[i] as Entry)

function edited(
  all: readonly Entry[],
  { what, a, b }: { readonly what: string; readonly a: number; readonly b: number },
  value: number,
): Entry[] {
  const i = a % Math.max(1, all.length)
  const j = b % Math.max(1, all.length)
  const at = (index: number) => all[index] as Entry
  if (what === 'add') return new Map(all).has(a) ? [...all] : spliced(all, j, 0, [a, `${value}`])
  if (all.length === 0) return []
  if (what === 'drop') return spliced(all, i, 1)
  if (what === 'write') return spliced(all, i, 1, [at(i)[0], `${value}`])
  if (what === 'swap') return swapped(all, i, j)
  return spliced(spliced(all, i, 1), j, 0, at(i))
}
