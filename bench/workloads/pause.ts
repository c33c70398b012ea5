import { spawnSync } from 'node:child_process'
import { signal } from '@preact/signals-core'
import { Map as ImmutableMap } from 'immutable'
import { VersionedMap } from 'tidemap/core'
import { createStore } from 'tidemap/store'
import { type Entry, entriesOf, expectSame, type Item } from '../data.ts'
import { collectGarbage, expect } from '../harness.ts'
import { compare, type Workload } from '../workload.ts'

type Insert = (entry: Entry) => void

/** Each gives the insertion of one key with a view after it, and the check of what came out. */
const candidates: Record<string, (entries: readonly Entry[]) => { insert: Insert; check(): void }> = {
  'Immutable.js': (entries) => {
    let view = ImmutableMap<string, Item>()
    return {
      insert: ([key, value]) => {
        view = view.set(key, value)
      },
      check: () => expectSame(view, new Map(entries), false),
    }
  },
  VersionedMap: (entries) => {
    const map = new VersionedMap<string, Item>()
    let view = map.view
    return {
      insert: ([key, value]) => {
        map.set(key, value)
        view = map.view
      },
      check: () => expectSame(view, new Map(entries)),
    }
  },
  store: (entries) => {
    const store = createStore<string, Item>()
    let view = store.view
    return {
      insert: ([key, value]) => {
        void store.set(key, value)
        view = store.view
      },
      check: () => expectSame(view, new Map(entries)),
    }
  },
  'Map, no view': (entries) => {
    const map = new Map<string, Item>()
    return {
      insert: ([key, value]) => {
        map.set(key, value)
      },
      check: () => expectSame(map, new Map(entries)),
    }
  },
  'signal per key, no view': (entries) => {
    const map = new Map<string, { value: Item }>()
    return {
      insert: ([key, value]) => {
        map.set(key, signal(value))
      },
      check: () => expect(map.size === entries.length, `${map.size} of ${entries.length} signals`),
    }
  },
}

export const pause: Workload = {
  title: 'the longest pause, garbage collection included, while N keys are inserted, a view after each',
  unit: 'ms',
  base: 'Immutable.js',
  sizes: [200_000],
  processes: 1,
  targets: { VersionedMap: 1, store: 1 },
  /** Every run in a process of its own: what a collection costs depends on all that has been done before it. */
  async measure(size, quick) {
    const samples: Record<string, number[]> = {}
    for (const name of Object.keys(candidates)) samples[name] = []
    for (let round = 0; round < (quick ? 3 : 9); round++) {
      for (const name of Object.keys(candidates)) {
        const order = JSON.stringify({ longestPause: name, size })
        const bundle = process.argv[1] as string
        const child = spawnSync(process.execPath, [...process.execArgv, bundle, order], {
          encoding: 'utf8',
          stdio: ['ignore', 'pipe', 'inherit'],
        })
        expect(child.status === 0, `the process of ${name}`)
        samples[name]?.push(Number(child.stdout))
      }
    }
    return compare(this.base, samples)
  },
}

/** In milliseconds of CPU time, measured around every single insertion. */
export function longestPause(name: string, size: number): number {
  const entries = entriesOf(size)
  const candidate = candidates[name]?.(entries)
  if (candidate === undefined) throw new Error(`no candidate ${name}`)
  collectGarbage(true) // the entries are no candidate's doing
  let longest = 0
  let before = process.cpuUsage()
  for (const entry of entries) {
    candidate.insert(entry)
    const after = process.cpuUsage()
    longest = Math.max(longest, after.user - before.user + after.system - before.system)
    before = after
  }
  candidate.check()
  return longest / 1000
}
