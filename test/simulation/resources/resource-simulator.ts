// Runs a program on a real resource whose time, network, server and random numbers are simulated, and watches from outside that it keeps
// its rules: see ledger.ts. One scheduler chooses who goes on: a client, the server, an abort, a frame, or time.
import { getEventListeners } from 'node:events'
import type { Resource, Status, TaggedPromise } from 'tidemap/resource'
import type { Store, Transaction } from 'tidemap/store'
import { FakePort } from '../../support/fake-ports.ts'
import type { Product } from '../../support/product.ts'
import type { Schedule } from '../../support/schedule.ts'
import { isSettled } from '../../support/settled.ts'
import { seededChoices } from '../seeded-choices.ts'
import { mayShow, type ShownCall, ShownCalls } from '../shown.ts'
import { SimulatedClock } from '../simulated-clock.ts'
import { Ledger, type Request } from './ledger.ts'
import { type Fate, KEYS, type ResourceCall, type ResourceProgram } from './resource-program.ts'

export interface ResourceRecording {
  readonly faults: readonly string[]
  readonly calls: number
  readonly requests: number
  readonly failures: number
  readonly timers: number
}

export const simulateResource = (
  program: ResourceProgram,
  schedule: Schedule,
  product: Product,
): Promise<ResourceRecording> => new ResourceSimulation(program, schedule, product).run()

interface Loaded {
  readonly promise: TaggedPromise<string>
  /** How often the key had been written or deleted when it was given. */
  readonly barrier: number
  readonly deleted: number
  readonly contents: number
  readonly value: string | undefined
}

interface Ear {
  readonly key: string
  /** The last status it knows. */
  knows: Status<string>
  /** The last one it was told, not looked up. */
  told: Status<string> | undefined
  readonly stop: () => void
}

/** A write of a key that is shown before it is confirmed. */
interface ShownWrite extends ShownCall {
  readonly key: string
}

class ResourceSimulation {
  readonly #program: ResourceProgram
  readonly #schedule: Schedule
  readonly #clock: SimulatedClock
  readonly #ledger: Ledger
  readonly #store: Store<string, string>
  readonly #optimistic: Product['resource']['optimistic']
  /** By key. */
  readonly #resources: ReadonlyMap<string, Resource<string, string>>
  readonly #focus = new FakePort()
  readonly #online = new FakePort()
  readonly #signals: Set<AbortSignal> = new Set()
  readonly #stops: (() => void)[] = []
  readonly #ears: Set<Ear> = new Set()
  readonly #loaded: Map<string, Loaded> = new Map()
  readonly #open: Set<string> = new Set()
  /** In the order of their calls. */
  readonly #writes: Set<ShownWrite> = new Set()
  readonly #shown: ShownCalls<ShownWrite>
  /** Timers of the callers, not of the resource. */
  readonly #limits: Set<unknown> = new Set()
  #requests = 0
  #values = 0
  #failures = 0
  #calls = 0
  /** Whether the server may do with a request as the scheduler likes. */
  #isFree = false

  constructor(program: ResourceProgram, schedule: Schedule, product: Product) {
    this.#program = program
    this.#schedule = schedule
    this.#clock = new SimulatedClock(schedule)
    this.#ledger = new Ledger(program, this.#clock)
    this.#shown = new ShownCalls((what) => this.#ledger.fault(what))
    this.#optimistic = product.resource.optimistic
    const random = seededChoices(program.seed)
    const onFrame = (promote: () => void): void => void schedule.offer('frame', promote)
    this.#store = product.store.createStore<string, string>([], {
      clock: this.#clock,
      stallAfterMs: Number.POSITIVE_INFINITY,
      promotion: program.promotion === 'frames' ? onFrame : 'commit',
    })
    this.#store.subscribe(() => this.#look())
    const whole = this.#createResource(product, random)
    this.#resources = new Map(
      KEYS.map((key, i) => [key, program.isSplit && i > 0 ? this.#createResource(product, random) : whole]),
    )
  }

  #createResource({ resource }: Product, random: () => number): Resource<string, string> {
    const { isBatched, staleTime, gcTime, retry, refetchInterval, networkMode } = this.#program
    return resource.createResource<string, string>({
      ...{ staleTime, gcTime, retry, refetchInterval, networkMode },
      ...(isBatched
        ? { loadMany: async (keys, { signal }) => new Map(await this.#serve(keys, signal)) }
        : { load: async (key, { signal }) => (await this.#serve([key], signal))[0]![1] }),
      store: this.#store,
      clock: this.#clock,
      initialUpdatedAt: 0,
      random: () => this.#ledger.noteRandom((random() % 1000) / 1000),
      focus: this.#focus,
      online: this.#online,
      onError: (error) => this.#ledger.fault(`onError heard ${String(error)}`),
    })
  }

  #resource(key: string): Resource<string, string> {
    return this.#resources.get(key)!
  }

  /** All keys of the resource that this one belongs to. */
  #keysBeside(key: string): readonly string[] {
    return KEYS.filter((other) => this.#resource(other) === this.#resource(key))
  }

  async run(): Promise<ResourceRecording> {
    const onUnhandled = (reason: unknown): void =>
      this.#ledger.fault(`unhandled rejection: ${String(reason)}`)
    process.on('unhandledRejection', onUnhandled)
    const { before, clients, others } = this.#program
    try {
      for (const [i, call] of before.entries()) await this.#perform(`before.${i} ${call.do}`, call)
      this.#isFree = others === 'as it likes'
      for (const [i, calls] of clients.entries()) void this.#client(`${i}`, calls)
      // where it is free, and every schedule is to be tried, time stands still meanwhile
      await this.#goOn(this.#isFree ? 0 : 25)
      this.#isFree = false
      this.#switchOn()
      await this.#goOn(25)
      for (let left = 5; left > 0 && (this.#open.size > 0 || this.#stops.length > 0); left--) {
        this.#leave()
        this.#switchOn() // one who waited for that may have switched off again
        await this.#goOn(50)
      }
      await this.#goOn(50)
    } finally {
      process.off('unhandledRejection', onUnhandled)
    }
    this.#checkEnd()
    return {
      faults: this.#ledger.faults,
      calls: this.#calls,
      requests: this.#requests,
      failures: this.#failures,
      timers: this.#clock.now(),
    }
  }

  #switchOn(): void {
    this.#focus.switch(true)
    this.#online.switch(true)
  }

  #goOn(timers: number): Promise<void> {
    this.#clock.allow(timers)
    return this.#schedule.run(() => this.#atRest())
  }

  async #client(name: string, calls: readonly ResourceCall[]): Promise<void> {
    for (const [i, call] of calls.entries()) {
      await this.#schedule.pause(`${name}.${i} ${call.do}`)
      this.#calls++
      const own = `${name}.${i} ${call.do} ${'key' in call ? call.key : ''}`
      this.#open.add(own)
      await this.#perform(own, call)
      this.#open.delete(own)
    }
  }

  async #serve(keys: readonly string[], signal: AbortSignal): Promise<[string, string][]> {
    const { answers, listens } = this.#program
    const number = this.#requests++
    const request = this.#ledger.ask(keys, signal)
    this.#checkPorts(request.attempt)
    this.#signals.add(signal)
    const { awaits, fails } = answers[number] ?? {
      awaits: 0,
      fails: this.#isFree && (await this.#likes(number)),
    }
    if (listens && signal.aborted) this.#fail(request, signal.reason)
    for (let i = 0; i < awaits; i++) {
      await this.#schedule.pause(`server ${number} await ${i}`)
      if (listens && signal.aborted) this.#fail(request, signal.reason)
    }
    if (fails) this.#fail(request, new Error(`request ${number} fails`))
    const entries = keys.map((key): [string, string] => [key, `${key}@${number}`])
    for (const [, value] of entries) this.#ledger.answer(request, value)
    return entries
  }

  /** Whether it lets a request fail, once the scheduler has made up its mind. */
  #likes(number: number): Promise<boolean> {
    return new Promise((resolve) => {
      const withdraw = [false, true].map((fails) =>
        this.#schedule.offer(`server ${number} ${fails ? 'fails' : 'answers'}`, () => {
          for (const other of withdraw) other()
          resolve(fails)
        }),
      )
    })
  }

  #checkPorts(attempt: number): void {
    const { networkMode } = this.#program
    const needsNetwork = networkMode === 'online' || (networkMode === 'offlineFirst' && attempt > 0)
    if (needsNetwork && !this.#online.isOnline()) this.#ledger.fault('a request without a network')
    if (attempt > 0 && !this.#focus.isFocused()) this.#ledger.fault('another attempt while nobody looks')
  }

  #fail(request: Request, error: unknown): never {
    this.#failures++
    this.#ledger.fail(request, error)
    throw error
  }

  async #perform(name: string, call: ResourceCall): Promise<void> {
    const ledger = this.#ledger
    switch (call.do) {
      case 'load':
      case 'ensure':
      case 'refetch':
        return this.#load(name, call)
      case 'load all':
        await Promise.all(
          KEYS.map((key) =>
            this.#load(name, { do: 'load', key, limit: key === call.key ? call.limit : 'none' }),
          ),
        )
        return
      case 'get':
        ledger.use(call.key)
        if (this.#resource(call.key).get(call.key) !== this.#store.get(call.key))
          ledger.fault(`${name} got something else than the store has`)
        return
      case 'look':
        ledger.use(call.key)
        this.#checkStatus(call.key, this.#resource(call.key).status(call.key))
        return
      case 'wait':
        return this.#wait(call.ms)
      case 'set':
      case 'delete':
      case 'update':
        return this.#write(name, call)
      case 'optimistic':
        return this.#writeOptimistically(name, call)
      case 'watch': {
        const stop = this.#resource(call.key).watch(call.key)
        ledger.of(call.key).watchers++
        this.#stops.push(() => {
          ledger.use(call.key)
          ledger.of(call.key).watchers--
          stop()
        })
        return
      }
      case 'listen':
        return this.#listen(call.key)
      case 'leave':
        return this.#leave()
      case 'focus':
      case 'online':
        ledger.hasSwitched = true
        return (call.do === 'focus' ? this.#focus : this.#online).switch(call.isOn)
      case 'dispose':
        return this.#dispose(call)
      case 'prefetch':
        return this.#want(this.#keysBeside(call.key), () =>
          this.#resource(call.key).prefetch(this.#keysBeside(call.key)),
        )
      case 'invalidate':
        this.#invalidates([call.key])
        return this.#want([call.key], () => this.#resource(call.key).invalidate(call.key))
      case 'invalidate all':
        this.#invalidates(this.#keysBeside(call.key))
        return this.#want(this.#keysBeside(call.key), () => this.#resource(call.key).invalidate(() => true))
    }
  }

  #dispose({ what, key }: Extract<ResourceCall, { do: 'dispose' }>): void {
    if (what === 'store') {
      for (const write of this.#writes) write.isAborted = true
      this.#store.dispose()
    } else this.#resource(key).dispose()
    for (const ended of what === 'store' ? KEYS : this.#keysBeside(key))
      this.#ledger.of(ended).isDisposed = true
  }

  /** Calls what has these keys loaded, and waits for ever. */
  async #want(keys: readonly string[], call: () => Promise<void>): Promise<void> {
    for (const key of keys) {
      this.#ledger.wantForEver(key)
      this.#ledger.of(key).openWants++
    }
    await call()
    for (const key of keys) this.#ledger.of(key).openWants--
  }

  async #wait(ms: number): Promise<void> {
    let timer: unknown
    await new Promise<void>((resolve) => {
      timer = this.#clock.setTimeout(resolve, ms)
      this.#limits.add(timer)
    })
    this.#limits.delete(timer)
  }

  async #load(
    name: string,
    { do: method, key, limit }: Extract<ResourceCall, { do: 'load' | 'ensure' | 'refetch' }>,
  ): Promise<void> {
    const ledger = this.#ledger
    const record = ledger.of(key)
    const controller = new AbortController()
    const { signal } = controller
    const abort = (): void => controller.abort({ aborted: name })
    this.#signals.add(signal)
    if (limit === 'caller') this.#schedule.offer(`abort ${name}`, abort)
    const timer = typeof limit === 'number' ? this.#clock.setTimeout(abort, limit) : undefined
    this.#limits.add(timer)
    const isThere = this.#store.has(key) || this.#store.confirmed.has(key)
    if (limit === 'none' || isThere || this.#program.promotion === 'frames') ledger.wantForEver(key)
    if (method === 'refetch') ledger.bar(key)
    const called = ledger.tick()
    ledger.use(key)
    record.waiting.add(called)
    const { isDisposed } = record
    try {
      const value = await (limit === 'none'
        ? this.#unlimited(method, key)
        : this.#resource(key)[method](key, { signal }))
      ledger.checkGiven(key, value, called, method === 'refetch')
      if (isDisposed) ledger.fault(`${name} was given something after the end`)
    } catch (error) {
      const isOwn = signal.aborted && error === signal.reason
      const isEnd =
        record.isDisposed &&
        /RESOURCE_DISPOSED|STORE_DISPOSED/.test(String((error as { code?: unknown }).code))
      if (!isOwn && !isEnd && !ledger.hasFailed(key, error))
        ledger.fault(`${name} rejected with ${String(error)}`)
    }
    record.waiting.delete(called)
    if (called > record.deleted) ledger.use(key) // else it was no use of the key that he waited
    this.#clock.clearTimeout(timer)
    this.#limits.delete(timer)
  }

  /** The promise of a key is the same until it settles, and afterwards as long as the value stays. */
  #unlimited(method: 'load' | 'ensure' | 'refetch', key: string): Promise<string> {
    const ledger = this.#ledger
    const before = this.#loaded.get(key)
    const { barrier, contents, deleted, isDisposed } = ledger.of(key)
    const isUnchanged =
      before?.barrier === barrier && before.contents === contents.length && before.deleted === deleted
    const isPending = before !== undefined && !isSettled(before.promise)
    const { requests } = ledger.of(key)
    const asked = requests.length
    const isUnderWay = requests.some(
      (one) => !one.isOver && !one.signal.aborted && one.began > Math.max(barrier, deleted),
    )
    const promise = this.#resource(key)[method](key)
    if (method === 'load' && isUnderWay && requests.length > asked)
      ledger.fault(`two requests of ${key} for two who wait`)
    if (method !== 'load') return promise
    const value = this.#store.confirmed.get(key)
    if (isUnchanged && this.#program.promotion === 'commit' && !isDisposed) {
      const isSame = before.promise === promise
      if (isPending && !isSame) ledger.fault(`the promise of ${key} changed before it settled`)
      const stays = before.value === value && ledger.isLoaded(value)
      if (stays && !isSame) ledger.fault(`the promise of ${key} changed though its value stays`)
    }
    const after = ledger.of(key)
    this.#loaded.set(key, {
      promise: promise as TaggedPromise<string>,
      barrier: after.barrier,
      deleted: after.deleted,
      contents: after.contents.length,
      value,
    })
    return promise
  }

  async #write(
    name: string,
    call: Extract<ResourceCall, { do: 'set' | 'delete' | 'update' }>,
  ): Promise<void> {
    const { key } = call
    const ledger = this.#ledger
    const record = ledger.of(key)
    const value = `${key}.${++this.#values}`
    const error = new Error(`${name} throws`)
    if (call.do !== 'update') record.writes.push(ledger.tick())
    try {
      if (call.do === 'set')
        await this.#show(
          name,
          key,
          () => value,
          () => this.#store.set(key, value),
        )
      else if (call.do === 'update') {
        await this.#store.update(key, async () => {
          for (let i = 0; i < call.awaits; i++) await this.#schedule.pause(`update ${value} await ${i}`)
          if (call.fails) throw error
          return value
        })
      } else {
        record.openDeletes++
        record.deleted = Number.POSITIVE_INFINITY
        const deletion = this.#show(
          name,
          key,
          () => undefined,
          () => this.#store.delete(key),
        )
        if (isSettled(deletion)) ledger.bar(key) // also where there was nothing to delete
        await deletion.finally(() => {
          record.openDeletes--
          if (record.openDeletes === 0) record.deleted = ledger.tick()
        })
      }
    } catch (thrown) {
      if (thrown !== error) this.#checkEnded(name, thrown)
    }
  }

  /** A write may be refused by a store that has ended, and for no other reason. */
  #checkEnded(name: string, error: unknown): void {
    const isEnd = (error as { code?: unknown }).code === 'STORE_DISPOSED' && this.#ledger.isOver
    if (!isEnd) this.#ledger.fault(`${name} rejected with ${String(error)}`)
  }

  #show<T>(
    name: string,
    key: string,
    shows: ShownWrite['shows'],
    call: (write: ShownWrite) => Promise<T>,
    isRecipe = false,
  ): Promise<T> {
    const state = { promise: undefined, isAsking: false, isRefused: false, isAborted: false }
    const write: ShownWrite = { name, key, shows, isRecipe, ...state }
    this.#writes.add(write)
    const promise = call(write)
    write.promise = promise
    this.#checkShown(false)
    const leave = (): void => void this.#writes.delete(write)
    promise.then(leave, leave)
    return promise
  }

  /** Each value tells on what it was made: `mine<what was there`. */
  async #writeOptimistically(
    name: string,
    { key, awaits, fate }: { readonly key: string; readonly awaits: number; readonly fate: Fate },
  ): Promise<void> {
    const value = `${key}.${++this.#values}`
    const error = new Error(`${name} is refused`)
    const writing = (mark: string) => (tx: Transaction<string, string>) =>
      tx.set(key, `${mark}<${tx.get(key) ?? ''}`)
    const confirm = async (write: ShownWrite): Promise<unknown> => {
      write.isAsking = true
      for (let i = 0; i < awaits; i++) await this.#schedule.pause(`${name} await ${i}`)
      write.isAsking = false
      write.isRefused = fate === 'throws'
      if (write.isRefused) throw error
      return fate === 'is corrected' ? writing(`${value}!`) : undefined
    }
    try {
      await this.#show(
        name,
        key,
        (below) => `${value}<${below ?? ''}`,
        (write) => this.#optimistic(this.#store, writing(value), () => confirm(write)),
        true,
      )
    } catch (thrown) {
      if (thrown !== error) this.#checkEnded(name, thrown)
    }
  }

  #invalidates(keys: readonly string[]): void {
    for (const key of keys) {
      const record = this.#ledger.of(key)
      this.#ledger.bar(key)
      record.invalidated = record.barrier
    }
  }

  #listen(key: string): void {
    const record = this.#ledger.of(key)
    if (record.isDisposed) return
    record.ears++
    const ear: Ear = {
      key,
      knows: this.#resource(key).status(key),
      told: undefined,
      stop: this.#resource(key).subscribeStatus(key, (status) => {
        if (status === ear.told) this.#ledger.fault(`a status of ${key} was told twice`)
        if (record.isDisposed) this.#ledger.fault(`a status of ${key} was told after the end`)
        ear.told = status
        ear.knows = status
      }),
    }
    this.#ears.add(ear)
    this.#stops.push(() => {
      this.#ledger.use(key)
      record.ears--
      this.#ears.delete(ear)
      ear.stop()
    })
  }

  #leave(): void {
    for (const stop of this.#stops.splice(0)) stop()
  }

  #look(): void {
    for (const [key, { contents }] of this.#ledger.keys) {
      const value = this.#store.confirmed.get(key)
      if (value !== contents.at(-1)!.value) this.#ledger.changed(key, value, this.#store.isPending(key))
    }
    this.#checkShown(false)
  }

  /** What is shown is what is confirmed, with what is pending over it: also while it is loaded again below. */
  #checkShown(isAtRest: boolean): void {
    const { confirmed, view } = this.#store
    for (const key of KEYS) {
      const pending = this.#shown.pending(
        [...this.#writes].filter((write) => write.key === key),
        isAtRest,
      )
      if (this.#program.promotion !== 'commit') continue
      if (mayShow(confirmed.get(key), pending).has(view.get(key))) continue
      this.#ledger.fault(`${key} shows ${view.get(key)} over ${confirmed.get(key)}`)
    }
  }

  #atRest(): void {
    const ledger = this.#ledger
    this.#checkShown(true)
    ledger.checkRequests()
    for (const [key, { promise }] of this.#loaded) {
      const is = isSettled(promise) ? 'settled' : 'pending'
      if ((promise.status === 'pending') !== (is === 'pending'))
        ledger.fault(`the ${is} promise of ${key} says ${promise.status}`)
    }
    if (ledger.isOver && this.#clock.hasOthersThan(this.#limits))
      ledger.fault('a timer is left after the end')
    for (const { key, knows } of this.#ears) {
      const { isDisposed, openDeletes } = ledger.of(key)
      if (isDisposed) continue
      const status = this.#resource(key).status(key)
      // a delete that waits for its turn over what no frame has published is told when it is committed
      const isHidden = openDeletes > 0 && this.#program.promotion === 'frames'
      if (knows !== status && !isHidden && !this.#clock.isDue)
        ledger.fault(`who listens to ${key} has not heard the last`)
      this.#checkStatus(key, status)
    }
  }

  #checkStatus(key: string, status: Status<string>): void {
    const ledger = this.#ledger
    const { contents, invalidated, isDisposed } = ledger.of(key)
    const { at, value, since } = contents.at(-1)!
    if (this.#program.promotion !== 'commit' || isDisposed) return
    const now = this.#clock.now()
    const { staleTime } = this.#program
    const isPending = this.#store.isPending(key)
    if (status.data !== this.#store.get(key)) ledger.fault(`the status of ${key} has ${status.data}`)
    if (status.status === 'success' && value === undefined && !isPending)
      ledger.fault(`${key} is success without a value`)
    if (value !== undefined && now >= at + staleTime && !status.isStale)
      ledger.fault(`${key} is too old to be fresh`)
    const isAgainUnknown = status.updatedAt === 0 && !ledger.isLoaded(value) // written by others, and forgotten here
    if (value !== undefined && invalidated > since && !status.isStale && !isAgainUnknown)
      ledger.fault(`${key} was invalidated and is fresh`)
    if (value !== undefined && !isPending && status.updatedAt !== at && !isAgainUnknown)
      ledger.fault(`${key} was updated at ${at}, not ${status.updatedAt}`)
    if (status.fetchStatus === 'paused' && this.#focus.isFocused() && this.#online.isOnline())
      ledger.fault(`${key} waits for nothing`)
    const isAwaited = value === undefined && ledger.isAwaited(key) && !this.#store.isBusy(key)
    if (status.fetchStatus === 'idle' && isAwaited)
      ledger.fault(`somebody waits for ${key}, and nothing goes on`)
  }

  #checkEnd(): void {
    const ledger = this.#ledger
    for (const name of this.#open) ledger.fault(`${name} never ended`)
    if (this.#clock.timers > 0) ledger.fault(`${this.#clock.timers} timers are left`)
    for (const port of [this.#focus, this.#online])
      if (port.listeners > 0) ledger.fault('a port is listened to')
    for (const signal of this.#signals) {
      if (getEventListeners(signal, 'abort').length > 0) ledger.fault('a listener is left on a signal')
    }
    if (this.#store.isBusy()) ledger.fault('the store is busy at the end')
    if (this.#program.promotion === 'commit') ledger.checkEnd()
  }
}
