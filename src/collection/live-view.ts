import type { View } from '../core/view.ts'
import { checkFunction } from '../store/arguments.ts'
import { type Unsubscribe, unsubscribe } from '../store/listeners.ts'
import {
  type KeyListener,
  type KeysListener,
  type Round,
  Subscriptions,
  type ViewListener,
} from '../store/subscriptions.ts'
import { ViewReader } from '../store/view-reader.ts'
import { type Collection, type Ports, passOn, portsOf } from './source.ts'

/** Something computed from the view of a source, that can be brought from one view to a later one. */
export interface Result<K, V, RK, RV> {
  readonly view: View<RK, RV>
  /** What that changed, or nothing where the view is the same object. What it throws has changed nothing. */
  advance(source: View<K, V>): Round<RK, RV> | undefined
}

/** What a collection needs of its source: a view that goes forward, and to be told when it has. */
export interface Upstream<K, V> {
  readonly view: View<K, V>
  subscribe(listener: (view: View<K, V>) => void): Unsubscribe
}

/**
 * A collection: a result that is computed when somebody looks, and in every round of the source while somebody listens.
 *
 * Invariants: C1 a reader gets the result over `source.view`, whatever has been told so far: no glitches. C2 while it has subscribers it
 * is subscribed to its source, once; otherwise it holds no subscription, and is ordinary garbage. C3 every step of the result is
 * put in the queue of rounds when it is made, also by a reader, and told when the source tells its own: so each is told once and in
 * order, the `view` of one round is the `previous` of the next, and who subscribes hears of later steps only. C4 an error of a listener
 * harms nobody; it reaches the handler of the store, as those of its own listeners do.
 */
export class LiveView<K, V, RK, RV> extends ViewReader<RK, RV> implements Collection<RK, RV> {
  readonly #source: Upstream<K, V>
  readonly #begin: (view: View<K, V>) => Result<K, V, RK, RV>
  readonly #subscriptions: Subscriptions<RK, RV>
  readonly #onStoreEnd: Ports['onEnd']
  #result: Result<K, V, RK, RV> | undefined
  /** The view of the source that `#result` was made from. */
  #seen: View<K, V> | undefined
  /** C2 */
  #stop: Unsubscribe | undefined
  #isDisposed = false
  #isAdvancing = false

  constructor(source: Upstream<K, V>, begin: (view: View<K, V>) => Result<K, V, RK, RV>) {
    super()
    const ports = portsOf(source)
    passOn(this, ports)
    this.#source = source
    this.#begin = begin
    this.#subscriptions = new Subscriptions(ports.report)
    this.#onStoreEnd = ports.onEnd
    const { observe } = ports
    if (observe === undefined) return
    const view$ = observe(
      () => this.view,
      (next) => this.subscribe(next),
      (end) => this.onEnd(end),
    )
    Object.defineProperty(this, 'view$', { value: view$, enumerable: true })
  }

  get view(): View<RK, RV> {
    return this.#over(this.#source.view).view
  }

  /** Also keeps frameworks that wrap plain data in proxies (Vue) from wrapping it. */
  get [Symbol.toStringTag](): string {
    return 'Collection'
  }

  subscribe(listener: ViewListener<RK, RV>): Unsubscribe {
    checkFunction('The listener', listener)
    return this.#listen(() => this.#subscriptions.onView(listener))
  }

  subscribeKey(key: RK, listener: KeyListener<RK, RV>): Unsubscribe {
    checkFunction('The listener', listener)
    return this.#listen(() => this.#subscriptions.onKey(key, listener))
  }

  subscribeKeys(listener: KeysListener<RK, RV>): Unsubscribe {
    checkFunction('The listener', listener)
    return this.#listen(() => this.#subscriptions.onKeys(listener))
  }

  /** Called when it is disposed, or its store is; at once, if it has been. */
  onEnd(call: () => void): Unsubscribe {
    if (this.#isDisposed) {
      call()
      return unsubscribe(() => {})
    }
    const stops = [this.#onStoreEnd(call), this.#subscriptions.onEnd(call)]
    return unsubscribe(() => {
      for (const stop of stops) stop()
    })
  }

  dispose(): void {
    this.#isDisposed = true
    this.#sleep()
    this.#subscriptions.dispose()
  }

  [Symbol.dispose](): void {
    this.dispose()
  }

  #listen(add: () => Unsubscribe): Unsubscribe {
    if (this.#isDisposed) return unsubscribe(() => {})
    void this.view // C3; throws what the computation throws, before anything is held
    const stop = add()
    this.#stop ??= this.#source.subscribe(this.#onRound)
    return unsubscribe(() => {
      stop()
      if (this.#subscriptions.isEmpty) this.#sleep()
    })
  }

  #sleep(): void {
    this.#stop?.()
    this.#stop = undefined
    this.#subscriptions.flush() // steps that nobody will hear of
  }

  readonly #onRound = (view: View<K, V>): void => {
    try {
      // a reader may be ahead of the rounds
      if (this.#seen === undefined || this.#seen.version < view.version) this.#over(view)
    } finally {
      this.#subscriptions.flush()
    }
  }

  /** C1 */
  #over(view: View<K, V>): Result<K, V, RK, RV> {
    const result = this.#result
    if (result === undefined) {
      const first = this.#begin(view)
      this.#seen = view
      this.#result = first
      return first
    }
    // a computation that looks at its own result sees the last one
    if (this.#seen === view || this.#isAdvancing) return result
    this.#isAdvancing = true
    try {
      const round = result.advance(view)
      this.#seen = view
      if (round !== undefined && this.#stop !== undefined) this.#subscriptions.announce(round) // C3
    } finally {
      this.#isAdvancing = false
    }
    return result
  }
}
