import { createStore, type ObjectStore, type Store, type View } from 'tidemap'
import type { Facts, Machine, Process } from './protocol.ts'

export type ProcessView = View<number, Process>

export type SortKey = 'name' | 'pid' | 'user' | 'threads' | 'cpu' | 'memory' | 'time'

/** When what is committed gets published: see `promotion` below. */
export type Pace = 'commit' | 'frame' | 'second'

/** A view that somebody kept. It stays as it was, whatever the store does: nothing is copied for it. */
export interface Moment {
  readonly at: number
  readonly view: ProcessView
  readonly cpu: number
}

export type Inspection =
  | { readonly status: 'running' }
  | { readonly status: 'done'; readonly facts: Facts }
  | { readonly status: 'failed'; readonly message: string }

export interface Sorting {
  by: SortKey
  descending: boolean
}

interface Settings {
  sort: Sorting
  filter: string
  threads: boolean
  pace: Pace
  showsDraws: boolean
  /** The moment on the screen, or null for now. */
  frozen: Moment | null
}

interface Status {
  machine: Machine | null
  /** Null before the first word of the server. */
  isConnected: boolean | null
  /** The views of the last minute, the newest last. */
  history: readonly Moment[]
}

export interface Stores {
  /** What the server says, keyed by pid. Written by the feed alone, four times a second. */
  readonly processes: Store<number, Process>
  /** What the user says about a process. In a store of its own, so that no sample ever touches a note. */
  readonly notes: Store<number, string>
  readonly inspections: Store<number, Inspection>
  /** A fixed shape: each key has a type of its own. */
  readonly settings: ObjectStore<Settings>
  readonly status: ObjectStore<Status>
}

export function createStores(): Stores {
  const settings = createStore<Settings>({
    sort: { by: 'cpu', descending: true },
    filter: '',
    threads: false,
    pace: 'commit',
    showsDraws: false,
    frozen: null,
  })

  const paces: Record<Pace, (promote: () => void) => void> = {
    commit: (promote) => promote(),
    frame: (promote) => void requestAnimationFrame(promote),
    second: (promote) => void setTimeout(promote, 1000),
  }

  return {
    settings,
    status: createStore<Status>({ machine: null, isConnected: null, history: [] }),
    notes: createStore<number, string>(),
    inspections: createStore<number, Inspection>(),
    processes: createStore<number, Process>(null, {
      // After a lost connection everything is sent again: what has not changed should not look as if it had.
      equal: isSameProcess,
      promotion: (promote) => paces[settings.get('pace')](promote),
    }),
  }
}

function isSameProcess(a: Process, b: Process): boolean {
  const names = Object.keys(a) as (keyof Process)[]
  return names.every((name) => a[name] === b[name])
}
