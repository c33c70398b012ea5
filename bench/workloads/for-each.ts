import { Map as ImmutableMap } from 'immutable'
import { VersionedMap } from 'tidemap/core'
import { createStore } from 'tidemap/store'
import { entriesOf, type Item } from '../data.ts'
import { type Candidate, expect } from '../harness.ts'
import { SIZES, timed, type Workload } from '../workload.ts'

interface Walkable {
  forEach(callback: (value: Item, key: string) => void): void
}

type Pass = (collection: Walkable) => number

// One function a candidate: one that they share would be slower for all of them.
const mapPass: Pass = (collection) => {
  let sum = 0
  collection.forEach((value, key) => {
    sum += value.n + key.length
  })
  return sum
}

const viewPass: Pass = (collection) => {
  let sum = 0
  collection.forEach((value, key) => {
    sum += value.n + key.length
  })
  return sum
}

const storePass: Pass = (collection) => {
  let sum = 0
  collection.forEach((value, key) => {
    sum += value.n + key.length
  })
  return sum
}

const coldPass: Pass = (collection) => {
  let sum = 0
  collection.forEach((value, key) => {
    sum += value.n + key.length
  })
  return sum
}

const immutablePass: Pass = (collection) => {
  let sum = 0
  collection.forEach((value, key) => {
    sum += value.n + key.length
  })
  return sum
}

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

    const summing = (name: string, collection: Walkable, pass: Pass): Candidate => {
      let sum = 0
      return {
        name,
        operations: size,
        run(times) {
          for (let t = 0; t < times; t++) sum = pass(collection)
        },
        check: () => expect(sum === expectedSum(size), `${name}: the sum`),
      }
    }
    // The engine compiles the loop into its caller after some thousand calls, and the callback into the loop. Those who are not warmed
    // up show what it costs before; of a Map's loop, which is the engine's own, neither is ever compiled into the other.
    const warm = [mapPass, viewPass, storePass]
    const few = new VersionedMap(entriesOf(32)).view
    for (const pass of warm) for (let i = 0; i < 10_000; i++) pass(few)
    return timed(
      this.base,
      [
        summing('Map', map, mapPass),
        summing('view of VersionedMap', view, viewPass),
        summing('view of a store', storeView, storePass),
        summing('view of a store, its caller not compiled yet', storeView, coldPass),
        summing('Immutable.js', immutable, immutablePass),
      ],
      quick,
    )
  },
}

function expectedSum(size: number): number {
  return entriesOf(size).reduce((sum, [key, { n }]) => sum + n + key.length, 0)
}
