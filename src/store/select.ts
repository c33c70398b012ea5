import type { View } from '../core/view.ts'
import { checkFunction } from './arguments.ts'
import { Listeners, type Unsubscribe } from './listeners.ts'
import type { State } from './state.ts'
import type { Subscriptions } from './subscriptions.ts'
import { isUnchanged, type Reads, TrackingView } from './tracking-view.ts'

export type Selector<K, V, R> = (view: View<K, V>) => R

/** A derived value. */
export interface Selection<R> {
  /** The result over the current view; computed now if a key it depends on has changed. What the selector throws is thrown here. */
  readonly value: R
  /** Calls `listener` after a promotion that changed the result, with the new and the old one. Not called at once. */
  subscribe(listener: (value: R, previous: R) => void): Unsubscribe
}

/**
 * A Selection: lazy while nobody subscribes (it holds no subscription then, and is ordinary garbage), and otherwise woken by exactly the
 * keys it read, after the listeners of a round, once.
 *
 * Invariants: Z1 while it has subscribers it listens to just what the last computation read, whether that succeeded or threw. Z2 a
 * computation that comes before its turn in a round, because a listener asked for the value, is settled in that round all the same.
 */
export class DerivedValue<K, V, R> implements Selection<R> {
  readonly #state: State<K, V>
  readonly #subscriptions: Subscriptions<K, V>
  readonly #selector: Selector<K, V, R>
  readonly #equal: (a: R, b: R) => boolean
  readonly #listeners: Listeners<(value: R, previous: R) => void> = new Listeners()
  /** The last result, over which view, and what it was made from. */
  #last: { readonly value: R; readonly reads: Reads<K, V> } | undefined
  #version: number | undefined
  /** What subscribers were told last, while there are any. */
  #told: { value: R } | undefined
  /** Z1 */
  #watched: Reads<K, V> | undefined
  #watching: (() => void)[] = []
  /** What else it holds of the store while it has subscribers. */
  #held: (() => void)[] = []
  /** Whether a key it depends on has changed since the last result; trusted only while it watches and no round is under way. */
  #isStale = false

  constructor(
    state: State<K, V>,
    subscriptions: Subscriptions<K, V>,
    selector: Selector<K, V, R>,
    equal: (a: R, b: R) => boolean,
  ) {
    this.#state = state
    this.#subscriptions = subscriptions
    this.#selector = selector
    this.#equal = equal
  }

  get value(): R {
    if (
      this.#told !== undefined &&
      this.#last !== undefined &&
      !this.#isStale &&
      this.#subscriptions.isQuiet
    ) {
      return this.#last.value
    }
    const watched = this.#watched
    try {
      return this.#over(this.#state.view)
    } finally {
      if (this.#watched !== watched) this.#subscriptions.afterwards(this.#settle) // Z2
    }
  }

  subscribe(call: (value: R, previous: R) => void): Unsubscribe {
    checkFunction('The listener', call)
    if (this.#told === undefined) this.#wake()
    return this.#listeners.add(call, this.#subscriptions.newest, this.#sleep)
  }

  /** For those who must know that nothing will be told any more. */
  onEnd(call: () => void): Unsubscribe {
    return this.#subscriptions.onEnd(call)
  }

  #over(view: View<K, V>): R {
    const last = this.#last
    if (last !== undefined && (this.#version === view.version || isUnchanged(last.reads, view))) {
      this.#watch(last.reads)
      this.#version = view.version
      this.#isStale = false
      return last.value
    }
    this.#isStale = true
    const tracking = new TrackingView(view)
    const { reads } = tracking
    try {
      let value = this.#selector(tracking)
      if (Object.is(value, tracking)) {
        reads.everything = true
        value = view as R
      }
      // an equal result keeps the identity of the one before
      this.#last = { value: last !== undefined && this.#equal(last.value, value) ? last.value : value, reads }
      this.#version = view.version
      this.#isStale = false
      return this.#last.value
    } finally {
      this.#watch(reads)
    }
  }

  #wake(): void {
    this.#told = { value: this.value } // throws what the selector throws, before anything is held
    this.#held = [this.#subscriptions.holdViews()]
    if (this.#last !== undefined) this.#watch(this.#last.reads)
    this.#held.push(this.#subscriptions.onEnd(this.#sleep))
  }

  readonly #sleep = (): void => {
    for (const stop of [...this.#watching, ...this.#held]) stop()
    this.#watching = []
    this.#held = []
    this.#watched = undefined
    this.#told = undefined
  }

  /** Listens to just what was read, in place of what was read before. */
  #watch(reads: Reads<K, V>): void {
    if (this.#told === undefined || this.#watched === reads) return
    this.#watched = reads
    for (const stop of this.#watching) stop()
    this.#watching = []
    const subscriptions = this.#subscriptions
    const since = subscriptions.current
    if (reads.everything) {
      this.#watching.push(subscriptions.onView(this.#onChange, since))
      return
    }
    if (reads.membership) this.#watching.push(subscriptions.onKeys(this.#onChange, since))
    for (const key of reads.keys.keys()) this.#watching.push(subscriptions.onKey(key, this.#onChange, since))
  }

  readonly #onChange = (): void => {
    this.#isStale = true
    this.#subscriptions.afterwards(this.#settle)
  }

  readonly #settle = (view: View<K, V>): void => {
    const told = this.#told
    if (told === undefined) return
    const previous = told.value
    const last = this.#last?.value
    const value = this.#over(view)
    if (Object.is(value, previous)) return
    // it has been compared with the last result, which is not what was told last where a listener asked in between
    if (!Object.is(last, previous) && this.#equal(previous, value)) return
    told.value = value
    this.#subscriptions.tellAll(this.#subscriptions.current, this.#listeners, value, previous)
  }
}
