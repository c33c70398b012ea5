// Runs a program on a real resource whose time, network, server and random numbers are simulated, and watches from outside that it keeps
// its rules: see ledger.ts. One scheduler chooses who goes on: a client, the server, an abort, a frame, or time.
import { getEventListeners } from 'node:events'
import type { Resource, Status, TaggedPromise } from 'tidemap/resource'
import type { Store } from 'tidemap/store'
import { FakePort } from '../../support/fake-ports.ts'
import type { Product } from '../../support/product.ts'
import type { Schedule } from '../../support/schedule.ts'
import { isSettled } from '../../support/settled.ts'
import { seededChoices } from '../seeded-choices.ts'
import { Ledger, type Request } from './ledger.ts'
import { KEYS, type ResourceCall, type ResourceProgram } from './resource-program.ts'
import { SimulatedClock } from './simulated-clock.ts'

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
  told: Status<string>
  readonly stop: () => void
}

class ResourceSimulation {
  readonly #program: ResourceProgram
  readonly #schedule: Schedule
  readonly #clock: SimulatedClock
  readonly #ledger: Ledger
  readonly #store: Store<string, string>
  readonly #resource: Resource<string, string>
  readonly #focus = new FakePort()
  readonly #online = new FakePort()
  readonly #signals: Set<AbortSignal> = new Set()
  readonly #stops: (() => void)[] = []
  readonly #ears: Set<Ear> = new Set()
  readonly #loaded: Map<string, Loaded> = new Map()
  readonly #open: Set<string> = new Set()
  /** Timers of the callers, not of the resource. */
  readonly #limits: Set<unknown> = new Set()
  #requests = 0
  #values = 0
  #failures = 0
  #calls = 0

  constructor(program: ResourceProgram, schedule: Schedule, product: Product) {
    this.#program = program
    this.#schedule = schedule
    this.#clock = new SimulatedClock(schedule)
    this.#ledger = new Ledger(program, this.#clock)
    const random = seededChoices(program.seed)
    const onFrame = (promote: () => void): void => void schedule.offer('frame', promote)
    this.#store = product.store.createStore<string, string>([], {
      clock: this.#clock,
      stallAfterMs: Number.POSITIVE_INFINITY,
      promotion: program.promotion === 'frames' ? onFrame : 'commit',
    })
    this.#store.subscribe(() => this.#look())
    const {
      isBatched,
      answers: _,
      clients: _clients,
      seed: _seed,
      listens: _listens,
      promotion: _p,
      ...options
    } = program
    this.#resource = product.resource.createResource<string, string>({
      ...options,
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

  async run(): Promise<ResourceRecording> {
    const onUnhandled = (reason: unknown): void =>
      this.#ledger.fault(`unhandled rejection: ${String(reason)}`)
    process.on('unhandledRejection', onUnhandled)
    try {
      for (const [i, calls] of this.#program.clients.entries()) void this.#client(`${i}`, calls)
      await this.#goOn(25)
      this.#focus.switch(true)
      this.#online.switch(true)
      await this.#goOn(25)
      for (let left = 5; left > 0 && (this.#open.size > 0 || this.#stops.length > 0); left--) {
        this.#leave()
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
    const { awaits, fails } = answers[number] ?? { awaits: 0, fails: false }
    for (let i = 0; i < awaits; i++) {
      await this.#schedule.pause(`server ${number} await ${i}`)
      if (listens && signal.aborted) this.#fail(request, signal.reason)
    }
    if (fails) this.#fail(request, new Error(`request ${number} fails`))
    const entries = keys.map((key): [string, string] => [key, `${key}@${number}`])
    for (const [, value] of entries) this.#ledger.answer(request, value)
    return entries
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
    const resource = this.#resource
    switch (call.do) {
      case 'load':
      case 'ensure':
      case 'refetch':
        return this.#load(name, call)
      case 'look':
        ledger.use(call.key)
        this.#checkStatus(call.key, resource.status(call.key))
        return
      case 'set':
      case 'delete':
      case 'update':
        return this.#write(call)
      case 'watch': {
        const stop = resource.watch(call.key)
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
        ;(call.what === 'resource' ? resource : this.#store).dispose()
        ledger.isDisposed = true
        return
      case 'prefetch':
        for (const key of KEYS) ledger.of(key).isWantedForEver = true
        return resource.prefetch(KEYS)
      case 'invalidate':
        this.#invalidates([call.key])
        return resource.invalidate(call.key)
      case 'invalidate all':
        this.#invalidates(KEYS)
        return resource.invalidate(() => true)
    }
  }

  async #load(
    name: string,
    { do: method, key, limit }: Extract<ResourceCall, { limit: unknown }>,
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
    if (limit === 'none' || this.#store.has(key) || this.#program.promotion === 'frames')
      record.isWantedForEver = true
    if (method === 'refetch') ledger.bar(key)
    const called = ledger.tick()
    ledger.use(key)
    record.waiting.add(called)
    const { isDisposed } = ledger
    try {
      const value = await (limit === 'none'
        ? this.#unlimited(method, key)
        : this.#resource[method](key, { signal }))
      ledger.checkGiven(key, value, called, method === 'refetch')
      if (isDisposed) ledger.fault(`${name} was given something after the end`)
    } catch (error) {
      const isOwn = signal.aborted && error === signal.reason
      const isEnd =
        ledger.isDisposed &&
        /RESOURCE_DISPOSED|STORE_DISPOSED/.test(String((error as { code?: unknown }).code))
      if (!isOwn && !isEnd && !ledger.hasFailed(key, error))
        ledger.fault(`${name} rejected with ${String(error)}`)
    }
    record.waiting.delete(called)
    ledger.use(key)
    this.#clock.clearTimeout(timer)
    this.#limits.delete(timer)
  }

  /** The promise of a key is the same until it settles, and afterwards as long as the value stays. */
  #unlimited(method: 'load' | 'ensure' | 'refetch', key: string): Promise<string> {
    const ledger = this.#ledger
    const before = this.#loaded.get(key)
    const { barrier, contents, deleted } = ledger.of(key)
    const isUnchanged =
      before?.barrier === barrier && before.contents === contents.length && before.deleted === deleted
    const isPending = before !== undefined && !isSettled(before.promise)
    const { requests } = ledger.of(key)
    const asked = requests.length
    const isUnderWay = requests.some(
      (one) => !one.isOver && !one.signal.aborted && one.began > Math.max(barrier, deleted),
    )
    const promise = this.#resource[method](key)
    if (method === 'load' && isUnderWay && requests.length > asked)
      ledger.fault(`two requests of ${key} for two who wait`)
    if (method !== 'load') return promise
    const value = this.#store.get(key)
    if (isUnchanged && this.#program.promotion === 'commit' && !ledger.isDisposed) {
      const isSame = before.promise === promise
      if (isPending && !isSame) ledger.fault(`the promise of ${key} changed before it settled`)
      const stays = value !== undefined && before.value === value && value.includes('@')
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

  async #write(call: Extract<ResourceCall, { do: 'set' | 'delete' | 'update' }>): Promise<void> {
    const { key } = call
    const ledger = this.#ledger
    const record = ledger.of(key)
    const value = `${key}.${++this.#values}`
    try {
      if (call.do === 'set') await this.#store.set(key, value)
      else if (call.do === 'update') {
        await this.#store.update(key, async () => {
          for (let i = 0; i < call.awaits; i++) await this.#schedule.pause(`update ${value} await ${i}`)
          return value
        })
      } else {
        record.openDeletes++
        record.deleted = Number.POSITIVE_INFINITY
        const deletion = this.#store.delete(key)
        if (isSettled(deletion)) ledger.bar(key) // also where there was nothing to delete
        await deletion.finally(() => {
          record.openDeletes--
          if (record.openDeletes === 0) record.deleted = ledger.tick()
        })
      }
    } catch (error) {
      if (!ledger.isDisposed) ledger.fault(`a ${call.do} rejected with ${String(error)}`)
    }
  }

  #invalidates(keys: readonly string[]): void {
    for (const key of keys) {
      const record = this.#ledger.of(key)
      this.#ledger.bar(key)
      record.invalidated = record.barrier
      record.isWantedForEver = true
    }
  }

  #listen(key: string): void {
    if (this.#ledger.isDisposed) return
    const record = this.#ledger.of(key)
    record.ears++
    const ear: Ear = {
      key,
      told: this.#resource.status(key),
      stop: this.#resource.subscribeStatus(key, (status) => {
        if (status === ear.told) this.#ledger.fault(`a status of ${key} was told twice`)
        if (this.#ledger.isDisposed) this.#ledger.fault(`a status of ${key} was told after the end`)
        ear.told = status
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
      if (value !== contents.at(-1)!.value) this.#ledger.changed(key, value)
    }
  }

  #atRest(): void {
    const ledger = this.#ledger
    ledger.checkRequests()
    for (const [key, { promise }] of this.#loaded) {
      const is = isSettled(promise) ? 'settled' : 'pending'
      if ((promise.status === 'pending') !== (is === 'pending'))
        ledger.fault(`the ${is} promise of ${key} says ${promise.status}`)
    }
    if (ledger.isDisposed) {
      if (this.#clock.hasOthersThan(this.#limits)) ledger.fault('a timer is left after the end')
      return
    }
    for (const { key, told } of this.#ears) {
      const status = this.#resource.status(key)
      if (told !== status && !this.#clock.isDue) ledger.fault(`who listens to ${key} has not heard the last`)
      this.#checkStatus(key, status)
    }
  }

  #checkStatus(key: string, status: Status<string>): void {
    const ledger = this.#ledger
    const { contents, invalidated } = ledger.of(key)
    const { at, value, since } = contents.at(-1)!
    if (this.#program.promotion !== 'commit' || ledger.isDisposed) return
    const now = this.#clock.now()
    const { staleTime } = this.#program
    if (status.data !== this.#store.get(key)) ledger.fault(`the status of ${key} has ${status.data}`)
    if (status.status === 'success' && value === undefined && !this.#store.isPending(key))
      ledger.fault(`${key} is success without a value`)
    if (value !== undefined && now >= at + staleTime && !status.isStale)
      ledger.fault(`${key} is too old to be fresh`)
    const isAgainUnknown = status.updatedAt === 0 && value?.includes('@') === false // written by others, and forgotten here
    if (value !== undefined && invalidated > since && !status.isStale && !isAgainUnknown)
      ledger.fault(`${key} was invalidated and is fresh`)
    if (value !== undefined && status.updatedAt !== at && !isAgainUnknown)
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
