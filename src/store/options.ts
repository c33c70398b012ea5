import { invalidArgument, TidemapError } from '../errors.ts'
import { checkFunction } from './arguments.ts'
import { type Clock, platformClock } from './clock.ts'
import { Freezer } from './freeze.ts'
import { Watchdog } from './watchdog.ts'
import type { Writer } from './writer.ts'

/** When committed writes are published: see {@link StoreOptions}. */
export type Promotion = 'commit' | 'misses' | ((promote: () => void) => void)

/** What a store is given at its making; all of it has a default. */
export interface StoreOptions<V> {
  /** Which values count as equal: writing one publishes nothing and tells nobody. Default: `Object.is`. */
  readonly equal?: ((a: V, b: V) => boolean) | undefined
  /** Development: stored plain data is deep-frozen, so that a mutation throws at its author. `false` turns it off. Production never does it. */
  readonly freeze?: boolean | undefined
  /**
   * When committed writes are published as a new view.
   *
   * - `'commit'` (default): at once, one view per commit.
   * - `'misses'`: Go's own rule: when `load`s that read could not answer have reached the size of dirty; or at `promote()`.
   * - a function: it is handed `promote` once after the first commit that is not published, to call it when it suits, e.g.
   *   `requestAnimationFrame` for feeds of thousands of writes a second: one view a frame.
   *
   * In the last two, `get` and views show the last promotion; `load` and writers see everything committed.
   */
  readonly promotion?: Promotion | undefined
  /** Hears of errors that listeners, selectors and schedulers throw. Default: the platform's `reportError`, or the console. */
  readonly onError?: ((error: unknown) => void) | undefined
  /** Development: warn when a turn is held this many milliseconds while others wait. `Infinity` turns it off. Default: 2000. */
  readonly stallAfterMs?: number | undefined
  /** Development: where that time comes from. Default: the platform's clock. */
  readonly clock?: Clock | undefined
}

export interface ResolvedOptions<V> extends DevelopmentAids<V> {
  readonly equal: (a: V, b: V) => boolean
  readonly promotion: Promotion
  readonly report: (error: unknown) => void
}

/** What a store has in development only. */
interface DevelopmentAids<V> {
  /** Called with every value before it is stored: freezes it, where that is asked for. */
  readonly seal: (value: V) => void
  /** Keeps an eye on these writers, where that is asked for. */
  readonly watch: ((writers: ReadonlySet<Writer>) => Watchdog) | undefined
}

export function resolveOptions<V>(options: StoreOptions<V> = {}): ResolvedOptions<V> {
  const { equal = Object.is, promotion = 'commit', onError = platformReport } = options
  checkFunction('options.equal', equal)
  checkFunction('options.onError', onError)
  if (typeof promotion !== 'function' && promotion !== 'commit' && promotion !== 'misses') {
    throw invalidArgument('options.promotion', "'commit', 'misses' or a function", promotion)
  }
  return { equal, promotion, report: (error) => report(error, onError), ...developmentAids(options) }
}

/** As far as this file knows of it; bundlers put a literal in place of `process.env.NODE_ENV`, and browsers have no `process`. */
declare const process: { readonly env: { readonly NODE_ENV?: string } }

function developmentAids<V>(options: StoreOptions<V>): DevelopmentAids<V> {
  try {
    // written out, not behind a function, and as a block: so bundlers drop all of it from production
    if (process.env.NODE_ENV !== 'production') {
      return { seal: sealer(options.freeze), watch: watcher(options.clock, options.stallAfterMs) }
    }
  } catch (error) {
    if (error instanceof TidemapError) throw error
    // no bundler and no `process`, or one without `env`: taken for production
  }
  return { seal: keep, watch: undefined }
}

const keep = (): void => {}

function sealer(freeze: boolean | undefined): (value: unknown) => void {
  if (freeze === false) return keep
  const freezer = new Freezer()
  return (value) => freezer.freeze(value)
}

function watcher(clock: Clock = platformClock, stallAfterMs = 2000): DevelopmentAids<unknown>['watch'] {
  for (const method of ['now', 'setTimeout', 'clearTimeout'] as const) {
    checkFunction(`options.clock.${method}`, clock?.[method])
  }
  if (!(stallAfterMs > 0))
    throw invalidArgument('options.stallAfterMs', 'a positive number of milliseconds', stallAfterMs)
  if (stallAfterMs === Number.POSITIVE_INFINITY) return undefined
  return (writers) => new Watchdog(writers, clock, stallAfterMs)
}

/** A handler that throws is reported too: nothing that listeners do may reach the writer. */
export function report(error: unknown, onError: (error: unknown) => void): void {
  try {
    onError(error)
  } catch (second) {
    try {
      platformReport(error)
      platformReport(second)
    } catch {
      // the platform cannot report either: nobody is left to tell
    }
  }
}

/** Where errors go that belong to nobody who could catch them. */
export function platformReport(error: unknown): void {
  if (typeof reportError === 'function') reportError(error)
  else console.error(error) // Node has no reportError; throwing it later would end the process for a listener's fault
}
