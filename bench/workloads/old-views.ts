import { Map as ImmutableMap } from 'immutable'
import { VersionedMap, type View } from 'tidemap/core'
import { createStore } from 'tidemap/store'
import { entriesOf, type Item, Sequence } from '../data.ts'
import { type Candidate, expect } from '../harness.ts'
import { SIZES, timed, type Workload } from '../workload.ts'

const YOUNG = 10
const OLD = 100_000

export const oldViews: Workload = {
  title: 'read a key of an old view',
  unit: 'ns',
  base: 'Map',
  sizes: SIZES,
  targets: {
    'view, 10 commits old': 1.5,
    'view, 100,000 commits old': 1.5,
    'view of a store, 100,000 commits old': 1.5,
  },
  measure(size, quick) {
    const entries = entriesOf(size)
    const sequence = new Sequence(entries)
    const { keys, keyMask } = sequence

    const plainMap = (): Candidate => {
      const map = new Map(entries)
      const sums = new Sums(sequence)
      return {
        name: 'Map',
        run(times) {
          let sum = 0
          for (let i = 0; i < times; i++) sum += (map.get(keys[i & keyMask] as string) as Item).n
          sums.found(sum, times, 0)
        },
        check: () => sums.check(),
      }
    }
    // What a copy of the same age costs: how much is the values' places in memory, which no structure decides.
    const oldCopy = (): Candidate => {
      const map = new Map(entries)
      const sums = new Sums(sequence)
      let step = 0
      let at = 0
      let copy = map
      return {
        name: 'copied Map, 100,000 commits old',
        prepare() {
          at = step
          copy = new Map(map)
          for (const end = step + OLD; step < end; step++) {
            map.set(keys[step & keyMask] as string, { id: step, n: step })
          }
        },
        run(times) {
          let sum = 0
          for (let i = 0; i < times; i++) sum += (copy.get(keys[i & keyMask] as string) as Item).n
          sums.found(sum, times, at)
        },
        check: () => sums.check(),
      }
    }
    /** A view of a map that has been written since: every sample begins with a view that nobody has read before. */
    const young = (): Candidate => {
      const map = new VersionedMap(entries)
      const sums = new Sums(sequence)
      let step = 0
      let at = 0
      let view = map.view
      return {
        name: 'view, 10 commits old',
        prepare() {
          at = step
          view = map.view
          for (const end = step + YOUNG; step < end; step++) {
            map.set(keys[step & keyMask] as string, { id: step, n: step })
            void map.view
          }
        },
        run(times) {
          let sum = 0
          for (let i = 0; i < times; i++) sum += (view.get(keys[i & keyMask] as string) as Item).n
          sums.found(sum, times, at)
        },
        check: () => sums.check(),
      }
    }
    const old = (): Candidate => {
      const map = new VersionedMap(entries)
      const sums = new Sums(sequence)
      let step = 0
      let at = 0
      let view = map.view
      return {
        name: 'view, 100,000 commits old',
        prepare() {
          at = step
          view = map.view
          for (const end = step + OLD; step < end; step++) {
            map.set(keys[step & keyMask] as string, { id: step, n: step })
            void map.view
          }
        },
        run(times) {
          let sum = 0
          for (let i = 0; i < times; i++) sum += (view.get(keys[i & keyMask] as string) as Item).n
          sums.found(sum, times, at)
        },
        check: () => sums.check(),
      }
    }
    const oldOfStore = (): Candidate => {
      const store = createStore(entries)
      const sums = new Sums(sequence)
      let step = 0
      let at = 0
      let view: View<string, Item> = store.view
      return {
        name: 'view of a store, 100,000 commits old',
        prepare() {
          at = step
          view = store.view
          for (const end = step + OLD; step < end; step++) {
            void store.set(keys[step & keyMask] as string, { id: step, n: step })
            void store.view
          }
        },
        run(times) {
          let sum = 0
          for (let i = 0; i < times; i++) sum += (view.get(keys[i & keyMask] as string) as Item).n
          sums.found(sum, times, at)
        },
        check: () => sums.check(),
      }
    }
    const immutable = (): Candidate => {
      let map = ImmutableMap(entries)
      const sums = new Sums(sequence)
      let step = 0
      let at = 0
      let view = map
      return {
        name: 'Immutable.js, 100,000 commits old',
        prepare() {
          at = step
          view = map
          for (const end = step + OLD; step < end; step++) {
            map = map.set(keys[step & keyMask] as string, { id: step, n: step })
          }
        },
        run(times) {
          let sum = 0
          for (let i = 0; i < times; i++) sum += (view.get(keys[i & keyMask] as string) as Item).n
          sums.found(sum, times, at)
        },
        check: () => sums.check(),
      }
    }
    return timed(this.base, [plainMap(), young(), oldCopy(), old(), oldOfStore(), immutable()], quick)
  },
}

/** What a sample read, to be compared with a plain map of that moment when the time does not count. */
class Sums {
  readonly #sequence: Sequence
  #last = { sum: 0, times: 0, at: 0 }

  constructor(sequence: Sequence) {
    this.#sequence = sequence
  }

  found(sum: number, times: number, at: number): void {
    this.#last = { sum, times, at }
  }

  check(): void {
    const { sum, times, at } = this.#last
    const { keys, keyMask } = this.#sequence
    const contents = this.#sequence.after(at)
    let expected = 0
    for (let i = 0; i < times; i++) expected += (contents.get(keys[i & keyMask] as string) as Item).n
    expect(sum === expected, `the sum of what was read of a view of step ${at}`)
  }
}
