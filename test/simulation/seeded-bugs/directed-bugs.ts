// Wrong lines that are caught by a scenario of their own: the model and the searches miss all but those of selections and of a key set again.
import type { Bug } from './bug.ts'

export const directedBugs: readonly Bug[] = [
  {
    what: 'a pending write that keeps its place when the key below it is deleted',
    file: 'store/state.ts',
    find: '      this.layers.reorder()\n      this.#moved',
    replace: '      this.#moved',
    caughtBy: 'a key that comes back under a pending write',
  },
  {
    what: 'a pending write that keeps its place when all below it is cleared',
    file: 'store/state.ts',
    find: '      this.layers.reorder()\n      this.#moved',
    replace: '      if (all === undefined) this.layers.reorder()\n      this.#moved',
    caughtBy: 'a key that comes back under a pending write',
  },
  {
    what: 'a round that is told while a recipe runs',
    file: 'store/subscriptions.ts',
    find: 'return this.#told === undefined && this.#pauses === 0',
    replace: 'return this.#told === undefined',
    caughtBy: 'a promotion inside a recipe',
  },
  {
    what: 'a listener of a key that is called after it has left',
    file: 'store/subscriptions.ts',
    find: '    listener.active = false\n    if (first === undefined)',
    replace: '    if (first === undefined)',
    caughtBy: 'a listener that leaves in its round',
  },
  {
    what: 'a selection that keeps its value when a key it read has changed',
    file: 'store/tracking-view.ts',
    find: '  for (const [key, seen] of reads.keys) if (!Object.is(look(view, key), seen)) return false\n',
    replace: '',
    caughtBy: 'two selections',
  },
  {
    what: 'a selection of the size that keeps its value when keys come',
    file: 'store/tracking-view.ts',
    find: 'if (reads.everything || reads.membership) return false',
    replace: 'if (reads.everything) return false',
    caughtBy: 'two selections',
  },
  {
    what: 'a key that keeps its place when it is deleted and set to an equal value',
    file: 'store/net.ts',
    find: 'if (map.has(key)) deleted.add(key)',
    replace: 'if (map.has(key) && !Object.is(written.get(key), map.get(key))) deleted.add(key)',
    caughtBy: 'a key that is set again',
  },
  {
    what: 'a recipe whose undefined is not stored',
    file: 'store/map-store.ts',
    find: 'const isWritten = next !== undefined || state.map.has(key)',
    replace: 'const isWritten = next !== undefined',
    caughtBy: 'a recipe that ends with undefined',
  },
]
