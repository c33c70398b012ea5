import { type Signal, signal } from '@preact/signals-core'
import { Map as ImmutableMap } from 'immutable'
import { VersionedMap, type View } from 'tidemap/core'
import { createStore } from 'tidemap/store'
import { entriesOf, expectSame, type Item, Sequence } from '../data.ts'
import type { Candidate } from '../harness.ts'
import { SIZES, timed, type Workload } from '../workload.ts'

export const write: Workload = {
  title: 'write an existing key and take the new view',
  unit: 'ns',
  base: 'Immutable.js',
  sizes: SIZES,
  targets: { VersionedMap: 0.5, store: 0.5 },
  measure(size, quick) {
    const entries = entriesOf(size)
    const sequence = new Sequence(entries)
    const { keys, keyMask } = sequence

    const tidemap = (): Candidate => {
      const map = new VersionedMap(entries)
      let step = 0
      let view = map.view
      const held = new Held(sequence, () => [step, view])
      return {
        name: 'VersionedMap',
        prepare: () => held.keep(),
        run(times) {
          for (const end = step + times; step < end; step++) {
            map.set(keys[step & keyMask] as string, { id: step, n: step })
            view = map.view
          }
        },
        check: () => held.check(),
      }
    }
    const tidemapStore = (): Candidate => {
      const store = createStore(entries)
      let step = 0
      let view: View<string, Item> = store.view
      const held = new Held(sequence, () => [step, view])
      return {
        name: 'store',
        prepare: () => held.keep(),
        run(times) {
          for (const end = step + times; step < end; step++) {
            void store.set(keys[step & keyMask] as string, { id: step, n: step })
            view = store.view
          }
        },
        check: () => held.check(),
      }
    }
    const immutable = (): Candidate => {
      let view = ImmutableMap(entries)
      let step = 0
      const held = new Held(sequence, () => [step, view], false)
      return {
        name: 'Immutable.js',
        prepare: () => held.keep(),
        run(times) {
          for (const end = step + times; step < end; step++) {
            view = view.set(keys[step & keyMask] as string, { id: step, n: step })
          }
        },
        check: () => held.check(),
      }
    }
    const copiedMap = (): Candidate => {
      let view = new Map(entries)
      let step = 0
      const held = new Held(sequence, () => [step, view])
      return {
        name: 'Map copied',
        prepare: () => held.keep(),
        run(times) {
          for (const end = step + times; step < end; step++) {
            view = new Map(view)
            view.set(keys[step & keyMask] as string, { id: step, n: step })
          }
        },
        check: () => held.check(),
      }
    }
    const signals = (): Candidate => {
      const cells = new Map<string, Signal<Item>>(entries.map(([key, value]) => [key, signal(value)]))
      let view = new Map(entries)
      let step = 0
      const held = new Held(sequence, () => [step, view])
      return {
        name: 'signal per key, copied',
        prepare: () => held.keep(),
        run(times) {
          for (const end = step + times; step < end; step++) {
            const cell = cells.get(keys[step & keyMask] as string) as Signal<Item>
            cell.value = { id: step, n: step }
            view = new Map()
            for (const [key, { value }] of cells) view.set(key, value)
          }
        },
        check: () => held.check(),
      }
    }
    // nobody takes a view: what a native Map itself costs
    const plainMap = (): Candidate => {
      const map = new Map(entries)
      let step = 0
      return {
        name: 'Map, no view',
        run(times) {
          for (const end = step + times; step < end; step++) {
            map.set(keys[step & keyMask] as string, { id: step, n: step })
          }
        },
        check: () => expectSame(map, sequence.after(step)),
      }
    }
    const candidates = [immutable(), tidemap(), tidemapStore(), copiedMap(), signals(), plainMap()]
    return timed(this.base, candidates, quick)
  },
}

type Contents = ReadonlyMap<string, Item> | ImmutableMap<string, Item>

/** Some views of different ages, to be found as they were when all is over. */
class Held {
  readonly #sequence: Sequence
  readonly #now: () => [step: number, view: Contents]
  readonly #inOrder: boolean
  readonly #views: [step: number, view: Contents][] = []

  constructor(sequence: Sequence, now: () => [step: number, view: Contents], inOrder = true) {
    this.#sequence = sequence
    this.#now = now
    this.#inOrder = inOrder
  }

  /** The first few; more would fill the memory that the others are measured in. */
  keep(): void {
    if (this.#views.length < 2) this.#views.push(this.#now())
  }

  check(): void {
    for (const [step, view] of [...this.#views, this.#now()]) {
      expectSame(view, this.#sequence.after(step), this.#inOrder)
    }
  }
}
