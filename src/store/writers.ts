import { KeyedMutex } from '../core/keyed-mutex.ts'
import { lockReentrant, storeDisposed, superseded } from '../errors.ts'
import type { Watchdog } from './watchdog.ts'
import { type Seat, type Task, Write, type Writer } from './writer.ts'

/** A rejection of our own making: whoever awaits it hears of it, and a promise that was dropped is no unhandled rejection. */
export function quietly(error: unknown): Promise<never> {
  const promise = Promise.reject(error)
  promise.catch(() => {})
  return promise
}

/** What writers know of the rounds they cause. */
interface Rounds {
  guard(): void
  flush(): void
}

/**
 * The writers of one store: who runs, who waits, and who may not.
 *
 * Invariants: H1 a writer is in `#writers` from its call to its settlement. H2 `#inside` is set exactly while the synchronous part of a
 * writer's own code runs.
 */
export class Writers<K> {
  readonly turns: KeyedMutex<K> = new KeyedMutex()
  readonly #writers: Set<Writer> = new Set()
  readonly #latest: Map<K, Writer> = new Map()
  readonly #watchdog: Watchdog | undefined
  readonly #rounds: Rounds
  #inside: Writer | undefined
  #isDisposed = false
  #onIdle: (() => void)[] = []

  constructor(rounds: Rounds, makeWatchdog: (writers: ReadonlySet<Writer>) => Watchdog | undefined) {
    this.#rounds = rounds
    this.#watchdog = makeWatchdog(this.#writers)
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
    return signal?.aborted === true ? Promise.reject(signal.reason) : undefined
  }

  /** Throws to a writer's own code that waits for a turn which it holds itself. */
  refuseSelfWait(key: K): void {
    if (this.#inside !== undefined && this.turns.isKeyLocked(key)) throw lockReentrant(this.#inside.label)
  }

  /** Takes the turn of these keys, or of the whole map, and carries the task out. */
  run<R, T>(keys: readonly K[] | undefined, task: Task<R, T>, signal?: AbortSignal): Promise<T> {
    return new Write([this.seat(keys)], task, signal).start()
  }

  /** {@link run} after the running and queued writers of this kind on `key` have been ended: the newest alone counts. */
  runLatest<R, T>(key: K, task: Task<R, T>, signal?: AbortSignal): Promise<T> {
    this.#latest.get(key)?.abort(superseded(key), true)
    const seat = this.seat([key])
    const part = (ended: Writer): void => {
      if (this.#latest.get(key) === ended) this.#latest.delete(key)
      seat.part(ended)
    }
    const writer = new Write([{ ...seat, part }], task, signal)
    this.#latest.set(key, writer)
    return writer.start()
  }

  /** What a writer over several stores needs of this one. */
  seat(keys: readonly K[] | undefined): Seat {
    return {
      request: (onGrant) => {
        let isGranted = false
        const place = this.turns.request(keys, () => {
          isGranted = true
          onGrant()
        })
        if (!isGranted) this.#watchdog?.watch()
        return place
      },
      enter: (writer) => {
        this.#inside = writer
        this.#watchdog?.started(writer)
      },
      leave: () => {
        this.#inside = undefined
      },
      join: (writer) => void this.#writers.add(writer),
      part: (writer) => {
        this.#writers.delete(writer)
        if (this.#writers.size === 0) this.#settle()
      },
      flush: () => this.#rounds.flush(),
    }
  }

  /** Resolves when nobody runs or waits. */
  idle(): Promise<void> {
    if (this.#writers.size === 0) return Promise.resolve()
    return new Promise((resolve) => this.#onIdle.push(resolve))
  }

  /** Who waits is rejected; who runs may end; nobody else comes in. */
  dispose(): void {
    this.#isDisposed = true
    for (const writer of [...this.#writers]) if (!writer.isRunning) writer.abort(storeDisposed(), true)
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
