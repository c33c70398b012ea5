import { append, type ListNode, without } from './list.ts'
import type { Lock } from './mutex.ts'

/**
 * Who may go on, and in which order, without a promise: the turns of a {@link KeyedMutex}.
 *
 * A ticket stands in the line of all tickets, and in the lane of each of its keys. It enters all of them in one synchronous step, so
 * whoever is ahead of it in one lane is ahead of it in every lane they share, and waiting always points from younger to older: no deadlock.
 *
 * Invariants: K1 a ticket is granted exactly when nobody who conflicts stands before it: when it has no `blockers`. K2 `#barrier` is the
 * first ticket for the whole map, and is one blocker of everybody behind it; when it goes, those up to the next such ticket move up. So
 * each ticket is visited once for all barriers that were ever before it. K3 the first ticket of the line is granted. K4 a lane without
 * tickets is not in `#lanes`. K5 nobody is told of a turn before all lanes are in order: `onGrant` may release, request and abort.
 */
export class Turns<K> {
  /** The line of all tickets, in the order of their calls. */
  #first: Ticket<K> | undefined
  /** K4: key -> the first place of its lane. */
  #lanes: Map<K, Place<K>> = new Map()
  /** K2 */
  #barrier: Ticket<K> | undefined
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
    // overtaking those who wait for the whole map would be unfair
    return this.#first !== undefined && (this.#barrier !== undefined || this.#lanes.has(key))
  }

  /**
   * A place in the line, taken now, for callers with an abort handling of their own: `onGrant` is called by the release that hands the
   * turn over, or before this returns where nobody conflicts. Releasing a lock that was not granted yet leaves the line. What `onGrant`
   * throws is thrown by that release, after everybody else has been told.
   */
  request(keys: readonly K[] | undefined, onGrant: (lock: Lock) => void): Lock {
    const ticket = this.#enter(keys)
    if (ticket.blockers === 0) onGrant(ticket)
    else {
      this.#waiting++
      ticket.onGrant = onGrant
    }
    return ticket
  }

  #enter(keys: readonly K[] | undefined): Ticket<K> {
    const ticket = new Ticket<K>(keys === undefined, this.#leave)
    if (keys !== undefined) this.#enterLanes(ticket, keys) // throws, where `keys` is no list, before anything has changed
    if (keys === undefined ? this.#first !== undefined : this.#barrier !== undefined) ticket.blockers++
    if (keys === undefined) this.#barrier ??= ticket
    this.#first = append(this.#first, ticket)
    return ticket
  }

  #enterLanes(ticket: Ticket<K>, keys: readonly K[]): void {
    let last: Place<K> | undefined
    for (const key of keys) {
      const first = this.#lanes.get(key)
      if (first?.previous.ticket === ticket) continue // the same key twice
      const place = new Place(key, ticket)
      if (last === undefined) ticket.places = place
      else last.rest = place
      last = place
      if (first === undefined) this.#lanes.set(key, place)
      else {
        append(first, place)
        ticket.blockers++
      }
    }
  }

  /** A ticket goes: released by its holder, or while it waited. */
  readonly #leave = (ticket: Ticket<K>): void => {
    if (ticket.blockers > 0) this.#waiting--
    this.#first = without(this.#first, ticket)
    this.#leaveLanes(ticket)
    if (ticket === this.#barrier) this.#moveBarrier(ticket.next)
    const first = this.#first
    if (first !== undefined && first.blockers > 0) this.#unblock(first) // K3: it waits for the whole map
    ticket.previous = ticket // a lock that somebody keeps after its release must not keep all that came after it
    ticket.next = undefined
    ticket.places = undefined
    if (this.#untold.length > 0) this.#tell()
  }

  #leaveLanes(ticket: Ticket<K>): void {
    if (this.#first === undefined) {
      this.#lanes = new Map() // taking the last key out of the old one instead, a turn that was free took 240 ns, not 50
      return
    }
    for (let place = ticket.places; place !== undefined; place = place.rest) this.#leaveLane(place)
  }

  #leaveLane(place: Place<K>): void {
    const first = this.#lanes.get(place.key)
    const left = without(first, place)
    if (left === undefined) this.#lanes.delete(place.key)
    else if (left !== first) {
      this.#lanes.set(place.key, left)
      this.#unblock(left.ticket)
    }
  }

  /** K2 */
  #moveBarrier(behind: Ticket<K> | undefined): void {
    let ticket = behind
    for (; ticket !== undefined && !ticket.isForAll; ticket = ticket.next) this.#unblock(ticket)
    this.#barrier = ticket
  }

  /** K1 */
  #unblock(ticket: Ticket<K>): void {
    if (--ticket.blockers > 0) return
    this.#waiting--
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
}

/** One request and, once granted, the lock itself. */
class Ticket<K> implements Lock, ListNode<Ticket<K>> {
  /** Whether it is for the whole map. */
  readonly isForAll: boolean
  /** The first of its places in the lanes of its keys; each leads to the rest of them. */
  places: Place<K> | undefined = undefined
  /** In how many lanes somebody stands before it, and one more for the barrier; for the whole map: whether anybody does. */
  blockers = 0
  onGrant: ((lock: Lock) => void) | undefined = undefined
  previous: Ticket<K> = this
  next: Ticket<K> | undefined = undefined
  #leave: ((ticket: Ticket<K>) => void) | undefined

  constructor(isForAll: boolean, leave: (ticket: Ticket<K>) => void) {
    this.isForAll = isForAll
    this.#leave = leave
  }

  release(): void {
    const leave = this.#leave
    this.#leave = undefined
    this.onGrant = undefined // also where it has been granted, but not been told
    leave?.(this)
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
class Place<K> implements ListNode<Place<K>> {
  readonly key: K
  readonly ticket: Ticket<K>
  /** The next place of the same ticket. */
  rest: Place<K> | undefined = undefined
  previous: Place<K> = this
  next: Place<K> | undefined = undefined

  constructor(key: K, ticket: Ticket<K>) {
    this.key = key
    this.ticket = ticket
  }
}
