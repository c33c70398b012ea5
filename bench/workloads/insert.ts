import { type Signal, signal } from '@preact/signals-core'
import { Map as ImmutableMap } from 'immutable'
import { VersionedMap, type View } from 'tidemap/core'
import { createStore } from 'tidemap/store'
import { entriesOf, expectSame, type Item } from '../data.ts'
import type { Candidate } from '../harness.ts'
import { SIZES, timed, type Workload } from '../workload.ts'

export const insert: Workload = {
  title: 'insert N keys, a view after each; a key',
  unit: 'ns',
  base: 'Immutable.js',
  sizes: SIZES,
  targets: { VersionedMap: 0.7, store: 0.7 },
  measure(size, quick) {
    const entries = entriesOf(size)
    const half = size >> 1
    const contents = new Map(entries)
    const halfContents = new Map(entries.slice(0, half + 1))

    const tidemap = (): Candidate => {
      let view = new VersionedMap<string, Item>().view
      let halfWay = view
      return {
        name: 'VersionedMap',
        operations: size,
        run(times) {
          for (let t = 0; t < times; t++) {
            const map = new VersionedMap<string, Item>()
            for (let i = 0; i < size; i++) {
              const [key, value] = entries[i] as [string, Item]
              map.set(key, value)
              view = map.view
              if (i === half) halfWay = view
            }
          }
        },
        check() {
          expectSame(view, contents)
          expectSame(halfWay, halfContents)
        },
      }
    }
    const tidemapStore = (): Candidate => {
      let view: View<string, Item> = createStore<string, Item>().view
      let halfWay = view
      return {
        name: 'store',
        operations: size,
        run(times) {
          for (let t = 0; t < times; t++) {
            const store = createStore<string, Item>()
            for (let i = 0; i < size; i++) {
              const [key, value] = entries[i] as [string, Item]
              void store.set(key, value)
              view = store.view
              if (i === half) halfWay = view
            }
          }
        },
        check() {
          expectSame(view, contents)
          expectSame(halfWay, halfContents)
        },
      }
    }
    const immutable = (): Candidate => {
      let view = ImmutableMap<string, Item>()
      let halfWay = view
      return {
        name: 'Immutable.js',
        operations: size,
        run(times) {
          for (let t = 0; t < times; t++) {
            view = ImmutableMap()
            for (let i = 0; i < size; i++) {
              const [key, value] = entries[i] as [string, Item]
              view = view.set(key, value)
              if (i === half) halfWay = view
            }
          }
        },
        check() {
          expectSame(view, contents, false)
          expectSame(halfWay, halfContents, false)
        },
      }
    }
    // Copying is O(N) a key: measured for one key at half the size, which is what all N cost on average.
    const [nextKey, nextValue] = entries[half] as [string, Item]
    const firstHalf = entries.slice(0, half)
    const copiedMap = (): Candidate => {
      const before = new Map(firstHalf)
      let view = before
      return {
        name: 'Map copied',
        run(times) {
          for (let t = 0; t < times; t++) {
            view = new Map(before)
            view.set(nextKey, nextValue)
          }
        },
        check: () => expectSame(view, halfContents),
      }
    }
    const signals = (): Candidate => {
      const cells = new Map<string, Signal<Item>>(firstHalf.map(([key, value]) => [key, signal(value)]))
      let view = new Map<string, Item>()
      return {
        name: 'signal per key, copied',
        run(times) {
          for (let t = 0; t < times; t++) {
            cells.set(nextKey, signal(nextValue))
            view = new Map()
            for (const [key, { value }] of cells) view.set(key, value)
          }
        },
        check: () => expectSame(view, halfContents),
      }
    }
    const plainMap = (): Candidate => {
      let map = new Map<string, Item>()
      return {
        name: 'Map, no view',
        operations: size,
        run(times) {
          for (let t = 0; t < times; t++) {
            map = new Map()
            for (let i = 0; i < size; i++) {
              const [key, value] = entries[i] as [string, Item]
              map.set(key, value)
            }
          }
        },
        check: () => expectSame(map, contents),
      }
    }
    const candidates = [immutable(), tidemap(), tidemapStore(), copiedMap(), signals(), plainMap()]
    return timed(this.base, candidates, quick)
  },
}
