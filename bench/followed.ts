import { createStore, type Store } from 'tidemap/store'
import type { Entry, Item, Sequence } from './data.ts'
import type { Candidate } from './harness.ts'

/**
 * A candidate that writes the sequence into a store of its own, one key a step, while something follows the store.
 *
 * @param follow begins to follow, and returns what shows what it has
 * @param check throws where that is not what the contents of the store make of it
 */
export function followed<Shown>(
  name: string,
  entries: readonly Entry[],
  sequence: Sequence,
  follow: (store: Store<string, Item>) => Shown,
  check: (shown: Shown, contents: ReadonlyMap<string, Item>) => void,
): Candidate {
  const { keys, keyMask } = sequence
  const store = createStore(entries)
  const shown = follow(store)
  let step = 0
  return {
    name,
    run(times) {
      for (const end = step + times; step < end; step++) {
        void store.set(keys[step & keyMask] as string, { id: step, n: step })
      }
    },
    check() {
      check(shown, sequence.after(step))
    },
  }
}
