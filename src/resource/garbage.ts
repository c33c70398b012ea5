import type { Clock } from '../store/clock.ts'
import { Timer } from './timer.ts'

/**
 * The keys that nobody uses, and since when. One timer for all of them.
 *
 * Invariants: G1 the Map is in the order of time, as all keys have the same time to live: only its beginning is ever looked at. G2 the
 * timer is set exactly while there is a key.
 */
export class Garbage<K> {
  readonly #clock: Clock
  readonly #gcTime: number
  readonly #collect: (key: K) => void
  readonly #unused: Map<K, number> = new Map()
  readonly #timer: Timer

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
    this.#unused.set(key, this.#clock.now())
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

  #sweep(): void {
    const now = this.#clock.now()
    for (const [key, since] of this.#unused) {
      if (since + this.#gcTime > now) {
        this.#timer.set(since + this.#gcTime - now)
        return
      }
      this.#unused.delete(key)
      this.#collect(key)
    }
  }
}
