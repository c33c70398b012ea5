// Strict serializability of a recorded history: the search of Wing and Gong as a linked list of events, with Lowe's memo, component by
// component. Its slow twin is `serialOrder` in support/serial-twin.ts.
import {
  isQueuedBefore,
  type Operation,
  SerialTwin,
  type Step,
  type Verdict,
} from '../support/serial-twin.ts'
import { components, type KeyedHistory } from './components.ts'

export interface Judgement extends Verdict {
  /** How many parts the history fell into, each searched alone. */
  readonly components: number
  /** How many states the searches came through. */
  readonly states: number
  /** What the part that has no order consists of; all of it where every part has one. */
  readonly operations: readonly Operation[]
}

/**
 * Is there one order of all operations that respects real time, and their lines where these are known, in which the twin tells each of
 * them what it was told?
 *
 * Transactions are atomic steps on all their keys; one that failed must fit one moment as well, and leaves nothing (opacity). Keys that
 * no operation connects are searched apart: a history is linearizable if it is so object by object (Herlihy and Wing), and a component
 * is one object.
 */
export function linearize(history: KeyedHistory): Judgement {
  const parts = components(history)
  const order: Operation[] = []
  let states = 0
  for (const { initial, operations } of parts) {
    const search = new Search(new SerialTwin(initial), operations)
    const holds = search.run()
    states += search.states
    if (!holds) return { holds, components: parts.length, states, operations, ...search.longest }
    order.push(...search.order)
  }
  const { operations } = history
  const twin = new SerialTwin(history.initial)
  return { holds: true, components: parts.length, states, operations, order, twin }
}

/** A call or a return, in the list of all that have not been put in the order yet. */
interface Event {
  readonly index: number
  readonly isCall: boolean
  previous: Event | undefined
  next: Event | undefined
}

/** An operation that was put in the order, and what there was before it. */
interface Taken {
  readonly call: Event
  readonly twin: SerialTwin
  /** Whether it changed nothing: then another choice in its place could not help. */
  readonly isForced: boolean
}

const READS = new Set<Step['action']['do']>(['get', 'has', 'load', 'size', 'entries'])

const changesNothing = ({ end, steps }: Operation): boolean =>
  end === 'failed' || steps.every(({ action }) => READS.has(action.do))

class Search {
  /** By the time of their calls: a set of them is then a prefix and few others, which makes the memo's keys short. */
  readonly #operations: readonly Operation[]
  /** For each, those who stood before it in its line: without them, 13 calls of one key took 275,000 states. */
  readonly #queued: readonly (readonly number[])[]
  readonly #returns: Event[] = []
  readonly #head: Event = { index: -1, isCall: false, previous: undefined, next: undefined }
  readonly #taken: Taken[] = []
  readonly #isTaken: Uint8Array
  readonly #memo: Set<string> = new Set()
  #twin: SerialTwin
  /** How many have not been taken that must be. */
  #missing = 0
  #longest: { order: readonly Operation[]; twin: SerialTwin }

  constructor(twin: SerialTwin, operations: readonly Operation[]) {
    this.#operations = [...operations].sort((a, b) => a.called - b.called || a.returned - b.returned)
    this.#queued = this.#operations.map((later) =>
      later.lanes === undefined
        ? []
        : this.#operations.flatMap((earlier, i) => (isQueuedBefore(earlier, later) ? [i] : [])),
    )
    this.#isTaken = new Uint8Array(operations.length)
    this.#twin = twin
    this.#longest = { order: [], twin }
    for (const { end } of operations) if (end !== 'unknown') this.#missing++
    this.#link()
  }

  get states(): number {
    return this.#memo.size
  }

  get order(): Operation[] {
    return this.#taken.map(({ call }) => this.#operations[call.index]!)
  }

  /** How far it came at best. */
  get longest(): { readonly order: readonly Operation[]; readonly twin: SerialTwin } {
    return this.#longest
  }

  run(): boolean {
    let event = this.#takeReaders()
    while (this.#missing > 0) {
      if (event?.isCall && this.#take(event)) event = this.#takeReaders()
      else if (event?.isCall) event = event.next
      else {
        // somebody returned who fits nowhere before: whoever was taken last was the wrong one
        const wrong = this.#giveUp()
        if (wrong === undefined) return false
        event = wrong.next
      }
    }
    return true
  }

  /** Whoever can be now and changes nothing: no order is lost by that. The first of those who are left. */
  #takeReaders(): Event | undefined {
    for (let event = this.#head.next; event?.isCall; event = event.next) {
      if (changesNothing(this.#operations[event.index]!)) this.#take(event)
    }
    return this.#head.next
  }

  #take(call: Event): boolean {
    const operation = this.#operations[call.index]!
    if (this.#queued[call.index]!.some((earlier) => this.#isTaken[earlier] === 0)) return false
    const after = this.#twin.after(operation.steps)
    if (after === undefined) return false
    const isForced = changesNothing(operation)
    const twin = isForced ? this.#twin : after
    this.#mark(call.index, 1)
    if (!isForced) {
      const state = `${this.#chosen()} ${twin.contents}`
      if (this.#memo.has(state)) {
        this.#mark(call.index, 0)
        return false
      }
      this.#memo.add(state)
    }
    this.#taken.push({ call, twin: this.#twin, isForced })
    this.#twin = twin
    if (operation.end !== 'unknown') this.#missing--
    unlink(call)
    unlink(this.#returns[call.index]!)
    return true
  }

  /** Takes back the last choice there was; nothing where there was none. */
  #giveUp(): Event | undefined {
    if (this.#taken.length >= this.#longest.order.length)
      this.#longest = { order: this.order, twin: this.#twin }
    for (let taken = this.#taken.pop(); taken !== undefined; taken = this.#taken.pop()) {
      const { call, twin, isForced } = taken
      relink(this.#returns[call.index]!)
      relink(call)
      this.#mark(call.index, 0)
      this.#twin = twin
      if (this.#operations[call.index]!.end !== 'unknown') this.#missing++
      if (!isForced) return call
    }
    return undefined
  }

  #lowest = 0
  #highest = -1

  #mark(index: number, isTaken: 0 | 1): void {
    const marks = this.#isTaken
    marks[index] = isTaken
    if (isTaken === 0) this.#lowest = Math.min(this.#lowest, index)
    else this.#highest = Math.max(this.#highest, index)
    while (marks[this.#lowest] === 1) this.#lowest++
    while (this.#highest >= 0 && marks[this.#highest] === 0) this.#highest--
  }

  /** The set of those taken: all below the lowest that is not, and these. */
  #chosen(): string {
    let text = `${this.#lowest}`
    for (let i = this.#lowest + 1; i <= this.#highest; i++) if (this.#isTaken[i] === 1) text += `,${i}`
    return text
  }

  #link(): void {
    const calls = this.#operations.map(({ called }, index) => ({ time: called, index, isCall: true }))
    const returns = this.#operations.map(({ returned }, index) => ({ time: returned, index, isCall: false }))
    // at one time calls come first: who is called when another returns has overlapped it
    const times = [...calls, ...returns].sort(
      (a, b) => compare(a.time, b.time) || Number(b.isCall) - Number(a.isCall),
    )
    let last = this.#head
    for (const { index, isCall } of times) {
      const event: Event = { index, isCall, previous: last, next: undefined }
      last.next = event
      last = event
      if (!isCall) this.#returns[index] = event
    }
  }
}

/** As `Infinity - Infinity` is not 0. */
const compare = (a: number, b: number): number => (a === b ? 0 : a < b ? -1 : 1)

function unlink(event: Event): void {
  event.previous!.next = event.next
  if (event.next !== undefined) event.next.previous = event.previous
}

/** Undoes {@link unlink}, where everything that was unlinked later is linked again. */
function relink(event: Event): void {
  event.previous!.next = event
  if (event.next !== undefined) event.next.previous = event
}
