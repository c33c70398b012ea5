import type { Clock } from 'tidemap/store'

interface Timer {
  readonly callback: () => void
  at: number
}

/** A clock that stands still until the test moves it. */
export class FakeClock implements Clock {
  #now = 0
  readonly #timers: Set<Timer> = new Set()

  /** How many timers are set. */
  get timers(): number {
    return this.#timers.size
  }

  now(): number {
    return this.#now
  }

  setTimeout(callback: () => void, ms: number): unknown {
    const timer = { callback, at: this.#now + ms }
    this.#timers.add(timer)
    return timer
  }

  clearTimeout(handle: unknown): void {
    this.#timers.delete(handle as Timer)
  }

  /** Somebody sets the clock of the machine back: no timer fires later or earlier for it. */
  setBack(ms: number): void {
    this.#now -= ms
    for (const timer of this.#timers) timer.at -= ms
  }

  /** Moves the time on and runs what falls due, in its order. */
  advance(ms: number): void {
    const end = this.#now + ms
    for (let next = this.#nextUntil(end); next !== undefined; next = this.#nextUntil(end)) {
      this.#now = next.at
      this.#timers.delete(next)
      next.callback()
    }
    this.#now = end
  }

  #nextUntil(end: number): Timer | undefined {
    return [...this.#timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0]
  }
}
