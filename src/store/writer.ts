import type { Lock } from '../core/mutex.ts'
import { isThenable } from '../core/thenable.ts'
import { call, isOurs } from '../errors.ts'

/** The line of a store, as a writer sees it. */
export interface Line {
  /** Takes a place in the line now; `onGrant` is called when the turn has come, or before this returns where it is free. */
  request(keys: readonly unknown[] | undefined, onGrant: () => void): Lock
  /** The user's code begins and ends: in between it must not write to the store in any other way. */
  enter(writer: Writer): void
  leave(): void
  /** It joins and leaves the writers of the store. */
  join(writer: Writer): void
  part(writer: Writer): void
  /** Tells the rounds that the commit has put in the queue. */
  flush(): void
}

/** What is done when the turn has come. */
export interface Task<R, T> {
  /** What it is called in warnings and errors: `label`, or else the method and its keys. */
  readonly name: string
  /** The keys whose turns it takes; `undefined` is the whole map. */
  readonly keys: readonly unknown[] | undefined
  readonly label?: string | undefined
  /** The user's part; may be async. */
  readonly begin: (writer: Writer) => R | PromiseLike<R>
  /** Makes it confirmed: synchronous, all or nothing, in one step. */
  readonly commit: (result: R) => T
  /** Whether nothing of the user's runs while it is running: it waits for a value. */
  readonly isOnlyWaiting?: boolean
  /** What it resolves to where `ifBusy: 'skip'` leaves it out. */
  readonly skipped?: T
  /** It has ended without a commit: nothing of it may be seen any more. */
  readonly cancel?: () => void
  /** Shows it before its turn: called if it has not ended when it has its place in the line. */
  readonly lay?: (() => void) | undefined
}

/** What a recipe is told. */
export interface RecipeContext {
  /** Aborts when the writer does: by its caller's signal, or by a later `ifBusy: 'latest'`. */
  readonly signal: AbortSignal
}

/**
 * A writer as its recipe sees it: no more than its signal, made when it is asked for. A class, because an engine makes an object literal
 * with a getter by a call into its runtime: 200,000 updates of a free key took 799 ms with one, and 126 ms without.
 */
class OwnSignal implements RecipeContext {
  readonly #writer: RecipeContext

  constructor(writer: RecipeContext) {
    this.#writer = writer
  }

  get signal(): AbortSignal {
    return this.#writer.signal
  }
}

export const contextOf = (writer: RecipeContext): RecipeContext => new OwnSignal(writer)

/** What a watchdog and an owner may see and do, whatever the writer computes. */
export interface Writer extends RecipeContext {
  readonly label: string
  readonly keys: readonly unknown[] | undefined
  readonly isRunning: boolean
  /** Whether none of the user's code is under way in it: it can be ended without cutting that off. */
  readonly isOnlyWaiting: boolean
  /**
   * Ends it at once: out of the queue, or its turn given back though its code may still be running; what that does later is void.
   */
  abort(reason: unknown): void
}

/**
 * One write, from its call to its settlement: waits for its turns, runs the user's part, commits, gives the turns back, and only then
 * lets the round be told.
 *
 * Invariants: T1 it settles once; whatever comes later changes nothing. T2 its turns are given back in the tick in which it settles,
 * on every path.
 */
export class Write<R, T> implements Writer {
  readonly promise: Promise<T>
  readonly #line: Line
  readonly #task: Task<R, T>
  readonly #callerSignal: AbortSignal | undefined
  #lock: Lock | undefined
  #resolve!: (value: T) => void
  #reject!: (reason: unknown) => void
  #state: 'waiting' | 'running' | 'committing' | 'ended' = 'waiting'
  /** Made when somebody asks for the signal: most recipes do not. */
  #controller: AbortController | undefined

  constructor(line: Line, task: Task<R, T>, signal?: AbortSignal) {
    this.#line = line
    this.#task = task
    this.#callerSignal = signal
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  get label(): string {
    const { label, name, keys } = this.#task
    return label ?? call(name, keys)
  }

  get keys(): readonly unknown[] | undefined {
    return this.#task.keys
  }

  get isOnlyWaiting(): boolean {
    return this.#task.isOnlyWaiting === true || this.#state === 'waiting'
  }

  get isRunning(): boolean {
    return this.#state === 'running'
  }

  get hasEnded(): boolean {
    return this.#state === 'ended'
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController()
    return this.#controller.signal
  }

  /** To be called once. Where all turns are free and the task does not wait, it has ended when this returns. */
  start(): Promise<T> {
    if (this.#state === 'ended') return this.promise // superseded before it could begin
    this.#callerSignal?.addEventListener('abort', this.#onAbort)
    this.#line.join(this)
    let isGranted = false
    let proceed: (() => void) | undefined
    this.#lock = this.#line.request(this.keys, () => {
      isGranted = true
      proceed?.()
    })
    if (isGranted) this.#begin()
    else {
      // a promise in between: the task runs in the async context of its caller, and never inside the release of another writer
      const granted = new Promise<void>((resolve) => {
        proceed = resolve
      })
      void granted.then(() => this.#begin())
    }
    if (!this.hasEnded && this.#task.lay !== undefined) {
      this.#task.lay() // now that it has its place: layers lie in the order of the turns
      if (this.hasEnded) this.#task.cancel?.() // by a recipe or a scheduler, before it lay in all of its stores
      this.#line.flush()
    }
    return this.promise
  }

  abort(reason: unknown): void {
    if (this.#state === 'committing' || this.#state === 'ended') return
    const isRunning = this.isRunning
    this.#fail(reason)
    if (!isRunning) return
    this.#controller ??= new AbortController() // who asks for the signal later must find it aborted
    this.#controller.abort(reason)
  }

  readonly #onAbort = (): void => this.abort(this.#callerSignal?.reason)

  #begin(): void {
    if (this.#state === 'ended') return // aborted between the hand-over and now: the turn has gone on already
    this.#state = 'running'
    this.#enter(() => {
      const result = this.#task.begin(this)
      return isThenable(result) ? () => this.#wait(result) : () => this.#commit(result)
    })
  }

  #wait(result: PromiseLike<R>): void {
    try {
      Promise.resolve(result).then(
        (value) => this.#commit(value),
        (error: unknown) => this.#fail(error),
      )
    } catch (error) {
      this.#fail(error) // a promise may have a `then` of its own
    }
  }

  /** Runs the user's code, and then what that comes to: neither a commit nor a round may be inside. */
  #enter(run: () => () => void): void {
    let proceed: () => void
    try {
      this.#line.enter(this)
      proceed = run()
    } catch (thrown) {
      proceed = () => this.#fail(thrown)
    } finally {
      this.#line.leave()
    }
    proceed()
    this.#line.flush() // also rounds that waited while its own code ran
  }

  #commit(result: R): void {
    if (this.#state === 'ended') return // T1
    this.#state = 'committing'
    this.#enter(() => {
      const value = this.#task.commit(result) // `equal` is the user's code too
      return () => {
        this.#resolve(value) // first: who waits for the store to be idle hears of it after this writer's caller
        this.#end()
      }
    })
  }

  #fail(reason: unknown): void {
    if (this.#state === 'ended') return // T1
    if (isOurs(reason)) this.promise.catch(() => {}) // also where it has come through the caller's own code
    this.#task.cancel?.()
    this.#reject(reason)
    this.#end()
    this.#line.flush()
  }

  /** T2 */
  #end(): void {
    this.#state = 'ended'
    this.#callerSignal?.removeEventListener('abort', this.#onAbort)
    this.#line.part(this)
    this.#lock?.release()
  }
}
