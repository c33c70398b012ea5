// Random programs on a VersionedMap and on a twin that copies a whole Map at every write.
import fc from 'fast-check'
import type { VersionedMap, View } from 'tidemap/core'
import { expect } from 'vitest'
import { CopyMap, changesBetween } from './copy-map.ts'

/** Keys are numbers in the programs; some of them stand for keys that are special anywhere but in a Map (F19). */
const oddKeys: readonly unknown[] = [
  '__proto__',
  'constructor',
  Number.NaN,
  -0,
  '',
  Symbol('key'),
  { id: 1 },
  { id: 1 },
  null,
  undefined,
  '20',
  () => 1,
]
const keyOf = (number: number): unknown => (number in oddKeys ? oddKeys[number] : number)

type Step =
  // who looks at a view before and after captures it, and most writes must be free to happen unseen
  | { readonly do: 'set' | 'delete' | 'set undefined'; readonly key: number; readonly watched: boolean }
  | { readonly do: 'delete all below'; readonly key: number }
  | { readonly do: 'apply'; readonly deleted: readonly number[]; readonly written: readonly number[] }
  | { readonly do: 'apply range' | 'delete range'; readonly from: number; readonly count: number }
  | { readonly do: 'replace'; readonly keys: readonly number[] }
  | { readonly do: 'clear' | 'renew' | 'hold' }
  | { readonly do: 'iterate'; readonly kind: Kind; readonly count: number }
  | { readonly do: 'check'; readonly held: number }
  | { readonly do: 'diff'; readonly held: number; readonly other: number }

type Kind = 'entries' | 'keys' | 'values'

interface Held {
  readonly view: View<unknown, unknown>
  readonly twin: ReadonlyMap<unknown, unknown>
}

/** How often what makes the structure interesting has happened: a test that never got there would hold nothing. */
export interface Seen {
  views: number
  diffs: number
  diffsAcrossEpochs: number
}

class Run {
  readonly #map: VersionedMap<unknown, unknown>
  readonly #twin = new CopyMap<unknown, unknown>()
  readonly #held: Held[] = []
  readonly #iterations: { rest: Iterator<unknown>; taken: unknown[]; all: unknown[] }[] = []
  readonly #probes: readonly unknown[]
  readonly #seen: Seen
  #count = 0

  constructor(map: VersionedMap<unknown, unknown>, probes: readonly number[], seen: Seen) {
    this.#map = map
    this.#probes = probes.map(keyOf)
    this.#seen = seen
  }

  do(step: Step): void {
    const map = this.#map
    const twin = this.#twin
    switch (step.do) {
      case 'set':
      case 'set undefined': {
        const key = keyOf(step.key)
        const value = step.do === 'set' ? ++this.#count : undefined
        const before = step.watched ? map.view : undefined
        map.set(key, value)
        twin.set(key, value)
        if (before === undefined) break
        expect(map.view).not.toBe(before)
        expect(map.view.version).toBeGreaterThan(before.version)
        break
      }
      case 'delete': {
        const before = step.watched ? map.view : undefined
        const existed = map.delete(keyOf(step.key))
        expect(twin.delete(keyOf(step.key))).toBe(existed)
        if (before !== undefined) expect(map.view === before).toBe(!existed)
        break
      }
      case 'delete all below': {
        const keys = range(0, step.key).map(keyOf)
        const existed = keys.filter((key) => map.delete(key)).length
        expect(existed).toBe(keys.filter((key) => twin.view.has(key)).length)
        twin.apply(keys, new Map()) // one copy for all
        break
      }
      case 'apply':
        this.#apply(step.deleted, step.written)
        break
      case 'apply range':
        this.#apply([], range(step.from, step.count))
        break
      case 'delete range':
        this.#apply(range(step.from, step.count), [])
        break
      case 'replace': {
        const entries = step.keys.map((key) => [keyOf(key), ++this.#count] as const)
        map.replace(entries)
        twin.replace(entries)
        break
      }
      case 'clear':
        map.clear()
        twin.replace([])
        break
      case 'renew': {
        const before = map.view
        map.renewView()
        expect(map.view).not.toBe(before)
        expect(map.view).toBe(map.view)
        break
      }
      case 'hold':
        this.#held.push({ view: map.view, twin: twin.view })
        break
      case 'iterate':
        this.#iterate(step.kind, step.count)
        break
      case 'check':
        this.#check(this.#pick(step.held))
        break
      case 'diff':
        this.#diff(this.#pick(step.held), this.#pick(step.other))
    }
    expect(map.size).toBe(twin.view.size)
  }

  end(): void {
    for (const { rest, taken, all } of this.#iterations) {
      for (let step = rest.next(); !step.done; step = rest.next()) taken.push(step.value)
      expect(same(taken, all)).toBe(true)
      expect(rest.next().done).toBe(true)
    }
    for (const held of this.#held) this.#check(held)
    const newest = this.#pick(this.#held.length)
    for (const held of this.#held) this.#diff(held, newest)
    for (const key of this.#probes) {
      expect(this.#map.get(key)).toBe(this.#twin.view.get(key))
      expect(this.#map.has(key)).toBe(this.#twin.view.has(key))
    }
  }

  #apply(deleted: readonly number[], written: readonly number[]): void {
    const keys = new Set(deleted.map(keyOf))
    const entries = new Map(written.map((key) => [keyOf(key), ++this.#count]))
    this.#map.apply(keys, entries, keys.size + entries.size)
    this.#twin.apply(keys, entries)
  }

  /** One of the held views, or the newest. */
  #pick(index: number): Held {
    const newest = { view: this.#map.view, twin: this.#twin.view }
    return this.#held[index % (this.#held.length + 1)] ?? newest
  }

  #iterate(kind: Kind, count: number): void {
    const rest = this.#map.view[kind]()
    const taken: unknown[] = []
    for (let i = 0; i < count; i++) {
      const step = rest.next()
      if (step.done) break
      taken.push(step.value)
    }
    this.#iterations.push({ rest, taken, all: [...this.#twin.view[kind]()] })
  }

  #check({ view, twin }: Held): void {
    this.#seen.views++
    const each: unknown[] = []
    view.forEach((value, key, self) => {
      expect(self).toBe(view)
      each.push([key, value])
    })
    const entries = [...twin]

    expect(view.size).toBe(twin.size)
    expect(same([...view], entries)).toBe(true)
    expect(same([...view.entries()], entries)).toBe(true)
    expect(same(each, entries)).toBe(true)
    expect(same([...view.keys()], [...twin.keys()])).toBe(true)
    expect(same([...view.values()], [...twin.values()])).toBe(true)
    for (const key of this.#probes) {
      if (!Object.is(view.get(key), twin.get(key)) || view.has(key) !== twin.has(key)) {
        expect([view.get(key), view.has(key)]).toEqual([twin.get(key), twin.has(key)])
      }
    }
  }

  #diff(newer: Held, older: Held): void {
    for (const [a, b] of [
      [newer, older],
      [older, newer],
    ] as const) {
      this.#seen.diffs++
      if (a.view.keysThatMayDiffer(b.view) === undefined) this.#seen.diffsAcrossEpochs++

      const changes = a.view.changesSince(b.view)

      const expected = changesBetween(b.twin, a.twin)
      expect(changes.length).toBe(expected.size)
      expect(new Map(changes.map((change) => [change.key, change]))).toEqual(expected)
    }
  }
}

/** Equal entry by entry, by identity; `toEqual` would find two keys with the same fields equal. */
function same(a: readonly unknown[], b: readonly unknown[]): boolean {
  const flatA = a.flat()
  const flatB = b.flat()
  return flatA.length === flatB.length && flatA.every((x, i) => Object.is(x, flatB[i]))
}

export const range = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i)

function steps(keyCount: number): fc.Arbitrary<Step> {
  const key = fc.nat(keyCount)
  const keys = fc.array(key, { maxLength: 50 })
  const held = fc.nat(50)
  const watched = fc.boolean()
  const block = { from: key, count: fc.integer({ min: 1, max: Math.max(1, keyCount >> 1) }) }
  return fc.oneof(
    { weight: 40, arbitrary: fc.record({ do: fc.constant('set' as const), key, watched }) },
    { weight: 5, arbitrary: fc.record({ do: fc.constant('set undefined' as const), key, watched }) },
    { weight: 30, arbitrary: fc.record({ do: fc.constant('delete' as const), key, watched }) },
    { weight: 5, arbitrary: fc.record({ do: fc.constant('delete all below' as const), key }) },
    { weight: 10, arbitrary: fc.record({ do: fc.constant('apply' as const), deleted: keys, written: keys }) },
    { weight: 5, arbitrary: fc.record({ do: fc.constant('apply range' as const), ...block }) },
    { weight: 5, arbitrary: fc.record({ do: fc.constant('delete range' as const), ...block }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('replace' as const), keys }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('clear' as const, 'renew' as const) }) },
    { weight: 15, arbitrary: fc.record({ do: fc.constant('hold' as const) }) },
    {
      weight: 10,
      arbitrary: fc.record({
        do: fc.constant('iterate' as const),
        kind: fc.constantFrom<Kind>('entries', 'keys', 'values'),
        count: fc.nat(keyCount),
      }),
    },
    { weight: 10, arbitrary: fc.record({ do: fc.constant('check' as const), held }) },
    { weight: 10, arbitrary: fc.record({ do: fc.constant('diff' as const), held, other: held }) },
  )
}

/**
 * Programs on as many keys, carried out on a map and on its twin; each of `probes` is looked up in every view that is checked. Throws
 * where they differ.
 */
export function isMapOfViews(
  make: () => VersionedMap<unknown, unknown>,
  keyCount: number,
  probes: readonly number[],
  length: number,
  seen: Seen,
) {
  const programs = fc.array(steps(keyCount), { minLength: 1, maxLength: length, size: 'max' })
  return fc.property(programs, (program) => {
    const run = new Run(make(), probes, seen)
    for (const step of program) run.do(step)
    run.end()
  })
}
