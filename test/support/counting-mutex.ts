import { type AcquireOptions, type Lock, Mutex } from '../../src/core/mutex.ts'

/** A Mutex that counts how often it is taken and can make its next caller wait. */
export class CountingMutex extends Mutex {
  taken = 0
  #others: (() => Promise<void>) | undefined

  /** The next caller who asks for the turn gets it only after `others` have run to completion, who may take it themselves. */
  letPass(others: () => Promise<void>): void {
    this.#others = others
  }

  /** Whether somebody still waits to be let pass; nobody does afterwards. */
  noMorePassing(): boolean {
    const wasUnused = this.#others !== undefined
    this.#others = undefined
    return wasUnused
  }

  override tryAcquire(): Lock | undefined {
    if (this.#others !== undefined) return undefined
    const lock = super.tryAcquire()
    if (lock !== undefined) this.taken++
    return lock
  }

  override async acquire(options?: AcquireOptions): Promise<Lock> {
    const others = this.#others
    this.#others = undefined
    if (others !== undefined) await others()
    const before = this.taken
    const lock = super.acquire(options) // counted by tryAcquire where the mutex is free
    if (this.taken !== before) return lock
    const granted = await lock
    this.taken++
    return granted
  }
}
