/** Who waits for a flight, and how to tell. */
interface Passenger<T> {
  readonly resolve: (value: T) => void
  readonly reject: (reason: unknown) => void
  /** Of its own signal, not to be listened to any more. */
  readonly leave: () => void
  /** Marks its promise as handled: for reasons that nobody who waits has given. */
  readonly quiet: () => void
}

/**
 * Work that runs once and is waited for by many.
 *
 * Invariants: F1 every caller has a promise of its own, and its signal ends that promise and no other. F2 the signal of the work aborts
 * when the last caller has left, with that caller's reason, and never because one of several has. F3 it lands once; a caller that comes
 * or leaves afterwards changes nothing, and no signal keeps a listener of it.
 */
export class Flight<T> {
  readonly #controller = new AbortController()
  readonly #passengers: Set<Passenger<T>> = new Set()
  readonly #onDeserted: () => void
  #hasLanded = false

  /** @param onDeserted called when the last caller has left, before the signal of the work aborts */
  constructor(onDeserted: () => void) {
    this.#onDeserted = onDeserted
  }

  /** For the work: aborts when nobody waits for it any more, or when it is called off. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  get hasLanded(): boolean {
    return this.#hasLanded
  }

  /** F1. The signal has been checked: it is none, or one that has not aborted. */
  join(signal: AbortSignal | undefined): Promise<T> {
    let quiet = (): void => {}
    const promise = new Promise<T>((resolve, reject) => {
      const onAbort = (): void => {
        this.#passengers.delete(passenger)
        reject(signal?.reason)
        if (this.#passengers.size === 0) this.#desert(signal?.reason)
      }
      const passenger: Passenger<T> = {
        resolve,
        reject,
        leave: () => signal?.removeEventListener('abort', onAbort),
        quiet: () => quiet(),
      }
      this.#passengers.add(passenger)
      signal?.addEventListener('abort', onAbort, { once: true })
    })
    quiet = () => void promise.catch(() => {})
    return promise
  }

  resolve(value: T): void {
    for (const { resolve } of this.#land()) resolve(value)
  }

  /** `isQuiet`: for reasons of our own; a promise that was dropped is then no unhandled rejection. */
  reject(reason: unknown, isQuiet: boolean): void {
    for (const { reject, quiet } of this.#land()) {
      if (isQuiet) quiet()
      reject(reason)
    }
  }

  /** Aborts the work; who waits goes on waiting for what is told them. */
  callOff(reason: unknown): void {
    this.#controller.abort(reason)
  }

  /** F2 */
  #desert(reason: unknown): void {
    if (this.#hasLanded) return
    this.#hasLanded = true
    this.#onDeserted()
    this.#controller.abort(reason)
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
