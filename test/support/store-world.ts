// The stores of a run, the calls made to them so far, and what must hold at any moment: a model of turns and layers of its own.
import type { Clock, View, WritableStore } from 'tidemap/store'
import { changesBetween } from './copy-map.ts'
import type { Product } from './product.ts'
import type { Schedule } from './schedule.ts'
import {
  type Action,
  conflict,
  type Entries,
  explain,
  type Lanes,
  type Operation,
  type Step,
  serialOrder,
  shown,
} from './serial-twin.ts'
import { isSettled } from './settled.ts'
import { describeChange, Ears, textsOf } from './store-ears.ts'
import { decode, draft, type Flavour, plain, type Value } from './store-flavour.ts'
import { KEYS, type Op, type Program } from './store-program.ts'

/** What made runs interesting; a suite that never got there would hold nothing. */
export const totals = {
  histories: 0,
  events: 0,
  operations: 0,
  committed: 0,
  failed: 0,
  layers: 0,
  failedLayers: 0,
  rounds: 0,
  aborts: 0,
  superseded: 0,
  disposed: 0,
  nested: 0,
  refusedReentry: 0,
}

/** One call of a program, while it goes on and after it. */
export interface Run {
  readonly op: Op
  readonly name: string
  readonly called: number
  /** Whose turn it takes; nothing where it takes none, or was refused. */
  lanes: Lanes | undefined
  returned: number
  promise: Promise<unknown> | undefined
  outcome: { readonly value: unknown } | { readonly reason: unknown } | undefined
  /** What it was told, and did. */
  readonly steps: Step[]
  /** Adds what it did and was told, made of what it resolved to. */
  onResolve: (value: unknown) => void
  bodyRuns: number
  /** Whether the synchronous part of its body runs. */
  isInside: boolean
  hasPaused: boolean
  /** Whether somebody held its turn when it was called. */
  isQueued: boolean
  /** What it shows until its turn has come. */
  layer: Action | undefined
  /** Ended from outside while it had not settled: what its body still does is void. */
  isEnded: boolean
  readonly controller: AbortController | undefined
  thrown: unknown
  /** What it may reject with, by its code; reasons of the caller are compared by identity. */
  readonly codes: Set<string>
}

export interface Place {
  readonly flavour: Flavour
  readonly store: WritableStore<string, Value>
  readonly ears: Ears
  /** From the beginning of `dispose` on nobody may write; at its end nobody is told any more. */
  isEnding: boolean
  isDisposed: boolean
  /** At the last rest. */
  view: View<string, Value>
  promotions: number
}

/** A view that is kept, what it had when it was first seen, and an iteration of it that began then. */
interface Held {
  readonly view: View<string, Value>
  readonly texts: Entries
  readonly iteration: Iterator<[string, Value]>
  readonly taken: [string, Value][]
}

export const hasBody = ({ call }: Op): boolean =>
  call.do === 'update' || call.do === 'transaction' || call.do === 'batch'

export class World {
  readonly program: Program
  readonly schedule: Schedule
  readonly product: Product
  readonly places: readonly Place[]
  readonly runs: Run[] = []
  readonly errors: unknown[] = []
  readonly timers = new Set<object>()
  /** How many reactions of listeners have run. */
  reactions = 0
  /** The program has ended: its listeners do nothing any more. */
  isEnding = false
  isOver = false
  #time = 0
  #lastRest = 0
  readonly #faults: string[] = []
  readonly #held = new Map<View<string, Value>, Held>()
  readonly #reads: Operation[] = []
  readonly initial: readonly Entries[]

  /** `change` puts a fault into the stores: for tests of this test. */
  constructor(program: Program, schedule: Schedule, product: Product, change: (flavour: Flavour) => Flavour) {
    this.program = program
    this.schedule = schedule
    this.product = product
    this.initial = [program.entries, program.entries.slice(1)].map((keys) =>
      keys.map((key, i) => [key, i === 0 ? 'same' : `${key}0`] as const),
    )
    this.places = this.initial.map((entries, index) => this.#open(index, entries, change))
  }

  /** Publishing as it goes: what is committed is shown at once. */
  get isImmediate(): boolean {
    return this.program.mode === 'commit' || this.program.mode === 'at once'
  }

  /** The next logical time. */
  now(): number {
    return this.#time++
  }

  fault(message: string): void {
    if (!this.isOver) this.#faults.push(message)
  }

  check(): void {
    if (this.#faults.length === 0) return
    this.isEnding = true
    this.isOver = true
    throw new Error(`${this.#faults[0]}\n  schedule: ${this.schedule}`)
  }

  isOpen(run: Run): boolean {
    if (run.lanes === undefined || run.outcome !== undefined) return false
    return run.promise === undefined ? run.isQueued && !run.isEnded : !isSettled(run.promise)
  }

  openIn(index: number): Run[] {
    return this.runs.filter((run) => run.lanes?.has(index) && this.isOpen(run))
  }

  /** Who was called before it, wants what it wants, and is still at it: it must wait for just these. */
  blockers(run: Run): Run[] {
    const { lanes } = run
    if (lanes === undefined) return []
    return this.runs.filter(
      (other) =>
        other.called < run.called &&
        other.lanes !== undefined &&
        conflict(other.lanes, lanes) &&
        this.isOpen(other),
    )
  }

  /** What is laid over the confirmed state of a store, in the order of the calls. */
  pending(index: number): Action[] {
    return this.runs.flatMap((run) =>
      run.layer !== undefined && run.op.store === index && this.isOpen(run) ? [run.layer] : [],
    )
  }

  /** The contents of a view; from then on it is held, and must not change. */
  texts(view: View<string, Value>): Entries {
    let held = this.#held.get(view)
    if (held === undefined) {
      const iteration = view.entries()
      const first = iteration.next()
      held = { view, texts: textsOf(view), iteration, taken: first.done ? [] : [first.value] }
      this.#held.set(view, held)
    }
    return held.texts
  }

  /** The confirmed state of all stores is one state of the serial order, and views are it with the pending writes over it. */
  look(when: string): void {
    for (const [index, { store }] of this.places.entries()) {
      const layers = this.pending(index)
      const confirmed = this.texts(store.confirmed)
      const expected = JSON.stringify(shown(confirmed, layers))
      const actual = JSON.stringify(this.texts(store.view))
      if (actual !== expected) this.fault(`${when}: store ${index} shows ${actual}, not ${expected}`)
      if (layers.length === 0 && store.view !== store.confirmed)
        this.fault(`${when}: view is not confirmed though nothing is pending`)
      const keys = pendingKeys(layers, confirmed)
      for (const key of KEYS) {
        if (store.isPending(key) !== keys.has(key))
          this.fault(`${when}: isPending(${key}) is ${!keys.has(key)}`)
      }
    }
    this.noteConfirmed([0, 1], this.now(), this.now())
  }

  /** What `confirmed` tells is an operation of the history, like any other. */
  noteConfirmed(indexes: readonly number[], called: number, returned: number): void {
    const steps = indexes.map((store): Step => {
      const result = this.texts(this.places[store]!.store.confirmed)
      return { store, action: { do: 'entries' }, result }
    })
    this.#reads.push({ name: 'confirmed', called, returned, end: 'committed', steps })
  }

  /** After an event and all its microtasks. */
  atRest(): void {
    totals.events++
    for (const run of this.runs) if (this.isOpen(run)) this.#checkTurn(run)
    for (const [index, place] of this.places.entries()) this.#checkPlace(index, place)
    if (this.isImmediate) this.look('at rest')
    this.#lastRest = this.now()
    this.check()
  }

  /** What was called and answered, and all confirmed states that were seen, as readers that take no time. */
  get history(): Operation[] {
    const operations = this.runs.flatMap(({ outcome, name, called, returned, steps, lanes }) => {
      if (steps.length === 0) return []
      const end = outcome !== undefined && 'value' in outcome ? 'committed' : 'failed'
      return [{ name, called, returned, steps, lanes, end } as const]
    })
    return [...operations, ...this.#reads]
  }

  /** All operations fit one serial order, which respects real time and the order of the calls whose keys meet. */
  checkHistory(): void {
    const isWhole = !this.places.some((place) => place.isDisposed)
    if (isWhole) this.noteConfirmed([0, 1], this.now(), this.now())
    const { history } = this
    const verdict = serialOrder(this.initial, history)
    if (!verdict.holds) this.fault(explain(verdict, history))
  }

  /** Every view that was ever seen is what it was. */
  checkHeldViews(): void {
    let previous: View<string, Value> | undefined
    for (const { view, texts, iteration, taken } of this.#held.values()) {
      const each: [string, Value][] = []
      view.forEach((value, key) => void each.push([key, value]))
      const one = [...view.keys()].map((key): [string, Value] => [key, view.get(key)!])
      for (let step = iteration.next(); !step.done; step = iteration.next()) taken.push(step.value)
      const expected = JSON.stringify(texts)
      for (const entries of [[...view], each, one, taken]) {
        const actual = JSON.stringify(textsOf(new Map(entries)))
        if (actual !== expected) this.fault(`a held view changed from ${expected} to ${actual}`)
      }
      if (view.size !== texts.length) this.fault(`a view of ${texts.length} keys has size ${view.size}`)
      const values = [...view.values()].map(decode).join()
      if (values !== texts.map(([, text]) => text).join()) this.fault('values() differ from entries()')
      for (const key of KEYS) {
        if (view.has(key) !== texts.some(([other]) => other === key)) this.fault(`has(${key}) is wrong`)
      }
      if (previous !== undefined) this.#checkChanges(view, previous)
      previous = view
    }
  }

  #checkChanges(view: View<string, Value>, older: View<string, Value>): void {
    for (const [a, b] of [
      [view, older],
      [older, view],
    ] as const) {
      const expected = [...changesBetween(b, a).values()].map(describeChange).sort().join()
      const actual = a.changesSince(b).map(describeChange).sort().join()
      if (actual !== expected) this.fault(`changesSince gives ${actual}, not ${expected}`)
    }
  }

  #open(index: number, entries: Entries, change: (flavour: Flavour) => Flavour): Place {
    const { mode, draft: isDraft } = this.program
    const clock: Clock = {
      now: () => this.#time,
      setTimeout: () => {
        const handle = {}
        this.timers.add(handle)
        return handle
      },
      clearTimeout: (handle) => void this.timers.delete(handle as object),
    }
    const onFrame = (promote: () => void): void => {
      this.schedule.offer(`frame ${index}`, () => this.promote(index, promote))
    }
    const promotion = mode === 'frames' ? onFrame : mode === 'at once' ? (now: () => void) => now() : mode
    const onError = (error: unknown): void => void this.errors.push(error)
    const flavour = change((isDraft ? draft : plain)(this.product, entries, { promotion, clock, onError }))
    const { store } = flavour
    const ears = new Ears(
      flavour,
      (message) => this.fault(`store ${index}: ${message}`),
      () => this.#inRound(),
    )
    const { promotions } = store.inspect()
    return { flavour, store, ears, isEnding: false, isDisposed: false, view: store.view, promotions }
  }

  /** In the first ear of each round: nobody is told before everything shown is right. */
  #inRound(): void {
    totals.rounds++
    if (this.isImmediate && !this.isEnding) this.look('in a round')
  }

  /** Where promotions are not made by commits: what one shows is what is committed and pending now. */
  promote(index: number, promote: () => void): void {
    const before = this.reactions
    promote()
    if (this.isImmediate || before !== this.reactions || this.isEnding) return
    const { store } = this.places[index]!
    const expected = JSON.stringify(shown(this.texts(store.confirmed), this.pending(index)))
    if (JSON.stringify(this.texts(store.view)) !== expected) this.fault('a promotion shows something else')
    this.noteConfirmed([index], this.now(), this.now())
  }

  /** Granted exactly when nobody who was called before it and whose keys meet is still at it. */
  #checkTurn(run: Run): void {
    const isGranted = this.blockers(run).length === 0
    if (!isGranted && run.bodyRuns > 0) this.fault(`${run.name} runs out of turn`)
    if (!isGranted) return
    if (hasBody(run.op)) {
      if (run.bodyRuns === 0) this.fault(`${run.name} has its turn and does not begin`)
    } else if (run.op.call.do !== 'set promise') this.fault(`${run.name} has its turn and does not end`)
  }

  #checkPlace(index: number, place: Place): void {
    const { store, ears } = place
    const open = this.openIn(index)
    const inside = store.inspect()
    const running = open.filter((run) => this.blockers(run).length === 0).length
    const counts = `${inside.running} running, ${inside.waiting} waiting, ${inside.layers} layers`
    const expected = `${running} running, ${open.length - running} waiting, ${this.pending(index).length} layers`
    if (counts !== expected) this.fault(`${counts}, not ${expected}`)
    if (store.isBusy() !== open.length > 0) this.fault(`isBusy() is wrong with ${open.length} writers`)
    for (const key of KEYS) {
      const lane: Lanes = new Map([[index, new Set([key])]])
      const isBusy = open.some(({ lanes }) => conflict(lanes!, lane))
      if (store.isBusy(key) !== isBusy) this.fault(`isBusy(${key}) is ${!isBusy}`)
      if (store.get(key) !== store.view.get(key)) this.fault('get is not what the view has')
    }
    const hasPromoted = inside.promotions !== place.promotions
    if ((store.view !== place.view) !== hasPromoted) this.fault('a view without a promotion, or the reverse')
    if (!place.isEnding) {
      if (ears.views.at(-1) !== store.view) this.fault('the view was not told')
      if (ears.views.length !== inside.promotions + 1) this.fault('a promotion was not told')
    }
    if (!this.isImmediate && hasPromoted) this.noteConfirmed([index], this.#lastRest, this.now())
    ears.atRest(this.isImmediate)
    place.view = store.view
    place.promotions = inside.promotions
  }
}

/** The keys that layers are laid over: a clear hides what is below it. */
function pendingKeys(layers: readonly Action[], confirmed: Entries): Set<string> {
  const keys = new Set<string>()
  for (const layer of layers) {
    if (layer.do === 'clear' || layer.do === 'replace') {
      keys.clear()
      for (const [key] of confirmed) keys.add(key)
    }
    if ('key' in layer) keys.add(layer.key)
    if ('entries' in layer) for (const [key] of layer.entries) keys.add(key)
  }
  return keys
}
