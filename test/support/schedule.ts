// A scheduler that a list of choices drives: every await of test code is a named point, and one of those that wait goes on at a time.
import { microtasks } from './settled.ts'

interface Event {
  readonly name: string
  readonly go: () => void
  readonly isLate: boolean
}

export interface ScheduleOptions {
  /** How many turns of the microtask queue an event gets before the next; 0, and beyond the list: until nothing is left to do. */
  readonly ticks?: readonly number[]
  /** In how many turns of the microtask queue after an event the next may happen already: a choice in each of them. */
  readonly turns?: number
}

/** What is chosen in which step; more than there is to choose from counts round. */
export type Choices = readonly number[] | ((step: number) => number)

export class Schedule {
  readonly #choices: Choices
  readonly #ticks: readonly number[]
  readonly #turns: number
  readonly #waiting: Event[] = []
  /** What was picked out of how many, step by step. */
  readonly taken: { readonly name: string; readonly picked: number; readonly of: number }[] = []

  /** Choices beyond the list are 0: whoever has waited longest. */
  constructor(choices: Choices, { ticks = [], turns = 0 }: ScheduleOptions = {}) {
    this.#choices = choices
    this.#ticks = ticks
    this.#turns = turns
  }

  /**
   * Something that can happen from now on, at a moment of the schedule's choice; `isLate`: not while something else can. Returns what takes
   * it back.
   */
  offer(name: string, go: () => void, isLate = false): () => void {
    const event = { name, go, isLate }
    this.#waiting.push(event)
    return () => {
      const index = this.#waiting.indexOf(event)
      if (index >= 0) this.#waiting.splice(index, 1)
    }
  }

  /** A named await. */
  pause(name: string, isLate = false): Promise<void> {
    return new Promise((resolve) => {
      this.offer(name, resolve, isLate)
    })
  }

  /** Lets one event after the other happen until none is left. `atRest` is called whenever every microtask has run. */
  async run(atRest: () => void): Promise<void> {
    await microtasks()
    atRest()
    while (this.#waiting.length > 0) {
      const ticks = this.#ticks[this.taken.length] ?? 0
      this.#happen(false)
      for (let i = 0; i < ticks; i++) await undefined
      if (ticks > 0 && this.#waiting.length > 0) continue
      for (let turn = 0; turn < this.#turns && this.#waiting.length > 0; turn++) {
        await undefined
        if (this.#waiting.length > 0 && this.#happen(true)) turn = -1
      }
      await microtasks()
      atRest()
    }
  }

  /** One of the events happens; or, where that is a choice, none. */
  #happen(mayWait: boolean): boolean {
    const early = this.#waiting.filter(({ isLate }) => !isLate)
    const events = early.length > 0 ? early : this.#waiting
    const of = events.length + (mayWait ? 1 : 0)
    const picked = this.#choice % of
    const event = events[mayWait ? picked - 1 : picked]
    this.taken.push({ name: event?.name ?? 'wait', picked, of })
    if (event === undefined) return false
    this.#waiting.splice(this.#waiting.indexOf(event), 1)
    event.go()
    return true
  }

  get #choice(): number {
    const choices = this.#choices
    const step = this.taken.length
    return typeof choices === 'function' ? choices(step) : (choices[step] ?? 0)
  }

  toString(): string {
    return this.taken.map(({ name, of }) => (of > 1 ? `${name} (1 of ${of})` : name)).join(' > ')
  }
}

/** Runs a program under every schedule there is, by walking the tree of choices. Returns how many there were. */
export async function underEverySchedule(
  program: (schedule: Schedule) => Promise<void>,
  options?: ScheduleOptions,
): Promise<number> {
  let choices: number[] | undefined = []
  let count = 0
  while (choices !== undefined) {
    const schedule = new Schedule(choices, options)
    await program(schedule)
    count++
    choices = next(schedule)
  }
  return count
}

/** The choices of the neighbour to the right, in the order of a depth-first walk. */
function next({ taken }: Schedule): number[] | undefined {
  const choices = taken.map(({ picked }) => picked)
  for (;;) {
    const picked = choices.pop()
    if (picked === undefined) return undefined
    if (picked + 1 < taken[choices.length]!.of) return [...choices, picked + 1]
  }
}
