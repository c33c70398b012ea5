import type { Found } from '../core/read-dirty-map.ts'
import { overtaken, resourceDisposed, storeDisposed, type TidemapError } from '../errors.ts'
import { checkFunction } from '../store/arguments.ts'
import type { Inside } from '../store/brand.ts'
import { type Unsubscribe, unsubscribe } from '../store/listeners.ts'
import type { WritableStore, WriteOptions } from '../store/store.ts'
import { Write, type Writer } from '../store/writer.ts'
import { quietly } from '../store/writers.ts'
import { Entry, type Run } from './entry.ts'
import { Flight, type TaggedPromise } from './flight.ts'
import { Garbage } from './garbage.ts'
import { Loads } from './loads.ts'
import type { Resource, StatusPredicate } from './resource.ts'
import type { ResolvedResourceOptions } from './resource-options.ts'
import { persevere } from './retry.ts'
import { type Status, UNKNOWN } from './status.ts'
import { StatusListeners } from './status-listeners.ts'
import { Timer } from './timer.ts'
import { Watchers } from './watchers.ts'

/**
 * A resource over a store: entries, and the runs that fill them. Documented where its interface is: {@link Resource}.
 *
 * Invariants: S1 every race is decided by the generation of the entry (N1). S2 a run that is not orphaned goes on while somebody waits or
 * watches, and no longer. S3 who waited when the key was deleted keeps the run they waited for, as an orphan: it tells them, and stores
 * nothing. S4 no foreign code runs in the middle of a commit: a write takes note, and the rest is done in a microtask. S5 a key that is not
 * in use is in the garbage, or is not known.
 */
export class StoreResource<K, V> implements Resource<K, V> {
  readonly #store: WritableStore<K, V>
  readonly #inside: Inside<K, V>
  readonly #options: ResolvedResourceOptions<K, V>
  readonly #entries: Map<K, Entry<K, V>> = new Map()
  readonly #orphans: Set<Run<V>> = new Set()
  readonly #listeners: StatusListeners<K, V>
  readonly #watchers: Watchers<K, V>
  readonly #garbage: Garbage<K>
  #stopAtEnd: (() => void) | undefined
  /** Once it has ended: what to say. */
  #end: (() => TidemapError) | undefined

  constructor(store: WritableStore<K, V>, inside: Inside<K, V>, options: ResolvedResourceOptions<K, V>) {
    this.#store = store
    this.#inside = inside
    this.#options = options
    this.#garbage = new Garbage(options.clock, options.gcTime, (key) => this.#collect(key))
    this.#listeners = new StatusListeners(store, options, (entry) => this.#statusOf(entry))
    this.#watchers = new Watchers(options, (entry, onlyIfStale) => {
      if (entry.run === undefined && (!onlyIfStale || this.#isStale(entry))) this.#begin(entry, () => {})
    })
    this.#stopAtEnd = inside.onEnd(() => this.#dispose(storeDisposed))
  }

  get(key: K): V | undefined {
    this.#garbage.touch(key)
    return this.#store.get(key)
  }

  load(key: K): TaggedPromise<V>
  load(key: K, options: WriteOptions | undefined): Promise<V>
  load(key: K, options?: WriteOptions): Promise<V> {
    return this.#give(key, options?.signal, (entry) => {
      if (this.#isStale(entry) && entry.run === undefined) void this.#begin(entry, (flight) => flight.shared)
    })
  }

  ensure(key: K, options?: WriteOptions): Promise<V> {
    return this.#give(key, options?.signal, () => {})
  }

  refetch(key: K, options?: WriteOptions): Promise<V> {
    return (
      this.#refusal(options?.signal) ??
      this.#begin(this.#entry(key), (flight) => wait(flight, options?.signal))
    )
  }

  async prefetch(keys: Iterable<K>): Promise<void> {
    const loads = [...keys].map((key) => {
      const refusal = this.#refusal(undefined)
      if (refusal !== undefined) return refusal
      const entry = this.#entry(key)
      if (!this.#isStale(entry)) return undefined
      return this.#waitFor(entry, undefined)
    })
    await Promise.allSettled(loads)
  }

  async invalidate(...which: [] | [key: K | StatusPredicate<K, V>]): Promise<void> {
    if (this.#end !== undefined) return
    const loads: Promise<unknown>[] = []
    for (const entry of this.#pick(which)) {
      if (this.#end !== undefined) break // also where the load of the one before has ended it
      entry.isInvalidated = true
      if (entry.run !== undefined || entry.watchers > 0)
        loads.push(this.#begin(entry, (flight) => flight.shared))
      else this.#listeners.tell(entry)
    }
    await Promise.allSettled(loads)
  }

  status(key: K): Status<V> {
    const known = this.#entries.get(key)
    this.#garbage.touch(key)
    if (known === undefined && !this.#peek(key)[1] && !this.#store.has(key)) return UNKNOWN
    return this.#statusOf(known ?? this.#entry(key))
  }

  subscribeStatus(key: K, listener: (status: Status<V>) => void): Unsubscribe {
    checkFunction('The listener', listener)
    if (this.#end !== undefined) return unsubscribe(() => {})
    const entry = this.#entry(key)
    const stop = this.#listeners.add(entry, listener)
    this.#touch(entry)
    return unsubscribe(() => {
      stop()
      this.#touch(entry)
    })
  }

  watch(key: K): Unsubscribe {
    if (this.#end !== undefined) return unsubscribe(() => {})
    const entry = this.#entry(key)
    const stop = this.#watchers.add(entry)
    this.#touch(entry)
    return unsubscribe(() => {
      stop()
      if (entry.watchers > 0) return
      if (entry.run !== undefined && entry.flight?.isEmpty === true) this.#callOff(entry, undefined) // S2
      this.#touch(entry)
    })
  }

  dispose(): void {
    this.#dispose(resourceDisposed)
  }

  #give(key: K, signal: AbortSignal | undefined, found: (entry: Entry<K, V>) => void): Promise<V> {
    const refusal = this.#refusal(signal)
    if (refusal !== undefined) return refusal
    const entry = this.#entry(key)
    const [value, ok] = this.#peek(key)
    if (!ok) return this.#waitFor(entry, signal)
    this.#garbage.touch(key)
    found(entry)
    return entry.promiseOf(value)
  }

  #refusal(signal: AbortSignal | undefined): Promise<never> | undefined {
    if (this.#end !== undefined) return quietly(this.#end())
    return this.#inside.line.refusal({ signal })
  }

  /** With the run that is under way, or one that begins now. */
  #waitFor(entry: Entry<K, V>, signal: AbortSignal | undefined): Promise<V> {
    if (entry.run !== undefined) return wait(entry.run.flight, signal)
    return this.#begin(entry, (flight) => wait(flight, signal))
  }

  #entry(key: K): Entry<K, V> {
    const known = this.#entries.get(key)
    if (known !== undefined) return known
    const { clock, initialUpdatedAt = clock.now() } = this.#options
    const entry: Entry<K, V> = new Entry(key, initialUpdatedAt, {
      stale: new Timer(clock, () => this.#listeners.tell(entry)),
      poll: new Timer(clock, () => this.#watchers.poll(entry)),
    })
    this.#entries.set(key, entry)
    if (this.#end !== undefined) return entry
    entry.unhook = Loads.of(this.#inside.state).watch(key, () => this.#note(entry))
    this.#garbage.add(key)
    return entry
  }

  #peek(key: K): Found<V> {
    return this.#inside.state.map.find(key)
  }

  #isStale(entry: Entry<K, V>): boolean {
    const { clock, staleTime } = this.#options
    return entry.isInvalidated || !this.#peek(entry.key)[1] || entry.updatedAt + staleTime <= clock.now()
  }

  /** What `invalidate` was asked for. */
  #pick(which: readonly [] | readonly [K | StatusPredicate<K, V>]): readonly Entry<K, V>[] {
    const [key] = which
    const predicate = typeof key === 'function' && !this.#entries.has(key as K) ? key : undefined
    if (which.length > 0 && predicate === undefined) {
      const isKnown = this.#entries.has(key as K) || this.#peek(key as K)[1]
      return isKnown ? [this.#entry(key as K)] : []
    }
    for (const there of this.#store.confirmed.keys()) this.#entry(there)
    const entries = [...this.#entries.values()]
    if (predicate === undefined) return entries
    return entries.filter((entry) => (predicate as StatusPredicate<K, V>)(entry.key, this.#statusOf(entry)))
  }

  /**
   * A run of a new generation, in place of the one that is under way. `board` comes first: the loader and whoever hears of the abort are
   * foreign code, and may end the flight before they return.
   */
  #begin<T>(entry: Entry<K, V>, board: (flight: Flight<V>) => T): T {
    const previous = entry.run
    const flight: Flight<V> = entry.flight ?? new Flight((reason) => this.#desert(entry, flight, reason))
    const boarded = board(flight)
    const run = entry.begin(flight, this.#peek(entry.key)[1])
    this.#garbage.remove(entry.key)
    this.#start(entry, run)
    previous?.controller.abort(overtaken(entry.key))
    this.#listeners.tell(entry)
    return boarded
  }

  #start(entry: Entry<K, V>, run: Run<V>): void {
    const { fetch } = this.#options
    const isCurrent = (): boolean => entry.isCurrent(run)
    const progress = {
      failed: (error: unknown): void => {
        if (!isCurrent()) return
        entry.failureCount++
        entry.failureReason = error
        this.#listeners.tell(entry)
      },
      paused: (isPaused: boolean): void => {
        run.isPaused = isPaused
        if (isCurrent()) this.#listeners.tell(entry)
      },
    }
    persevere((signal) => fetch(entry.key, signal), run.controller.signal, this.#options, progress).then(
      (value) => this.#arrive(entry, run, value),
      (error: unknown) => this.#fail(entry, run, error),
    )
  }

  #arrive(entry: Entry<K, V>, run: Run<V>, value: V): void {
    if (!entry.isCurrent(run)) return this.#arriveLate(entry, run, (flight) => void flight.resolve(value))
    const { key } = entry
    const { line, open, state } = this.#inside
    let isStored = false
    const store = (writer: Writer): void => {
      if (!entry.isCurrent(run)) return // S1
      const tx = open(writer, undefined)
      tx.set(key, value)
      const net = state.prepare(tx.close()) // may throw: `equal` and the freezer are others' code
      entry.isWriting = true
      state.commit(net)
      entry.isWriting = false
      isStored = true
      entry.succeed(this.#options.clock.now())
      const stored = this.#peek(key)[0] as V
      void entry.promiseOf(stored, run.flight.resolve(stored))
    }
    const task = {
      name: 'load',
      keys: [key],
      begin: (writer: Writer) => writer,
      commit: store,
      isOnlyWaiting: true,
    }
    new Write(line, task, run.controller.signal).start().then(
      () => {
        if (isStored) this.#settle(entry)
        else this.#arriveLate(entry, run, (flight) => void flight.resolve(value))
      },
      (error: unknown) => this.#fail(entry, run, error),
    )
  }

  #fail(entry: Entry<K, V>, run: Run<V>, error: unknown): void {
    if (!entry.isCurrent(run)) return this.#arriveLate(entry, run, (flight) => flight.reject(error, true))
    entry.fail(error, this.#options.clock.now())
    run.flight.reject(error, true)
    this.#settle(entry)
  }

  /** S1: it changes nothing. S3: an orphan tells those who wait for it. */
  #arriveLate(entry: Entry<K, V>, run: Run<V>, land: (flight: Flight<V>) => void): void {
    if (entry.overtaken.includes(run)) this.#afterWrite(entry) // the write was a moment ago
    if (this.#orphans.delete(run)) land(run.flight)
  }

  /** S2: the last who waited has left. */
  #desert(entry: Entry<K, V>, flight: Flight<V>, reason: unknown): void {
    for (const run of this.#orphans) {
      if (run.flight !== flight) continue
      this.#orphans.delete(run)
      flight.close()
      return run.controller.abort(reason)
    }
    if (entry.flight !== flight || entry.watchers > 0) return
    if (entry.run !== undefined) return this.#callOff(entry, reason)
    entry.flight = undefined // overtaken by a write a moment ago: its run ends in a moment
    flight.close()
  }

  #callOff(entry: Entry<K, V>, reason: unknown): void {
    const { run } = entry
    entry.flight?.close()
    entry.callOff()
    run?.controller.abort(reason)
    this.#settle(entry)
  }

  /** S4: in the middle of a commit. */
  #note(entry: Entry<K, V>): void {
    if (entry.isWriting) return
    entry.overwrite(this.#options.clock.now())
    if (entry.isNoted) return
    entry.isNoted = true
    queueMicrotask(() => this.#afterWrite(entry))
  }

  #afterWrite(entry: Entry<K, V>): void {
    entry.isNoted = false
    const [value, ok] = this.#peek(entry.key)
    for (const run of entry.overtaken.splice(0)) {
      const { flight } = run
      const isLast = entry.flight === flight && entry.run === undefined // else a newer run has taken those who wait over
      if (isLast) entry.flight = undefined
      if (isLast && !ok && !flight.isEmpty) {
        this.#orphans.add(run) // S3
        continue
      }
      if (isLast && ok) void entry.promiseOf(value, flight.resolve(value))
      else if (isLast) flight.close()
      run.controller.abort(overtaken(entry.key))
    }
    this.#settle(entry)
  }

  /** S5, and whoever listens hears of it. */
  #settle(entry: Entry<K, V>): void {
    this.#touch(entry)
    this.#listeners.tell(entry)
  }

  /** S5 */
  #touch(entry: Entry<K, V>): void {
    if (this.#entries.get(entry.key) !== entry) return
    if (entry.isInUse || this.#end !== undefined) this.#garbage.remove(entry.key)
    else this.#garbage.add(entry.key)
  }

  /** What somebody has written stays: it is not ours to throw away. */
  #collect(key: K): void {
    const entry = this.#entries.get(key)
    if (entry === undefined || entry.isInUse) return
    if (this.#store.isBusy(key) || this.#store.isPending(key)) return this.#garbage.add(key)
    this.#entries.delete(key)
    entry.unhook?.()
    if (entry.isLoaded) void this.#store.delete(key)
  }

  /** What is shown, pending layers included; with the store's own promotion, what is confirmed and not published yet as well. */
  #statusOf(entry: Entry<K, V>): Status<V> {
    const store = this.#store
    const { key } = entry
    const isShown = store.has(key)
    // a confirmed value that is not shown is hidden by a layer; a layer that is not published yet hides nothing
    const isPublished = isShown || store.confirmed.has(key)
    const [value, ok] = isPublished ? [store.get(key), isShown] : this.#peek(key)
    return entry.status(ok, value, this.#isStale(entry))
  }

  #dispose(error: () => TidemapError): void {
    if (this.#end !== undefined) return
    this.#end = error
    this.#stopAtEnd?.() // there is none yet where the store has ended before the resource began
    this.#watchers.end()
    this.#garbage.clear()
    const runs = [...this.#orphans]
    this.#orphans.clear()
    for (const entry of this.#entries.values()) {
      runs.push(...entry.overtaken.splice(0))
      if (entry.run !== undefined) {
        runs.push(entry.run)
        entry.callOff()
      }
      entry.pollTimer.clear()
      this.#listeners.end(entry)
      entry.unhook?.()
    }
    const reason = error()
    for (const { flight, controller } of runs) {
      flight.reject(reason, true)
      controller.abort(reason)
    }
  }
}

/** Those who have no way out share a promise. */
const wait = <T>(flight: Flight<T>, signal: AbortSignal | undefined): Promise<T> =>
  signal === undefined ? flight.shared : flight.join(signal)
