import { stalled } from '../errors.ts'
import type { Clock } from './clock.ts'
import type { Writer } from './writer.ts'

/**
 * Names both sides when a turn is held long while others wait: after an `await` nobody can tell whose call a write is, so a store call
 * awaited inside a recipe of the same key can only be suspected. Development only; it warns and changes nothing.
 */
export class Watchdog {
  readonly #clock: Clock
  readonly #afterMs: number
  /** The writers of the store, and when each was first seen running. */
  readonly #writers: ReadonlySet<Writer>
  readonly #since: WeakMap<Writer, number> = new WeakMap()
  readonly #warned: WeakSet<Writer> = new WeakSet()
  #timer: unknown

  constructor(writers: ReadonlySet<Writer>, clock: Clock, afterMs: number) {
    this.#writers = writers
    this.#clock = clock
    this.#afterMs = afterMs
  }

  started(writer: Writer): void {
    this.#since.set(writer, this.#clock.now())
  }

  /** Somebody waits. One timer is enough for all. */
  watch(): void {
    this.#timer ??= this.#clock.setTimeout(() => this.#look(), this.#afterMs)
  }

  stop(): void {
    if (this.#timer !== undefined) this.#clock.clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #look(): void {
    this.#timer = undefined
    const waiting = [...this.#writers].filter((writer) => !writer.isRunning)
    if (waiting.length === 0) return
    const now = this.#clock.now()
    for (const writer of this.#writers) {
      const held = now - (this.#since.get(writer) ?? now)
      if (!writer.isRunning || held < this.#afterMs || this.#warned.has(writer)) continue
      const behind = waiting.filter((other) => meet(writer.keys, other.keys))
      if (behind.length === 0) continue
      this.#warned.add(writer)
      console.warn(
        stalled(
          writer.label,
          held,
          behind.map((other) => other.label),
        ),
      )
    }
    this.watch()
  }
}

/** Whether two writers want a turn that only one can have; no keys are the whole map. */
const meet = (a: readonly unknown[] | undefined, b: readonly unknown[] | undefined): boolean =>
  a === undefined || b === undefined || a.some((key) => b.includes(key))
