import { type Signal, signal } from '@preact/signals-core'
import { Map as ImmutableMap } from 'immutable'
import { VersionedMap } from 'tidemap/core'
import { createStore } from 'tidemap/store'
import { entriesOf, type Item, Sequence } from '../data.ts'
import { type Candidate, expect } from '../harness.ts'
import { SIZES, timed, type Workload } from '../workload.ts'

export const read: Workload = {
  title: 'read a key of the newest view',
  unit: 'ns',
  base: 'Map',
  sizes: SIZES,
  targets: { 'view of VersionedMap': 1.2, 'view of a store': 1.2 },
  measure(size, quick) {
    const entries = entriesOf(size)
    const { keys, keyMask } = new Sequence(entries)

    const map = new Map(entries)
    const view = new VersionedMap(entries).view
    const store = createStore(entries)
    const storeView = store.view
    const immutable = ImmutableMap(entries)
    const signals = new Map(entries.map(([key, value]) => [key, signal(value)]))

    /** A candidate that adds up what it reads: `loop` gives the sum of the first `times` steps. */
    const summing = (name: string, loop: (times: number) => number): Candidate => {
      let sum = 0
      let last = 0
      return {
        name,
        run(times) {
          last = times
          sum = loop(times)
        },
        check() {
          let expected = 0
          for (let i = 0; i < last; i++) expected += (map.get(keys[i & keyMask] as string) as Item).n
          expect(sum === expected, `${name}: the sum of what was read`)
        },
      }
    }
    return timed(
      this.base,
      [
        summing('Map', (times) => {
          let sum = 0
          for (let i = 0; i < times; i++) sum += (map.get(keys[i & keyMask] as string) as Item).n
          return sum
        }),
        summing('view of VersionedMap', (times) => {
          let sum = 0
          for (let i = 0; i < times; i++) sum += (view.get(keys[i & keyMask] as string) as Item).n
          return sum
        }),
        summing('view of a store', (times) => {
          let sum = 0
          for (let i = 0; i < times; i++) sum += (storeView.get(keys[i & keyMask] as string) as Item).n
          return sum
        }),
        summing('store.get', (times) => {
          let sum = 0
          for (let i = 0; i < times; i++) sum += (store.get(keys[i & keyMask] as string) as Item).n
          return sum
        }),
        summing('Immutable.js', (times) => {
          let sum = 0
          for (let i = 0; i < times; i++) sum += (immutable.get(keys[i & keyMask] as string) as Item).n
          return sum
        }),
        summing('signal per key', (times) => {
          let sum = 0
          for (let i = 0; i < times; i++)
            sum += (signals.get(keys[i & keyMask] as string) as Signal<Item>).value.n
          return sum
        }),
      ],
      quick,
    )
  },
}
