// Programs for a small resource: what several clients call, what the server does, and what time and the network do meanwhile.
import fc from 'fast-check'

export const KEYS = ['a', 'b'] as const

/** How a wait ends before its value is there: never, by the caller, or by a time limit of so many milliseconds. */
type Limit = 'none' | 'caller' | 50 | 1500

export type ResourceCall =
  | { readonly do: 'load' | 'ensure' | 'refetch'; readonly key: string; readonly limit: Limit }
  | { readonly do: 'set' | 'delete'; readonly key: string }
  | { readonly do: 'look' | 'watch' | 'listen' | 'invalidate'; readonly key: string }
  /** Holds the turn of the key for so long. */
  | { readonly do: 'update'; readonly key: string; readonly awaits: number }
  | { readonly do: 'prefetch' | 'invalidate all' | 'leave' }
  | { readonly do: 'focus' | 'online'; readonly isOn: boolean }
  | { readonly do: 'dispose'; readonly what: 'resource' | 'store' }

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
  /** Whether the server stops when it is told to. */
  readonly listens: boolean
  readonly promotion: 'commit' | 'frames'
  /** By the number of the request; beyond the list they succeed at once. */
  readonly answers: readonly Answer[]
  readonly clients: readonly (readonly ResourceCall[])[]
  readonly seed: number
}

const oneOf = <T>(...values: T[]): fc.Arbitrary<T> => fc.constantFrom(...values)
const key = oneOf('a', 'a', 'a', 'b')

const call: fc.Arbitrary<ResourceCall> = fc.oneof(
  {
    weight: 14,
    arbitrary: fc.record({
      do: oneOf('load' as const, 'load' as const, 'ensure' as const, 'refetch' as const),
      key,
      limit: oneOf<Limit>('none', 'none', 'caller', 'caller', 50, 1500),
    }),
  },
  {
    weight: 10,
    arbitrary: fc.record({
      do: oneOf(
        'set' as const,
        'delete' as const,
        'look' as const,
        'watch' as const,
        'listen' as const,
        'listen' as const,
        'invalidate' as const,
      ),
      key,
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('update' as const), key, awaits: fc.nat(2) }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: oneOf('prefetch' as const, 'invalidate all' as const, 'leave' as const) }),
  },
  { weight: 1, arbitrary: fc.record({ do: oneOf('focus' as const, 'online' as const), isOn: fc.boolean() }) },
)

const disposal: fc.Arbitrary<ResourceCall> = fc.record({
  do: fc.constant('dispose' as const),
  what: oneOf('resource' as const, 'store' as const),
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
  listens: fc.boolean(),
  promotion: oneOf('commit' as const, 'commit' as const, 'frames' as const),
  answers,
  clients: fc
    .tuple(
      fc.array(fc.array(call, { minLength: 1, maxLength: 5, size: 'max' }), {
        minLength: 2,
        maxLength: 4,
        size: 'max',
      }),
      fc.option(disposal, { freq: 10 }),
    )
    .map(([clients, last]) => (last === null ? clients : [...clients, [last]])),
  seed: fc.nat(),
})
