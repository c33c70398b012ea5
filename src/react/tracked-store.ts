import type { Change, View } from '../index.ts'
import type { KeysSource, Source } from './source.ts'
import { isSameKey, type Recipe, Step } from './step.ts'

/** Tells the provider a step, or, without one, that nobody reads the store any more. */
export type Teller<K, V> = (store: TrackedStore<K, V>, step: Step<K, V> | undefined) => void

/** Somebody who wants more than one key: hears of the steps that it `wants`. */
export interface Watcher<K, V> {
  wants(step: Step<K, V>): boolean
  tell(step: Step<K, V>): void
}

/**
 * How long a render may take to come to the screen, ms, from when it last read the store: a longer pause than any slice makes, and yet what
 * has been thrown away does not stay subscribed.
 */
const HOLD_MS = 5000

/**
 * What a provider tells React about one store, while somebody below reads it: of every promotion the provider, and whoever is concerned,
 * in the writer's own context, so that what is written in a transition is shown with the transition.
 *
 * Invariants: C1 everybody below who reads a key hears of every step that changes it, and the provider of every step. C2 `newest` is the
 * view of the last step that was told, `committed` the one that is on the screen: they are the same where React has nothing left to show.
 * C3 subscribed while it has listeners, or while the first of them are being rendered: in a pass that is sliced they would read one view
 * now and a later one then.
 */
export class TrackedStore<K, V> {
  readonly source: Source<K, V>
  readonly #tellProvider: Teller<K, V>
  readonly #byKey: Map<K, Set<(step: Step<K, V>) => void>> = new Map()
  readonly #watchers: Set<Watcher<K, V>> = new Set()
  #stop: (() => void) | undefined
  #base: View<K, V>
  #newest: View<K, V>
  #committed: View<K, V>
  #moved = false
  #recipe: Recipe<K, V> | undefined
  /** C3 */
  #held: ReturnType<typeof setTimeout> | undefined
  #isRead = false

  constructor(source: Source<K, V>, tellProvider: Teller<K, V>) {
    this.source = source
    this.#tellProvider = tellProvider
    this.#base = this.#newest = this.#committed = source.view
  }

  /** What the provider shows of it before the first step. */
  get base(): View<K, V> {
    return this.#stop === undefined ? this.source.view : this.#base
  }

  /** C2 */
  get newest(): View<K, V> {
    return this.#stop === undefined ? this.source.view : this.#newest
  }

  get isSettled(): boolean {
    return this.#stop === undefined || this.#newest === this.#committed
  }

  /** React has put `view` on the screen. */
  commit(view: View<K, V>): void {
    this.#committed = view
  }

  /** C3: it is read in a render, which may come to the screen later, or never. */
  hold(): void {
    if (this.#hasListeners) return
    this.#isRead = true
    if (this.#held !== undefined) return
    this.#start()
    this.#wait()
  }

  #wait(): void {
    this.#isRead = false
    this.#held = setTimeout(() => {
      this.#held = undefined
      if (this.#isRead) this.#wait()
      else this.#stopIfLast()
    }, HOLD_MS)
  }

  #letGo(): void {
    clearTimeout(this.#held)
    this.#held = undefined
  }

  get #hasListeners(): boolean {
    return this.#byKey.size > 0 || this.#watchers.size > 0
  }

  onKey(key: K, listener: (step: Step<K, V>) => void): () => void {
    this.#letGo()
    this.#start()
    const listeners = this.#byKey.get(key) ?? new Set()
    this.#byKey.set(key, listeners.add(listener))
    return () => {
      listeners.delete(listener)
      if (listeners.size === 0) this.#byKey.delete(key)
      this.#stopIfLast()
    }
  }

  onStep(watcher: Watcher<K, V>): () => void {
    this.#letGo()
    this.#start()
    this.#watchers.add(watcher)
    return () => {
      this.#watchers.delete(watcher)
      this.#stopIfLast()
    }
  }

  /** What `write` tells of `key` is made by `recipe`. */
  during(recipe: Recipe<K, V>, write: () => void): void {
    const before = this.#recipe
    this.#recipe = recipe
    try {
      write()
    } finally {
      this.#recipe = before
    }
  }

  #start(): void {
    if (this.#stop !== undefined) return
    const source: Source<K, V> & Partial<Pick<KeysSource<K, V>, 'subscribeKeys'>> = this.source
    this.#base = this.#newest = this.#committed = source.view
    this.#moved = false
    // told before views are, in the same round
    const stopKeys = source.subscribeKeys?.(() => {
      this.#moved = true
    })
    const stopViews = source.subscribe((view, _previous, changes) => this.#tell(view, changes))
    this.#stop = () => {
      stopKeys?.()
      stopViews()
    }
  }

  /** C3 */
  #stopIfLast(): void {
    if (this.#hasListeners || this.#held !== undefined) return
    this.#stop?.()
    this.#stop = undefined
    if (this.#newest !== this.#base) this.#tellProvider(this, undefined)
  }

  /** C1 */
  #tell(view: View<K, V>, changes: readonly Change<K, V>[]): void {
    const moved = this.#moved || changes.some(({ type }) => type !== 'update')
    const recipe = this.#recipe
    const step = new Step(this.#newest, view, changes, this.isSettled, moved, recipe)
    if (recipe !== undefined && changes.some(({ key }) => isSameKey(key, recipe.key)))
      this.#recipe = undefined
    this.#moved = false
    this.#newest = view
    this.#tellProvider(this, step)
    for (const { key } of changes) for (const listener of this.#byKey.get(key) ?? []) listener(step)
    for (const watcher of this.#watchers) if (watcher.wants(step)) watcher.tell(step)
  }
}
