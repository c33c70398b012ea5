import type { Clock } from '../store/clock.ts'

/** What the platform's timers can count: a longer one would fire at once. */
const LONGEST = 2_147_483_647

/** One timer at a time, that fires at a moment however far away. */
export class Timer {
  readonly #clock: Clock
  readonly #call: () => void
  #handle: unknown

  constructor(clock: Clock, call: () => void) {
    this.#clock = clock
    this.#call = call
  }

  get isSet(): boolean {
    return this.#handle !== undefined
  }

  /** In place of what was set before. Never, for `Infinity`. */
  set(ms: number): void {
    this.clear()
    if (ms === Number.POSITIVE_INFINITY) return
    this.#handle = this.#clock.setTimeout(
      () => {
        this.#handle = undefined
        if (ms > LONGEST) this.set(ms - LONGEST)
        else this.#call()
      },
      Math.min(ms, LONGEST),
    )
  }

  clear(): void {
    if (this.#handle !== undefined) this.#clock.clearTimeout(this.#handle)
    this.#handle = undefined
  }
}
