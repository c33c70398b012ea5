// Runs a program on real stores under a schedule, from the first call to the last check.
import { getEventListeners } from 'node:events'
import { type Product, sources } from './product.ts'
import type { Schedule } from './schedule.ts'
import type { Entries, Operation } from './serial-twin.ts'
import { isSettled } from './settled.ts'
import { Calls, isCode } from './store-calls.ts'
import type { Flavour } from './store-flavour.ts'
import { KEYS, type Observation, type Op, type Program, type Reaction } from './store-program.ts'
import { type Place, type Run, totals, World } from './store-world.ts'

/** What a run has left to be judged by others. */
export interface Recording {
  readonly initial: readonly Entries[]
  readonly operations: readonly Operation[]
}

/** Throws at the first fault. */
export async function runProgram(
  program: Program,
  schedule: Schedule,
  change: (flavour: Flavour) => Flavour = (flavour) => flavour,
  product: Product = sources,
): Promise<Recording> {
  const run = new StoreRun(program, schedule, change, product)
  await run.go()
  return run.recording
}

class StoreRun {
  readonly #world: World
  readonly #calls: Calls
  readonly #expectedErrors: unknown[] = []
  readonly #idles: { readonly open: readonly Run[]; isOver: boolean }[] = []

  constructor(program: Program, schedule: Schedule, change: (flavour: Flavour) => Flavour, product: Product) {
    this.#world = new World(program, schedule, product, change)
    this.#calls = new Calls(this.#world)
    const [place] = this.#world.places
    for (const reaction of program.reactions) this.#react(place!, reaction)
    for (const { ears } of this.#world.places) ears.listen(KEYS)
  }

  get recording(): Recording {
    return { initial: this.#world.initial, operations: this.#world.history }
  }

  async go(): Promise<void> {
    const world = this.#world
    const onUnhandled = (reason: unknown): void => world.fault(`unhandled rejection: ${String(reason)}`)
    process.on('unhandledRejection', onUnhandled)
    try {
      for (const [i, ops] of world.program.clients.entries()) void this.#client(`client ${i}`, ops)
      await world.schedule.run(() => {
        this.#calls.collectDropped()
        world.atRest()
      })
      await this.#finish()
      totals.histories++
    } finally {
      process.off('unhandledRejection', onUnhandled)
    }
  }

  async #client(name: string, ops: readonly Op[]): Promise<void> {
    for (const [i, op] of ops.entries()) {
      await this.#world.schedule.pause(`${name} call ${i}`)
      const run = this.#do(op)
      if (op.promise === 'awaited') await run?.promise?.catch(() => {})
    }
  }

  #react({ store }: Place, { to, key, round, does }: Reaction): void {
    let heard = 0
    const listener = (): void => {
      if (this.#world.isEnding || heard++ !== round) return
      this.#world.reactions++
      if (does === 'leave') return stop()
      if (does === 'throw') {
        const error = new Error('a listener throws')
        this.#expectedErrors.push(error)
        throw error
      }
      totals.nested++
      if (does !== 'abort') this.#do(does)
      else for (const run of [...this.#world.runs]) if (run.op.signal === 'later') this.#calls.abort(run)
    }
    const stop =
      to === 'view'
        ? store.subscribe(listener)
        : to === 'keys'
          ? store.subscribeKeys(listener)
          : store.subscribeKey(key, listener)
  }

  #do(op: Op): Run | undefined {
    const { call } = op
    switch (call.do) {
      case 'promote':
      case 'idle':
      case 'dispose':
      case 'join':
      case 'leave':
        this.#observe(op.store, call)
        return undefined
      default:
        return this.#calls.make(op, call)
    }
  }

  #observe(index: number, call: Observation): void {
    const place = this.#world.places[index]!
    switch (call.do) {
      case 'promote':
        return this.#world.promote(index, () => place.store.promote())
      case 'idle':
        return this.#idle(index)
      case 'dispose':
        return this.#dispose(index)
      case 'join':
        if (!place.isEnding) place.ears.join(call.ear, call.key)
        return
      default:
        return place.ears.leave()
    }
  }

  #idle(index: number): void {
    const idle = { open: this.#world.openIn(index), isOver: false }
    this.#idles.push(idle)
    void this.#world.places[index]!.store.idle().then(() => {
      idle.isOver = true
      if (idle.open.some((run) => this.#world.isOpen(run)))
        this.#world.fault('idle() while a writer is at it')
    })
  }

  #dispose(index: number): void {
    const place = this.#world.places[index]!
    if (place.isEnding) return
    totals.disposed++
    // who has begun may end; of a promise nobody can tell from outside whether its turn has come
    const waiting = this.#world.openIn(index).filter((run) => run.bodyRuns === 0)
    for (const run of waiting) {
      run.codes.add('STORE_DISPOSED')
      if (run.op.call.do !== 'set promise') run.isEnded = true
    }
    place.isEnding = true
    place.store.dispose()
    place.isDisposed = true
    for (const run of waiting) {
      if (run.isEnded && this.#world.isOpen(run)) this.#world.fault(`${run.name} waits for a disposed store`)
    }
  }

  async #finish(): Promise<void> {
    const world = this.#world
    world.isEnding = true
    for (const run of world.runs) if (run.outcome === undefined) world.fault(`${run.name} never ended`)
    for (const signal of this.#calls.signals) {
      if (getEventListeners(signal, 'abort').length > 0) world.fault('a listener is left on a signal')
    }
    if (world.timers.size > 0) world.fault('a timer is left')
    if (this.#idles.some(({ isOver }) => !isOver)) world.fault('idle() did not resolve')
    const isSame = this.#expectedErrors.every((error, i) => error === world.errors[i])
    if (!isSame || world.errors.length !== this.#expectedErrors.length)
      world.fault(`onError heard ${world.errors.map(String).join()}`)
    for (const { store, isDisposed } of world.places) {
      const shown = store.view
      if (!isDisposed) store.promote()
      if (world.program.mode === 'frames' && store.view !== shown) world.fault('no frame was asked for')
      if (!isSettled(store.idle()) || store.isBusy()) world.fault('busy at the end')
      if (store.pendingKeys().size > 0) world.fault('keys are pending at the end')
      if (!isDisposed && store.view !== store.confirmed) world.fault('something is laid over it at the end')
    }
    world.checkHistory()
    world.checkHeldViews()
    for (const { ears } of world.places) ears.verify()
    world.check()
    await this.#leave(world.places[0]!)
    world.check()
    world.isOver = true
  }

  /** Nobody hears anything after unsubscribing, and a store that ends lets nobody wait. */
  async #leave({ store, flavour, ears, isDisposed }: Place): Promise<void> {
    const world = this.#world
    ears.stop()
    if (isDisposed) {
      if (world.program.draft && ears.completed !== 4) world.fault(`${ears.completed} observables completed`)
      return
    }
    await store.set('a', flavour.encode('after all have left'))
    store.promote()
    let release = (): void => {}
    const running = store.transaction(
      () =>
        new Promise<void>((resolve) => {
          release = resolve
        }),
    )
    const waiting = [
      store.set('a', flavour.encode('never')),
      store.set('b', Promise.resolve(flavour.encode('never'))),
      store.load('a'),
      store.clear(),
      store.transaction(() => {}, { keys: ['a'] }),
    ]
    store.dispose()
    for (const promise of waiting) {
      if (!isSettled(promise)) return world.fault('dispose lets somebody wait')
      const reason: unknown = await promise.then(
        () => 'nothing',
        (error: unknown) => error,
      )
      if (!isCode(reason, 'STORE_DISPOSED')) world.fault(`dispose rejects with ${String(reason)}`)
    }
    release()
    await running
    if (!isSettled(store.idle()) || store.isBusy() || store.inspect().layers > 0)
      world.fault('busy after dispose')
  }
}
