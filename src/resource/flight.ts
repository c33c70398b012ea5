/** A promise that says what has become of it, in the words that React's `use` reads: so a settled one is not waited for. */
export interface TaggedPromise<T> extends Promise<T> {
  readonly status: 'pending' | 'fulfilled' | 'rejected'
  readonly value?: T
  readonly reason?: unknown
}

export const fulfilled = <T>(value: T): TaggedPromise<T> =>
  Object.assign(Promise.resolve(value), { status: 'fulfilled' as const, value })

/** Who waits for a flight, and how to tell. */
interface Passenger<T> {
  readonly promise: Promise<T>
  readonly resolve: (value: T) => void
  readonly reject: (reason: unknown) => void
  /** Ends the listening to its signal. */
  readonly leave: () => void
}

/**
 * Those who wait for one result, whoever works on it.
 *
 * Invariants: F1 every caller with a signal has a promise of its own, which that signal ends, and no other. F2 `onDeserted` is told when the
 * last one has left by its signal, and never because one of several has. F3 it lands once; who comes or leaves afterwards changes
 * nothing, and no signal keeps a listener of it.
 */
export class Flight<T> {
  readonly #passengers: Set<Passenger<T>> = new Set()
  readonly #onDeserted: (reason: unknown) => void
  #shared: TaggedPromise<T> | undefined
  #hasLanded = false

  constructor(onDeserted: (reason: unknown) => void) {
    this.#onDeserted = onDeserted
  }

  get hasLanded(): boolean {
    return this.#hasLanded
  }

  get isEmpty(): boolean {
    return this.#passengers.size === 0
  }

  /** The promise of all those who have no way out: the same for all of them. It waits for ever, so the flight is never deserted. */
  get shared(): TaggedPromise<T> {
    this.#shared ??= Object.assign(this.join(undefined), { status: 'pending' as const })
    return this.#shared
  }

  /** F1. The signal has been checked: it is none, or one that has not aborted. */
  join(signal: AbortSignal | undefined): Promise<T> {
    let resolve!: (value: T) => void
    let reject!: (reason: unknown) => void
    const promise = new Promise<T>((onResolve, onReject) => {
      resolve = onResolve
      reject = onReject
    })
    const onAbort = (): void => {
      this.#passengers.delete(passenger)
      reject(signal?.reason)
      if (this.#passengers.size === 0) this.#onDeserted(signal?.reason) // F2
    }
    const passenger = {
      promise,
      resolve,
      reject,
      leave: () => signal?.removeEventListener('abort', onAbort),
    }
    this.#passengers.add(passenger)
    signal?.addEventListener('abort', onAbort, { once: true })
    return promise
  }

  /** Gives the {@link shared} promise, if somebody has it. */
  resolve(value: T): TaggedPromise<T> | undefined {
    this.#tag({ status: 'fulfilled', value })
    for (const { resolve } of this.#land()) resolve(value)
    return this.#shared
  }

  /** `isQuiet`: a promise that was dropped is no unhandled rejection. */
  reject(reason: unknown, isQuiet: boolean): void {
    this.#tag({ status: 'rejected', reason })
    for (const { promise, reject } of this.#land()) {
      if (isQuiet) promise.catch(() => {})
      reject(reason)
    }
  }

  /** Nobody waits, and nobody shall any more. */
  close(): void {
    this.#hasLanded = true
  }

  #tag(tags: { status: 'fulfilled'; value: T } | { status: 'rejected'; reason: unknown }): void {
    if (this.#shared !== undefined) Object.assign(this.#shared, tags)
  }

  /** F3 */
  #land(): readonly Passenger<T>[] {
    this.#hasLanded = true
    const passengers = [...this.#passengers]
    this.#passengers.clear()
    for (const { leave } of passengers) leave()
    return passengers
  }
}
