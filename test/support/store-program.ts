// Random programs for a store: what several clients call, when they wait, throw and abort, and what listeners do.
import fc from 'fast-check'
import type { Lanes } from './serial-twin.ts'

export const KEYS = ['a', 'b', 'c', 'd'] as const

/** What is written: a value that nobody else writes, or one of two that many write. */
export type Text = 'new' | 'same' | undefined

/** What a transaction's body does; keys that it has not declared must be refused. */
export type BodyStep =
  | {
      readonly do:
        | 'get'
        | 'has'
        | 'load'
        | 'delete'
        | 'loadAndDelete'
        | 'compareAndDelete'
        | 'set'
        | 'swap'
        | 'loadOrStore'
        | 'compareAndSwap'
        | 'update'
      readonly key: string
      readonly text: Text
      /** Which store, where the transaction has several. */
      readonly store: number
    }
  | { readonly do: 'setMany' | 'replace'; readonly keys: readonly string[]; readonly store: number }
  | { readonly do: 'clear' | 'size' | 'entries'; readonly store: number }
  | { readonly do: 'await' | 'tick' | 'throw' | 'abort' }
  /** Writes past its draft: refused at once in the synchronous part, an ordinary write that nobody awaits after it. */
  | { readonly do: 'write past'; readonly key: string }

export type UpdateStep =
  | { readonly do: 'await' | 'tick' }
  | { readonly do: 'throw' | 'abort' }
  | { readonly do: 'write past'; readonly key: string }

export type Call =
  | { readonly do: 'load'; readonly key: string }
  | { readonly do: 'set'; readonly key: string; readonly text: Text; readonly optimistic: boolean }
  | {
      readonly do: 'set promise'
      readonly key: string
      readonly text: Text
      readonly body: readonly UpdateStep[]
    }
  | { readonly do: 'delete'; readonly key: string; readonly optimistic: boolean }
  | { readonly do: 'clear'; readonly optimistic: boolean }
  | { readonly do: 'setMany' | 'replace'; readonly keys: readonly string[]; readonly optimistic: boolean }
  | { readonly do: 'loadOrStore' | 'swap' | 'compareAndSwap'; readonly key: string; readonly text: Text }
  | { readonly do: 'loadAndDelete' | 'compareAndDelete'; readonly key: string }
  | {
      readonly do: 'update'
      readonly key: string
      readonly body: readonly UpdateStep[]
      readonly gives: 'more' | 'what it got' | 'same'
      readonly ifBusy: 'queue' | 'latest' | 'skip' | 'fail'
    }
  | {
      readonly do: 'transaction'
      /** `all`: the whole map; a list: those keys; `across`: both stores, in this order. */
      readonly scope: 'all' | readonly string[] | { readonly across: readonly [number, number] }
      readonly body: readonly BodyStep[]
    }
  | { readonly do: 'batch'; readonly body: readonly BodyStep[] }

export type Observation =
  | { readonly do: 'promote' | 'idle' | 'dispose' }
  | { readonly do: 'join'; readonly ear: 'view' | 'key' | 'keys' | 'select'; readonly key: string }
  | { readonly do: 'leave' }

export interface Op {
  readonly call: Call | Observation
  readonly store: number
  /** When its signal aborts: never; later, together with those that share it; or before the call. */
  readonly signal: 'none' | 'later' | 'shared' | 'before'
  /** Whether the client waits for it; or nobody ever looks at its promise. */
  readonly promise: 'awaited' | 'handled' | 'dropped'
}

/** What a listener does in the round of this number that it hears of. */
export interface Reaction {
  readonly to: 'view' | 'keys' | 'key'
  readonly key: string
  readonly round: number
  /** `abort`: all calls that have a signal of their own. */
  readonly does: Op | 'throw' | 'leave' | 'abort'
}

export interface Program {
  readonly draft: boolean
  readonly mode: 'commit' | 'misses' | 'frames' | 'at once'
  readonly entries: readonly string[]
  readonly clients: readonly (readonly Op[])[]
  readonly reactions: readonly Reaction[]
  /** Whether recipes, bodies and aborts go on only when no client can make another call: the most calls meet. */
  readonly isCrowded: boolean
  readonly schedule: readonly number[]
  /** How many turns of the microtask queue each event gets before the next; 0: all it needs. */
  readonly ticks: readonly number[]
}

/** Whose turn a call takes; nothing for what takes none. */
export function lanesOf({ call, store }: Op): Lanes | undefined {
  switch (call.do) {
    case 'promote':
    case 'idle':
    case 'dispose':
    case 'join':
    case 'leave':
      return undefined
    case 'clear':
    case 'replace':
    case 'batch':
      return new Map([[store, 'all']])
    case 'setMany':
      return call.keys.length === 0 ? undefined : new Map([[store, new Set(call.keys)]])
    case 'transaction':
      if (call.scope === 'all') return new Map([[store, 'all']])
      if ('across' in call.scope) return new Map(call.scope.across.map((number) => [number, 'all']))
      return new Map([[store, new Set(call.scope)]])
    default:
      return new Map([[store, new Set([call.key])]])
  }
}

/** Few keys and one of them often, so that calls meet. */
const key = fc.constantFrom('a', 'a', 'a', 'b', 'b', 'c', 'd')
const keys = fc.array(key, { maxLength: 3 })
const text = fc.constantFrom<Text>('new', 'new', 'new', 'new', 'same', 'same', undefined)
const store = fc.constantFrom(0, 0, 0, 0, 1)
const optimistic = fc.constantFrom(true, true, true, false)
const constant = <T extends string>(...values: T[]): fc.Arbitrary<T> => fc.constantFrom(...values)

const updateStep: fc.Arbitrary<UpdateStep> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: constant('await', 'await', 'await', 'tick') }) },
  { weight: 1, arbitrary: fc.record({ do: constant('throw', 'abort') }) },
  { weight: 1, arbitrary: fc.record({ do: constant('write past'), key }) },
)
const updateBody = fc.array(updateStep, { maxLength: 4, size: 'max' })

const draftStep: fc.Arbitrary<BodyStep> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: constant(
        'get',
        'get',
        'has',
        'load',
        'set',
        'set',
        'set',
        'delete',
        'delete',
        'swap',
        'update',
        'loadOrStore',
        'loadAndDelete',
        'compareAndSwap',
        'compareAndDelete',
      ),
      key,
      text,
      store,
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: constant('setMany', 'replace'), keys, store }) },
  { weight: 2, arbitrary: fc.record({ do: constant('clear', 'size', 'entries'), store }) },
)
const bodyStep: fc.Arbitrary<BodyStep> = fc.oneof(
  { weight: 8, arbitrary: draftStep },
  { weight: 4, arbitrary: updateStep },
)

const plain: fc.MaybeWeightedArbitrary<Call>[] = [
  { weight: 5, arbitrary: fc.record({ do: constant('set'), key, text, optimistic }) },
  { weight: 3, arbitrary: fc.record({ do: constant('delete'), key, optimistic }) },
  { weight: 2, arbitrary: fc.record({ do: constant('clear'), optimistic }) },
  { weight: 3, arbitrary: fc.record({ do: constant('setMany', 'replace'), keys, optimistic }) },
]

const others: fc.MaybeWeightedArbitrary<Call>[] = [
  { weight: 3, arbitrary: fc.record({ do: constant('load'), key }) },
  { weight: 2, arbitrary: fc.record({ do: constant('set promise'), key, text, body: updateBody }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: constant('loadOrStore', 'swap', 'compareAndSwap'), key, text }),
  },
  { weight: 2, arbitrary: fc.record({ do: constant('loadAndDelete', 'compareAndDelete'), key }) },
  {
    weight: 8,
    arbitrary: fc.record({
      do: constant('update'),
      key,
      body: updateBody,
      gives: constant('more', 'more', 'more', 'what it got', 'same'),
      ifBusy: constant('queue', 'queue', 'latest', 'latest', 'skip', 'fail'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: constant('update'),
      key: fc.constant('a'),
      body: fc.constantFrom([{ do: 'await' }], [{ do: 'await' }, { do: 'await' }]),
      gives: constant('more'),
      ifBusy: constant('latest'),
    }),
  },
  {
    weight: 7,
    arbitrary: fc.record({
      do: constant('transaction'),
      scope: fc.oneof(
        fc.constant('all' as const),
        fc.uniqueArray(key, { maxLength: 3 }),
        fc.record({ across: fc.constantFrom([0, 1] as const, [1, 0] as const) }),
      ),
      body: fc.array(bodyStep, { maxLength: 6, size: 'max' }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: constant('batch'), body: fc.array(draftStep, { maxLength: 4 }) }) },
]

const writing = (calls: fc.Arbitrary<Call>): fc.Arbitrary<Op> =>
  fc.record({
    call: calls,
    store,
    signal: constant('none', 'none', 'none', 'none', 'later', 'later', 'shared'),
    promise: constant('awaited', 'handled', 'handled', 'handled', 'dropped'),
  })

const observing: fc.Arbitrary<Op> = fc.record({
  call: fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({ do: constant('join'), ear: constant('view', 'key', 'keys', 'select'), key }),
    },
    { weight: 3, arbitrary: fc.record({ do: constant('promote', 'idle', 'leave') }) },
    { weight: 1, arbitrary: fc.record({ do: constant('dispose') }) },
  ),
  store: fc.constant(0),
  signal: fc.constant('none' as const),
  promise: fc.constant('handled' as const),
})

/** With a signal that has aborted before the call: rare, as nothing can come of it. */
const refused: fc.Arbitrary<Op> = writing(fc.oneof(...plain, ...others)).map((op) => ({
  ...op,
  signal: 'before' as const,
}))

/** Any call at all. */
const op = fc.oneof(
  { weight: 20, arbitrary: writing(fc.oneof(...plain, ...others)) },
  { weight: 3, arbitrary: observing },
  { weight: 1, arbitrary: refused },
)

const awaits = fc.array(fc.constant({ do: 'await' as const }), { minLength: 1, maxLength: 4, size: 'max' })

/** Holds its turn for long. */
const holder: fc.Arbitrary<Op> = writing(
  fc.oneof(
    fc.record({
      do: constant('update'),
      key: fc.constant('a'),
      body: awaits,
      gives: constant('more'),
      ifBusy: constant('queue'),
    }),
    fc.record({
      do: constant('transaction'),
      scope: fc.constantFrom<Extract<Call, { do: 'transaction' }>['scope']>('all', ['a', 'b'], {
        across: [1, 0],
      }),
      body: fc.tuple(draftStep, awaits, draftStep).map(([first, some, last]) => [first, ...some, last]),
    }),
  ),
)

/** Mostly plain writes. */
const plainOp = fc.oneof(
  { weight: 6, arbitrary: writing(fc.oneof(...plain)) },
  { weight: 1, arbitrary: holder },
  { weight: 1, arbitrary: op },
)

const reaction: fc.Arbitrary<Reaction> = fc.record({
  to: constant('view', 'keys', 'key'),
  key,
  round: fc.nat(4),
  does: fc.oneof({ weight: 5, arbitrary: op }, { weight: 2, arbitrary: constant('throw', 'leave', 'abort') }),
})

/** Everything that can happen. */
export function programs(mode: Program['mode']): fc.Arbitrary<Program> {
  return fc.record({
    draft: fc.constantFrom(false, false, true),
    mode: fc.constant(mode),
    entries: fc.uniqueArray(key, { maxLength: 3 }),
    clients: fc.array(fc.array(op, { minLength: 1, maxLength: 5, size: 'max' }), {
      minLength: 1,
      maxLength: 4,
      size: 'max',
    }),
    reactions: fc.oneof(
      { weight: 1, arbitrary: fc.constant([]) },
      { weight: 1, arbitrary: fc.array(reaction, { maxLength: 3 }) },
    ),
    isCrowded: fc.boolean(),
    schedule: fc.array(fc.nat(11), { maxLength: 60, size: 'max' }),
    ticks: fc.oneof(
      fc.constant([]),
      fc.array(fc.constantFrom(0, 0, 1, 2, 3, 4), { maxLength: 40, size: 'max' }),
    ),
  })
}

/** Somebody holds a turn for long, and many pending writes lie over each other meanwhile. */
export function layeredPrograms(mode: Program['mode']): fc.Arbitrary<Program> {
  const clients = fc.array(fc.array(plainOp, { minLength: 2, maxLength: 5, size: 'max' }), {
    minLength: 1,
    maxLength: 3,
    size: 'max',
  })
  return fc.tuple(programs(mode), holder, clients).map(([program, first, rest]) => ({
    ...program,
    clients: [[first], ...rest],
    isCrowded: true,
    schedule: [0, ...program.schedule],
  }))
}
