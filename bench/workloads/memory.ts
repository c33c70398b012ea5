import { signal } from '@preact/signals-core'
import { Map as ImmutableMap } from 'immutable'
import { VersionedMap } from 'tidemap/core'
import { createStore } from 'tidemap/store'
import { type Entry, entriesOf, expectSame, type Item } from '../data.ts'
import { collectGarbage } from '../harness.ts'
import { compare, SIZES, type Workload } from '../workload.ts'

type Contents = ReadonlyMap<string, Item> | ImmutableMap<string, Item>

type Build = (entries: readonly Entry[]) => { held: unknown; contents: () => Contents }

/** How each is filled, one key at a time as a living one is; and what is in it, for the check. */
const builders: Record<string, Build> = {
  'Immutable.js': (entries) => {
    let map = ImmutableMap<string, Item>()
    for (const [key, value] of entries) map = map.set(key, value)
    return { held: map, contents: () => map }
  },
  VersionedMap: (entries) => {
    const map = new VersionedMap<string, Item>()
    for (const [key, value] of entries) map.set(key, value)
    return { held: map.view, contents: () => map.view }
  },
  store: (entries) => {
    const store = createStore<string, Item>()
    for (const [key, value] of entries) void store.set(key, value)
    return { held: store.view, contents: () => store.view }
  },
  Map: (entries) => {
    const map = new Map<string, Item>()
    for (const [key, value] of entries) map.set(key, value)
    return { held: map, contents: () => map }
  },
  'signal per key': (entries) => {
    const map = new Map(entries.map(([key, value]) => [key, signal(value)]))
    return { held: map, contents: () => new Map([...map].map(([key, { value }]) => [key, value])) }
  },
}

export const memory: Workload = {
  title: 'memory a key, without the key and the value themselves',
  unit: 'B',
  base: 'Immutable.js',
  sizes: SIZES,
  processes: 1,
  targets: { VersionedMap: 0.8, store: 0.8 },
  async measure(size, quick) {
    const entries = entriesOf(size)
    const copies = Math.max(2, (quick ? 100_000 : 400_000) / size)
    const samples: Record<string, number[]> = {}
    for (const name of Object.keys(builders)) samples[name] = []
    for (let round = 0; round < 3; round++) {
      for (const name of Object.keys(builders)) samples[name]?.push(bytesAKey(name, entries, copies))
    }
    return compare(this.base, samples)
  },
}

/** A function of its own, so that nothing of the one before is still held by a variable. */
function bytesAKey(name: string, entries: readonly Entry[], copies: number): number {
  const build = builders[name] as Build
  const before = heapUsed()
  const kept = Array.from({ length: copies }, () => build(entries))
  const bytes = heapUsed() - before
  for (const { contents } of kept.slice(0, 2)) {
    expectSame(contents(), new Map(entries), name !== 'Immutable.js')
  }
  return bytes / (copies * entries.length)
}

function heapUsed(): number {
  for (let i = 0; i < 2; i++) collectGarbage(true) // twice: what the first one finalizes, the second frees
  return process.memoryUsage().heapUsed
}
