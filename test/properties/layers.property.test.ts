// All kinds of pending writes at once, in all modes of promotion, against the twin that replays them naively.
import fc from 'fast-check'
import { optimistic } from 'tidemap/resource'
import { createStore, type Store, type TidemapError, type View } from 'tidemap/store'
import { expect, test } from 'vitest'
import { insideOf } from '../../src/store/brand.ts'
import { changesBetween } from '../support/copy-map.ts'
import { type Deferred, deferred } from '../support/deferred.ts'
import { type Ears, Listening } from '../support/listening.ts'
import {
  KEYS,
  Missing,
  type Op,
  type Pending,
  perform,
  replay,
  type Shown,
  type Target,
  throwsOver,
} from '../support/pending-twin.ts'
import { isSettled } from '../support/settled.ts'

type Ending = { readonly how: 'confirm' | 'fail' } | { readonly how: 'truth'; readonly ops: readonly Op[] }

type Step =
  | {
      readonly do: 'plain'
      readonly op: Op
      readonly optimistic: boolean
      readonly ifBusy: 'queue' | 'latest'
    }
  | { readonly do: 'optimistic'; readonly ops: readonly Op[] }
  | { readonly do: 'update'; readonly key: string; readonly value: number }
  | {
      readonly do: 'transact'
      readonly keys: readonly string[] | undefined
      readonly shown: readonly Op[] | undefined
      readonly ops: readonly Op[]
    }
  | { readonly do: 'end'; readonly which: number; readonly ending: Ending }
  | { readonly do: 'abort'; readonly which: number }
  | { readonly do: 'load'; readonly key: string }
  | { readonly do: 'wait' }
  | { readonly do: 'frame' }

const key = fc.constantFrom(...KEYS)
const value = fc.integer({ min: 0, max: 3 })
const entries = fc.array(fc.tuple(key, value), { maxLength: 4 })
const oneOf = <const D extends string>(...names: D[]): fc.Arbitrary<D> => fc.constantFrom(...names)
const plainOp: fc.Arbitrary<Op> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: oneOf('set'), key, value }) },
  { weight: 3, arbitrary: fc.record({ do: oneOf('delete'), key }) },
  { weight: 2, arbitrary: fc.record({ do: oneOf('setMany', 'replace'), entries }) },
  { weight: 1, arbitrary: fc.record({ do: oneOf('clear') }) },
)
const recipeOp: fc.Arbitrary<Op> = fc.oneof(
  { weight: 4, arbitrary: plainOp },
  { weight: 4, arbitrary: fc.record({ do: oneOf('add', 'follow'), key, value }) },
  { weight: 2, arbitrary: fc.record({ do: oneOf('need', 'count'), key }) },
)
const recipe = fc.array(recipeOp, { minLength: 1, maxLength: 3 })
const ending: fc.Arbitrary<Ending> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ how: oneOf('confirm', 'fail') }) },
  { weight: 1, arbitrary: fc.record({ how: oneOf('truth'), ops: recipe }) },
)
const which = fc.nat(9)
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 7,
    arbitrary: fc.record({
      do: oneOf('plain'),
      op: plainOp,
      optimistic: fc.constantFrom(true, true, true, false),
      ifBusy: oneOf('queue', 'queue', 'queue', 'latest'),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: oneOf('optimistic'), ops: recipe }) },
  { weight: 2, arbitrary: fc.record({ do: oneOf('update'), key, value }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: oneOf('transact'),
      keys: fc.option(fc.uniqueArray(key, { minLength: 1, maxLength: 3 }), { nil: undefined }),
      shown: fc.option(recipe, { nil: undefined }),
      ops: fc.array(recipeOp, { maxLength: 3 }),
    }),
  },
  { weight: 7, arbitrary: fc.record({ do: oneOf('end'), which, ending }) },
  { weight: 2, arbitrary: fc.record({ do: oneOf('abort'), which }) },
  { weight: 4, arbitrary: fc.record({ do: oneOf('wait') }) },
  { weight: 3, arbitrary: fc.record({ do: oneOf('frame') }) },
  { weight: 1, arbitrary: fc.record({ do: oneOf('load'), key }) },
)

type Recipe = (tx: Target) => void

const carryOut =
  (ops: readonly Op[]): Recipe =>
  (tx) => {
    for (const op of ops) perform(tx, op)
  }

type Promotion = 'commit' | 'misses' | 'frames'
type Numbers = Store<string, number>
type NumberView = View<string, number>

/** A write that somebody has called, and that may have ended. */
interface Call extends Pending {
  /** Whether it is no recipe. */
  readonly isPlain: boolean
  readonly promise: Promise<unknown>
  readonly controller: AbortController
  /** Whether it has a layer. */
  readonly isShown: boolean
  /** What it waits for, besides its turn. */
  readonly gate: Deferred<Recipe | undefined> | undefined
  isAborted: boolean
}

/** One program, step by step. */
class Run {
  readonly store: Numbers
  readonly #listening: Listening
  readonly #errors: unknown[] = []
  readonly #seen: Record<string, number>
  readonly #held: { readonly view: NumberView; readonly twin: ReadonlyMap<string, number> }[] = []
  #frame: (() => void) | undefined
  #calls: Call[] = []
  /** Those whose gates have been opened and who have no place in the line yet, in that order. */
  #answered: Call[] = []
  #places = 0
  #promotions: number
  #view: NumberView
  #shown: Shown

  constructor(promotion: Promotion, ears: Ears, seen: Record<string, number>) {
    this.#seen = seen
    const later = (promote: () => void): void => {
      this.#frame = promote
    }
    this.store = createStore<string, number>(
      [
        ['a', 0],
        ['b', 0],
      ],
      { promotion: promotion === 'frames' ? later : promotion, onError: (error) => this.#errors.push(error) },
    )
    this.#listening = new Listening(this.store, ears)
    this.#promotions = this.store.inspect().promotions
    this.#view = this.store.view
    this.#shown = replay(this.store, [])
  }

  /** Gives way to nobody, unless it is to wait. */
  take(one: Step): Promise<void> | undefined {
    if (one.do === 'wait') return this.#wait().then(() => this.#check())
    this.#carryOut(one)
    this.#check()
    return undefined
  }

  /** The store is disposed: what is pending goes, and everybody hears of it. */
  dispose(): void {
    this.store.dispose()
    this.#calls = []
    this.#check()
    this.#expectRest()
  }

  /** Everything is let go; nothing pending may be left. */
  async end(): Promise<void> {
    for (const call of this.#calls) this.#open(call, { how: 'confirm' })
    await this.#wait()
    await this.store.idle()
    await this.#wait()
    this.promote()
    this.#check()
    expect(this.#calls).toEqual([])
    expect(this.store.inspect()).toMatchObject({ running: 0, waiting: 0 })
    this.#expectRest()
  }

  #expectRest(): void {
    expect(this.store.view).toBe(this.store.confirmed)
    expect(this.store.inspect().layers).toBe(0)
  }

  promote(): void {
    const frame = this.#frame
    this.#frame = undefined
    if (frame !== undefined) frame()
    else this.store.promote()
  }

  get #newest(): Shown {
    const { map } = insideOf<string, number>(this.store)!.state
    return replay(map.newest, this.#pending)
  }

  get #pending(): readonly Call[] {
    return this.#calls.filter(({ isShown }) => isShown)
  }

  #carryOut(one: Exclude<Step, { do: 'wait' }>): void {
    const { store } = this
    switch (one.do) {
      case 'plain':
        return this.#call([one.op], one.optimistic, (signal) => {
          const { op, optimistic, ifBusy } = one
          const options = { signal, optimistic, ifBusy }
          if (op.do === 'set') return store.set(op.key, op.value, options)
          if (op.do === 'delete') return store.delete(op.key, options)
          if (op.do === 'setMany' || op.do === 'replace') return store[op.do](op.entries, options)
          return store.clear(options)
        })
      case 'optimistic':
        return this.#optimistic(one.ops)
      case 'update': {
        const gate = deferred<Recipe | undefined>()
        const add = (n = 0): number => n + one.value
        return this.#call(
          [{ do: 'add', key: one.key, value: one.value }],
          true,
          (signal) =>
            store.update(one.key, (n) => gate.promise.then(() => add(n)), { signal, optimistic: add }),
          { gate },
        )
      }
      case 'transact':
        return this.#transact(one)
      case 'end': {
        const waiting = this.#calls.filter(({ gate }) => gate !== undefined)
        const chosen = waiting[one.which % Math.max(1, waiting.length)]
        return chosen && this.#open(chosen, one.ending)
      }
      case 'abort': {
        const chosen = this.#calls[one.which % Math.max(1, this.#calls.length)]
        if (chosen === undefined) return
        chosen.isAborted = true
        chosen.controller.abort()
        return
      }
      case 'load':
        void store.load(one.key)
        return
      case 'frame':
        return this.promote()
    }
  }

  #call(
    ops: readonly Op[],
    isShown: boolean,
    start: (signal: AbortSignal) => Promise<unknown>,
    others: Partial<Call> = {},
  ): void {
    const controller = new AbortController()
    const promise = start(controller.signal)
    promise.catch(() => {})
    others.gate?.promise.catch(() => {}) // its recipe may never begin
    const call = {
      ops,
      isPlain: true,
      isShown,
      keys: undefined,
      controller,
      promise,
      gate: undefined,
      isAborted: false,
      place: this.#places++,
    }
    this.#calls.push({ ...call, ...others })
  }

  #optimistic(ops: readonly Op[]): void {
    const isRefused = throwsOver(this.#newest.entries, ops)
    const gate = deferred<Recipe | undefined>()
    const start = (signal: AbortSignal): Promise<unknown> =>
      optimistic(this.store, carryOut(ops), () => gate.promise, { signal })
    this.#call(ops, true, start, { gate, isPlain: false, place: undefined })
    expect(isSettled(this.#calls.at(-1)!.promise)).toBe(isRefused)
  }

  #transact({ keys, shown, ops }: Step & { readonly do: 'transact' }): void {
    const gate = deferred<Recipe | undefined>()
    this.#call(
      shown ?? [],
      shown !== undefined,
      (signal) =>
        this.store.transaction(
          async (tx) => {
            await gate.promise
            for (const op of ops) perform(tx, op)
          },
          { keys, signal, optimistic: shown && carryOut(shown) },
        ),
      { gate, isPlain: false, keys },
    )
  }

  #open(call: Call, ending: Ending): void {
    if (call.gate === undefined) return
    if (ending.how === 'fail') return call.gate.reject(new Missing('refused'))
    const truth = ending.how === 'truth' ? ending.ops : undefined
    // what waits in the line already has no use for a function
    call.gate.resolve(truth && carryOut(truth))
    if (call.place === undefined && !this.#answered.includes(call)) this.#answered.push(call)
  }

  /** All that is due has happened. */
  async #wait(): Promise<void> {
    const before = this.store.inspect().promotions
    for (let i = 0; i < 40; i++) await Promise.resolve()
    for (const call of this.#answered) call.place = this.#places++
    this.#answered = []
    // it cannot be told what was pending when the misses promoted
    if (this.store.inspect().promotions !== before) this.promote()
  }

  #check(): void {
    this.#calls = this.#calls.filter((call) => !call.isAborted && !isSettled(call.promise))
    const { store } = this
    const { promotions, layers } = store.inspect()
    const newest = this.#newest
    expect(layers).toBe(this.#pending.length)
    expect(new Set(store.pendingKeys())).toEqual(newest.pending)
    for (const one of KEYS) expect(store.isPending(one)).toBe(newest.pending.has(one))
    const isPublished = promotions !== this.#promotions
    if (isPublished) this.#shown = newest
    else expect(store.view).toBe(this.#view)
    this.#promotions = promotions
    this.#view = store.view
    this.#look(this.#shown.entries)
    this.#compareWithOlder(this.#shown.entries)
    this.#listening.check(this.#shown, isPublished)
    for (const error of this.#errors) {
      const isExpected = error instanceof Missing || (error as TidemapError).code === 'KEY_NOT_IN_TRANSACTION'
      if (!isExpected) throw error
    }
    if (this.#pending.length > 1) this.#seen['several pending']!++
    if (this.#pending.some((call) => call.isPlain) && this.#pending.some((call) => !call.isPlain))
      this.#seen['both kinds']!++
  }

  #look(twin: ReadonlyMap<string, number>): void {
    const { view } = this.store
    expect([...view]).toEqual([...twin])
    expect([...view.keys()]).toEqual([...twin.keys()])
    expect([...view.keys()].reverse().sort((a, b) => view.compare(a, b))).toEqual([...twin.keys()])
    expect(view.size).toBe(twin.size)
    for (const one of KEYS) {
      expect([view.get(one), view.has(one)]).toEqual([twin.get(one), twin.has(one)])
      expect([this.store.get(one), this.store.has(one)]).toEqual([twin.get(one), twin.has(one)])
    }
  }

  #compareWithOlder(twin: ReadonlyMap<string, number>): void {
    const now = { view: this.store.view, twin }
    for (const old of this.#held) {
      expect([...old.view]).toEqual([...old.twin])
      for (const [newer, older] of [[now, old] as const, [old, now] as const]) {
        const changes = newer.view.changesSince(older.view)
        const byKey = new Map(changes.map((change) => [change.key, change]))
        expect([changes.length, byKey]).toEqual([byKey.size, changesBetween(older.twin, newer.twin)])
      }
    }
    if (this.#held.at(-1)?.view !== now.view) this.#held.push(now)
    if (this.#held.length > 4) this.#held.splice(this.#held.length % 3, 1)
  }
}

test.each(['commit', 'misses', 'frames'] as const)(
  'Y1, Y3, Y4 (F26): with promotion by %s, the view is the replay of all that is pending over the confirmed state',
  async (promotion) => {
    const seen = { 'several pending': 0, 'both kinds': 0 }
    const program = fc.asyncProperty(
      oneOf('nobody', 'keys', 'pending', 'views', 'views'),
      fc.array(step, { minLength: 3, maxLength: 30, size: 'max' }),
      fc.boolean(),
      async (ears, steps, isDisposed) => {
        const run = new Run(promotion, ears, seen)
        for (const one of steps) {
          const waiting = run.take(one)
          if (waiting !== undefined) await waiting
        }
        if (isDisposed) run.dispose()
        else await run.end()
      },
    )
    await fc.assert(program, { numRuns: 40 })
    // a test that never got there would hold nothing
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(20)
  },
)
