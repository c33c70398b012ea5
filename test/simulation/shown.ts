// What a store may show of one key: the confirmed value with the pending writes over it, as far as one can know them from outside.
import { isSettled } from '../support/settled.ts'
import type { Version } from './accesses.ts'

/** A write of one key that is not confirmed yet, or no longer pending: from outside one cannot always tell. */
export interface Pending {
  /** What it makes of what lies below it. */
  readonly over: (below: Version) => Version
  /**
   * Where it lies: a number: in the line, where it took its place at that time; `afloat`, over all in the line, in the order of the calls;
   * `unsure`: anywhere in the line, or afloat, or nowhere any more.
   */
  readonly lies: number | 'afloat' | 'unsure'
}

/** Every value that may be shown; `pending` is in the order of the calls. */
export function mayShow(confirmed: Version, pending: readonly Pending[]): Set<Version> {
  const found = new Set<Version>()
  const line = pending.filter(({ lies }) => typeof lies === 'number')
  line.sort((a, b) => Number(a.lies) - Number(b.lies))
  const unsure = pending.filter(({ lies }) => lies === 'unsure')
  const arrange = (index: number, below: readonly Pending[], above: ReadonlySet<Pending>): void => {
    const next = unsure[index]
    if (next === undefined) {
      const afloat = pending.filter((one) => above.has(one))
      found.add([...below, ...afloat].reduce((value, { over }) => over(value), confirmed))
      return
    }
    for (let place = 0; place <= below.length; place++)
      arrange(index + 1, [...below.slice(0, place), next, ...below.slice(place)], above)
    arrange(index + 1, below, above)
    arrange(index + 1, below, new Set([...above, next]))
  }
  arrange(0, line, new Set(pending.filter(({ lies }) => lies === 'afloat')))
  return found
}

/** A call that shows something before it is confirmed. */
export interface ShownCall {
  readonly name: string
  /** The store's own promise, as soon as the call has returned. */
  promise: Promise<unknown> | undefined
  /** What it shows, once it is known. */
  shows: ((below: Version) => Version) | undefined
  /** Whether somebody elsewhere has to confirm it before it gets its place in the line. */
  readonly isRecipe: boolean
  /** Whether it waits for that. */
  isAsking: boolean
  /** Whether that was refused. */
  isRefused: boolean
  isAborted: boolean
}

/** Knows where each call lies, as far as one can from outside. */
export class ShownCalls<C extends ShownCall> {
  readonly #fault: (what: string) => void
  readonly #places: Map<C, number> = new Map()
  #time = 0

  constructor(fault: (what: string) => void) {
    this.#fault = fault
  }

  /** Those of `calls`, in the order in which they were made, that are pending. */
  pending(calls: Iterable<C>, isAtRest: boolean): Pending[] {
    const pending: Pending[] = []
    for (const call of calls) {
      const lies = this.#whereLies(call, isAtRest)
      if (call.shows !== undefined && lies !== undefined) pending.push({ over: call.shows, lies })
    }
    return pending
  }

  /** Nothing, if it is over; a recipe may be so, and nobody tell, from its confirmation or abort until everything is at rest. */
  #whereLies(call: C, isAtRest: boolean): Pending['lies'] | undefined {
    const { name, promise, isRecipe, isAsking, isAborted, isRefused } = call
    if (promise === undefined) return 'unsure'
    if (isSettled(promise)) return undefined
    if (isAborted && isAtRest) this.#fault(`${name} was aborted and goes on`)
    if (isAborted) return 'unsure'
    if (isAsking) return 'afloat'
    if (isRecipe && !isAtRest) return 'unsure'
    if (isRefused) this.#fault(`${name} was refused and goes on`)
    // a write takes its place when it is called, a recipe when it is confirmed: at the first rest after that it has it
    const place = this.#places.get(call) ?? this.#time++
    this.#places.set(call, place)
    return place
  }
}
