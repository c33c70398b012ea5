import { ABSENT, type Absent } from '../core/vector.ts'
import { View } from '../core/view.ts'
import type { Listener } from './listeners.ts'
import { Listeners, type Unsubscribe, unsubscribe } from './listeners.ts'
import type { State } from './state.ts'
import type { Subscriptions } from './subscriptions.ts'

export type Selector<K, V, R> = (view: View<K, V>) => R

/** A derived value. */
export interface Selection<R> {
  /** The result over the current view; computed now if a key it depends on has changed. What the selector throws is thrown here. */
  readonly value: R
  /** Calls `listener` after a promotion that changed the result, with the new and the old one. Not called at once. */
  subscribe(listener: (value: R, previous: R) => void): Unsubscribe
}

/** What a selector has read: these keys with what it saw, or so much that any change counts. */
interface Reads<K, V> {
  readonly keys: Map<K, V | Absent>
  membership: boolean
  everything: boolean
}

/** A view that notes what is read through it. */
class TrackingView<K, V> extends View<K, V> {
  readonly #view: View<K, V>
  readonly #reads: Reads<K, V>

  constructor(view: View<K, V>, reads: Reads<K, V>) {
    super(null, view.version)
    this.#view = view
    this.#reads = reads
  }

  get size(): number {
    this.#reads.membership = true
    return this.#view.size
  }

  protected lookup(key: K): V | Absent {
    const value = look(this.#view, key)
    this.#reads.keys.set(key, value)
    return value
  }

  keys(): MapIterator<K> {
    this.#reads.membership = true
    return this.#view.keys()
  }

  entries(): MapIterator<[K, V]> {
    return this.#whole().entries()
  }

  values(): MapIterator<V> {
    return this.#whole().values()
  }

  forEach(callback: (value: V, key: K, view: View<K, V>) => void, thisArg?: unknown): void {
    this.#whole().forEach(callback, thisArg)
  }

  keysThatMayDiffer(older: View<K, V>): Iterable<K> | undefined {
    return this.#whole().keysThatMayDiffer(older)
  }

  #whole(): View<K, V> {
    this.#reads.everything = true
    return this.#view
  }
}

/**
 * A Selection: lazy while nobody subscribes (it holds no subscription then, and is ordinary garbage), and otherwise woken by exactly the
 * keys it read, after the listeners of a round, once.
 */
export class DerivedValue<K, V, R> implements Selection<R> {
  readonly #state: State<K, V>
  readonly #subscriptions: Subscriptions<K, V>
  readonly #selector: Selector<K, V, R>
  readonly #equal: (a: R, b: R) => boolean
  readonly #listeners: Listeners<(value: R, previous: R) => void> = new Listeners()
  /** The last result, over which view, and what it was made from. */
  #last: { readonly value: R; readonly reads: Reads<K, V> } | undefined
  #view: View<K, V> | undefined
  /** What subscribers were told last, while there are any. */
  #told: { value: R } | undefined
  #watching: (() => void)[] = []
  /** Whether a key it depends on has changed since the last result; trusted only while it watches and no round is under way. */
  #isStale = false
  #round = 0

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
      this.#subscriptions.isQuiet &&
      !this.#subscriptions.hasEnded
    ) {
      return this.#last.value
    }
    return this.#over(this.#state.view)
  }

  subscribe(call: (value: R, previous: R) => void): Unsubscribe {
    if (this.#listeners.isEmpty) this.#wake()
    const listener = this.#listeners.add(call, this.#round)
    return unsubscribe(() => {
      if (this.#listeners.remove(listener) && this.#listeners.isEmpty) this.#sleep()
    })
  }

  #over(view: View<K, V>): R {
    const last = this.#last
    if (last !== undefined && (this.#view === view || isUnchanged(last.reads, view))) {
      this.#view = view
      this.#isStale = false
      return last.value
    }
    const reads: Reads<K, V> = { keys: new Map(), membership: false, everything: false }
    const tracking = new TrackingView(view, reads)
    try {
      let value = this.#selector(tracking)
      if (Object.is(value, tracking)) {
        reads.everything = true
        value = view as R
      }
      // an equal result keeps the identity of the one before
      this.#last = { value: last !== undefined && this.#equal(last.value, value) ? last.value : value, reads }
      this.#view = view
      this.#isStale = false
      return this.#last.value
    } finally {
      if (this.#told !== undefined && !this.#subscriptions.hasEnded) this.#watch(reads)
    }
  }

  #wake(): void {
    this.#told = { value: this.value }
    this.#watching.push(this.#subscriptions.holdViews())
    if (this.#last !== undefined) this.#watch(this.#last.reads)
  }

  #sleep(): void {
    for (const stop of this.#watching) stop()
    this.#watching = []
    this.#told = undefined
  }

  /** Listens to just what was read, in place of what was read before. */
  #watch(reads: Reads<K, V>): void {
    const [release, ...stops] = this.#watching
    for (const stop of stops) stop()
    this.#watching = release === undefined ? [] : [release]
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
    const value = this.#over(view)
    if (Object.is(value, previous)) return
    told.value = value
    const round = ++this.#round
    this.#tell(round, value, previous)
  }

  #tell(round: number, value: R, previous: R): void {
    let listener: Listener<(value: R, previous: R) => void> | undefined = this.#listeners.first
    for (; listener !== undefined; listener = listener.next) {
      if (!listener.active || listener.since >= round) continue
      this.#subscriptions.attempt(listener.call, value, previous)
    }
  }
}

const look = <K, V>(view: View<K, V>, key: K): V | Absent => {
  const value = view.get(key)
  return value !== undefined || view.has(key) ? (value as V) : ABSENT
}

function isUnchanged<K, V>(reads: Reads<K, V>, view: View<K, V>): boolean {
  if (reads.everything || reads.membership) return false
  for (const [key, seen] of reads.keys) if (!Object.is(look(view, key), seen)) return false
  return true
}
