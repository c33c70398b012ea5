// Programs of the simulator: what several clients call of stores that they see from outside only. Values are never written twice.
import fc from 'fast-check'

/** Keys of one group are used together; nothing connects two groups, in any store. */
const GROUPS = ['p', 'q', 'r', 's'] as const
const PLACES = ['0', '1', '2'] as const
export const KEYS: readonly string[] = GROUPS.flatMap((group) => PLACES.map((place) => group + place))
export const STORES = 2

/** `is corrected`, of an optimistic write: the truth is another value than the one shown. */
type Fate = 'ends' | 'throws' | 'is corrected'

export type BodyStep =
  | {
      readonly do: 'get' | 'set' | 'swap' | 'delete' | 'compareAndSwap' | 'loadOrStore'
      readonly store: number
      readonly key: string
    }
  | { readonly do: 'await' | 'throw' }

export type Call = (
  | {
      readonly do:
        | 'look'
        | 'load'
        | 'set'
        | 'delete'
        | 'swap'
        | 'loadOrStore'
        | 'loadAndDelete'
        | 'compareAndSwap'
    }
  | {
      readonly do: 'set promise' | 'update' | 'loadOrCompute' | 'optimistic'
      readonly awaits: number
      readonly fate: Fate
    }
  | {
      readonly do: 'transaction'
      /** The keys of its group, the whole map, or both stores. */
      readonly scope: 'keys' | 'all' | 'both'
      readonly body: readonly BodyStep[]
    }
) & {
  readonly store: number
  readonly key: string
  /** Whether its signal aborts at some moment: while it waits, runs, or has ended. */
  readonly aborts: boolean
}

/** `frames`: when the scheduler likes, once something is to be published; `misses`: by Go's own rule, and by two calls of `promote`. */
export type Promotion = 'commit' | 'frames' | 'misses'

export interface Program {
  readonly clients: readonly (readonly Call[])[]
  readonly promotion: Promotion
  /** How often a timer may fall due. */
  readonly timers: number
  /** The choices of the scheduler follow from it. */
  readonly seed: number
}

/** All keys that a program names, in the order of {@link KEYS}. */
export function keysOf({ clients }: Program): readonly string[] {
  const named = new Set<string>()
  for (const call of clients.flat()) {
    named.add(call.key)
    if (call.do === 'transaction') for (const step of call.body) if ('key' in step) named.add(step.key)
  }
  return KEYS.filter((key) => named.has(key))
}

const oneOf = <T extends string>(...values: T[]): fc.Arbitrary<T> => fc.constantFrom(...values)
const store = fc.constantFrom(...Array.from({ length: STORES }, (_, i) => i))
const place = oneOf(...PLACES)
const fate = oneOf<Fate>('ends', 'ends', 'ends', 'is corrected', 'throws')
const aborts = fc.constantFrom(false, false, false, false, true)

function callIn(group: string, key = place.map((name) => group + name)): fc.Arbitrary<Call> {
  const step: fc.Arbitrary<BodyStep> = fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        do: oneOf('get', 'get', 'get', 'set', 'set', 'swap', 'delete', 'compareAndSwap', 'loadOrStore'),
        store,
        key,
      }),
    },
    { weight: 2, arbitrary: fc.constant({ do: 'await' as const }) },
  )
  const body = fc
    .tuple(fc.array(step, { minLength: 1, maxLength: 5, size: 'max' }), fate)
    .map(([steps, end]) => (end === 'throws' ? [...steps, { do: 'throw' as const }] : steps))
  const where = { store, key, aborts }
  return fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        do: oneOf(
          'look',
          'look',
          'load',
          'load',
          'set',
          'set',
          'delete',
          'swap',
          'loadOrStore',
          'loadAndDelete',
          'compareAndSwap',
        ),
        ...where,
      }),
    },
    {
      weight: 6,
      arbitrary: fc.record({
        do: oneOf(
          'set promise',
          'update',
          'update',
          'update',
          'loadOrCompute',
          'loadOrCompute',
          'optimistic',
          'optimistic',
        ),
        awaits: fc.nat(2),
        fate,
        ...where,
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant('transaction' as const),
        scope: oneOf('keys', 'keys', 'all', 'both'),
        body,
        ...where,
      }),
    },
  )
}

/** One group is used more than the others, so that calls meet. */
const call = fc.oneof(...GROUPS.map((group, i) => ({ weight: i === 0 ? 4 : 1, arbitrary: callIn(group) })))

/** Mostly of values that are computed or confirmed elsewhere, mostly of one key: absent, but for what these calls do. */
const crowded: fc.Arbitrary<Call> = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({
      do: oneOf('loadOrCompute', 'optimistic'),
      awaits: fc.nat(2),
      fate,
      store: fc.constant(0),
      key: oneOf('p1', 'p1', 'p1', 'p1', 'p0'),
      aborts: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: oneOf('set', 'delete', 'load', 'loadOrStore'),
      store: fc.constant(0),
      key: fc.constant('p1'),
      aborts,
    }),
  },
  { weight: 1, arbitrary: callIn('p', oneOf('p0', 'p1', 'p1')) },
)

const timers = fc.constantFrom(0, 0, 0, 3)

export const crowdedPrograms = (...promotions: Promotion[]): fc.Arbitrary<Program> =>
  fc.record({
    clients: fc.array(fc.array(crowded, { minLength: 1, maxLength: 5, size: 'max' }), {
      minLength: 2,
      maxLength: 4,
      size: 'max',
    }),
    promotion: oneOf(...promotions),
    timers,
    seed: fc.nat(),
  })

/** So many clients, of which each makes at most so many calls. */
export const programs = (clients: number, calls: number, ...promotions: Promotion[]): fc.Arbitrary<Program> =>
  fc.record({
    clients: fc.array(fc.array(call, { minLength: 1, maxLength: calls, size: 'max' }), {
      minLength: 1,
      maxLength: clients,
      size: 'max',
    }),
    promotion: oneOf(...promotions),
    timers,
    seed: fc.nat(),
  })

/** Just so many clients, of which each makes at most so many calls, and at least half of them. */
export const longPrograms = (clients: number, calls: number): fc.Arbitrary<Program> =>
  fc.record({
    clients: fc.array(fc.array(call, { minLength: calls / 2, maxLength: calls, size: 'max' }), {
      minLength: clients,
      maxLength: clients,
      size: 'max',
    }),
    promotion: fc.constant('commit' as const),
    timers,
    seed: fc.nat(),
  })
