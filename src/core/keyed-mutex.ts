import { type AcquireOptions, type Lock, waitFor } from './mutex.ts'
import { Turns } from './turns.ts'

/**
 * Turns on one key, on several keys taken at one time, or on the whole map (`undefined`).
 *
 * When to use: async sections that conflict only where their keys meet. When not: one lock for everything is {@link Mutex}.
 * Keys are told apart as in a Map. Not re-entrant.
 *
 * Fair: first come first served among those who conflict; those who do not conflict go on. Free of deadlock: several keys are taken in
 * one step. Nothing is kept for a key that nobody holds or waits for. How that is done: {@link Turns}.
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
export class KeyedMutex<K> extends Turns<K> {
  /**
   * The lock on these keys (or on the whole map), or `undefined` where it is not free. Synchronous; never overtakes a waiter.
   *
   * @param keys the keys, doubles allowed; `undefined` is the whole map; an empty list conflicts only with whole-map holders
   */
  tryAcquire(keys: readonly K[] | undefined): Lock | undefined {
    // asked before: to enter the lanes and leave them again took 14 us, not 0.3, where 100,000 wait
    if (keys?.some(this.isKeyLocked, this)) return undefined
    let granted: Lock | undefined
    const place = this.request(keys, (lock) => {
      granted = lock
    })
    if (granted === undefined) place.release() // behind everybody else: nobody notices
    return granted
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
    return waitFor(signal, (grant) => {
      const place = this.request(keys, grant)
      return () => place.release()
    })
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
}
