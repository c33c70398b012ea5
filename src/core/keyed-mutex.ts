import type { AcquireOptions, Lock } from './mutex.ts'

/**
 * Turns on one key, on several keys taken at one time, or on the whole map (`undefined`).
 *
 * When to use: async sections that conflict only where their keys meet. When not: one lock for everything is {@link Mutex}.
 * Keys are told apart as in a Map. Not re-entrant.
 *
 * Fair: first come first served among those who conflict; those who do not conflict go on. Free of deadlock: a ticket enters the
 * lanes of all its keys in one synchronous step, so whoever is ahead of it in one lane is ahead of it in every lane they share, and
 * waiting always points from younger to older. Nothing is kept for a key that nobody holds or waits for.
 *
 * Structure: tickets stand in phases. A shared phase has one FIFO lane per key; an exclusive phase is one ticket for the whole map.
 * Only the tickets of the first phase can be granted.
 *
 * Invariants: K1 a ticket of the first phase is granted exactly when it is the head of all its lanes. K2 two shared phases are never
 * neighbours. K3 no phase but the first is granted anything. K4 a lane without tickets is not in `lanes`; a phase without tickets is
 * not in the list. K5 nobody is told of a turn before all lanes are in order: `onGrant` may release, request and abort.
 *
 * @example
 * ```ts
 * import { KeyedMutex } from 'tidemap/core'
 *
 * const turns = new KeyedMutex<string>()
 * const a = await turns.acquire(['a'])
 * turns.tryAcquire(['a']) // => undefined
 * const b = turns.tryAcquire(['b'])
 * b !== undefined // => true
 * a.release()
 * b?.release()
 * turns.isLocked // => false
 * ```
 */
export class KeyedMutex<K> {
  #first: Phase<K> | undefined
  #last: Phase<K> | undefined
  #waiting = 0
  /** K5: who has been granted a turn and not been told yet. */
  readonly #untold: Ticket<K>[] = []
  #isTelling = false

  /** Whether anybody holds anything. */
  get isLocked(): boolean {
    return this.#first !== undefined
  }

  /** How many wait. */
  get waiting(): number {
    return this.#waiting
  }

  /** Whether `acquire([key])` would have to wait now. Allocates nothing. */
  isKeyLocked(key: K): boolean {
    const first = this.#first
    if (first === undefined) return false
    // a later phase means that somebody waits for the whole map: overtaking them would be unfair
    return first.exclusive || first.next !== undefined || first.lanes.has(key)
  }

  /**
   * The lock on these keys (or on the whole map), or `undefined` where it is not free. Synchronous; never overtakes a waiter.
   *
   * @param keys the keys, doubles allowed; `undefined` is the whole map; an empty list conflicts only with whole-map holders
   */
  tryAcquire(keys: readonly K[] | undefined): Lock | undefined {
    const first = this.#first
    if (first !== undefined) {
      if (keys === undefined || first.exclusive || first.next !== undefined) return undefined
      for (const key of keys) if (first.lanes.has(key)) return undefined
    }
    return this.#enter(keys)
  }

  /**
   * Resolves to the lock when its turn has come; at once where nobody conflicts.
   *
   * On abort: rejects with `signal.reason`, and the ticket has left every lane before `abort()` returns.
   */
  acquire(keys: readonly K[] | undefined, options?: AcquireOptions): Promise<Lock> {
    const signal = options?.signal
    if (signal?.aborted === true) return Promise.reject(signal.reason)
    const lock = this.tryAcquire(keys)
    if (lock !== undefined) return Promise.resolve(lock)
    return new Promise((resolve, reject) => {
      if (signal === undefined) {
        this.request(keys, resolve)
        return
      }
      const leave = (): void => {
        place.release()
        reject(signal.reason)
      }
      const place = this.request(keys, (lock) => {
        signal.removeEventListener('abort', leave)
        resolve(lock)
      })
      signal.addEventListener('abort', leave, { once: true })
    })
  }

  /**
   * A place in the line, taken now, for callers with an abort handling of their own: `onGrant` is called by the release that hands the
   * turn over, or before this returns where nobody conflicts. Releasing a lock that was not granted yet leaves the line. What `onGrant`
   * throws is thrown by that release, after everybody else has been told.
   */
  request(keys: readonly K[] | undefined, onGrant: (lock: Lock) => void): Lock {
    const ticket = this.#enter(keys)
    if (ticket.granted) {
      onGrant(ticket)
      return ticket
    }
    this.#waiting++
    ticket.onGrant = onGrant
    return ticket
  }

  /** Runs `fn` while holding the turn and settles as it does; a free turn calls `fn` before this returns. See {@link Mutex.runExclusive}. */
  async runExclusive<T>(
    keys: readonly K[] | undefined,
    fn: () => T | PromiseLike<T>,
    options?: AcquireOptions,
  ): Promise<T> {
    options?.signal?.throwIfAborted()
    const lock = this.tryAcquire(keys) ?? (await this.acquire(keys, options))
    try {
      return await fn()
    } finally {
      lock.release()
    }
  }

  #enter(keys: readonly K[] | undefined): Ticket<K> {
    const exclusive = keys === undefined
    const last = this.#last
    const joins = last !== undefined && !exclusive && !last.exclusive
    const phase = joins ? last : new Phase<K>(exclusive)
    const ticket = new Ticket<K>(phase, this.#leave)
    if (keys !== undefined) phase.enqueue(ticket, keys) // throws, where `keys` is no list, before anything has changed
    phase.push(ticket)
    if (!joins) this.#append(phase)
    if (phase === this.#first && ticket.blockers === 0) ticket.granted = true // K1
    return ticket
  }

  /** A ticket goes: released by its holder, or while it waited. */
  readonly #leave = (ticket: Ticket<K>): void => {
    if (!ticket.granted) this.#waiting--
    const phase = ticket.phase
    const isFirst = phase === this.#first
    phase.remove(ticket)
    for (const place of ticket.places) {
      const next = phase.dequeue(place)
      if (next !== undefined && --next.blockers === 0 && isFirst) this.#grant(next)
    }
    ticket.places.length = 0
    if (phase.firstTicket === undefined) this.#drop(phase)
    if (this.#untold.length > 0) this.#tell()
  }

  /** K4, K2: a phase without tickets goes; its neighbours become one if both are shared. */
  #drop(phase: Phase<K>): void {
    const { previous, next } = phase
    if (previous === undefined) this.#first = next
    else previous.next = next
    if (next === undefined) this.#last = previous
    else next.previous = previous
    phase.previous = undefined // a lock that somebody keeps after its release must not keep all that came after it
    phase.next = undefined
    if (next === undefined) return
    if (previous === undefined) this.#grantHeads(next)
    else if (!previous.exclusive && !next.exclusive) this.#merge(previous, next)
  }

  /** Only after a waiter for the whole map has aborted: those behind it, up to the next such waiter, move up. O(those). */
  #merge(phase: Phase<K>, later: Phase<K>): void {
    phase.next = later.next
    if (later.next === undefined) this.#last = phase
    else later.next.previous = phase
    for (let ticket = later.firstTicket; ticket !== undefined; ) {
      const next: Ticket<K> | undefined = ticket.next
      const keys = ticket.places.map((place) => place.key)
      ticket.phase = phase
      ticket.places.length = 0
      ticket.blockers = 0
      phase.push(ticket)
      phase.enqueue(ticket, keys)
      if (phase === this.#first && ticket.blockers === 0) this.#grant(ticket)
      ticket = next
    }
  }

  #grantHeads(phase: Phase<K>): void {
    for (let ticket = phase.firstTicket; ticket !== undefined; ticket = ticket.next) {
      if (ticket.blockers === 0) this.#grant(ticket)
    }
  }

  #grant(ticket: Ticket<K>): void {
    this.#waiting--
    ticket.granted = true
    this.#untold.push(ticket)
  }

  /** K5. A release by one who is told only adds to the list: a line of any length is handed down without recursion. */
  #tell(): void {
    if (this.#isTelling) return
    this.#isTelling = true
    const errors: unknown[] = []
    for (const ticket of this.#untold) {
      try {
        ticket.tell()
      } catch (error) {
        errors.push(error)
      }
    }
    this.#untold.length = 0
    this.#isTelling = false
    if (errors.length > 0) throw errors[0]
  }

  #append(phase: Phase<K>): void {
    phase.previous = this.#last
    if (this.#last === undefined) this.#first = phase
    else this.#last.next = phase
    this.#last = phase
  }
}

/** One request and, once granted, the lock itself. */
class Ticket<K> implements Lock {
  phase: Phase<K>
  /** Its place in the lane of each of its keys; none for the whole map. */
  readonly places: Place<K>[] = []
  /** In how many lanes somebody stands before it. */
  blockers = 0
  granted = false
  onGrant: ((lock: Lock) => void) | undefined = undefined
  previous: Ticket<K> | undefined = undefined
  next: Ticket<K> | undefined = undefined
  #leave: ((ticket: Ticket<K>) => void) | undefined

  constructor(phase: Phase<K>, leave: (ticket: Ticket<K>) => void) {
    this.phase = phase
    this.#leave = leave
  }

  release(): void {
    const leave = this.#leave
    if (leave === undefined) return
    this.#leave = undefined
    this.onGrant = undefined // also where it has been granted, but not been told
    leave(this)
  }

  tell(): void {
    const onGrant = this.onGrant
    this.onGrant = undefined
    onGrant?.(this)
  }

  [Symbol.dispose](): void {
    this.release()
  }
}

/** A ticket in the lane of one key. */
class Place<K> {
  readonly key: K
  readonly ticket: Ticket<K>
  previous: Place<K> | undefined
  next: Place<K> | undefined = undefined

  constructor(key: K, ticket: Ticket<K>, previous: Place<K> | undefined) {
    this.key = key
    this.ticket = ticket
    this.previous = previous
  }
}

class Phase<K> {
  readonly exclusive: boolean
  /** Key -> the last place of its lane, where newcomers join. */
  readonly lanes: Map<K, Place<K>> = new Map()
  previous: Phase<K> | undefined = undefined
  next: Phase<K> | undefined = undefined
  /** All its tickets in the order of their calls. */
  firstTicket: Ticket<K> | undefined = undefined
  #lastTicket: Ticket<K> | undefined = undefined

  constructor(exclusive: boolean) {
    this.exclusive = exclusive
  }

  push(ticket: Ticket<K>): void {
    ticket.previous = this.#lastTicket
    ticket.next = undefined
    if (this.#lastTicket === undefined) this.firstTicket = ticket
    else this.#lastTicket.next = ticket
    this.#lastTicket = ticket
  }

  remove(ticket: Ticket<K>): void {
    const { previous, next } = ticket
    if (previous === undefined) this.firstTicket = next
    else previous.next = next
    if (next === undefined) this.#lastTicket = previous
    else next.previous = previous
    ticket.previous = undefined
    ticket.next = undefined
  }

  enqueue(ticket: Ticket<K>, keys: readonly K[]): void {
    for (const key of keys) {
      const last = this.lanes.get(key)
      if (last?.ticket === ticket) continue // the same key twice
      const place = new Place(key, ticket, last)
      if (last !== undefined) {
        last.next = place
        ticket.blockers++
      }
      this.lanes.set(key, place)
      ticket.places.push(place)
    }
  }

  /** Takes a place out of its lane; the ticket that has become the head of the lane by that, if any. */
  dequeue(place: Place<K>): Ticket<K> | undefined {
    const { previous, next } = place
    if (previous !== undefined) previous.next = next
    if (next !== undefined) {
      next.previous = previous
      return previous === undefined ? next.ticket : undefined
    }
    if (previous === undefined)
      this.lanes.delete(place.key) // K4
    else this.lanes.set(place.key, previous)
    return undefined
  }
}
