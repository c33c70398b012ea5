import type { Found } from '../core/read-dirty-map.ts'
import { isOurs, overtaken, storeDisposed } from '../errors.ts'
import type { Inside } from '../store/brand.ts'
import { type Task, Write, type Writer } from '../store/writer.ts'
import { Flight } from './flight.ts'
import { Loads } from './loads.ts'

/** What a factory is told. */
export interface FactoryContext {
  /** Aborts when nobody waits for the value any more: every caller has aborted, or somebody has set the key. */
  readonly signal: AbortSignal
}

export type Factory<K, V> = (key: K, context: FactoryContext) => V | PromiseLike<V>

/** As Go's `LoadOrStore`: `loaded` tells that the value was there and the computed one, if any, was not stored. */
export type Computed<V> = [actual: V, loaded: boolean]

/**
 * One flight of `loadOrCompute`: looks in its turn whether the key is there, computes outside of any turn, and stores in its turn.
 *
 * Invariants: C1 it is in `flights` from its start until it lands or must not be joined any more, and takes away only itself. C2 from
 * the turn in which it looked until the one in which it stores, every committed write of the key is noted; a value is stored only if
 * none was. C3 once landed it has no watch, no place in a line, no listener anywhere, and its factory's result is void.
 */
export class Computation<K, V> {
  readonly #inside: Inside<K, V>
  readonly #loads: Loads<K>
  readonly #key: K
  readonly #factory: Factory<K, V>
  readonly #controller = new AbortController()
  readonly #flight: Flight<Computed<V>> = new Flight((reason) => this.#desert(reason))
  readonly #stops: (() => void)[] = []
  #hasLooked = false
  /** C2 */
  #isOvertaken = false

  constructor(inside: Inside<K, V>, key: K, factory: Factory<K, V>) {
    this.#inside = inside
    this.#loads = Loads.of(inside.state)
    this.#key = key
    this.#factory = factory
  }

  join(signal: AbortSignal | undefined): Promise<Computed<V>> {
    return this.#flight.join(signal)
  }

  start(): void {
    const inside = this.#inside
    this.#loads.flights.set(this.#key, this) // C1
    this.#stops.push(
      this.#loads.watch(this.#key, () => this.#overtake()),
      inside.onEnd(() => this.#dispose()),
    )
    const look = this.#inTurn(() => this.#look())
    if (this.#hasLooked) this.#compute()
    else void look.then(() => this.#compute())
  }

  /** Ends with nothing thrown: what fails in a turn fails the flight. */
  #inTurn(step: (writer: Writer) => void): Promise<void> {
    const task: Task<Writer, void> = {
      name: 'loadOrCompute',
      keys: [this.#key],
      begin: (writer) => writer,
      commit: step,
      isOnlyWaiting: true,
    }
    return new Write(this.#inside.line, task, this.#controller.signal)
      .start()
      .catch((error: unknown) => this.#fail(error))
  }

  #look(): void {
    this.#hasLooked = true
    const [value, ok] = this.#peek()
    if (ok) this.#land([value, true])
  }

  /** Not in the turn: the factory may use the store, and nobody may have to wait for it. */
  #compute(): void {
    // between the turn and now somebody may have set the key: then it is about to land
    if (this.#flight.hasLanded || this.#peek()[1]) return
    const { signal } = this.#controller
    // the promise takes what the factory throws at once too, and what a thenable throws in its `then`
    new Promise<V>((resolve) => resolve(this.#factory(this.#key, { signal }))).then(
      (value) => {
        if (!this.#flight.hasLanded) void this.#inTurn((writer) => this.#store(value, writer))
      },
      (error: unknown) => this.#fail(error),
    )
  }

  #store(value: V, writer: Writer): void {
    const inside = this.#inside
    const [actual, ok] = this.#peek()
    if (ok) return this.#land([actual, true])
    if (!this.#isOvertaken) {
      const tx = inside.open(writer, undefined)
      tx.set(this.#key, value)
      const net = inside.state.prepare(tx.close()) // may throw: `equal` and the freezer are others' code
      this.#clear() // first: its own write is none that overtakes it
      inside.state.commit(net)
    }
    this.#land([value, false])
  }

  /** Called in the middle of somebody's commit: what tells others comes afterwards. */
  #overtake(): void {
    if (!this.#hasLooked) return // C2
    this.#isOvertaken = true
    this.#forget() // who asks from now on must not get what was computed before
    queueMicrotask(() => {
      const [actual, ok] = this.#peek()
      if (!ok || this.#flight.hasLanded) return
      this.#land([actual, true])
      this.#controller.abort(overtaken(this.#key))
    })
  }

  #land(computed: Computed<V>): void {
    this.#clear()
    void this.#flight.resolve(computed)
  }

  #fail(error: unknown): void {
    if (this.#flight.hasLanded) return
    this.#clear()
    this.#flight.reject(error, isOurs(error))
  }

  /** The last caller has left. */
  #desert(reason: unknown): void {
    this.#flight.close()
    this.#clear()
    this.#controller.abort(reason)
  }

  #dispose(): void {
    const error = storeDisposed()
    this.#fail(error)
    this.#controller.abort(error)
  }

  #peek(): Found<V> {
    return this.#inside.state.map.find(this.#key)
  }

  /** C3 */
  #clear(): void {
    this.#forget()
    for (const stop of this.#stops.splice(0)) stop()
  }

  /** C1 */
  #forget(): void {
    const { flights } = this.#loads
    if (flights.get(this.#key) === this) flights.delete(this.#key)
  }
}
