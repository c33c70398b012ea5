import type { Lock } from '../core/mutex.ts'
import type { TurnOptions } from './write-options.ts'
import type { Writer } from './writer.ts'
import type { BusyLine } from './writers.ts'

/**
 * The lines of several stores as one, for a writer that wants a turn in all of them; of no store, for one that takes no turn.
 *
 * Invariant: it takes its place in all of them in one synchronous step, so that two writers over the same stores meet in the same order
 * everywhere and cannot deadlock.
 */
export class Lines implements BusyLine {
  readonly #lines: readonly BusyLine[]

  constructor(lines: readonly BusyLine[]) {
    this.#lines = lines
  }

  request(keys: readonly unknown[] | undefined, onGrant: () => void): Lock {
    let missing = this.#lines.length + 1
    const granted = (): void => {
      missing--
      if (missing === 0) onGrant()
    }
    const locks = this.#lines.map((line) => line.request(keys, granted))
    granted()
    const release = (): void => {
      for (const lock of locks) lock.release()
    }
    return { release, [Symbol.dispose]: release }
  }

  enter(writer: Writer): void {
    for (const line of this.#lines) line.enter(writer)
  }

  leave(): void {
    for (const line of this.#lines) line.leave()
  }

  join(writer: Writer): void {
    for (const line of this.#lines) line.join(writer)
  }

  part(writer: Writer): void {
    for (const line of this.#lines) line.part(writer)
  }

  refusal(options: TurnOptions | null | undefined): Promise<never> | undefined {
    for (const line of this.#lines) {
      const refusal = line.refusal(options)
      if (refusal !== undefined) return refusal
    }
    return undefined
  }

  isBusy(keys: readonly unknown[] | undefined): boolean {
    return this.#lines.some((line) => line.isBusy(keys))
  }

  succeed(writer: Writer): ReadonlySet<Writer> {
    return new Set(this.#lines.flatMap((line) => [...line.succeed(writer)]))
  }

  flush(): void {
    for (const line of this.#lines) line.flush()
  }
}
