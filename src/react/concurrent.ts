import React, {
  type Context,
  createContext,
  useCallback,
  useLayoutEffect,
  useMemo,
  useReducer,
  useState,
  useSyncExternalStore,
} from 'react'
import type { View } from '../index.ts'
import { type Absent, find, type Reading, type Served, servedOf, type Wanted } from './reading.ts'
import { remembering, type Shown } from './remembering.ts'
import type { Source } from './source.ts'
import { isSameKey, type Step } from './step.ts'
import { type Teller, TrackedStore, type Watcher } from './tracked-store.ts'

/** What the provider shows of each store in the branch that is being rendered; a store that is not in it, as it was at the start. */
export type Branch = ReadonlyMap<unknown, unknown>

export const BranchContext: Context<Branch> = /* @__PURE__ */ createContext<Branch>(/* @__PURE__ */ new Map())

/**
 * How stores are read below a ConcurrentProvider: what a component shows is React state, so that React's own branches hold for it. A
 * write in a transition is shown with the transition, can be interrupted, and leaves the old state where it is until then.
 *
 * Invariants: B1 in one pass of React everything that is rendered shows one branch: what is there shows its own state, told in the same
 * contexts as the provider; what comes reads the newest view where all that was told is on the screen, and else the provider's state in
 * this pass, from context. B2 who reads from context renders with every change of the provider, in the same pass: so nothing is lost on
 * the way from render to effect, and nobody has to know what a transition is. Only who comes while something is under way does. B3 what
 * was told between render and effect makes the component read from context, before anything is painted. B4 a component goes back to its
 * own state with the first step that finds everything shown, or with the first commit that does: what it shows then is its own for as
 * long as it has been told nothing. So rows that come with a write render once more with the next one, and then only when they change.
 */
export class ConcurrentReading implements Reading {
  readonly #stores: WeakMap<object, TrackedStore<unknown, unknown>> = new WeakMap()
  readonly #tellProvider: Teller<unknown, unknown>
  /** Whether the provider is on the screen: before, it cannot be told anything. */
  isShown = false

  constructor(tellProvider: Teller<unknown, unknown>) {
    this.#tellProvider = tellProvider
  }

  useFound<K, V>(source: Source<K, V>, key: K, served: Served): V | Absent {
    const store = this.#read(source)
    const [seen, tell] = useReducer(seeKey<K, V>, undefined, () => firstSeen(store, key))
    const [settled] = useState((): Settled<SeenKey<K, V>> => ({ seen: undefined, is: undefined }))
    const old = useServed(store, served)
    const own = ownOf(seen, settled)
    const isOwn = own !== undefined && own.store === store && isSameKey(own.key, key)
    const reads = !isOwn && !store.isSettled
    const value = old !== undefined ? find(old, key) : isOwn ? own.value : find(viewNow(store), key)

    useLayoutEffect(() => {
      if (isOwn || !store.isSettled || !Object.is(value, find(store.newest, key))) return
      settled.seen = seen
      settled.is = { store, key, value }
    })
    useLayoutEffect(() => {
      const stop = store.onKey(key, (step) => tell({ store, key, step }))
      if (!reads && !Object.is(value, find(store.newest, key))) tell(undefined) // B3
      return stop
      // deps: what was shown counts when it begins to listen, and not later
    }, [store, key])
    return value
  }

  useSelected<K, V, R>(source: Source<K, V>, { select, equal, told }: Wanted<K, V, R>, served: Served): R {
    const store = this.#read(source)
    const [seen, tell] = useReducer(seeView<K, V>, undefined, () => firstSeenView(store))
    const [settled] = useState((): Settled<SeenView<K, V>> => ({ seen: undefined, is: undefined }))
    const old = useServed(store, served)
    const [shown] = useState((): Shown<R> => ({ value: undefined }))
    const selectionOf = useMemo(() => remembering(select, equal, shown), [select, equal, shown])
    const own = ownOf(seen, settled)
    const isOwn = own !== undefined && own.store === store
    const reads = !isOwn && !store.isSettled
    const view = old ?? (isOwn ? own.view : viewNow(store))
    const value = selectionOf(view)

    const changes = useCallback(
      (next: View<K, V>) => {
        try {
          return shown.value === undefined || !equal(shown.value.is, select(next))
        } catch {
          return true // what it throws is thrown in render
        }
      },
      [select, equal, shown],
    )
    const [watcher] = useState(() => new Selecting<K, V>(tell))
    useLayoutEffect(() => {
      shown.value = { is: value }
      watcher.changes = changes
      watcher.told = told
      if (isOwn || !store.isSettled || view !== store.newest) return
      settled.seen = seen
      settled.is = { store, view }
    })
    useLayoutEffect(() => {
      watcher.store = store
      const stop = store.onStep(watcher)
      if (!reads && view !== store.newest && changes(store.newest)) tell(undefined) // B3
      return stop
      // deps: what was shown counts when it begins to listen, and not later
    }, [store])
    return value
  }

  rebasing<K, V>(source: Source<K, V>, key: K, recipe: (value: V | undefined) => V, write: () => void): void {
    this.#track(source).during({ key, recipe }, write)
  }

  /** In render. */
  #read<K, V>(source: Source<K, V>): TrackedStore<K, V> {
    const store = this.#track(source)
    if (this.isShown) store.hold()
    return store
  }

  #track<K, V>(source: Source<K, V>): TrackedStore<K, V> {
    const known = this.#stores.get(source) as TrackedStore<K, V> | undefined
    if (known !== undefined) return known
    const store = new TrackedStore<K, V>(source, this.#tellProvider as Teller<K, V>)
    this.#stores.set(source, store as TrackedStore<unknown, unknown>)
    return store
  }
}

/** What the provider shows of a store in `branch`. */
export const viewIn = <K, V>(branch: Branch, store: TrackedStore<K, V>): View<K, V> =>
  (branch.get(store) as View<K, V> | undefined) ?? store.base

/** B1: for who comes. `use` is the one way to read a context only where it is needed. */
const viewNow = <K, V>(store: TrackedStore<K, V>): View<K, V> =>
  store.isSettled ? store.newest : viewIn(React.use(BranchContext), store)

/** The view of the server, in the render that hydrates, where the store has another one by now. */
function useServed<K, V>(store: TrackedStore<K, V>, served: Served): View<K, V> | undefined {
  // the map is made once, by providers above: a component that is there has always the same
  if (served.size === 0) return undefined
  return useSyncExternalStore(never, none, () => {
    const view = servedOf(served, store.source)
    return view === store.newest ? undefined : view
  })
}

const never = (): (() => void) => () => {}
const none = (): undefined => undefined

/** The state of a component: what it shows, or, where it reads from context (B2), nothing. A new object every time: React renders it. */
interface Seen<T> {
  readonly is: T | undefined
}

/** B4: what a component showed, by its state or by context, when it came to the screen with everything that had been told. */
interface Settled<T> {
  seen: Seen<T> | undefined
  is: T | undefined
}

/** B4: the state of a component, if it has one of its own. */
const ownOf = <T>(seen: Seen<T>, settled: Settled<T>): T | undefined =>
  seen.is ?? (settled.seen === seen ? settled.is : undefined)

interface SeenKey<K, V> {
  readonly store: TrackedStore<K, V>
  readonly key: K
  readonly value: V | Absent
}

interface KeyStep<K, V> {
  readonly store: TrackedStore<K, V>
  readonly key: K
  readonly step: Step<K, V>
}

const firstSeen = <K, V>(store: TrackedStore<K, V>, key: K): Seen<SeenKey<K, V>> => ({
  is: store.isSettled ? { store, key, value: find(store.newest, key) } : undefined,
})

/** B1; B2 for the steps that have no own state to follow. */
function seeKey<K, V>(seen: Seen<SeenKey<K, V>>, told: KeyStep<K, V> | undefined): Seen<SeenKey<K, V>> {
  if (told === undefined) return { is: undefined }
  const { store, key, step } = told
  const { is } = seen
  const isOwn = is !== undefined && is.store === store && isSameKey(is.key, key)
  if (!isOwn) return { is: step.isFirst ? { store, key, value: find(step.to, key) } : undefined }
  return { is: { store, key, value: step.valueAfter(key, is.value) } }
}

interface SeenView<K, V> {
  readonly store: TrackedStore<K, V>
  readonly view: View<K, V>
}

interface ViewStep<K, V> {
  readonly store: TrackedStore<K, V>
  readonly step: Step<K, V>
}

const firstSeenView = <K, V>(store: TrackedStore<K, V>): Seen<SeenView<K, V>> => ({
  is: store.isSettled ? { store, view: store.newest } : undefined,
})

/** A selection does not hear of steps that leave it as it is: so what does not follow its state exactly is read from context (B2). */
function seeView<K, V>(seen: Seen<SeenView<K, V>>, told: ViewStep<K, V> | undefined): Seen<SeenView<K, V>> {
  if (told === undefined) return { is: undefined }
  const { store, step } = told
  const follows = seen.is?.store === store && seen.is.view === step.from
  return { is: step.isFirst || follows ? { store, view: step.to } : undefined }
}

/** A component that shows a selection: hears of what changes it, and, while something is under way, of everything. */
class Selecting<K, V> implements Watcher<K, V> {
  store: TrackedStore<K, V> | undefined
  changes: (view: View<K, V>) => boolean = () => true
  told: Wanted<K, V, unknown>['told'] = 'subscribe'
  readonly #tell: (step: ViewStep<K, V>) => void

  constructor(tell: (step: ViewStep<K, V>) => void) {
    this.#tell = tell
  }

  wants(step: Step<K, V>): boolean {
    if (this.told === 'subscribeKeys' && !step.moved) return false
    return !step.isFirst || this.changes(step.to)
  }

  tell(step: Step<K, V>): void {
    if (this.store !== undefined) this.#tell({ store: this.store, step })
  }
}
