// Wrong lines about values that are computed or confirmed elsewhere.
import type { Bug } from './bug.ts'

export const resourceBugs: readonly Bug[] = [
  {
    what: 'a single flight that is several',
    file: 'resource/load-or-compute.ts',
    find: '  if (found !== undefined) return found.join(signal)\n',
    replace: '  void found\n',
    caughtBy: 'the loader',
  },
  {
    what: 'a computed value that is stored though the key was deleted meanwhile',
    file: 'resource/computation.ts',
    find: '    if (!this.#hasLooked) return // C2\n',
    replace: '    return\n',
    caughtBy: 'the loader',
  },
  {
    what: 'a computation that holds its callers for ever when it fails',
    file: 'resource/computation.ts',
    find: '    this.#flight.reject(error, isOurs(error))\n',
    replace: '',
    caughtBy: 'the search for an order',
  },
  {
    what: 'an optimistic write that is confirmed as it was shown',
    file: 'resource/optimistic.ts',
    find: 'begin: () => truth.over(state.map.newest),',
    replace: 'begin: () => truth.over(state.newestShown),',
    caughtBy: 'the search for an order',
  },
  {
    what: 'an optimistic write that stays when it is refused',
    file: 'resource/optimistic.ts',
    find: '    this.#inside.state.fail(this.#layer)\n',
    replace: '',
    caughtBy: 'the dependency graph',
  },
  {
    what: 'an optimistic write that is confirmed and stays pending',
    file: 'resource/optimistic.ts',
    find: 'state.commit(state.prepare(outcome.staged), this.#layer)',
    replace: 'state.commit(state.prepare(outcome.staged))',
    caughtBy: 'the dependency graph',
  },
]
