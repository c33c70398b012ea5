// A clock that the scheduler moves: that the next timer falls due is one more thing that may happen.
import type { Clock } from 'tidemap/store'
import type { Schedule } from '../support/schedule.ts'

interface Timer {
  readonly call: () => void
  readonly at: number
}

export class SimulatedClock implements Clock {
  readonly #schedule: Schedule
  readonly #timers: Set<Timer> = new Set()
  #now = 0
  /** How often it may still go on: polling has no end of its own. */
  #left = 0
  #withdraw: (() => void) | undefined

  constructor(schedule: Schedule) {
    this.#schedule = schedule
  }

  get timers(): number {
    return this.#timers.size
  }

  /** Whether another timer is to fire at this very moment. */
  get isDue(): boolean {
    return [...this.#timers].some(({ at }) => at <= this.#now)
  }

  hasOthersThan(handles: ReadonlySet<unknown>): boolean {
    return [...this.#timers].some((timer) => !handles.has(timer))
  }

  now(): number {
    return this.#now
  }

  setTimeout(call: () => void, ms: number): unknown {
    const timer = { call, at: this.#now + Math.max(0, ms) }
    this.#timers.add(timer)
    this.#offer()
    return timer
  }

  clearTimeout(handle: unknown): void {
    this.#timers.delete(handle as Timer)
    this.#offer()
  }

  /** So many timers may fire from now on. */
  allow(times: number): void {
    this.#left = times
    this.#offer()
  }

  #offer(): void {
    if (this.#timers.size === 0 || this.#left === 0) {
      this.#withdraw?.()
      this.#withdraw = undefined
    } else this.#withdraw ??= this.#schedule.offer('time goes on', () => this.#goOn())
  }

  #goOn(): void {
    this.#withdraw = undefined
    let next: Timer | undefined
    for (const timer of this.#timers) if (next === undefined || timer.at < next.at) next = timer
    if (next === undefined) return
    this.#left--
    this.#timers.delete(next)
    this.#now = next.at
    next.call()
    this.#offer()
  }
}
