import { expect } from './harness.ts'

export interface Item {
  readonly id: number
  readonly n: number
}

export type Entry = [key: string, value: Item]

/** Anything that can be read like a Map; what checks read. */
interface Readable {
  readonly size: number
  get(key: string): Item | undefined
  entries(): Iterable<[string, Item]>
}

export function entriesOf(size: number): Entry[] {
  return Array.from({ length: size }, (_, id) => [`user:${id}`, { id, n: id }])
}

/** The same figures on every run. */
function random(): () => number {
  let state = 0x2545f491
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 0x100000000
  }
}

const LENGTH = 1 << 17

/** An endless sequence of reads and writes of random keys, the same for every candidate. */
export class Sequence {
  /** The key of step `i` is `keys[i & keyMask]`. */
  readonly keys: readonly string[]
  readonly keyMask: number = LENGTH - 1
  readonly #entries: readonly Entry[]

  constructor(entries: readonly Entry[]) {
    const next = random()
    this.#entries = entries
    this.keys = Array.from(
      { length: LENGTH },
      () => (entries[Math.floor(next() * entries.length)] as Entry)[0],
    )
  }

  /** The contents after the first `steps` writes, of which step `i` wrote `{ id: i, n: i }`. */
  after(steps: number): Map<string, Item> {
    const contents = new Map(this.#entries)
    for (let i = Math.max(0, steps - LENGTH); i < steps; i++) {
      contents.set(this.keys[i & this.keyMask] as string, { id: i, n: i })
    }
    return contents
  }
}

/** A new value is a new object with a number that no other has. */
export function isSame(a: Item | undefined, b: Item | undefined): boolean {
  return a === b || (a !== undefined && b !== undefined && a.id === b.id && a.n === b.n)
}

/** Contents and order, by iteration and by key. `inOrder: false` for Immutable.js, whose Map has none. */
export function expectSame(actual: Readable, expected: ReadonlyMap<string, Item>, inOrder = true): void {
  expect(actual.size === expected.size, `size ${actual.size} of ${expected.size}`)
  for (const [key, value] of expected) expect(isSame(actual.get(key), value), `the value of ${key}`)
  let seen = 0
  const keys = expected.keys()
  for (const [key, value] of actual.entries()) {
    expect(isSame(expected.get(key), value), `the entry of ${key}`)
    if (inOrder) expect(keys.next().value === key, `the place of ${key}`)
    seen++
  }
  expect(seen === expected.size, `${seen} entries of ${expected.size}`)
}
