import { append, type ListNode, without } from './list.ts'

/** What every waiting call takes. A time limit is `AbortSignal.timeout(ms)`: the core owns no timer. */
export interface AcquireOptions {
  /** Leaves the queue at once when it aborts; the promise rejects with `signal.reason` untouched. No effect once granted. */
  readonly signal?: AbortSignal | undefined
}

/** The right to go on, given to one holder. Ownership is this object: whoever has it holds the lock, nobody else. */
export interface Lock extends Disposable {
  /** Gives the lock to the next in line, before it returns. Calling it again does nothing, whoever holds the lock by then. */
  release(): void
}

/**
 * An awaitable mutex: one holder at a time, first come first served, nobody barges in between a release and the hand-over.
 *
 * When to use: a section that awaits in its middle and must not be entered twice. When not: for turns per key use
 * {@link KeyedMutex}; across tabs use the platform's Web Locks. It is not re-entrant: a holder that acquires again waits for itself.
 *
 * Invariants: M1 free means that nobody waits. M2 waiters are granted in the order of their calls; a waiter that aborts changes
 * nobody's order and leaves in O(1). M3 a lock hands over once, however often it is released.
 *
 * @example
 * ```ts
 * import { Mutex } from 'tidemap/core'
 *
 * const mutex = new Mutex()
 * let count = 0
 * const increment = async () => {
 *   const seen = count
 *   await Promise.resolve()
 *   count = seen + 1
 * }
 * await Promise.all([1, 2, 3].map(() => mutex.runExclusive(increment)))
 * count // => 3
 * ```
 */
export class Mutex {
  #locked = false
  /** The queue: a linked list, because an abort must leave its middle in O(1) (an array or a Set cannot, in order). */
  #first: Waiter | undefined
  #waiting = 0

  /** Whether somebody holds the lock. */
  get isLocked(): boolean {
    return this.#locked
  }

  /** How many wait for it. */
  get waiting(): number {
    return this.#waiting
  }

  /** The lock, or `undefined` where it is held. Synchronous; never overtakes a waiter (M1). */
  tryAcquire(): Lock | undefined {
    if (this.#locked) return undefined
    this.#locked = true
    return new MutexLock(this.#handOver)
  }

  /**
   * Resolves to the lock when its turn has come; at once where the mutex is free.
   *
   * On abort: rejects with `signal.reason`, and the place in the queue is gone before `abort()` returns.
   */
  acquire(options?: AcquireOptions): Promise<Lock> {
    const signal = options?.signal
    if (signal?.aborted === true) return Promise.reject(signal.reason)
    const lock = this.tryAcquire()
    if (lock !== undefined) return Promise.resolve(lock)
    return waitFor(signal, (grant) => {
      const waiter = new Waiter(grant)
      this.#first = append(this.#first, waiter)
      this.#waiting++
      return () => this.#remove(waiter)
    })
  }

  /**
   * Runs `fn` while holding the lock and settles as it does; a free mutex calls `fn` before this returns.
   *
   * Whatever `fn` does (throw, reject, resolve), the lock is released after it has settled. On abort while waiting `fn` is never
   * called; once it runs, the signal is its own affair.
   */
  async runExclusive<T>(fn: () => T | PromiseLike<T>, options?: AcquireOptions): Promise<T> {
    options?.signal?.throwIfAborted()
    const lock = this.tryAcquire() ?? (await this.acquire(options))
    try {
      return await fn()
    } finally {
      lock.release()
    }
  }

  /** M1, M2: the lock goes from hand to hand; `#locked` stays true in between, so that nobody can barge in. */
  readonly #handOver = (): void => {
    const next = this.#first
    if (next === undefined) {
      this.#locked = false
      return
    }
    this.#remove(next)
    next.grant(new MutexLock(this.#handOver))
  }

  #remove(waiter: Waiter): void {
    this.#first = without(this.#first, waiter)
    this.#waiting--
  }
}

class MutexLock implements Lock {
  #handOver: (() => void) | undefined

  constructor(handOver: () => void) {
    this.#handOver = handOver
  }

  release(): void {
    const handOver = this.#handOver
    this.#handOver = undefined // M3
    handOver?.()
  }

  [Symbol.dispose](): void {
    this.release()
  }
}

/** A place in the queue. */
class Waiter implements ListNode<Waiter> {
  previous: Waiter = this
  next: Waiter | undefined = undefined
  readonly grant: (lock: Lock) => void

  constructor(grant: (lock: Lock) => void) {
    this.grant = grant
  }
}

/** A lock that somebody else holds: `join` takes a place in the line for it, and gives back how to leave that. */
export function waitFor(
  signal: AbortSignal | undefined,
  join: (grant: (lock: Lock) => void) => () => void,
): Promise<Lock> {
  return new Promise((resolve, reject) => {
    if (signal === undefined) {
      join(resolve)
      return
    }
    const onAbort = (): void => {
      leave()
      reject(signal.reason)
    }
    const leave = join((lock) => {
      signal.removeEventListener('abort', onAbort) // a long-lived signal must not collect a listener per waiter it ever had
      resolve(lock)
    })
    signal.addEventListener('abort', onAbort, { once: true })
  })
}
