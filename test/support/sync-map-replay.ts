// Replays a recorded sequence of Go's sync.Map on a SyncMap; conformance/sync-map/README.md has the format.
import { readFileSync } from 'node:fs'
import type { EntryState, Found, Previous } from '../../src/core/read-dirty-map.ts'
import type { SyncMap } from '../../src/core/sync-map.ts'
import { CountingMutex } from './counting-mutex.ts'
import { isSettled, microtasks } from './settled.ts'

export type Scalar = string | number | boolean | null
type TracedMap = SyncMap<Scalar, Scalar>

type Operation = readonly [name: OperationName, ...args: unknown[]]
type OperationName =
  | 'Load'
  | 'Store'
  | 'LoadOrStore'
  | 'LoadAndDelete'
  | 'Delete'
  | 'Swap'
  | 'CompareAndSwap'
  | 'CompareAndDelete'
  | 'Clear'
  | 'Range'
  | 'Pending'

interface RangeArguments {
  readonly stop?: number
  readonly first?: readonly Operation[]
  readonly each?: readonly Operation[]
}

export interface Sequence {
  readonly name: string
  readonly ops: readonly Operation[]
  readonly results: readonly unknown[]
  readonly states: readonly unknown[]
  readonly locks: readonly number[]
  readonly promos: readonly number[]
}

/** Go's ten methods, called by somebody who has to take the mutex, or by its holder. */
type Caller = Pick<
  TracedMap,
  | 'load'
  | 'store'
  | 'loadOrStore'
  | 'loadAndDelete'
  | 'delete'
  | 'swap'
  | 'compareAndSwap'
  | 'compareAndDelete'
  | 'clear'
  | 'range'
>

export interface ReplayOptions {
  /**
   * `let pass`: whoever shall wait finds the mutex taken by the others, who call the plain methods. `held`: the replay holds the mutex
   * itself and runs the others by the Locked methods, which take no turn: there the turns of the others cannot be counted.
   */
  readonly pending: 'let pass' | 'held'
  /** Whether the callbacks of Range await what they call. Where they do not, everything has to happen before a call returns. */
  readonly callbacks: 'synchronous' | 'async'
}

/** The sequences of one file of the recording. */
export function recorded(file: string): Sequence[] {
  const lines = readFileSync(new URL(`../conformance/sync-map/${file}.jsonl`, import.meta.url), 'utf8').split(
    '\n',
  )
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Sequence)
}

/** A call under way: the map's own promise, and what it comes to in the form of the recording. */
interface Started {
  readonly call: Promise<unknown>
  readonly outcome: Promise<unknown>
}

type MapClass = new (entries: null, options: { mutex: CountingMutex }) => TracedMap

/** Where the maps of a class differ from Go's: a sentence for each sequence in which they do. */
export async function deviations(
  list: readonly Sequence[],
  Tested: MapClass,
  options: ReplayOptions,
): Promise<string[]> {
  const found: string[] = []
  for (const sequence of list) {
    const mutex = new CountingMutex()
    const sentence = await deviation(new Tested(null, { mutex }), mutex, sequence, options)
    if (sentence !== undefined) found.push(sentence)
  }
  return found
}

/** The first step in which the map differs from Go's, as a sentence that begins with what differs; `undefined` where none does. */
async function deviation(
  map: TracedMap,
  mutex: CountingMutex,
  sequence: Sequence,
  options: ReplayOptions,
): Promise<string | undefined> {
  const replay = new Replay(map, mutex, options)
  let state: unknown = [[], false, null, 0]
  for (const [i, operation] of sequence.ops.entries()) {
    const place = `${sequence.name}, operation ${i}, ${text(operation)}`
    const differs = (what: string, ours: unknown, gos: unknown) =>
      text(ours) === text(gos) ? undefined : `${what} ${text(ours)}, Go has ${text(gos)}: ${place}`
    const turns = mutex.taken
    const promotions = map.promotions
    state = sequence.states[i] ?? state

    const { call, outcome } = replay.start(operation, map)
    if (replay.isImmediate(operation)) {
      if (!isSettled(call)) return `late: ${place} has not settled when it returns`
      const late = differs('late state', stateOf(map), state)
      if (late !== undefined) return late
    }

    const found =
      differs('result', await outcome, sequence.results[i]) ??
      differs('state', stateOf(map), state) ??
      differs('promotions', map.promotions - promotions, sequence.promos[i]) ??
      (replay.countsTurns(operation)
        ? differs('turns', mutex.taken - turns, sequence.locks[i])
        : undefined) ??
      replay.complaint
    if (found !== undefined) return found
  }
  return undefined
}

class Replay {
  /** What went wrong where no result can tell it. */
  complaint: string | undefined
  readonly #map: TracedMap
  readonly #mutex: CountingMutex
  readonly #options: ReplayOptions
  readonly #holder: Caller

  constructor(map: TracedMap, mutex: CountingMutex, options: ReplayOptions) {
    this.#map = map
    this.#mutex = mutex
    this.#options = options
    this.#holder = holderOf(map)
  }

  /** Whether everything has to happen before the call returns: the mutex is free, and no callback awaits. */
  isImmediate([name]: Operation): boolean {
    return name !== 'Pending' && !(name === 'Range' && this.#options.callbacks === 'async')
  }

  /** Where the replay holds the mutex for the others, they take no turns that could be counted. */
  countsTurns([name]: Operation): boolean {
    return name !== 'Pending' || this.#options.pending === 'let pass'
  }

  start([name, ...args]: Operation, caller: Caller): Started {
    const [key, value, next] = args as [Scalar, Scalar, Scalar]
    switch (name) {
      case 'Load':
        return started(caller.load(key), pair)
      case 'Store':
        return started(caller.store(key, value), nothing)
      case 'LoadOrStore':
        return started(caller.loadOrStore(key, value), pair)
      case 'LoadAndDelete':
        return started(caller.loadAndDelete(key), pair)
      case 'Delete':
        return started(caller.delete(key), nothing)
      case 'Swap':
        return started(caller.swap(key, value), pair)
      case 'CompareAndSwap':
        return started(caller.compareAndSwap(key, value, next), itself)
      case 'CompareAndDelete':
        return started(caller.compareAndDelete(key, value), itself)
      case 'Clear':
        return started(caller.clear(), nothing)
      case 'Range':
        return this.#range(args[0] as RangeArguments, caller)
      case 'Pending': {
        const pending = this.#options.pending === 'held' ? this.#waitForHolder : this.#letPass
        return started(pending.call(this, args[0] as Operation, args[1] as Operation[]), itself)
      }
    }
  }

  #range({ stop, first = [], each }: RangeArguments, caller: Caller): Started {
    let n = 0
    let firstOutcomes: Promise<unknown[]> | undefined
    const visited: Promise<readonly [Scalar, ...unknown[]]>[] = []

    const visit = (value: Scalar, key: Scalar): unknown => {
      n++
      const substituted = (operations: readonly Operation[]) =>
        operations.map((operation) => operation.map((x) => substitute(x, key, value)) as unknown as Operation)
      const goOn = n !== stop
      const ofFirst = n === 1 ? this.#inner(substituted(first)) : undefined
      const ofEach = (): Promise<unknown[]> => this.#inner(substituted(each ?? []))
      if (this.#options.callbacks === 'synchronous') {
        if (ofFirst !== undefined && first.length > 0) firstOutcomes = ofFirst
        visited.push(ofEach().then((outcomes) => (each ? [key, value, outcomes] : [key, value])))
        return goOn
      }
      const inTurn = async () => {
        if (ofFirst !== undefined && first.length > 0) firstOutcomes = Promise.resolve(await ofFirst)
        const outcomes = await ofEach()
        visited.push(Promise.resolve(each ? [key, value, outcomes] : [key, value]))
        return goOn
      }
      return inTurn()
    }

    return started(caller.range(visit), async () => {
      const kv = (await Promise.all(visited)).sort((a, b) => compareText(text(a[0]), text(b[0])))
      const ofFirst = await firstOutcomes
      return { n, ...(stop === undefined && { kv }), ...(ofFirst && { first: ofFirst }) }
    })
  }

  /** The operations of a callback, one after the other; without awaiting where the callback is synchronous. */
  async #inner(operations: readonly Operation[]): Promise<unknown[]> {
    const outcomes: Promise<unknown>[] = []
    for (const operation of operations) {
      const { call, outcome } = this.start(operation, this.#map)
      outcomes.push(outcome)
      if (this.#options.callbacks === 'async') await outcome
      else if (!isSettled(call)) this.complaint = `late: ${text(operation)} in a callback of Range`
    }
    return Promise.all(outcomes)
  }

  async #letPass(waiter: Operation, others: readonly Operation[]): Promise<unknown> {
    const b: unknown[] = []
    this.#mutex.letPass(async () => {
      for (const other of others) b.push(await this.start(other, this.#map).outcome)
    })
    const a = await this.start(waiter, this.#map).outcome
    return { a, b, waited: !this.#mutex.noMorePassing() }
  }

  async #waitForHolder(waiter: Operation, others: readonly Operation[]): Promise<unknown> {
    const b: unknown[] = []
    const lock = this.#mutex.tryAcquire()
    const { call, outcome } = this.start(waiter, this.#map)
    const waited = this.#mutex.waiting > 0
    if (waited) {
      await microtasks()
      if (isSettled(call)) this.complaint = `${text(waiter)} did not wait for the holder of the mutex`
      for (const other of others) b.push(await this.start(other, this.#holder).outcome)
    }
    lock?.release()
    return { a: await outcome, b, waited }
  }
}

/** The same methods for the holder of the mutex. Range has no Locked form: the holder promotes dirty, and then it takes no turn. */
function holderOf(map: TracedMap): Caller {
  return {
    load: async (key) => map.loadLocked(key),
    store: async (key, value) => map.storeLocked(key, value),
    loadOrStore: async (key, value) => map.loadOrStoreLocked(key, value),
    loadAndDelete: async (key) => map.loadAndDeleteLocked(key),
    delete: async (key) => map.deleteLocked(key),
    swap: async (key, value) => map.swapLocked(key, value),
    compareAndSwap: async (key, old, value) => map.compareAndSwapLocked(key, old, value),
    compareAndDelete: async (key, old) => map.compareAndDeleteLocked(key, old),
    clear: async () => map.clearLocked(),
    range: (callback) => {
      if (map.inspect().amended) map.promoteLocked()
      return map.range(callback)
    },
  }
}

function started<T>(call: Promise<T>, record: (result: T) => unknown): Started {
  return { call, outcome: call.then(record) }
}

const nothing = () => null
const itself = (result: unknown) => result
const pair = ([value, ok]: Found<Scalar> | Previous<Scalar> | [Scalar, boolean]) => [value ?? null, ok]

function substitute(argument: unknown, key: Scalar, value: Scalar): unknown {
  if (argument === '$key') return key
  if (argument === '$val') return value
  if (argument === '$newkey') return typeof key === 'string' ? `${key}'` : Number(key) + 1000
  if (argument !== '$newval') return argument
  if (typeof value === 'string') return `${value}!`
  return typeof value === 'number' ? value + 1 : typeof value === 'boolean' ? !value : 0
}

/** What `inspect` shows, in the form of the recording. */
function stateOf(map: TracedMap): unknown {
  const { read, amended, dirty, misses } = map.inspect()
  return [cells(read), amended, dirty && [sorted(dirty.shared, text), cells(dirty.own)], misses]
}

const cells = (entries: ReadonlyMap<Scalar, EntryState<Scalar>>) =>
  sorted(
    [...entries].map(([key, entry]) => [key, cell(entry)] as const),
    ([key]) => text(key),
  )

const cell = (entry: EntryState<Scalar>) =>
  entry.state === 'value' ? entry.value : entry.state === 'nil' ? '~nil' : '~exp'

const sorted = <T>(list: readonly T[], by: (item: T) => string): T[] =>
  [...list].sort((a, b) => compareText(by(a), by(b)))

const compareText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

/** JSON with the fields of objects in one order. */
const text = (value: unknown): string =>
  JSON.stringify(value, (_, x: unknown) =>
    typeof x === 'object' && x !== null && !Array.isArray(x)
      ? Object.fromEntries(sorted(Object.entries(x), ([name]) => name))
      : x,
  )
