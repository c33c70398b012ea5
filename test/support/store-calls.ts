// The calls of a program: makes them, runs their recipes and bodies step by step, and checks how each of them begins and ends.
import type { Transaction, View } from 'tidemap/store'
import type { Action, Content, Entries } from './serial-twin.ts'
import { isSettled } from './settled.ts'
import { decode, type Flavour, type Value } from './store-flavour.ts'
import { type BodyStep, type Call, lanesOf, type Op, type Text, type UpdateStep } from './store-program.ts'
import { hasBody, type Run, totals, type World } from './store-world.ts'

/** By its shape: it may come from another copy of the package. */
const codeOf = (error: unknown): unknown =>
  error instanceof Error && error.name === 'TidemapError' && 'code' in error ? error.code : undefined

export const isCode = (error: unknown, code: string): boolean => codeOf(error) === code

type Tx = Transaction<string, Value>
type Txs = ReadonlyMap<number, Tx>
type Pauses = Generator<'await' | 'tick', void>

export class Calls {
  readonly #world: World
  /** One signal for several calls. */
  readonly #shared = new AbortController()
  readonly signals: AbortSignal[] = [this.#shared.signal]
  /** A signal is being fired: who shares it and has not heard of it yet has its turn still, though the model has given it back. */
  #isAborting = false

  constructor(world: World) {
    this.#world = world
  }

  make(op: Op, call: Call): Run {
    const world = this.#world
    const run = this.#register(op, call)
    const { isRefused, blockers } = this.#expect(run, call)
    const before = world.places.map(({ store }) => [store.view, store.inspect().promotions] as const)
    const { reactions } = world

    try {
      run.promise = this.#perform(run, call)
    } catch (error) {
      world.fault(`${run.name} threw ${String(error)}`)
      run.promise = Promise.resolve()
    }

    const settled = isSettled(run.promise)
    if (settled) run.returned = world.now()
    const isFree = isRefused || !run.isQueued
    if (isFree && !settled && (isRefused || !(waits(call) || this.#isAborting)))
      world.fault(`${run.name} is free and did not end at once`)
    if (!isFree && settled && !run.isEnded) world.fault(`${run.name} overtook ${blockers[0]?.name}`)
    if (run.layer !== undefined) totals.layers++
    if (world.isImmediate && !world.isEnding) {
      world.look(`after the call of ${run.name}`)
      const isAlone = reactions === world.reactions && op.signal !== 'shared'
      if (isAlone && run.layer === undefined) this.#checkOnePromotion(run, before)
    }
    if (!isDropped(op)) this.#collect(run)
    if (op.signal === 'later' && run.controller !== undefined) this.#offerAbort(run)
    return run
  }

  /** At rest: whoever's promise nobody looked at so far. */
  collectDropped(): void {
    for (const run of this.#world.runs) {
      if (isDropped(run.op) && run.outcome === undefined && run.promise && isSettled(run.promise))
        this.#collect(run)
    }
  }

  /** Fires the signal of a call, and of all that share it. */
  abort(run: Run): void {
    const { controller } = run
    if (controller === undefined || controller.signal.aborted) return
    totals.aborts++
    const world = this.#world
    const open = world.runs.filter(
      (other) => other.controller === controller && (world.isOpen(other) || other.isInside),
    )
    const before = world.places.map(({ store }) => store.view)
    const { reactions } = world
    for (const other of open) {
      other.isEnded = true
      if (other.layer !== undefined) totals.failedLayers++
    }
    const wasAborting = this.#isAborting
    this.#isAborting = true
    controller.abort({ reason: run.name })
    this.#isAborting = wasAborting
    for (const other of open) {
      if (other.promise === undefined) continue
      if (!isSettled(other.promise)) world.fault(`${other.name} was aborted and goes on`)
      if (other.outcome === undefined) other.returned = Math.min(other.returned, world.now())
    }
    if (!world.isImmediate || world.isEnding || reactions !== world.reactions) return
    const isSame = world.places.every(({ store }, i) => store.view === before[i])
    if (!isSame && open.every(({ layer }) => layer === undefined))
      world.fault(`the abort of ${run.name} changed a view`)
    world.look(`after the abort of ${run.name}`)
  }

  #offerAbort(run: Run): void {
    this.#world.schedule.offer(`abort ${run.name}`, () => this.abort(run), this.#world.program.isCrowded)
  }

  #register(op: Op, call: Call): Run {
    totals.operations++
    const { runs } = this.#world
    const isFirstShared = op.signal === 'shared' && !runs.some((run) => run.op.signal === 'shared')
    const takesSignal = op.signal !== 'none' && call.do !== 'batch'
    const controller = !takesSignal
      ? undefined
      : op.signal === 'shared'
        ? this.#shared
        : new AbortController()
    if (controller !== undefined) this.signals.push(controller.signal)
    const run: Run = {
      op,
      name: `#${runs.length + 1} ${call.do}`,
      called: this.#world.now(),
      lanes: lanesOf(op),
      returned: Number.POSITIVE_INFINITY,
      promise: undefined,
      outcome: undefined,
      steps: [],
      onResolve: () => {},
      bodyRuns: 0,
      isInside: false,
      hasPaused: false,
      isQueued: false,
      layer: undefined,
      isEnded: false,
      controller,
      thrown: undefined,
      codes: new Set(),
    }
    if (isFirstShared && controller !== undefined) this.#offerAbort(run)
    return run
  }

  /** What must become of it: refused at once, ended at once because it is free, or queued behind others. */
  #expect(run: Run, call: Call): { isRefused: boolean; blockers: readonly Run[] } {
    const world = this.#world
    const touched = [run.op.store, ...(run.lanes?.keys() ?? [])]
    const isDisposed = touched.some((index) => world.places[index]!.isEnding)
    if (isDisposed) run.codes.add('STORE_DISPOSED')
    if (run.op.signal === 'before') run.controller?.abort({ reason: run.name })
    let isRefused = isDisposed || run.lanes === undefined || run.controller?.signal.aborted === true
    let blockers = isRefused ? [] : world.blockers(run)
    if (call.do === 'update' && blockers.length > 0) {
      if (call.ifBusy === 'fail') run.codes.add('LOCK_BUSY')
      if (call.ifBusy === 'skip' || call.ifBusy === 'fail') isRefused = true
      if (call.ifBusy === 'latest') this.#supersede(call.key, run.op.store)
      blockers = blockers.filter(({ isEnded }) => !isEnded)
    }
    if (isRefused) run.lanes = undefined
    run.isQueued = !isRefused && blockers.length > 0
    if (run.isQueued) run.layer = this.#layerOf(run, call)
    world.runs.push(run)
    return { isRefused, blockers }
  }

  #supersede(key: string, store: number): void {
    for (const run of this.#world.runs) {
      const { call } = run.op
      if (call.do !== 'update' || call.ifBusy !== 'latest' || call.key !== key) continue
      if (run.op.store !== store || !this.#world.isOpen(run)) continue
      totals.superseded++
      run.codes.add('SUPERSEDED')
      run.isEnded = true
    }
  }

  #layerOf(run: Run, call: Call): Action | undefined {
    if (!('optimistic' in call) || !call.optimistic) return undefined
    switch (call.do) {
      case 'set':
        return { do: 'set', key: call.key, value: this.#text(run, call.text) }
      case 'delete':
        return { do: 'delete', key: call.key }
      case 'clear':
        return { do: 'clear' }
      default:
        return { do: call.do, entries: this.#entries(run, call.keys) }
    }
  }

  /** One promotion of a call at most, and none where it changed nothing. */
  #checkOnePromotion(run: Run, before: readonly (readonly [View<string, Value>, number])[]): void {
    for (const [i, { store }] of this.#world.places.entries()) {
      const [view, promotions] = before[i]!
      const made = store.inspect().promotions - promotions
      const hasChanged = JSON.stringify([...view]) !== JSON.stringify([...store.view])
      // a key that was deleted and set again may come back to where it was, which nobody looks for
      const mayMove = !hasChanged && run.steps.some(({ action }) => action.do.includes('elete'))
      if (made !== (hasChanged ? 1 : 0) && !(mayMove && made === 1)) {
        this.#world.fault(`${run.name} made ${made} promotions`)
      }
    }
  }

  #collect(run: Run): void {
    const settle = (outcome: NonNullable<Run['outcome']>): void => {
      run.outcome = outcome
      run.returned = Math.min(run.returned, this.#world.now())
      if ('value' in outcome) run.onResolve(outcome.value)
      this.#judge(run, outcome)
    }
    run.promise?.then(
      (value) => settle({ value }),
      (reason: unknown) => settle({ reason }),
    )
  }

  #judge(run: Run, outcome: NonNullable<Run['outcome']>): void {
    const world = this.#world
    if ('value' in outcome) {
      totals.committed++
      if (run.isEnded) world.fault(`${run.name} was ended and resolved`)
      if (hasBody(run.op) && run.bodyRuns !== (run.lanes === undefined ? 0 : 1))
        world.fault(`${run.name} ran ${run.bodyRuns} times`)
      if (run.codes.has('LOCK_BUSY')) world.fault(`${run.name} was to fail`)
      if (run.thrown !== undefined) world.fault(`${run.name} threw and resolved`)
      return
    }
    totals.failed++
    const { reason } = outcome
    const { controller } = run
    const isKnown =
      (run.thrown !== undefined && reason === run.thrown) ||
      (controller?.signal.aborted === true && reason === controller.signal.reason) ||
      run.codes.has(String(codeOf(reason)))
    if (!isKnown) world.fault(`${run.name} rejected with ${String(reason)}`)
  }

  #text(run: Run, text: Text): Content {
    return text === 'new' ? this.#newText(run) : text
  }

  #newText(run: Run): string {
    return run.name.replaceAll(' ', '-')
  }

  #entries(run: Run, keys: readonly string[]): Entries {
    return keys.map((key, i) => [key, i === 0 ? 'same' : `${this.#newText(run)}.${i}`])
  }

  #perform(run: Run, call: Call): Promise<unknown> {
    const { flavour, store } = this.#world.places[run.op.store]!
    const signal = run.controller?.signal
    const tells = (make: (value: unknown) => [Action, unknown?]): void => {
      run.onResolve = (value) => {
        const [action, result] = make(value)
        run.steps.push({ store: run.op.store, action, result })
      }
    }
    const layered = { signal, ...('optimistic' in call && { optimistic: call.optimistic }) }
    switch (call.do) {
      case 'load':
        tells((found) => [{ do: 'load', key: call.key }, pair(found)])
        return store.load(call.key, { signal })
      case 'set': {
        const value = this.#text(run, call.text)
        tells(() => [{ do: 'set', key: call.key, value }])
        return store.set(call.key, flavour.encode(value), layered)
      }
      case 'set promise': {
        const value = this.#text(run, call.text)
        tells(() => [{ do: 'set', key: call.key, value }])
        const arrives = async (): Promise<Value> => {
          await this.#drive(
            run,
            this.#steps(run, call.body, () => {}),
            () => {},
          )
          return flavour.encode(value)
        }
        return store.set(call.key, arrives(), { signal })
      }
      case 'delete':
        tells((result) => [{ do: 'delete', key: call.key }, result])
        return store.delete(call.key, layered)
      case 'clear':
        tells(() => [{ do: 'clear' }])
        return store.clear(layered)
      case 'setMany':
      case 'replace': {
        const entries = this.#entries(run, call.keys)
        tells(() => [{ do: call.do, entries }])
        const values = entries.map(([key, text]) => [key, flavour.encode(text)] as const)
        return store[call.do](values, layered)
      }
      case 'swap':
      case 'loadOrStore': {
        const { do: name, key } = call
        const value = this.#text(run, call.text)
        tells((result) => [{ do: name, key, value }, pair(result)])
        return store[name](key, flavour.encode(value), { signal })
      }
      case 'loadAndDelete':
        tells((result) => [{ do: 'loadAndDelete', key: call.key }, pair(result)])
        return store.loadAndDelete(call.key, { signal })
      case 'compareAndSwap': {
        const { key } = call
        const old = store.get(key) as Value
        const value = this.#text(run, call.text)
        tells((result) => [{ do: 'compareAndSwap', key, old: decode(old), value }, result])
        return store.compareAndSwap(key, old, flavour.encode(value), { signal })
      }
      case 'compareAndDelete': {
        const { key } = call
        const old = store.get(key) as Value
        tells((result) => [{ do: 'compareAndDelete', key, old: decode(old) }, result])
        return store.compareAndDelete(key, old, { signal })
      }
      case 'update':
        return this.#update(run, call, flavour)
      default:
        return this.#transact(run, call)
    }
  }

  #update(run: Run, call: Extract<Call, { do: 'update' }>, flavour: Flavour): Promise<unknown> {
    const world = this.#world
    const { key, gives, ifBusy } = call
    const { store } = run.op
    let next: string | undefined
    run.onResolve = (value) => {
      if (decode(value as Value) !== next) world.fault(`${run.name} resolved to ${String(value)}`)
      if (next !== undefined)
        run.steps.push({ store, action: { do: 'set', key, value: next }, result: undefined })
    }
    const signal = run.controller?.signal
    return flavour.update(
      key,
      (given, context) => {
        this.#begin(run)
        const before = decode(given)
        run.steps.push({ store, action: { do: 'get', key }, result: before })
        const onResume = (): void => {
          if (run.isEnded !== context.signal.aborted) world.fault(`the signal of ${run.name} is wrong`)
          if (typeof given === 'object') this.#checkDraft(run, given, before)
        }
        const finish = (): Value => {
          if (run.isEnded) return undefined
          if (gives === 'what it got') {
            next = before
            return given
          }
          next = gives === 'same' ? 'same' : `${before ?? ''}+${this.#newText(run)}`
          return gives === 'same' ? flavour.encode('same') : flavour.next(given, next)
        }
        return this.#drive(
          run,
          this.#steps(run, call.body, () => {}),
          finish,
          onResume,
        )
      },
      { signal, ifBusy },
    )
  }

  /** A draft is what it was through every await, and of no use after the end. */
  #checkDraft(run: Run, given: { readonly text: string }, before: string | undefined): void {
    try {
      if (given.text !== before) this.#world.fault(`${run.name} saw its value change`)
      if (run.isEnded) this.#world.fault(`the draft of ${run.name} outlives it`)
    } catch (error) {
      if (run.isEnded) throw error // it is revoked
      this.#world.fault(`${run.name} lost its draft`)
    }
  }

  #transact(run: Run, call: Extract<Call, { do: 'transaction' | 'batch' }>): Promise<unknown> {
    const world = this.#world
    const scope = call.do === 'batch' ? 'all' : call.scope
    const { store } = world.places[run.op.store]!
    const signal = run.controller?.signal
    const result = `${run.name} is done`
    run.onResolve = (value) => {
      if (value !== result) world.fault(`${run.name} resolved to ${String(value)}`)
    }
    const body = (txs: Txs, keys?: readonly string[]): string | Promise<string> => {
      this.#begin(run)
      const onResume = (): void => {
        for (const tx of txs.values()) {
          if (tx.signal.aborted !== run.isEnded) world.fault(`the signal of ${run.name} is wrong`)
        }
      }
      const perform = (step: BodyStep): void => this.#onTx(run, txs, keys, step)
      const finish = (): string => {
        if (keys === undefined && !run.isEnded) for (const store of txs.keys()) lookAround(store, perform)
        return result
      }
      return this.#drive(run, this.#steps(run, call.body, perform), finish, onResume)
    }
    const only = (tx: Tx): Txs => new Map([[run.op.store, tx]])
    if (call.do === 'batch') return store.batch((tx) => body(only(tx)))
    if (scope === 'all') return store.transaction((tx) => body(only(tx)), { signal })
    if (!('across' in scope)) return store.transaction((tx) => body(only(tx), scope), { signal, keys: scope })
    const [first, second] = scope.across
    const stores = [world.places[first]!.store, world.places[second]!.store] as const
    const both = (a: Tx, b: Tx): Txs =>
      new Map([
        [first, a],
        [second, b],
      ])
    return world.product.store.transaction(stores, (a, b) => body(both(a, b)), { signal })
  }

  #begin(run: Run): void {
    const world = this.#world
    if (run.bodyRuns++ > 0) world.fault(`${run.name} ran twice`)
    if (run.isEnded) world.fault(`${run.name} ran though it had been ended`)
    if (run.lanes === undefined) world.fault(`${run.name} ran though it was refused`)
    const [blocker] = world.blockers(run)
    if (blocker !== undefined) world.fault(`${run.name} runs beside ${blocker.name}`)
  }

  /** Runs a body: synchronous where it has no awaits. */
  #drive<T>(run: Run, pauses: Pauses, finish: () => T, onResume: () => void = () => {}): T | Promise<T> {
    run.isInside = hasBody(run.op)
    let pause: ReturnType<Pauses['next']>
    try {
      pause = pauses.next()
      if (pause.done) return finish()
    } finally {
      run.isInside = false
    }
    const rest = async (): Promise<T> => {
      for (let i = 1; !pause.done; i++) {
        run.hasPaused = true
        if (pause.value === 'tick') await undefined
        else await this.#world.schedule.pause(`${run.name} await ${i}`, this.#world.program.isCrowded)
        onResume()
        pause = pauses.next()
      }
      return finish()
    }
    return rest()
  }

  *#steps(run: Run, body: readonly (BodyStep | UpdateStep)[], perform: (step: BodyStep) => void): Pauses {
    for (const step of body) {
      switch (step.do) {
        case 'await':
        case 'tick':
          yield step.do
          break
        case 'throw':
          run.thrown ??= new Error(`${run.name} throws`)
          throw run.thrown
        case 'abort':
          if (run.isInside || run.hasPaused) this.abort(run)
          break
        case 'write past':
          this.#writePast(run, step.key)
          break
        default:
          perform(step)
      }
    }
  }

  /** In the synchronous part it is refused; after an await it is a write like any other, that nobody awaits. */
  #writePast(run: Run, key: string): void {
    const world = this.#world
    if (world.isEnding) return
    if (run.hasPaused) {
      totals.nested++
      const call = { do: 'set', key, text: 'new', optimistic: true } as const
      this.make({ call, store: run.op.store, signal: 'none', promise: 'handled' }, call)
      return
    }
    if (!hasBody(run.op)) return
    totals.refusedReentry++
    try {
      void world.places[run.op.store]!.store.delete(key)
      world.fault(`${run.name} wrote past its draft`)
    } catch (error) {
      if (!isCode(error, 'LOCK_REENTRANT')) world.fault(`${run.name} was refused with ${String(error)}`)
    }
  }

  #onTx(run: Run, txs: Txs, keys: readonly string[] | undefined, step: BodyStep): void {
    if (!('store' in step)) return
    const world = this.#world
    const store = txs.has(step.store) ? step.store : run.op.store
    const wanted = 'key' in step ? [step.key] : step.do === 'setMany' ? step.keys : undefined
    const isDeclared = keys === undefined || wanted?.every((key) => keys.includes(key)) === true
    const text = `${this.#newText(run)}.${run.steps.length}`
    try {
      const told = performOn(txs.get(store)!, world.places[store]!.flavour, step, text)
      if (run.isEnded) world.fault(`${run.name} used its tx after its end`)
      if (!isDeclared) world.fault(`${run.name} touched what it has not declared`)
      for (const [action, result] of told) run.steps.push({ store, action, result })
    } catch (error) {
      if (run.isEnded && isCode(error, 'TRANSACTION_CLOSED')) throw error
      if (!isDeclared && isCode(error, 'KEY_NOT_IN_TRANSACTION')) return
      world.fault(`${run.name}: ${step.do} threw ${String(error)}`)
      throw error
    }
  }
}

/** What a transaction over the whole map sees at its end. */
function lookAround(store: number, perform: (step: BodyStep) => void): void {
  perform({ do: 'size', store })
  perform({ do: 'entries', store })
}

/** Does a step on a `tx`, and tells what it was told. */
function performOn(
  tx: Tx,
  flavour: Flavour,
  step: Extract<BodyStep, { store: number }>,
  text: string,
): [Action, unknown][] {
  switch (step.do) {
    case 'size':
      return [[{ do: 'size' }, tx.size]]
    case 'entries':
      return [[{ do: 'entries' }, [...tx].map(([key, value]) => [key, decode(value)])]]
    case 'clear':
      tx.clear()
      return [[{ do: 'clear' }, undefined]]
    case 'setMany':
    case 'replace': {
      const entries = step.keys.map((key, i) => [key, i === 0 ? 'same' : `${text}.${i}`] as const)
      tx[step.do](entries.map(([key, value]) => [key, flavour.encode(value)] as const))
      return [[{ do: step.do, entries }, undefined]]
    }
    default:
      return performOnKey(tx, flavour, step, step.text === 'new' ? text : step.text)
  }
}

function performOnKey(
  tx: Tx,
  flavour: Flavour,
  { do: name, key, text }: Extract<BodyStep, { text: Text }>,
  value: Content,
): [Action, unknown][] {
  const old = (): Value => (text === 'new' ? tx.get(key) : flavour.encode(text))
  switch (name) {
    case 'get':
      return [[{ do: name, key }, decode(tx.get(key))]]
    case 'has':
      return [[{ do: name, key }, tx.has(key)]]
    case 'load':
      return [[{ do: name, key }, pair(tx.load(key))]]
    case 'set':
      tx.set(key, flavour.encode(value))
      return [[{ do: name, key, value }, undefined]]
    case 'delete':
      return [[{ do: name, key }, tx.delete(key)]]
    case 'loadAndDelete':
      return [[{ do: name, key }, pair(tx.loadAndDelete(key))]]
    case 'swap':
    case 'loadOrStore':
      return [[{ do: name, key, value }, pair(tx[name](key, flavour.encode(value)))]]
    case 'update': {
      let before: string | undefined
      flavour.updateIn(tx, key, (given) => {
        before = decode(given)
        return flavour.next(given, `${before ?? ''}+${value}`)
      })
      return [
        [{ do: 'get', key }, before],
        [{ do: 'set', key, value: `${before ?? ''}+${value}` }, undefined],
      ]
    }
    case 'compareAndSwap': {
      const held = old()
      const swapped = tx.compareAndSwap(key, held, flavour.encode(value))
      return [[{ do: name, key, old: decode(held), value }, swapped]]
    }
    case 'compareAndDelete': {
      const held = old()
      return [[{ do: name, key, old: decode(held) }, tx.compareAndDelete(key, held)]]
    }
  }
}

/** What Go's operations tell, as texts. */
function pair(told: unknown): [string | undefined, boolean] {
  const [value, isThere] = told as [Value, boolean]
  return [decode(value), isThere]
}

/** Whether a call has something to await of its own. */
function waits(call: Call): boolean {
  if (call.do === 'set promise') return true
  if (call.do !== 'update' && call.do !== 'transaction') return false
  return call.body.some((step) => step.do === 'await' || step.do === 'tick')
}

/** Whether nobody looks at its promise before it has settled and the process has noticed; not where its caller makes it reject. */
function isDropped({ call, signal, promise }: Op): boolean {
  if (promise !== 'dropped' || signal !== 'none') return false
  if (call.do === 'update' && call.ifBusy === 'fail') return false
  return !('body' in call && call.body.some((step) => step.do === 'throw'))
}
