import type { Unsubscribe } from '../store/listeners.ts'
import { type Flight, fulfilled, type TaggedPromise } from './flight.ts'
import { isSameStatus, type Status, UNKNOWN } from './status.ts'
import type { Timer } from './timer.ts'

/** One run of a loader, with its retries. */
export interface Run<V> {
  readonly generation: number
  readonly controller: AbortController
  /** Who waits for it. A run that replaces another takes its flight over. */
  readonly flight: Flight<V>
  isPaused: boolean
}

/**
 * What a resource knows of one key, but for its value, which is in the store.
 *
 * Invariants: N1 whatever decides what the key is worth (a run that begins, lands, fails or is called off; a write by anybody) begins a new
 * generation, and a run may change something only while the generation it began is the current one. So a late answer never overwrites
 * anything newer, whoever wrote that. N2 `run` is the run of the current generation, if it has one. N3 `flight` is there while somebody
 * waits for the key, or `run` is.
 */
export class Entry<K, V> {
  readonly key: K
  /** N1 */
  #generation = 0
  /** N2 */
  run: Run<V> | undefined
  /** N3 */
  flight: Flight<V> | undefined
  /** Runs that a write has overtaken in the middle of a commit, to be dealt with after it. */
  readonly overtaken: Run<V>[] = []
  /** Whether they, and the listeners, are dealt with in a moment. */
  isNoted = false
  /** Whether a write that is being committed is the resource's own. */
  isWriting = false
  /** Whether the value is what the resource has loaded, and not what somebody has written. */
  isLoaded = false

  updatedAt: number
  isInvalidated = false
  failure: { readonly error: unknown } | undefined
  errorUpdatedAt = 0
  failureCount = 0
  failureReason: unknown = null
  /** What a run that is called off leaves behind: what was before it. */
  #before: Pick<Entry<K, V>, 'failure' | 'failureCount' | 'failureReason'> | undefined

  watchers = 0
  readonly listeners: Set<{ readonly call: (status: Status<V>) => void }> = new Set()
  /** What the listeners know. */
  told: Status<V> = UNKNOWN
  isTelling = false
  /** While there are listeners. */
  stopListening: Unsubscribe | undefined
  /** Fires when the value becomes stale, while there are listeners. */
  readonly staleTimer: Timer
  /** Fires when a watched key is to be loaded again. */
  readonly pollTimer: Timer
  unhook: (() => void) | undefined
  #status: Status<V> = UNKNOWN
  #promise: TaggedPromise<V> | undefined

  constructor(key: K, updatedAt: number, timers: { readonly stale: Timer; readonly poll: Timer }) {
    this.key = key
    this.updatedAt = updatedAt
    this.staleTimer = timers.stale
    this.pollTimer = timers.poll
  }

  /** Whether somebody waits, watches or listens. */
  get isInUse(): boolean {
    return this.run !== undefined || this.watchers > 0 || this.listeners.size > 0
  }

  isCurrent(run: Run<V>): boolean {
    return run.generation === this.#generation
  }

  /** N1. Without a value there is nothing beside a former failure: it is pending again. */
  begin(flight: Flight<V>, hasValue: boolean): Run<V> {
    if (this.run === undefined) {
      const { failure, failureCount, failureReason } = this
      this.#before = { failure, failureCount, failureReason }
    }
    if (!hasValue) this.failure = undefined
    this.failureCount = 0
    this.failureReason = null
    this.flight = flight
    const generation = ++this.#generation
    this.run = { generation, controller: new AbortController(), flight, isPaused: false }
    return this.run
  }

  /** The run has brought the value, which is being stored. */
  succeed(now: number): void {
    this.#end()
    this.isLoaded = true
    this.#renew(now)
  }

  fail(error: unknown, now: number): void {
    this.#end()
    this.failure = { error }
    this.errorUpdatedAt = now
    this.failureCount++
    this.failureReason = error
  }

  /** Nobody wants the run any more: everything is as it was before. */
  callOff(): void {
    this.#end()
    Object.assign(this, this.#before)
  }

  /** Somebody else has written the key. */
  overwrite(now: number): void {
    if (this.run !== undefined) this.overtaken.push(this.run)
    this.run = undefined
    this.#generation++
    this.isLoaded = false
    this.#renew(now)
  }

  #end(): void {
    this.#generation++
    this.run = undefined
    this.flight = undefined
  }

  #renew(now: number): void {
    this.updatedAt = now
    this.isInvalidated = false
    this.failure = undefined
    this.errorUpdatedAt = 0
    this.failureCount = 0
    this.failureReason = null
  }

  /** The promise of a value that is there: the same as long as the value is; at first the one with which others have waited, if any. */
  promiseOf(value: V, waited?: TaggedPromise<V>): TaggedPromise<V> {
    const promise = this.#promise
    if (promise?.status === 'fulfilled' && Object.is(promise.value, value)) return promise
    this.#promise = waited ?? fulfilled(value)
    return this.#promise
  }

  status(hasValue: boolean, value: V | undefined, isStale: boolean): Status<V> {
    const { run, failure, errorUpdatedAt, failureCount, failureReason } = this
    const next = {
      status: failure !== undefined ? 'error' : hasValue ? 'success' : 'pending',
      fetchStatus: run === undefined ? 'idle' : run.isPaused ? 'paused' : 'fetching',
      data: value,
      error: failure === undefined ? null : failure.error,
      updatedAt: hasValue ? this.updatedAt : 0,
      errorUpdatedAt,
      failureCount,
      failureReason,
      isStale,
    } as Status<V>
    if (!isSameStatus(next, this.#status)) this.#status = Object.freeze(next)
    return this.#status
  }
}
