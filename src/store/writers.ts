import type { Lock } from '../core/mutex.ts'
import { Turns } from '../core/turns.ts'
import { invalidArgument, lockReentrant, storeDisposed, superseded } from '../errors.ts'
import type { Watchdog } from './watchdog.ts'
import { type Line, type Task, Write, type Writer } from './writer.ts'

/** A rejection of our own making: whoever awaits it hears of it, and a promise that was dropped is no unhandled rejection. */
export function quietly(error: unknown): Promise<never> {
  const promise = Promise.reject(error)
  promise.catch(() => {})
  return promise
}

/** The rejection for a signal that is none, or that has aborted. */
export function refuseSignal(signal: AbortSignal | undefined): Promise<never> | undefined {
  if (signal === undefined) return undefined
  if (typeof signal?.addEventListener !== 'function') {
    return Promise.reject(invalidArgument('options.signal', 'an AbortSignal', signal))
  }
  return signal.aborted ? Promise.reject(signal.reason) : undefined
}

/** What writers know of the rounds they cause. */
interface Rounds {
  guard(): void
  pause(): void
  resume(): void
  flush(): void
}

/**
 * The writers of one store: who runs, who waits, and who may not.
 *
 * Invariants: H1 a writer is in `#writers` from its call to its settlement. H2 `#inside` is set exactly while the synchronous part of a
 * writer's own code runs, or a function of the user's that is asked in the middle of a write; rounds wait meanwhile.
 */
export class Writers<K> implements Line {
  readonly turns: Turns<K> = new Turns()
  readonly #writers: Set<Writer> = new Set()
  readonly #latest: Map<K, Writer> = new Map()
  /** In development. */
  readonly #watchdog: Watchdog | undefined
  readonly #rounds: Rounds
  /** H2 */
  #inside: { readonly label: string } | undefined
  #isDisposed = false
  #onIdle: (() => void)[] = []

  constructor(rounds: Rounds, watch: ((writers: ReadonlySet<Writer>) => Watchdog) | undefined) {
    this.#rounds = rounds
    this.#watchdog = watch?.(this.#writers)
  }

  get isDisposed(): boolean {
    return this.#isDisposed
  }

  get running(): number {
    let running = 0
    for (const writer of this.#writers) if (writer.isRunning) running++
    return running
  }

  get waiting(): number {
    return this.#writers.size - this.running
  }

  /**
   * The first line of every write. Throws to a writer's own code that writes past its draft, and to a listener that writes without an
   * end; gives the rejection for who cannot write, if any.
   */
  refusal(signal: AbortSignal | undefined): Promise<never> | undefined {
    if (this.#inside !== undefined) throw lockReentrant(this.#inside.label)
    this.#rounds.guard()
    if (this.#isDisposed) return quietly(storeDisposed())
    return refuseSignal(signal)
  }

  /** A function of the user's that must not write: whoever calls it is in the middle of a write. */
  guarded<A extends unknown[], R>(call: (...args: A) => R, label: string): (...args: A) => R {
    return (...args) => {
      if (this.#inside !== undefined) return call(...args)
      this.#enter({ label })
      try {
        return call(...args)
      } finally {
        this.leave()
      }
    }
  }

  /** Throws to a writer's own code that waits for a turn which it holds itself. */
  refuseSelfWait(key: K): void {
    if (this.#inside !== undefined && this.turns.isKeyLocked(key)) throw lockReentrant(this.#inside.label)
  }

  /** Takes the turns that the task needs and carries it out. */
  run<R, T>(task: Task<R, T>, signal?: AbortSignal): Promise<T> {
    return new Write([this], task, signal).start()
  }

  /** {@link run} after the running and queued writers of this kind on `key` have been ended: the newest alone counts. */
  runLatest<R, T>(key: K, task: Task<R, T>, signal?: AbortSignal): Promise<T> {
    const previous = this.#latest.get(key)
    const writer = new Write([this], task, signal)
    this.#latest.set(key, writer) // first: what the abort sets off may call for a still later one, or dispose the store
    previous?.abort(superseded(key), true)
    const refusal = this.refusal(signal)
    if (refusal === undefined) return writer.start()
    this.part(writer)
    return refusal
  }

  request(keys: readonly K[] | undefined, onGrant: () => void): Lock {
    const lock = this.turns.tryAcquire(keys)
    if (lock !== undefined) {
      onGrant()
      return lock
    }
    this.#watchdog?.watch()
    return this.turns.request(keys, onGrant)
  }

  enter(writer: Writer): void {
    this.#enter(writer)
    this.#watchdog?.started(writer)
  }

  #enter(who: { readonly label: string }): void {
    this.#inside = who
    this.#rounds.pause()
  }

  leave(): void {
    this.#inside = undefined
    this.#rounds.resume()
  }

  join(writer: Writer): void {
    this.#writers.add(writer)
  }

  part(writer: Writer): void {
    this.#writers.delete(writer)
    const key = writer.keys?.[0] as K
    if (this.#latest.get(key) === writer) this.#latest.delete(key)
    if (this.#writers.size === 0) this.#settle()
  }

  flush(): void {
    this.#rounds.flush()
  }

  /** Resolves when nobody runs or waits. */
  idle(): Promise<void> {
    if (this.#writers.size === 0) return Promise.resolve()
    return new Promise((resolve) => this.#onIdle.push(resolve))
  }

  /** Who waits is rejected; who runs may end; nobody else comes in. */
  dispose(): void {
    this.#isDisposed = true
    for (const writer of [...this.#writers]) if (writer.isOnlyWaiting) writer.abort(storeDisposed(), true)
    if (this.#writers.size === 0) this.#settle()
  }

  #settle(): void {
    this.#watchdog?.stop()
    const waiting = this.#onIdle
    if (waiting.length === 0) return
    this.#onIdle = []
    for (const resolve of waiting) resolve()
  }
}
