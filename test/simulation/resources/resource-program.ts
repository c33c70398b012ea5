// Programs for a small resource: what several clients call, what the server does, and what time and the network do meanwhile.
import fc from 'fast-check'

export const KEYS = ['a', 'b'] as const

/** How a wait ends before its value is there: never, by the caller, or by a time limit of so many milliseconds. */
type Limit = 'none' | 'caller' | 50 | 1500

export type ResourceCall =
  | { readonly do: 'load' | 'ensure' | 'refetch'; readonly key: string; readonly limit: Limit }
  /** All keys in one tick; of this one with a limit, of the others without. */
  | { readonly do: 'load all'; readonly key: string; readonly limit: Limit }
  | { readonly do: 'set' | 'delete'; readonly key: string }
  | { readonly do: 'get' | 'look' | 'watch' | 'listen' | 'invalidate'; readonly key: string }
  /** Holds the turn of the key for so long. */
  | { readonly do: 'update'; readonly key: string; readonly awaits: number; readonly fails: boolean }
  /** Shown at once, and confirmed elsewhere. */
  | { readonly do: 'optimistic'; readonly key: string; readonly awaits: number; readonly fate: Fate }
  /** Of the resource that this key belongs to. */
  | { readonly do: 'prefetch' | 'invalidate all'; readonly key: string }
  | { readonly do: 'leave' }
  /** Does nothing for so many milliseconds. */
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'focus' | 'online'; readonly isOn: boolean }
  /** The store, and with it all of its resources, or the one that this key belongs to. */
  | { readonly do: 'dispose'; readonly what: 'resource' | 'store'; readonly key: string }

/** `is corrected`: the truth is another value than the one shown. */
export type Fate = 'ends' | 'throws' | 'is corrected'

/** What the server does with one request. */
interface Answer {
  readonly awaits: number
  readonly fails: boolean
}

export interface ResourceProgram {
  readonly staleTime: number
  readonly gcTime: number
  readonly retry: number
  readonly refetchInterval: number
  readonly networkMode: 'online' | 'offlineFirst' | 'always'
  readonly isBatched: boolean
  /** Whether each key has a resource of its own, over the same store. */
  readonly isSplit: boolean
  /** Whether the server stops when it is told to. */
  readonly listens: boolean
  readonly promotion: 'commit' | 'frames'
  /** By the number of the request. */
  readonly answers: readonly Answer[]
  /** What becomes of requests beyond the list: they succeed at once, or succeed or fail whenever the scheduler likes. */
  readonly others: 'succeed' | 'as it likes'
  /** Called one after the other before the clients begin. */
  readonly before: readonly ResourceCall[]
  readonly clients: readonly (readonly ResourceCall[])[]
  readonly seed: number
}

const oneOf = <T>(...values: T[]): fc.Arbitrary<T> => fc.constantFrom(...values)
const key = oneOf('a', 'a', 'a', 'b')

const limit = oneOf<Limit>('none', 'none', 'caller', 'caller', 50, 1500)

const call: fc.Arbitrary<ResourceCall> = fc.oneof(
  {
    weight: 14,
    arbitrary: fc.record({
      do: oneOf('load' as const, 'load' as const, 'ensure' as const, 'refetch' as const),
      key,
      limit,
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('load all' as const), key, limit }) },
  {
    weight: 10,
    arbitrary: fc.record({
      do: oneOf(
        'set' as const,
        'delete' as const,
        'get' as const,
        'look' as const,
        'watch' as const,
        'listen' as const,
        'listen' as const,
        'invalidate' as const,
      ),
      key,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('update' as const),
      key,
      awaits: fc.nat(2),
      fails: oneOf(false, false, true),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('optimistic' as const),
      key,
      awaits: fc.nat(2),
      fate: oneOf<Fate>('ends', 'ends', 'is corrected', 'throws'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: oneOf('prefetch' as const, 'invalidate all' as const, 'invalidate all' as const),
      key,
    }),
  },
  { weight: 1, arbitrary: fc.constant({ do: 'leave' as const }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: oneOf(70, 700) }) },
  { weight: 1, arbitrary: fc.record({ do: oneOf('focus' as const, 'online' as const), isOn: fc.boolean() }) },
)

const disposal: fc.Arbitrary<ResourceCall> = fc.record({
  do: fc.constant('dispose' as const),
  what: oneOf('resource' as const, 'store' as const),
  key: oneOf('a', 'a', 'b'),
})

const answers = fc.array(fc.record({ awaits: fc.nat(3), fails: oneOf(true, true, false, false, false) }), {
  minLength: 2,
  maxLength: 12,
  size: 'max',
})

export const resourcePrograms: fc.Arbitrary<ResourceProgram> = fc.record({
  staleTime: oneOf(0, 100, Number.POSITIVE_INFINITY),
  gcTime: oneOf(0, 1000, 300_000),
  retry: oneOf(0, 1, 2),
  refetchInterval: oneOf(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 500),
  networkMode: oneOf('online' as const, 'online' as const, 'offlineFirst' as const, 'always' as const),
  isBatched: oneOf(false, false, true),
  isSplit: fc.boolean(),
  listens: fc.boolean(),
  promotion: oneOf('commit' as const, 'commit' as const, 'frames' as const),
  answers,
  others: fc.constant('succeed' as const),
  before: fc.constant([]),
  clients: fc
    .tuple(
      fc.array(fc.array(call, { minLength: 1, maxLength: 5, size: 'max' }), {
        minLength: 2,
        maxLength: 4,
        size: 'max',
      }),
      fc.oneof({ weight: 4, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: disposal }),
    )
    .map(([clients, last]) => (last === null ? clients : [...clients, [last]])),
  seed: fc.nat(),
})
