import type { Lock } from '../core/mutex.ts'
import { Turns } from '../core/turns.ts'
import { invalidArgument, lockBusy, lockReentrant, storeDisposed, superseded } from '../errors.ts'
import type { Watchdog } from './watchdog.ts'
import type { IfBusy, TurnOptions } from './write-options.ts'
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

const STRATEGIES: readonly IfBusy[] = ['queue', 'latest', 'skip', 'fail']

/** In the place of a key: the map as a whole. */
const WHOLE = /* @__PURE__ */ Symbol()

/** What writers know of the rounds they cause. */
interface Rounds {
  guard(): void
  pause(): void
  resume(): void
  flush(): void
}

/** A line, as a writer with `ifBusy` sees it. */
export interface BusyLine extends Line {
  refusal(options: TurnOptions | null | undefined): Promise<never> | undefined
  /** Whether a writer of these keys, or of the whole map, would have to wait. */
  isBusy(keys: readonly unknown[] | undefined): boolean
  /** H3: `writer` counts as the newest from now on. Gives those before it that it shares a key with. */
  succeed(writer: Writer): ReadonlySet<Writer>
}

/** Takes the turns that the task needs, as `ifBusy` says, and carries it out. */
export function startIn<R, T>(
  line: BusyLine,
  task: Task<R, T>,
  options: TurnOptions | null | undefined,
): Promise<T> {
  const { signal, ifBusy = 'queue' } = options ?? {}
  const writer = new Write(line, task, signal)
  if (ifBusy === 'latest') {
    const isShown = task.lay !== undefined
    // first: what the aborts set off may call for a still later one, or dispose the store
    const before = line.succeed(writer) // H3
    // one that is shown is so before the layers of the others go: nothing flickers
    if (isShown) void writer.start()
    for (const other of before) other.abort(superseded(writer.label))
    if (isShown) return writer.promise
    const refusal = line.refusal({ signal })
    if (refusal !== undefined) {
      line.part(writer)
      return refusal
    }
  } else if (ifBusy !== 'queue' && line.isBusy(task.keys)) {
    return ifBusy === 'skip' ? Promise.resolve(task.skipped as T) : quietly(lockBusy(writer.label))
  }
  return writer.start()
}

/**
 * The writers of one store: who runs, who waits, and who may not.
 *
 * Invariants: H1 a writer is in `#writers` from its call to its settlement. H2 `#inside` is set exactly while the synchronous part of a
 * writer's own code runs, or a function of the user's that is asked in the middle of a write; rounds wait meanwhile. H3 `#latest` has
 * each writer with `ifBusy: 'latest'` under each of its keys, or under `WHOLE`, from its call to its settlement; no two share a key.
 */
export class Writers<K> implements BusyLine {
  readonly turns: Turns<K> = new Turns()
  readonly #writers: Set<Writer> = new Set()
  /** H3 */
  readonly #latest: Map<unknown, Writer> = new Map()
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
  refusal(options: TurnOptions | null | undefined): Promise<never> | undefined {
    if (this.#inside !== undefined) throw lockReentrant(this.#inside.label)
    this.#rounds.guard()
    if (this.#isDisposed) return quietly(storeDisposed())
    const ifBusy = options?.ifBusy
    if (ifBusy !== undefined && !STRATEGIES.includes(ifBusy)) {
      return Promise.reject(invalidArgument('options.ifBusy', `one of ${STRATEGIES.join()}`, ifBusy))
    }
    return refuseSignal(options?.signal)
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

  isBusy(keys: readonly K[] | undefined): boolean {
    const { turns } = this
    return turns.isLocked && (keys === undefined || keys.some((key) => turns.isKeyLocked(key)))
  }

  /** Takes the turns that the task needs and carries it out. */
  run<R, T>(task: Task<R, T>, options?: TurnOptions | null): Promise<T> {
    return startIn(this, task, options)
  }

  succeed(writer: Writer): ReadonlySet<Writer> {
    const { keys = [...this.#latest.keys()] } = writer
    const before = new Set([...keys, WHOLE].flatMap((key) => this.#latest.get(key) ?? []))
    for (const key of writer.keys ?? [WHOLE]) this.#latest.set(key, writer)
    return before
  }

  request(keys: readonly K[] | undefined, onGrant: () => void): Lock {
    const lock = this.turns.request(keys, onGrant)
    if (this.turns.waiting > 0) this.#watchdog?.watch()
    return lock
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
    if (this.#latest.size > 0) {
      for (const key of writer.keys ?? [WHOLE]) if (this.#latest.get(key) === writer) this.#latest.delete(key)
    }
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
    for (const writer of [...this.#writers]) if (writer.isOnlyWaiting) writer.abort(storeDisposed())
  }

  #settle(): void {
    this.#watchdog?.stop()
    const waiting = this.#onIdle
    this.#onIdle = []
    for (const resolve of waiting) resolve()
  }
}
