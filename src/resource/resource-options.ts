import { invalidArgument } from '../errors.ts'
import { checkFunction } from '../store/arguments.ts'
import { type Clock, platformClock } from '../store/clock.ts'
import type { WritableObjectStore } from '../store/object-store.ts'
import { platformReport, report } from '../store/options.ts'
import type { WritableStore } from '../store/store.ts'
import { BatchLoader, type LoadMany } from './batch-loader.ts'
import type { Factory } from './computation.ts'
import { always, type FocusPort, type OnlinePort, platformFocus, platformOnline } from './ports.ts'
import type { NetworkMode, RetryOptions } from './retry.ts'

/** What a resource is given at its making. All but `store` and one of `load` and `loadMany` has a default, TanStack Query's where it has one. */
export interface ResourceOptions<K, V> {
  /** Where the values are kept: what is loaded is written there, and what others write there counts. */
  readonly store: WritableStore<K, V>
  /** Loads one key. Throw or reject for a failure; listen to `signal`, which aborts when nobody wants the value any more. */
  readonly load?: Factory<K, V> | undefined
  /** Loads the keys that are asked for in one tick in one request; with `load` too, a key that is alone is left to that. */
  readonly loadMany?: LoadMany<K, V> | undefined
  /** For how many milliseconds a value counts as fresh. Default: 0, every `load` refetches it in the background. */
  readonly staleTime?: number | undefined
  /** After how many milliseconds what nobody uses is forgotten; `Infinity`: never. Default: 5 minutes. */
  readonly gcTime?: number | undefined
  /**
   * How often a failed load is tried again (`false`: never; `true`: until it succeeds), or whether, given the failures before this one.
   * Another attempt waits until somebody looks at the page. Default: 3.
   */
  readonly retry?: number | boolean | ((failures: number, error: unknown) => boolean) | undefined
  /** Milliseconds before another attempt. Default: a random part of 1 s, 2 s, 4 s … 30 s (exponential backoff with full jitter). */
  readonly retryDelay?: number | ((failures: number, error: unknown) => number) | undefined
  readonly networkMode?: NetworkMode | undefined
  /** Whether watched stale keys are loaded again when the page is looked at again. Default: true. */
  readonly refetchOnFocus?: boolean | undefined
  /** Whether watched stale keys are loaded again when the network is back. Default: true. */
  readonly refetchOnReconnect?: boolean | undefined
  /** Loads watched keys again every so many milliseconds, while the page is looked at. `false` or 0: never. Default: never. */
  readonly refetchInterval?: number | false | undefined
  /**
   * When the values were loaded that the store has already when the resource is made, or gets before the resource has looked at their key,
   * e.g. those of a server: milliseconds by `clock`, 0 for stale. Default: the moment at which their key is first looked at.
   */
  readonly initialUpdatedAt?: number | undefined
  /** Hears of errors that listeners throw. Default: the platform's `reportError`, or the console. */
  readonly onError?: ((error: unknown) => void) | undefined
  /** Where time comes from. Default: the platform's clock, whose timers keep no Node process alive. */
  readonly clock?: Clock | undefined
  /** From 0 to 1, for the jitter. Default: `Math.random`. */
  readonly random?: (() => number) | undefined
  /** Whether somebody looks. Default: the page's visibility; `false`: always. */
  readonly focus?: FocusPort | false | undefined
  /** Whether there is a network. Default: `navigator.onLine`; `false`: always. */
  readonly online?: OnlinePort | false | undefined
}

/** The same over a store of a fixed shape, for some of its keys. */
export interface ObjectResourceOptions<T extends object, P extends keyof T>
  extends Omit<ResourceOptions<P, T[P]>, 'store'> {
  readonly store: WritableObjectStore<T>
}

export interface ResolvedResourceOptions<K, V> extends RetryOptions {
  readonly fetch: (key: K, signal: AbortSignal) => V | PromiseLike<V>
  readonly staleTime: number
  readonly gcTime: number
  readonly refetchOnFocus: boolean
  readonly refetchOnReconnect: boolean
  readonly refetchInterval: number
  readonly initialUpdatedAt: number | undefined
  readonly report: (error: unknown) => void
}

const MINUTE = 60_000

export function resolveResourceOptions<K, V>(
  options: Omit<ResourceOptions<K, V>, 'store'>,
): ResolvedResourceOptions<K, V> {
  const { staleTime = 0, gcTime = 5 * MINUTE, retry = 3, refetchInterval: every = false } = options
  const refetchInterval = every === false || every === 0 ? Number.POSITIVE_INFINITY : every // 0 would be without a pause
  const { networkMode = 'online', random = Math.random, retryDelay = backoff(random) } = options
  const { onError = platformReport, clock = platformClock } = options
  const { focus = platformFocus, online = platformOnline } = options
  for (const [name, value] of Object.entries({ staleTime, gcTime, refetchInterval })) {
    if (!(value >= 0)) throw invalidArgument(`options.${name}`, 'a number of milliseconds', value)
  }
  if (!['online', 'offlineFirst', 'always'].includes(networkMode)) {
    throw invalidArgument('options.networkMode', "'online', 'offlineFirst' or 'always'", networkMode)
  }
  if (typeof retry !== 'number' && typeof retry !== 'boolean') checkFunction('options.retry', retry)
  if (typeof retryDelay !== 'number') checkFunction('options.retryDelay', retryDelay)
  checkFunction('options.onError', onError)
  return {
    fetch: fetcher(options),
    staleTime,
    gcTime,
    refetchInterval,
    networkMode,
    retry: typeof retry === 'function' ? retry : (failures) => retry === true || failures < Number(retry),
    retryDelay: typeof retryDelay === 'number' ? () => retryDelay : retryDelay,
    refetchOnFocus: options.refetchOnFocus ?? true,
    refetchOnReconnect: options.refetchOnReconnect ?? true,
    initialUpdatedAt: options.initialUpdatedAt,
    report: (error) => report(error, onError),
    clock,
    focus: focus === false ? always : focus,
    online: online === false ? always : online,
  }
}

function fetcher<K, V>({
  load,
  loadMany,
}: Pick<ResourceOptions<K, V>, 'load' | 'loadMany'>): ResolvedResourceOptions<K, V>['fetch'] {
  if (load !== undefined || loadMany === undefined) checkFunction('options.load', load)
  if (loadMany === undefined) return (key, signal) => (load as Factory<K, V>)(key, { signal })
  checkFunction('options.loadMany', loadMany)
  const batches = new BatchLoader(loadMany, load)
  return (key, signal) => batches.load(key, signal)
}

/** Full jitter: anything from at once to the whole delay, so that many clients do not come back at one time. AWS's name for it. */
const backoff =
  (random: () => number) =>
  (failures: number): number =>
    random() * Math.min(1000 * 2 ** failures, 30_000)
