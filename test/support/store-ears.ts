// Listeners that write down all they hear, and afterwards compare it with the views that were published.
import type { Change, View } from 'tidemap/store'
import { changesBetween } from './copy-map.ts'
import type { Entries } from './serial-twin.ts'
import type { Flavour, Value } from './store-flavour.ts'
import { decode } from './store-flavour.ts'

type AnyView = View<string, Value>

export type Fault = (message: string) => void

/** A subscription under observation. */
export interface Ear {
  stop(): void
  /** Compares what it heard with all views that were published, in their order. */
  verify(views: readonly AnyView[]): void
}

const keysOf = (view: AnyView): string => [...view.keys()].join()
export const textsOf = (view: ReadonlyMap<string, Value>): Entries =>
  [...view].map(([key, value]) => [key, decode(value)])

/** Selectors of every kind: some keys, membership, everything. */
const SELECTORS: readonly ((view: ReadonlyMap<string, Value>) => string | number)[] = [
  (view) => `${decode(view.get('a'))} ${decode(view.get('b'))}`,
  (view) => decode(view.get(view.has('a') ? 'b' : 'c')) ?? 'none',
  (view) => view.size,
  (view) => textsOf(view).join(),
]

export class Ears {
  readonly #flavour: Flavour
  readonly #fault: Fault
  readonly #ears: Ear[] = []
  readonly #joined: Ear[] = []
  /** Every view that was published while the first ear listened, from the one it began with. */
  readonly views: AnyView[]
  /** The newest version that anybody was told of: no ear may hear of an older one later. */
  #told = 0
  #pendingCalls = 0
  #pendingSeen: string
  #hasLeft = false
  #completed = 0
  readonly #selections

  constructor(flavour: Flavour, fault: Fault, inEveryRound: () => void) {
    this.#flavour = flavour
    this.#fault = fault
    const { store } = flavour
    this.views = [store.view]
    const stop = store.subscribe((view, previous, changes) => {
      this.#tells(view)
      if (previous !== this.views.at(-1))
        fault('a round was skipped or told twice: previous is not the view before')
      if (view.version <= previous.version) fault(`version ${view.version} after ${previous.version}`)
      this.views.push(view)
      this.#compare('changes', changes, view, previous)
      this.#checkSelections()
      inEveryRound()
    })
    this.#ears.push({ stop, verify: () => {} })
    this.#selections = SELECTORS.map((selector) => ({ selector, selection: flavour.select(selector) }))
    for (const { selector, selection } of this.#selections.slice(0, 3)) this.#select(selector, selection)
    this.#pendingSeen = this.#pending
    this.#ears.push({ stop: store.subscribePending(() => this.#pendingCalls++), verify: () => {} })
    if (flavour.observable !== undefined) this.#observe(flavour.observable)
  }

  /** To be called last, so that some of the listeners come after those of the program. */
  listen(keys: readonly string[]): void {
    for (const key of keys) this.#ears.push(this.key(key))
    this.#ears.push(this.keys(), this.view())
  }

  join(kind: 'view' | 'key' | 'keys' | 'select', key: string): void {
    const selector = SELECTORS[key.charCodeAt(0) % SELECTORS.length]!
    const ear =
      kind === 'key'
        ? this.key(key)
        : kind === 'select'
          ? this.select(selector, this.#flavour.select(selector))
          : this[kind]()
    this.#ears.push(ear)
    this.#joined.push(ear)
  }

  leave(): void {
    const ear = this.#joined.shift()
    if (ear === undefined) return
    ear.stop()
    this.#ears.splice(this.#ears.indexOf(ear), 1)
  }

  /** Everybody leaves; whoever is called after this was not really gone. */
  stop(): void {
    for (const ear of this.#ears) ear.stop()
    this.#hasLeft = true
  }

  verify(): void {
    for (const ear of this.#ears) ear.verify(this.views)
  }

  get completed(): number {
    return this.#completed
  }

  /** At rest: selections are up to date, and whoever asked heard that the set of pending keys has changed. */
  atRest(isImmediate: boolean): void {
    this.#checkSelections()
    if (!isImmediate) return
    const pending = this.#pending
    if (pending !== this.#pendingSeen && this.#pendingCalls === 0 && !this.#hasLeft) {
      this.#fault(`the pending keys changed from {${this.#pendingSeen}} to {${pending}} and nobody was told`)
    }
    this.#pendingSeen = pending
    this.#pendingCalls = 0
  }

  /** Whenever it is asked, also in the middle of a round. */
  #checkSelections(): void {
    for (const { selector, selection } of this.#selections) {
      const expected = selector(this.#flavour.store.view)
      if (selection.value !== expected) this.#fault(`a selection is ${selection.value}, not ${expected}`)
    }
  }

  get #pending(): string {
    return [...this.#flavour.store.pendingKeys()].sort().join()
  }

  view(): Ear {
    const { store } = this.#flavour
    const start = store.view
    const heard: { view: AnyView; previous: AnyView }[] = []
    const stop = store.subscribe((view, previous, changes) => {
      this.#tells(view)
      this.#compare('changes', changes, view, previous)
      heard.push({ view, previous })
    })
    return this.#ear(stop, start, 'subscribe', (rounds) => {
      const isSame =
        rounds.length === heard.length &&
        rounds.every(({ view, previous }, i) => heard[i]!.view === view && heard[i]!.previous === previous)
      return isSame ? undefined : `${heard.length} rounds, not ${rounds.length}`
    })
  }

  key(key: string): Ear {
    const { store } = this.#flavour
    const start = store.view
    const heard: string[] = []
    const stop = store.subscribeKey(key, (value, previous, change) => {
      this.#isCalled()
      this.#checkSelections()
      if (change.key !== key || change.value !== value || change.previous !== previous) {
        this.#fault(`subscribeKey was given a change that is not of ${key}`)
      }
      heard.push(describeChange(change))
    })
    return this.#ear(stop, start, `subscribeKey ${key}`, (rounds) => {
      const changes = rounds.flatMap(({ view, previous }) => {
        const change = changesBetween(previous, view).get(key)
        return change === undefined ? [] : [describeChange(change)]
      })
      return changes.join() === heard.join() ? undefined : `heard ${heard}, not ${changes}`
    })
  }

  keys(): Ear {
    const { store } = this.#flavour
    const start = store.view
    const heard: { view: AnyView; previous: AnyView }[] = []
    const stop = store.subscribeKeys((view, previous) => {
      this.#tells(view)
      heard.push({ view, previous })
    })
    return this.#ear(stop, start, 'subscribeKeys', (rounds) => {
      const moved = rounds.filter(({ view, previous }) => keysOf(view) !== keysOf(previous))
      const told = heard.filter(({ view, previous }) => keysOf(view) !== keysOf(previous))
      const isSame = moved.length === told.length && moved.every(({ view }, i) => told[i]!.view === view)
      const isChain = heard.every(({ view, previous }) =>
        rounds.some((round) => round.view === view && round.previous === previous),
      )
      return isSame && isChain ? undefined : `${told.length} changes of the keys, not ${moved.length}`
    })
  }

  select<R>(
    selector: (view: ReadonlyMap<string, Value>) => R,
    selection: { subscribe(listener: (value: R, previous: R) => void): () => void },
  ): Ear {
    const start = this.#flavour.store.view
    const heard: string[] = []
    const stop = selection.subscribe((value, previous) => {
      this.#isCalled()
      heard.push(`${previous} -> ${value}`)
    })
    return this.#ear(stop, start, 'select', (rounds) => {
      const told = rounds
        .map(({ view, previous }) => [selector(previous), selector(view)])
        .filter(([previous, value]) => previous !== value)
        .map(([previous, value]) => `${previous} -> ${value}`)
      return told.join() === heard.join() ? undefined : `heard ${heard}, not ${told}`
    })
  }

  #select<R>(
    selector: (view: ReadonlyMap<string, Value>) => R,
    selection: { subscribe(listener: (value: R, previous: R) => void): () => void },
  ): void {
    this.#ears.push(this.select(selector, selection))
  }

  #observe(store: NonNullable<Flavour['observable']>): void {
    const start = store.view
    const views: AnyView[] = []
    const keys: string[] = []
    const values: (string | undefined)[] = []
    const changes: string[] = []
    const complete = (): void => void this.#completed++
    const subscriptions = [
      store.view$.subscribe({ next: (view) => views.push(view), complete }),
      store.keys$.subscribe({ next: (all) => keys.push(all.join()), complete }),
      store.key$('a').subscribe({ next: (value) => values.push(decode(value)), complete }),
      store.changes$.subscribe({ next: (some) => changes.push(some.map(describeChange).join()), complete }),
    ]
    const stop = (): void => {
      for (const subscription of subscriptions) subscription.unsubscribe()
    }
    this.#ears.push(
      this.#ear(stop, start, 'the observables', (rounds) => {
        const expected = {
          views: [start, ...rounds.map(({ view }) => view)],
          keys: distinct([start, ...rounds.map(({ view }) => view)].map(keysOf)),
          values: [start, ...rounds.map(({ view }) => view)].map((view) => decode(view.get('a'))),
          changes: rounds
            .map(({ view, previous }) => changesBetween(previous, view).size)
            .filter((size) => size > 0),
        }
        if (views.length !== expected.views.length || views.some((view, i) => view !== expected.views[i]))
          return 'view$'
        if (distinct(keys).join(' ') !== expected.keys.join(' ')) return 'keys$'
        if (distinct(values).join() !== distinct(expected.values).join()) return 'key$'
        return changes.length === expected.changes.length ? undefined : 'changes$'
      }),
    )
  }

  #ear(
    stop: () => void,
    start: AnyView,
    name: string,
    check: (rounds: { view: AnyView; previous: AnyView }[]) => string | undefined,
  ): Ear {
    return {
      stop,
      verify: (views) => {
        const from = views.indexOf(start)
        if (from < 0) return this.#fault(`${name} began with a view that was never told`)
        const rounds = views.slice(from + 1).map((view, i) => ({ view, previous: views[from + i]! }))
        const wrong = check(rounds)
        if (wrong !== undefined) this.#fault(`${name}: ${wrong}`)
      },
    }
  }

  #tells(view: AnyView): void {
    this.#isCalled()
    if (view.version < this.#told) this.#fault('rounds interleave')
    this.#told = view.version
  }

  #isCalled(): void {
    if (this.#hasLeft) this.#fault('a listener was called after it had left')
  }

  #compare(name: string, changes: readonly Change<string, Value>[], view: AnyView, previous: AnyView): void {
    const expected = [...changesBetween(previous, view).values()].map(describeChange).sort()
    const told = changes.map(describeChange).sort()
    if (expected.join() !== told.join()) this.#fault(`${name} are ${told}, not ${expected}`)
    const since = view.changesSince(previous).map(describeChange).sort()
    if (expected.join() !== since.join()) this.#fault(`changesSince gives ${since}, not ${expected}`)
  }
}

export const describeChange = ({ type, key, value, previous }: Change<string, Value>): string =>
  `${type} ${key}: ${decode(previous)} -> ${decode(value)}`

const distinct = <T>(values: readonly T[]): T[] =>
  values.filter((value, i) => i === 0 || value !== values[i - 1])
