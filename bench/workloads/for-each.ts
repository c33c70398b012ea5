import { Map as ImmutableMap } from 'immutable'
import { VersionedMap } from 'tidemap/core'
import { createStore } from 'tidemap/store'
import { entriesOf } from '../data.ts'
import { type Candidate, expect } from '../harness.ts'
import { SIZES, timed, type Workload } from '../workload.ts'

export const forEach: Workload = {
  title: 'forEach over a view; an entry',
  unit: 'ns',
  base: 'Map',
  sizes: SIZES,
  targets: { 'view of VersionedMap': 1, 'view of a store': 1 },
  measure(size, quick) {
    const entries = entriesOf(size)
    const map = new Map(entries)
    const view = new VersionedMap(entries).view
    const { view: storeView } = createStore(entries)
    const immutable = ImmutableMap(entries)

    const summing = (name: string, pass: () => number): Candidate => {
      let sum = 0
      return {
        name,
        operations: size,
        run(times) {
          for (let t = 0; t < times; t++) sum = pass()
        },
        check: () => expect(sum === expectedSum(size), `${name}: the sum`),
      }
    }
    return timed(
      this.base,
      [
        summing('Map', () => {
          let sum = 0
          map.forEach((value, key) => {
            sum += value.n + key.length
          })
          return sum
        }),
        summing('view of VersionedMap', () => {
          let sum = 0
          view.forEach((value, key) => {
            sum += value.n + key.length
          })
          return sum
        }),
        summing('view of a store', () => {
          let sum = 0
          storeView.forEach((value, key) => {
            sum += value.n + key.length
          })
          return sum
        }),
        summing('Immutable.js', () => {
          let sum = 0
          immutable.forEach((value, key) => {
            sum += value.n + key.length
          })
          return sum
        }),
      ],
      quick,
    )
  },
}

function expectedSum(size: number): number {
  return entriesOf(size).reduce((sum, [key, { n }]) => sum + n + key.length, 0)
}
