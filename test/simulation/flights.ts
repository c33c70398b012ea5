// What `loadOrCompute` owes to those who call it, told from outside: a factory runs once for all who wait for it, its value is stored only
// if nobody has written the key since it began, and its signal aborts when nobody waits any more.
import type { Operation } from '../support/serial-twin.ts'
import { nameOfKey } from './accesses.ts'

/** One run of a factory. */
export interface Flight {
  readonly name: string
  readonly place: string
  readonly value: string
  readonly signal: AbortSignal
  readonly began: number
  isOver: boolean
  error: unknown
  /** Whether nobody waited any more when it ended. */
  wasGivenUp: boolean
  /** Others of the same key that began while it was under way, and had not been given up. */
  readonly beside: number[]
}

export class Flights {
  readonly #all: Flight[] = []

  begin(flight: Pick<Flight, 'name' | 'place' | 'value' | 'signal' | 'began'>): Flight {
    for (const other of this.#underWay(flight.place)) other.beside.push(flight.began)
    const whole = { ...flight, isOver: false, error: undefined, wasGivenUp: false, beside: [] }
    this.#all.push(whole)
    return whole
  }

  end(flight: Flight, error: unknown): void {
    flight.isOver = true
    flight.error = error
    flight.wasGivenUp = flight.signal.aborted
  }

  /** Whether a factory of this key threw it while somebody could wait. */
  hasThrown(place: string, error: unknown): boolean {
    return this.#all.some((one) => one.place === place && one.error === error && !one.wasGivenUp)
  }

  /** At rest: nobody computes for nobody. */
  deserted(isWaitedFor: (place: string) => boolean): string[] {
    return this.#all
      .filter((one) => !one.isOver && !one.signal.aborted && !isWaitedFor(one.place))
      .map(({ name }) => `${name} computes for nobody`)
  }

  /** At the end: what the history says of all of them. `seenAt` tells when a value was first seen confirmed. */
  faults(
    operations: readonly Operation[],
    seenAt: (place: string, value: string) => number | undefined,
  ): string[] {
    const faults: string[] = []
    for (const { name, place, value, began, beside } of this.#all) {
      const writes = operations.filter((one) => mayWrite(one, place))
      for (const other of beside) {
        const isOvertaken = writes.some(({ called, returned }) => called < other && returned > began)
        if (!isOvertaken) faults.push(`${name} is not the only flight of ${place}`)
      }
      const stored = seenAt(place, value)
      if (stored === undefined) continue
      const winner = operations.find(
        (one) => one.called > began && one.returned < stored && hasWritten(one, place),
      )
      if (winner !== undefined) faults.push(`${name} was stored though ${winner.name} came meanwhile`)
    }
    return faults
  }

  /** Whose value this is. */
  of(place: string, value: unknown): Flight | undefined {
    return this.#all.find((one) => one.place === place && one.value === value)
  }

  /** Whether the key had been written between the beginning of the flight and a call: who calls then must not get what it gives. */
  isTooOld(flight: Flight, called: number, operations: readonly Operation[]): boolean {
    return operations.some(
      (one) => one.called > flight.began && one.returned < called && hasWritten(one, flight.place),
    )
  }

  /** Why a value that was computed was stored nowhere. */
  hasLost(flight: Flight, returned: number, operations: readonly Operation[]): boolean {
    return operations.some(
      (one) => one.called < returned && one.returned > flight.began && mayWrite(one, flight.place),
    )
  }

  #underWay(place: string): Flight[] {
    return this.#all.filter((one) => one.place === place && !one.isOver && !one.signal.aborted)
  }
}

const READS = new Set(['get', 'load', 'has', 'size', 'entries'])

const mayWrite = ({ end, steps }: Operation, place: string): boolean =>
  end !== 'failed' &&
  steps.some(
    ({ store, action }) => 'key' in action && nameOfKey(store, action.key) === place && !READS.has(action.do),
  )

/** A write that is one beyond doubt: a plain one, an equal or vain one too. */
const hasWritten = ({ end, steps: [step, ...more] }: Operation, place: string): boolean => {
  if (end !== 'committed' || step === undefined || more.length > 0) return false
  const { store, action } = step
  return (
    (action.do === 'set' || action.do === 'swap' || action.do === 'delete') &&
    nameOfKey(store, action.key) === place
  )
}
