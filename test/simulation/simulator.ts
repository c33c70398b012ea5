// Runs a program on real stores that it sees from outside only, under a scheduler that chooses at every await who goes on, and records
// what happened: who called what and was told what, in which order versions were confirmed, which views were seen.
import type { Store as AnyStore, Transaction } from 'tidemap/store'
import type { Product } from '../support/product.ts'
import type { Schedule } from '../support/schedule.ts'
import type { Entries, Operation, Step } from '../support/serial-twin.ts'
import { nameOfKey, type Version } from './accesses.ts'
import type { VersionedHistory } from './dependency-graph.ts'
import { type Flight, Flights } from './flights.ts'
import { type BodyStep, type Call, KEYS, keysOf, type Program, STORES } from './program.ts'
import { mayShow, type ShownCall, ShownCalls } from './shown.ts'
import { SimulatedClock } from './simulated-clock.ts'

type Store = AnyStore<string, Version>
type Tx = Transaction<string, Version>

export interface Recording extends VersionedHistory {
  /** Whether `versions` has all of them: else only those that were published. */
  readonly isComplete: boolean
  /** What readers of whole stores saw, in every round and at every rest; readers that take no time. */
  readonly views: readonly Operation[]
  /** What must never happen, whatever the order. */
  readonly faults: readonly string[]
}

export async function simulate(program: Program, schedule: Schedule, product: Product): Promise<Recording> {
  return new Simulation(program, schedule, product).run()
}

/** A call that awaits something in its midst. */
type WaitingCall = Extract<Call, { awaits: number }>

/** A call under way, and what it has been told so far. */
interface Run extends ShownCall {
  readonly call: Call
  called: number
  readonly steps: Step[]
  /** What it would write, were it not to fail: nobody may ever see it then. */
  readonly hidden: Step[]
  readonly controller: AbortController
  returned: number
  end: Operation['end']
  thrown: unknown
  /** What it got that was computed for it or for somebody else. */
  computed: string | undefined
  /** What all values begin with that its recipe gives, followed by what the recipe found. */
  recipe: string | undefined
}

class Simulation {
  readonly #program: Program
  readonly #schedule: Schedule
  readonly #product: Product
  /** All keys that anybody names. */
  readonly #keys: readonly string[]
  readonly #stores: readonly Store[]
  readonly #initial: readonly Entries[]
  readonly #runs: Run[] = []
  /** Those that are not over, in the order of their calls. */
  readonly #open: Set<Run> = new Set()
  readonly #views: Operation[] = []
  readonly #versions: Map<string, Version[]> = new Map()
  /** When each of them was first seen. */
  readonly #seenAt: Map<string, Map<Version, number>> = new Map()
  readonly #flights: Flights = new Flights()
  readonly #shown: ShownCalls<Run> = new ShownCalls((what) => this.#faults.push(what))
  readonly #faults: string[] = []
  readonly #clock: SimulatedClock
  readonly #warned: Map<Run, number> = new Map()
  /** Stores that have something to publish, and wait for a frame. */
  readonly #unpublished: Set<number> = new Set()
  /** By store: when it published last. */
  readonly #publishedAt: number[] = Array.from({ length: STORES }, () => 0)
  #time = 0
  #values = 0

  constructor(program: Program, schedule: Schedule, product: Product) {
    this.#program = program
    this.#keys = keysOf(program)
    this.#schedule = schedule
    this.#product = product
    this.#clock = new SimulatedClock(schedule)
    this.#initial = Array.from({ length: STORES }, () =>
      KEYS.filter((_, i) => i % 2 === 0).map((key) => [key, `${key}.0`] as const),
    )
    this.#stores = this.#initial.map((entries, index) =>
      product.store.createStore<string, Version>(entries, {
        clock: this.#clock,
        promotion:
          program.promotion === 'frames' ? (promote) => this.#whenFramed(index, promote) : program.promotion,
      }),
    )
    for (const [index, store] of this.#stores.entries()) {
      for (const key of this.#keys) {
        this.#versions.set(nameOfKey(index, key), [store.get(key)])
        this.#seenAt.set(nameOfKey(index, key), new Map())
      }
      store.subscribe((view, previous) => {
        if (view.version <= previous.version) this.#faults.push('a view is not newer than the one before')
        this.#look(index)
      })
    }
  }

  async run(): Promise<Recording> {
    const onUnhandled = (reason: unknown): void =>
      void this.#faults.push(`unhandled rejection: ${String(reason)}`)
    process.on('unhandledRejection', onUnhandled)
    const { warn } = console
    console.warn = (warning) => this.#hear(warning)
    this.#clock.allow(this.#program.timers)
    try {
      if (this.#program.promotion === 'misses') this.#offerPromotions()
      for (const [i, calls] of this.#program.clients.entries()) void this.#client(`${i}`, calls)
      await this.#schedule.run(() => this.#atRest())
    } finally {
      process.off('unhandledRejection', onUnhandled)
      console.warn = warn
    }
    for (const index of this.#stores.keys()) this.#publish(index, () => this.#stores[index]!.promote())
    for (const index of this.#stores.keys()) this.#look(index)
    this.#checkEnd()
    this.#collectSeen()
    for (const run of [...this.#runs].sort((a, b) => a.returned - b.returned)) {
      if (run.computed !== undefined) this.#explainComputed(run, run.computed)
      if (run.recipe !== undefined) this.#explainRecipe(run, run.recipe)
    }
    const operations = this.#runs.map(({ name, called, returned, steps, hidden, end }) => ({
      name,
      called,
      returned,
      end,
      steps: end === 'failed' ? [...steps, ...hidden] : steps,
    }))
    this.#checkFlights(operations)
    return {
      isComplete: this.#program.promotion === 'commit',
      initial: this.#initial,
      operations,
      versions: this.#versions,
      views: this.#views,
      faults: this.#faults,
    }
  }

  #whenFramed(index: number, promote: () => void): void {
    this.#unpublished.add(index)
    this.#schedule.offer(`frame ${index}`, () => this.#publish(index, promote))
  }

  #offerPromotions(): void {
    for (const [index, store] of this.#stores.entries())
      for (let i = 0; i < 2; i++)
        this.#schedule.offer(`promotion ${index}.${i}`, () => this.#publish(index, () => store.promote()))
  }

  /** In this moment all that is committed is published: whoever looks sees the newest. */
  #publish(index: number, promote: () => void): void {
    promote()
    this.#unpublished.delete(index)
    this.#publishedAt[index] = this.#time++
    this.#checkShown(true, index)
  }

  /** The only timer of a store is that of the watchdog, which warns. */
  #hear(warning: unknown): void {
    const text = String(warning)
    const [, held] = /^tidemap: .* has held its turn for (\d+) ms while \d+ waits?: /.exec(text) ?? []
    if (held === undefined || Number(held) < 2000) this.#faults.push(`warned of nothing: ${text}`)
    if (this.#open.size < 2) this.#faults.push(`nobody waits: ${text}`)
    const holder = this.#runs.find(({ name }) => text.startsWith(`tidemap: ${name} `))
    if (holder === undefined) return // only transactions have a name of their own
    const times = (this.#warned.get(holder) ?? 0) + 1
    this.#warned.set(holder, times)
    const { call } = holder
    const stores = call.do === 'transaction' && call.scope === 'both' ? STORES : 1 // each has a watchdog of its own
    if (times > stores) this.#faults.push(`warned again: ${text}`)
  }

  async #client(name: string, calls: readonly Call[]): Promise<void> {
    for (const [i, call] of calls.entries()) {
      await this.#schedule.pause(`${name}.${i} ${call.do}`)
      await this.#call(`${name}.${i} ${call.do} ${call.key}`, call)
    }
  }

  async #call(name: string, call: Call): Promise<void> {
    const run: Run = {
      name,
      call,
      called: this.#time++,
      steps: [],
      hidden: [],
      controller: new AbortController(),
      returned: Number.POSITIVE_INFINITY,
      end: 'unknown',
      thrown: undefined,
      isAborted: false,
      computed: undefined,
      recipe: undefined,
      promise: undefined,
      shows: undefined,
      isRecipe: call.do === 'optimistic',
      isAsking: false,
      isRefused: false,
    }
    this.#runs.push(run)
    this.#open.add(run)
    if (call.aborts) this.#schedule.offer(`abort ${name}`, () => this.#abort(run))
    try {
      const told = this.#perform(run, call)
      this.#checkShown(false)
      await told
      run.end = 'committed'
      if (run.thrown !== undefined && call.do !== 'loadOrCompute')
        this.#faults.push(`${name} threw and resolved`)
      if (run.isAborted) this.#faults.push(`${name} was aborted and resolved`)
    } catch (reason) {
      run.end = 'failed'
      const { signal } = run.controller
      const place = nameOfKey(call.store, call.key)
      const isThrown =
        call.do === 'loadOrCompute' ? this.#flights.hasThrown(place, reason) : reason === run.thrown
      const isOwn = isThrown || (signal.aborted && reason === signal.reason)
      if (!isOwn) this.#faults.push(`${name} rejected with ${String(reason)}`)
    }
    run.returned = this.#time++
    this.#open.delete(run)
  }

  #abort(run: Run): void {
    run.isAborted = run.end === 'unknown'
    run.controller.abort({ aborted: run.name })
  }

  #newValue(key: string): string {
    return `${key}.${++this.#values}`
  }

  #perform(run: Run, call: Call): Promise<unknown> {
    const store = this.#stores[call.store]!
    const { key } = call
    const { signal } = run.controller
    const told = (action: Step['action'], result?: unknown): void =>
      void run.steps.push({ store: call.store, action, result })
    const value = this.#newValue(key)
    const writes = (): void =>
      void run.hidden.push({ store: call.store, action: { do: 'set', key, value }, result: undefined })
    switch (call.do) {
      case 'look':
        // what was published is what was there in the moment when it was published
        if (this.#program.promotion !== 'commit') run.called = this.#publishedAt[call.store]!
        told({ do: 'get', key }, store.confirmed.get(key))
        return Promise.resolve()
      case 'load':
        return store.load(key, { signal }).then((result) => told({ do: 'load', key }, result))
      case 'set':
        writes()
        run.shows = () => value
        run.promise = store.set(key, value, { signal })
        return run.promise.then((result) => told({ do: 'set', key, value }, result))
      case 'delete':
        run.shows = () => undefined
        run.promise = store.delete(key, { signal })
        return run.promise.then((result) => told({ do: 'delete', key }, result))
      case 'swap':
        writes()
        return store.swap(key, value, { signal }).then((result) => told({ do: 'swap', key, value }, result))
      case 'loadOrStore':
        writes()
        return store
          .loadOrStore(key, value, { signal })
          .then((result) => told({ do: 'loadOrStore', key, value }, result))
      case 'loadAndDelete':
        return store
          .loadAndDelete(key, { signal })
          .then((result) => told({ do: 'loadAndDelete', key }, result))
      case 'compareAndSwap': {
        const old = store.confirmed.get(key)
        writes()
        return store
          .compareAndSwap(key, old, value, { signal })
          .then((result) => told({ do: 'compareAndSwap', key, old, value }, result))
      }
      case 'set promise': {
        writes()
        const arrives = this.#after(run, call).then(() => value)
        return store.set(key, arrives, { signal }).then((result) => told({ do: 'set', key, value }, result))
      }
      case 'update':
        return store
          .update(
            key,
            async (given) => {
              this.#runOnce(run)
              told({ do: 'get', key }, given)
              await this.#after(run, call)
              writes()
              return value
            },
            { signal },
          )
          .then(() => told({ do: 'set', key, value }))
      case 'loadOrCompute':
        run.promise = this.#loadOrCompute(run, call, value)
        return run.promise
      case 'optimistic':
        return this.#writeOptimistically(run, call, value)
      default:
        return this.#transact(run, call)
    }
  }

  #loadOrCompute(run: Run, call: WaitingCall, value: string): Promise<void> {
    const { store, key } = call
    const place = nameOfKey(store, key)
    const factory = async (_key: string, context: { readonly signal: AbortSignal }): Promise<string> => {
      this.#runOnce(run)
      const began = this.#time++
      const flight = this.#flights.begin({ name: run.name, place, value, signal: context.signal, began })
      try {
        await this.#after(run, call)
      } finally {
        this.#flights.end(flight, run.thrown)
      }
      return value
    }
    return this.#product.resource
      .loadOrCompute(this.#stores[store]!, key, factory, { signal: run.controller.signal })
      .then(([actual, loaded]) => {
        if (loaded) run.steps.push({ store, action: { do: 'load', key }, result: [actual, true] })
        else run.computed = actual
      })
  }

  /** Each value tells on what it was made: `mine<what was there`. */
  #writeOptimistically(run: Run, call: WaitingCall, value: string): Promise<unknown> {
    const store = this.#stores[call.store]!
    const { key } = call
    const writing = (mark: string) => (tx: Tx) => tx.set(key, `${mark}${tx.get(key) ?? ''}`)
    run.recipe = call.fate === 'is corrected' ? `${value}!<` : `${value}<`
    run.shows = (below) => `${value}<${below ?? ''}`
    const confirm = async (): Promise<unknown> => {
      this.#runOnce(run)
      run.isAsking = true
      try {
        await this.#after(run, call)
      } finally {
        run.isAsking = false
      }
      return call.fate === 'is corrected' ? writing(`${value}!<`) : undefined
    }
    run.promise = this.#product.resource.optimistic(store, writing(`${value}<`), confirm, {
      signal: run.controller.signal,
    })
    return run.promise
  }

  readonly #stored: Set<string> = new Set()
  /** By key: every value that anybody was told of, and that was confirmed therefore. */
  readonly #seen: Map<string, Set<string>> = new Map()

  #collectSeen(): void {
    const see = (store: number, key: string, value: unknown): void => {
      const name = nameOfKey(store, key)
      const values = this.#seen.get(name) ?? new Set()
      this.#seen.set(name, values)
      for (const one of Array.isArray(value) ? value : [value]) if (typeof one === 'string') values.add(one)
    }
    for (const [name, versions] of this.#versions)
      this.#seen.set(name, new Set(versions.filter((version) => version !== undefined)))
    for (const { steps } of this.#runs)
      for (const { store, action, result } of steps) if ('key' in action) see(store, action.key, result)
  }

  /**
   * Stored by the first of those who waited for it, and read by the others; stored nowhere, if the key was deleted meanwhile: then it was
   * absent when the value came. Where not every version is published, one that nobody has seen may have been stored, or not.
   */
  #explainComputed(run: Run, value: string): void {
    const { call, steps } = run
    const { store, key } = call
    const isStored = this.#seen.get(nameOfKey(store, key))!.has(value)
    if (!isStored && this.#program.promotion === 'commit') {
      steps.push({ store, action: { do: 'get', key }, result: undefined })
      return
    }
    const isFirst = !this.#stored.has(value)
    this.#stored.add(value)
    if (isFirst) steps.push({ store, action: { do: 'loadOrStore', key, value }, result: [value, false] })
    else if (isStored) steps.push({ store, action: { do: 'load', key }, result: [value, true] })
    if (isFirst && !isStored) Object.assign(run, { end: 'unknown', returned: Number.POSITIVE_INFINITY })
  }

  /** What was confirmed of it tells what it found; nothing may have been, if it failed. */
  #explainRecipe({ name, call, steps, end }: Run, recipe: string): void {
    const { store, key } = call
    const own = [...this.#seen.get(nameOfKey(store, key))!].flatMap((value) =>
      value.includes(recipe) ? [value.slice(value.indexOf(recipe))] : [],
    )
    const [value, ...more] = new Set(own)
    if (more.length > 0) this.#faults.push(`${name} was confirmed twice`)
    // where not every version is published, nobody may have seen it
    const isHidden = value === undefined && this.#program.promotion !== 'commit'
    if ((value !== undefined) !== (end === 'committed') && !isHidden)
      this.#faults.push(`${name} is ${end}: ${value}`)
    if (end !== 'committed') return
    if (value === undefined) {
      steps.push({ store, action: { do: 'set', key, value: recipe }, result: undefined })
      return
    }
    const found = value.slice(recipe.length)
    steps.push(
      { store, action: { do: 'get', key }, result: found === '' ? undefined : found },
      { store, action: { do: 'set', key, value }, result: undefined },
    )
  }

  readonly #begun: Set<Run> = new Set()

  #runOnce(run: Run): void {
    if (this.#begun.has(run)) this.#faults.push(`${run.name} ran twice`)
    this.#begun.add(run)
  }

  async #after(run: Run, { awaits, fate }: WaitingCall): Promise<void> {
    for (let i = 0; i < awaits; i++) await this.#schedule.pause(`${run.name} await ${i}`)
    if (fate === 'throws') this.#throw(run)
  }

  #throw(run: Run): never {
    run.thrown = new Error(`${run.name} throws`)
    run.isRefused = true
    throw run.thrown
  }

  #transact(run: Run, call: Extract<Call, { do: 'transaction' }>): Promise<unknown> {
    const { signal } = run.controller
    const group = call.key[0]!
    const store = this.#stores[call.store]!
    const body = async (...txs: readonly [Tx] | readonly [Tx, Tx]): Promise<void> => {
      this.#runOnce(run)
      for (const [i, step] of call.body.entries()) {
        if (!('key' in step)) {
          if (step.do === 'throw') this.#throw(run)
          await this.#schedule.pause(`${run.name} await ${i}`)
        } else this.#step(run, txs.length === 1 ? call.store : step.store, txs[step.store] ?? txs[0]!, step)
      }
    }
    const options = { signal, label: run.name }
    if (call.scope === 'both') {
      const [first, second] = this.#stores
      return this.#product.store.transaction([first!, second!], (a, b) => body(a, b), options)
    }
    const one = (tx: Tx): Promise<void> => body(tx)
    if (call.scope === 'all') return store.transaction(one, options)
    return store.transaction(one, { ...options, keys: KEYS.filter((key) => key.startsWith(group)) })
  }

  #step(run: Run, store: number, tx: Tx, { do: name, key }: Extract<BodyStep, { key: string }>): void {
    const value = this.#newValue(key)
    const told = (action: Step['action'], result: unknown): void =>
      void run.steps.push({ store, action, result })
    switch (name) {
      case 'get':
        return told({ do: name, key }, tx.get(key))
      case 'set':
        return told({ do: name, key, value }, tx.set(key, value))
      case 'swap':
        return told({ do: name, key, value }, tx.swap(key, value))
      case 'delete':
        return told({ do: name, key }, tx.delete(key))
      case 'loadOrStore':
        return told({ do: name, key, value }, tx.loadOrStore(key, value))
      case 'compareAndSwap': {
        const old = tx.get(key)
        told({ do: 'get', key }, old)
        return told({ do: name, key, old, value }, tx.compareAndSwap(key, old, value))
      }
    }
  }

  /** Somebody looks at all of a store. */
  #look(index: number): void {
    const { confirmed } = this.#stores[index]!
    for (const key of this.#keys) {
      const name = nameOfKey(index, key)
      const versions = this.#versions.get(name)!
      const version = confirmed.get(key)
      if (version === versions.at(-1)) continue
      versions.push(version)
      this.#seenAt.get(name)!.set(version, this.#time)
    }
    this.#publishedAt[index] = this.#time
    this.#checkShown(false)
    const steps = this.#keys.map((key): Step => {
      return { store: index, action: { do: 'get', key }, result: confirmed.get(key) }
    })
    const at = this.#time++
    this.#views.push({ name: `view ${at}`, called: at, returned: at, end: 'committed', steps })
  }

  #atRest(): void {
    const waiting = [...this.#open].filter(({ call }) => call.do === 'loadOrCompute')
    const places = new Set(waiting.map(({ call }) => nameOfKey(call.store, call.key)))
    this.#faults.push(...this.#flights.deserted((place) => places.has(place)))
    this.#checkShown(true)
  }

  /** Whether what a store shows is the newest; `now`: the one that has just published everything. */
  #isNewest(index: number, now: number | undefined): boolean {
    const { promotion } = this.#program
    if (promotion === 'frames') return !this.#unpublished.has(index)
    return promotion === 'commit' || index === now
  }

  /** What is shown is what is confirmed, with what is pending over it. */
  #checkShown(isAtRest: boolean, now?: number): void {
    const waiting = [...this.#open].filter(({ call }) => call.do === 'loadOrCompute')
    const writes = [...this.#open].filter(({ shows }) => shows !== undefined)
    for (const [index, store] of this.#stores.entries()) {
      const { view, confirmed } = store
      const isNewest = this.#isNewest(index, now)
      for (const key of this.#keys) {
        const own = writes.filter(({ call }) => call.store === index && call.key === key)
        const pending = this.#shown.pending(own, isAtRest)
        if (!isNewest || (own.length === 0 && view.get(key) === confirmed.get(key))) continue
        if (mayShow(confirmed.get(key), pending).has(view.get(key))) continue
        this.#faults.push(`${key} shows ${view.get(key)} over ${confirmed.get(key)}`)
      }
      for (const { name, call } of waiting) {
        if (call.store !== index || !isAtRest || !isNewest) continue
        if (confirmed.has(call.key) && !store.isBusy(call.key))
          this.#faults.push(`${name} waits for a key that is there`)
      }
    }
  }

  #checkFlights(operations: readonly Operation[]): void {
    const flights = this.#flights
    const seenAt = (place: string, value: string): number | undefined => this.#seenAt.get(place)?.get(value)
    this.#faults.push(...flights.faults(operations, seenAt))
    for (const { name, call, called, computed, returned } of this.#runs) {
      if (computed === undefined) continue
      const place = nameOfKey(call.store, call.key)
      const flight: Flight | undefined = flights.of(place, computed)
      if (flight === undefined) this.#faults.push(`${name} was given what nobody has computed`)
      else if (flights.isTooOld(flight, called, operations))
        this.#faults.push(`${name} was given what was computed before the key was written`)
      else if (flight.wasGivenUp) this.#faults.push(`${name} was given what had been given up`)
      else if (
        !this.#seen.get(place)!.has(computed) &&
        !flights.hasLost(flight, this.#lostUntil(returned), operations)
      )
        this.#faults.push(`${flight.name} was stored nowhere, and nobody had written`)
    }
  }

  /** Until when a write of others may have hidden a value from everybody. */
  #lostUntil(returned: number): number {
    return this.#program.promotion === 'commit' ? returned : Number.POSITIVE_INFINITY
  }

  #checkEnd(): void {
    for (const { name, end } of this.#runs) if (end === 'unknown') this.#faults.push(`${name} never ended`)
    if (this.#clock.timers > 0) this.#faults.push('a timer is left')
    for (const [index, store] of this.#stores.entries()) {
      if (store.isBusy()) this.#faults.push(`store ${index} is busy at the end`)
      if (store.view !== store.confirmed) this.#faults.push('something is laid over it at the end')
    }
  }
}
