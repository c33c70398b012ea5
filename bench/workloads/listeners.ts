import { effect, type Signal, signal } from '@preact/signals-core'
import { createStore } from 'tidemap/store'
import { entriesOf, expectSame, type Item, isSame, Sequence } from '../data.ts'
import { type Candidate, expect } from '../harness.ts'
import { SIZES, timed, type Workload } from '../workload.ts'

export const listeners: Workload = {
  title: 'change one of N keys, each with a listener',
  unit: 'ns',
  base: 'signal per key',
  sizes: SIZES,
  targets: { store: 0.8 },
  measure(size, quick) {
    const entries = entriesOf(size)
    const sequence = new Sequence(entries)
    const { keys, keyMask } = sequence

    const tidemap = (): Candidate => {
      const store = createStore(entries)
      const heard = new Heard(sequence, entries)
      entries.forEach(([key], i) => {
        store.subscribeKey(key, (value) => heard.hear(i, value as Item))
      })
      let step = 0
      return {
        name: 'store',
        run(times) {
          for (const end = step + times; step < end; step++) {
            void store.set(keys[step & keyMask] as string, { id: step, n: step })
          }
        },
        check() {
          heard.check(step)
          expectSame(store.view, sequence.after(step))
        },
      }
    }
    const signals = (): Candidate => {
      const cells = new Map<string, Signal<Item>>(entries.map(([key, value]) => [key, signal(value)]))
      const heard = new Heard(sequence, entries)
      entries.forEach(([key], i) => {
        const cell = cells.get(key) as Signal<Item>
        effect(() => heard.hear(i, cell.value))
      })
      heard.calls = 0 // an effect runs once to begin with
      let step = 0
      return {
        name: 'signal per key',
        run(times) {
          for (const end = step + times; step < end; step++) {
            const cell = cells.get(keys[step & keyMask] as string) as Signal<Item>
            cell.value = { id: step, n: step }
          }
        },
        check: () => heard.check(step),
      }
    }
    // The limit: no views, no order of rounds, nobody unsubscribes.
    const table = (): Candidate => {
      const map = new Map(entries)
      const heard = new Heard(sequence, entries)
      const calls = new Map(
        entries.map(([key], i) => [key, [(value: Item) => heard.hear(i, value)]] as const),
      )
      let step = 0
      return {
        name: 'Map and a table of listeners',
        run(times) {
          for (const end = step + times; step < end; step++) {
            const key = keys[step & keyMask] as string
            const value = { id: step, n: step }
            map.set(key, value)
            for (const call of calls.get(key) ?? []) call(value)
          }
        },
        check: () => heard.check(step),
      }
    }
    return timed(this.base, [signals(), tidemap(), table()], quick)
  },
}

/** What listeners were told. */
class Heard {
  calls = 0
  readonly #last: Item[]
  readonly #sequence: Sequence
  readonly #entries: readonly [string, Item][]

  constructor(sequence: Sequence, entries: readonly [string, Item][]) {
    this.#sequence = sequence
    this.#entries = entries
    this.#last = entries.map(([, value]) => value)
  }

  hear(listener: number, value: Item): void {
    this.#last[listener] = value
    this.calls++
  }

  /** Every write was told once, each to the listener of its key. */
  check(writes: number): void {
    expect(this.calls === writes, `${this.calls} calls for ${writes} writes`)
    const contents = this.#sequence.after(writes)
    this.#entries.forEach(([key], i) => {
      expect(isSame(this.#last[i], contents.get(key)), `what the listener of ${key} heard`)
    })
  }
}
