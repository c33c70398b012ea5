import type { Clock } from '../store/clock.ts'
import { Timer } from './timer.ts'

/**
 * The keys that nobody uses, and since when. One timer for all of them.
 *
 * Invariants: G1 the Map is in the order of time, as all keys have the same time to live: only its beginning is ever looked at. G2 the
 * timer is set exactly while there is a key. G3 a key that is put back waits for the next sweep, also where its time to live is 0: one that
 * is busy for long would keep the sweep going. G4 no key is here since later than `#latest`.
 */
export class Garbage<K> {
  readonly #clock: Clock
  readonly #gcTime: number
  readonly #collect: (key: K) => void
  readonly #unused: Map<K, number> = new Map()
  readonly #timer: Timer
  /** G4: when somebody looked at the clock last. */
  #latest = Number.NEGATIVE_INFINITY

  /** @param collect may put the key back, by {@link add} */
  constructor(clock: Clock, gcTime: number, collect: (key: K) => void) {
    this.#clock = clock
    this.#gcTime = gcTime
    this.#collect = collect
    this.#timer = new Timer(clock, () => this.#sweep())
  }

  /** Nobody uses it from now on. */
  add(key: K): void {
    this.#unused.delete(key) // G1
    this.#unused.set(key, this.#now())
    if (!this.#timer.isSet) this.#timer.set(this.#gcTime)
  }

  /** Somebody has looked at it in passing: its time begins again, if it is here. */
  touch(key: K): void {
    if (this.#unused.has(key)) this.add(key)
  }

  /** Somebody uses it. */
  remove(key: K): void {
    this.#unused.delete(key)
    if (this.#unused.size === 0) this.#timer.clear() // G2
  }

  clear(): void {
    this.#unused.clear()
    this.#timer.clear()
  }

  /** Where the clock has been set back, the time of every key begins again: else none would go until the clock has caught up (G1). */
  #now(): number {
    const now = this.#clock.now()
    if (now < this.#latest) for (const key of this.#unused.keys()) this.#unused.set(key, now)
    this.#latest = now
    return now
  }

  #sweep(): void {
    const now = this.#now()
    let left = this.#unused.size // G3
    for (const [key, since] of this.#unused) {
      const wait = since + this.#gcTime - now
      if (left-- === 0 || wait > 0) return this.#timer.set(Math.max(1, wait))
      this.#unused.delete(key)
      this.#collect(key)
    }
  }
}
