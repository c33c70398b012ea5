// Random programs of loads, writes, invalidations and aborts, answered in any order and at any moment, against a slow obvious twin.
import fc from 'fast-check'
import { createResource } from 'tidemap/resource'
import { createStore } from 'tidemap/store'
import { expect, test } from 'vitest'
import { FakeClock } from '../support/fake-clock.ts'
import { FakePort } from '../support/fake-ports.ts'
import { FakeServer } from '../support/fake-server.ts'
import { countedController } from '../support/listener-count.ts'
import { microtasks } from '../support/settled.ts'

const RUNS = 150 * Number(process.env['TIDEMAP_RUNS'] ?? 1)

type Step =
  | {
      readonly do:
        | 'load'
        | 'loadWithSignal'
        | 'refetch'
        | 'prefetch'
        | 'set'
        | 'delete'
        | 'invalidate'
        | 'watch'
      readonly key: string
    }
  | { readonly do: 'abort' | 'unwatch' | 'answer' | 'fail'; readonly which: number }

const key = fc.constantFrom('a', 'b')
const call = fc.record({
  do: fc.constantFrom(
    'load',
    'loadWithSignal',
    'loadWithSignal',
    'refetch',
    'prefetch',
    'set',
    'delete',
    'invalidate',
    'watch',
  ),
  key,
})
const event = fc.record({
  do: fc.constantFrom('abort', 'unwatch', 'answer', 'answer', 'fail'),
  which: fc.nat(1000),
})
const step: fc.Arbitrary<Step> = fc.oneof(call, event)
/** Steps that follow each other in one tick; then so many turns of the microtask queue, or all there are (0). */
const burst = fc.record({
  steps: fc.array(step, { minLength: 1, maxLength: 4, size: 'max' }),
  ticks: fc.nat(8),
})
const program = (isExact: boolean) =>
  fc.array(isExact ? burst.map(({ steps }) => ({ steps, ticks: 0 })) : burst, {
    minLength: 1,
    maxLength: 25,
    size: 'max',
  })

/** What holds of one key by the one rule: only the newest load counts, and only until somebody decides otherwise. */
interface Twin {
  value: string | undefined
  error: string | null
  /** The request whose answer counts. */
  current: number | undefined
  /** When somebody has last written it, in requests made: the answers of those before it must never be seen again. */
  writtenAt: number
  /** The newest request whose answer has been seen. */
  seen: number
}

interface Caller {
  readonly key: string
  readonly signal: AbortSignal | undefined
  outcome: { readonly value: string } | { readonly reason: unknown } | undefined
}

class World {
  readonly clock = new FakeClock()
  readonly focus = new FakePort()
  readonly online = new FakePort()
  readonly server = new FakeServer<string, string>()
  readonly store = createStore<string, string>()
  readonly resource = createResource<string, string>({
    store: this.store,
    load: this.server.load,
    retry: 0,
    clock: this.clock,
    focus: this.focus,
    online: this.online,
    gcTime: Number.POSITIVE_INFINITY,
  })
  readonly callers: Caller[] = []
  readonly controllers: ReturnType<typeof countedController>[] = []
  readonly stops: (() => void)[] = []
  readonly written: Set<string> = new Set()
  readonly #twins = new Map<string, Twin>()
  /** Requests that have been answered and whose answers have not arrived. */
  readonly #answered: { readonly which: number; readonly how: 'answer' | 'fail' }[] = []
  readonly #ended = new Set<number>()
  #seen = 0

  async run(steps: readonly Step[], ticks: number): Promise<void> {
    for (const each of steps) {
      this.#do(each)
      this.#seeRequests()
    }
    for (let i = 0; i < ticks; i++) await undefined
    if (ticks > 0) return this.#checkAlways()
    await microtasks()
    this.#seeRequests()
    for (const { which, how } of this.#answered.splice(0)) this.#arrive(which, how)
    this.#checkAlways()
  }

  /** The promises of a caller are kept, and told from each other by what became of them. */
  #call(key: string, promise: Promise<string>, signal?: AbortSignal): void {
    const caller: Caller = { key, signal, outcome: undefined }
    this.callers.push(caller)
    promise.then(
      (value) => void Object.assign(caller, { outcome: { value } }),
      (reason: unknown) => void Object.assign(caller, { outcome: { reason } }),
    )
  }

  #do(each: Step): void {
    const { resource, store } = this
    switch (each.do) {
      case 'load': {
        const promise = resource.load(each.key)
        expect(resource.load(each.key)).toBe(promise) // one promise
        return this.#call(each.key, promise)
      }
      case 'loadWithSignal': {
        const controller = countedController()
        this.controllers.push(controller)
        return this.#call(each.key, resource.load(each.key, { signal: controller.signal }), controller.signal)
      }
      case 'refetch':
        return this.#call(each.key, resource.refetch(each.key))
      case 'prefetch':
        return void resource.prefetch([each.key])
      case 'invalidate':
        return void resource.invalidate(each.key)
      case 'watch':
        this.stops.push(resource.watch(each.key))
        return
      case 'unwatch':
        if (this.stops.length > 0) this.stops.splice(each.which % this.stops.length, 1)[0]!()
        return
      case 'abort':
        if (this.controllers.length > 0) this.controllers[each.which % this.controllers.length]!.abort('gone')
        return
      case 'set': {
        const value = `set ${this.written.size}`
        this.written.add(value)
        void store.set(each.key, value)
        return this.#write(each.key, value)
      }
      case 'delete':
        void store.delete(each.key)
        return this.#write(each.key, undefined)
      default:
        return this.#settle(each.which, each.do)
    }
  }

  #twin(key: string): Twin {
    const twin = this.#twins.get(key) ?? {
      value: undefined,
      error: null,
      current: undefined,
      writtenAt: 0,
      seen: -1,
    }
    this.#twins.set(key, twin)
    return twin
  }

  #write(key: string, value: string | undefined): void {
    Object.assign(this.#twin(key), {
      value,
      error: null,
      current: undefined,
      writtenAt: this.server.requests.length,
    })
  }

  /** A request that has just been made is the one that counts. */
  #seeRequests(): void {
    for (; this.#seen < this.server.requests.length; this.#seen++) {
      const twin = this.#twin(this.server.requests[this.#seen]!.key)
      twin.current = this.#seen
    }
  }

  #settle(number: number, how: 'answer' | 'fail'): void {
    const { requests } = this.server
    if (requests.length === 0) return
    const which = number % requests.length
    if (this.#ended.has(which)) return
    this.#ended.add(which)
    this.#answered.push({ which, how })
    if (how === 'answer') requests[which]!.answer(`answer ${which}`)
    else requests[which]!.fail(`failure ${which}`)
  }

  #arrive(which: number, how: 'answer' | 'fail'): void {
    const { key, signal } = this.server.requests[which]!
    const twin = this.#twin(key)
    if (twin.current !== which || signal.aborted) return
    twin.current = undefined
    if (how === 'answer') Object.assign(twin, { value: `answer ${which}`, error: null })
    else twin.error = `failure ${which}`
  }

  /** What holds at every moment, whatever has arrived and whatever has not: nothing old is ever seen again. */
  #checkAlways(): void {
    for (const [key, twin] of this.#twins) {
      const value = this.store.get(key)
      if (value?.startsWith('answer ')) {
        const which = Number(value.slice('answer '.length))
        expect(which).toBeGreaterThanOrEqual(Math.max(twin.writtenAt, twin.seen))
        twin.seen = which
      }
      const status = this.resource.status(key)
      expect(this.resource.status(key)).toBe(status)
      expect(status.data).toBe(value)
    }
  }

  /** What holds when everything has arrived: just what the twin says. */
  checkExactly(): void {
    for (const [key, twin] of this.#twins) {
      const { current } = twin
      const isRunning = current !== undefined && !this.server.requests[current]!.signal.aborted
      const status = this.resource.status(key)
      expect([this.store.get(key), status.fetchStatus]).toEqual([twin.value, isRunning ? 'fetching' : 'idle'])
      if (current === undefined) expect(status.error).toBe(twin.error)
    }
  }

  /** Everybody leaves, and everything is answered. */
  async end(): Promise<void> {
    await microtasks()
    for (const controller of this.controllers) controller.abort('gone')
    for (const stop of this.stops.splice(0)) stop()
    for (let i = 0; i < this.server.requests.length; i++) {
      this.#settle(i, 'answer')
      await microtasks()
    }
    this.#checkAlways()
  }

  checkEnd(): void {
    for (const { key, outcome, signal } of this.callers) {
      const answers = this.server.requests.flatMap((request, i) =>
        request.key === key ? [`answer ${i}`, `failure ${i}`] : [],
      )
      if (outcome === undefined) throw new Error(`A caller of ${key} waits for ever.`)
      if ('value' in outcome) expect([...answers, ...this.written]).toContain(outcome.value)
      else if (!answers.includes(outcome.reason as string)) {
        expect([outcome.reason, signal?.aborted]).toEqual(['gone', true])
      }
    }
    for (const controller of this.controllers) expect(controller.listeners).toBe(0)
    expect([this.clock.timers, this.focus.listeners, this.online.listeners]).toEqual([0, 0, 0])
    for (const key of this.#twins.keys()) expect(this.resource.status(key).fetchStatus).toBe('idle')
  }
}

test.each([
  ['in whole ticks, exactly as the twin says', true],
  ['in the middle of ticks: nothing old is ever seen again', false],
])(
  'resources: %s; one promise, nobody waits for ever, nothing is left behind (`F45`-`F51`)',
  async (_how, isExact) => {
    let requests = 0
    let callers = 0
    await fc.assert(
      fc.asyncProperty(program(isExact), async (bursts) => {
        const world = new World()
        for (const { steps, ticks } of bursts) {
          await world.run(steps, ticks)
          if (isExact) world.checkExactly()
        }
        await world.end()
        world.checkEnd()
        requests += world.server.requests.length
        callers += world.callers.length
      }),
      { numRuns: RUNS },
    )
    console.log(`resources: ${RUNS} programs, ${callers} callers, ${requests} requests`)
  },
)
