// The slow, obvious twin of a store, and the check that a concurrent history could have happened on it one by one.
import { isDeepStrictEqual } from 'node:util'

/** What a key has; a stored `undefined` is told from an absent key. */
export type Content = string | undefined
export type Entries = readonly (readonly [string, Content])[]

/** Everything that can be done to a map in one step. */
export type Action =
  | { readonly do: 'get' | 'has' | 'load' | 'delete' | 'loadAndDelete'; readonly key: string }
  | { readonly do: 'set' | 'swap' | 'loadOrStore'; readonly key: string; readonly value: Content }
  | {
      readonly do: 'compareAndSwap'
      readonly key: string
      readonly old: Content
      readonly value: Content
    }
  | { readonly do: 'compareAndDelete'; readonly key: string; readonly old: Content }
  | { readonly do: 'setMany' | 'replace'; readonly entries: Entries }
  | { readonly do: 'clear' | 'size' | 'entries' }

/** Does it to a native Map and tells what the store's method of that name tells. */
function perform(map: Map<string, Content>, action: Action): unknown {
  switch (action.do) {
    case 'get':
      return map.get(action.key)
    case 'has':
      return map.has(action.key)
    case 'load':
      return [map.get(action.key), map.has(action.key)]
    case 'delete':
      return map.delete(action.key)
    case 'loadAndDelete': {
      const previous = [map.get(action.key), map.has(action.key)]
      map.delete(action.key)
      return previous
    }
    case 'set':
      map.set(action.key, action.value)
      return undefined
    case 'swap': {
      const previous = [map.get(action.key), map.has(action.key)]
      map.set(action.key, action.value)
      return previous
    }
    case 'loadOrStore': {
      const loaded = map.has(action.key)
      if (!loaded) map.set(action.key, action.value)
      return [map.get(action.key), loaded]
    }
    case 'compareAndSwap': {
      const holds = map.has(action.key) && map.get(action.key) === action.old
      if (holds) map.set(action.key, action.value)
      return holds
    }
    case 'compareAndDelete':
      return map.has(action.key) && map.get(action.key) === action.old && map.delete(action.key)
    case 'replace':
      map.clear()
      for (const [key, value] of action.entries) map.set(key, value)
      return undefined
    case 'setMany':
      for (const [key, value] of action.entries) map.set(key, value)
      return undefined
    case 'clear':
      map.clear()
      return undefined
    case 'size':
      return map.size
    case 'entries':
      return [...map]
  }
}

/** One step of an operation, with what it was told. */
export interface Step {
  readonly store: number
  readonly action: Action
  readonly result: unknown
}

/** Some native Maps, one a store, to which operations are done one after the other. */
export class SerialTwin {
  readonly maps: readonly Map<string, Content>[]

  constructor(maps: readonly Iterable<readonly [string, Content]>[]) {
    this.maps = maps.map((entries) => new Map(entries))
  }

  /** The twin after these steps, or nothing where one of them would have been told something else. */
  after(steps: readonly Step[]): SerialTwin | undefined {
    const next = new SerialTwin(this.maps)
    for (const { store, action, result } of steps) {
      if (!isDeepStrictEqual(perform(next.maps[store]!, action), result)) return undefined
    }
    return next
  }

  get contents(): string {
    return JSON.stringify(this.maps.map((map) => [...map]))
  }
}

/** Confirmed entries with pending writes laid over them in the order of their calls: what must be shown. */
export function shown(confirmed: Iterable<readonly [string, Content]>, pending: readonly Action[]): Entries {
  const map = new Map(confirmed)
  for (const action of pending) perform(map, action)
  return [...map]
}

/** What an operation wants exclusively in each store it touches: some keys, or the whole map. */
export type Lanes = ReadonlyMap<number, 'all' | ReadonlySet<string>>

export function conflict(a: Lanes, b: Lanes): boolean {
  for (const [store, keys] of a) {
    const others = b.get(store)
    if (others === undefined) continue
    if (keys === 'all' || others === 'all') return true
    for (const key of keys) if (others.has(key)) return true
  }
  return false
}

/** An operation of a recorded history; a transaction is one operation of several steps. */
export interface Operation {
  readonly name: string
  /** Logical times of its call and its return; `Infinity` where it never returned. */
  readonly called: number
  readonly returned: number
  readonly steps: readonly Step[]
  /** Failed: no effect, but what it was told must fit one moment (opacity). Unknown: it may have taken effect, or not. */
  readonly end: 'committed' | 'failed' | 'unknown'
  /** Where given: it took its turn in the order of calls among those whose lanes meet. */
  readonly lanes?: Lanes | undefined
}

export interface Verdict {
  /** Whether one serial order explains everything. */
  readonly holds: boolean
  /** That order; or else the longest beginning of one. */
  readonly order: readonly Operation[]
  readonly twin: SerialTwin
}

const READS = new Set<Action['do']>(['get', 'has', 'load', 'size', 'entries'])

const isReadOnly = (operation: Operation): boolean =>
  operation.end === 'failed' || operation.steps.every(({ action }) => READS.has(action.do))

/**
 * Strict serializability: is there one order of all operations that respects real time (and turns, where they are known), in which the
 * twin tells every operation what the store told it? The search of Wing and Gong with the memo of Lowe; a step that changes nothing is
 * taken as soon as it fits, which loses no order.
 */
export function serialOrder(initial: readonly Entries[], operations: readonly Operation[]): Verdict {
  // by return: where there is a choice, what returned first most often took effect first
  const all = [...operations].sort((a, b) => a.returned - b.returned || a.called - b.called)
  const mustComeBefore = all.map((later) =>
    all.flatMap((earlier, i) => (earlier !== later && isBefore(earlier, later) ? [i] : [])),
  )
  const readOnly = all.map(isReadOnly)
  const seen = new Set<string>()
  const order: Operation[] = []
  let longest: Omit<Verdict, 'holds'> = { order: [], twin: new SerialTwin(initial) }

  const search = (done: boolean[], twin: SerialTwin): boolean => {
    const depth = order.length
    for (let again = true; again; ) {
      again = false
      for (const [i, operation] of all.entries()) {
        if (!readOnly[i] || done[i] || mustComeBefore[i]!.some((j) => !done[j])) continue
        if (twin.after(operation.steps) === undefined) continue
        done[i] = true
        order.push(operation)
        again = true
      }
    }
    if (order.length >= longest.order.length) longest = { order: [...order], twin }
    if (done.every((isDone, i) => isDone || all[i]!.end === 'unknown')) return true
    const state = done.map(Number).join('') + twin.contents
    if (!seen.has(state)) {
      seen.add(state)
      for (const [i, operation] of all.entries()) {
        if (readOnly[i] || done[i] || mustComeBefore[i]!.some((j) => !done[j])) continue
        const next = twin.after(operation.steps)
        if (next === undefined) continue
        order.push(operation)
        const nowDone = [...done]
        nowDone[i] = true
        if (search(nowDone, next)) return true
        order.pop()
      }
    }
    order.length = depth
    return false
  }

  const holds = search(
    all.map(() => false),
    new SerialTwin(initial),
  )
  return { holds, ...longest }
}

const isBefore = (earlier: Operation, later: Operation): boolean =>
  earlier.returned < later.called || isQueuedBefore(earlier, later)

/** Whether both waited in one line, in this order. */
export function isQueuedBefore(earlier: Operation, later: Operation): boolean {
  if (earlier.lanes === undefined || later.lanes === undefined || earlier.called >= later.called) return false
  // one that may not have happened holds up nobody
  return earlier.end !== 'unknown' && conflict(earlier.lanes, later.lanes)
}

/** For people: how far an order goes, and what fits nowhere after it. */
export function explain(verdict: Verdict, operations: readonly Operation[]): string {
  const rest = operations.filter((operation) => !verdict.order.includes(operation))
  return [
    'no serial order explains this history; the longest beginning of one:',
    ...verdict.order.map(describeOperation),
    `then the maps are ${verdict.twin.contents}, and none of these fits:`,
    ...rest.map(describeOperation),
  ].join('\n  ')
}

const describeOperation = ({ name, called, returned, end, steps }: Operation): string =>
  `${name} [${called}, ${returned}] ${end}: ${steps.map(describeStep).join('; ')}`

const describeStep = ({ store, action, result }: Step): string =>
  `${store} ${JSON.stringify(action)} -> ${JSON.stringify(result)}`
