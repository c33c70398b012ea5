import type { Clock } from '../store/clock.ts'
import type { FocusPort, OnlinePort } from './ports.ts'
import { Timer } from './timer.ts'

/**
 * When a request may be made. `'online'` (default): only with a network, else it waits as `paused`. `'offlineFirst'`: the first attempt
 * always (a service worker may answer), another one only with a network. `'always'`: without regard to the network.
 */
export type NetworkMode = 'online' | 'offlineFirst' | 'always'

export interface RetryOptions {
  /** Whether to try again after `failures` failures before this one. */
  readonly retry: (failures: number, error: unknown) => boolean
  /** How many milliseconds to wait before that. */
  readonly retryDelay: (failures: number, error: unknown) => number
  readonly networkMode: NetworkMode
  readonly clock: Clock
  readonly focus: FocusPort
  readonly online: OnlinePort
}

/** Who is told how it goes on. */
export interface Progress {
  /** An attempt has failed, and another one follows. */
  failed(error: unknown): void
  paused(isPaused: boolean): void
}

/**
 * Calls `work` until it succeeds or is not to be tried again; waits in between, and while it may not run: for the network, and for another
 * attempt also until somebody looks at the page.
 *
 * The first attempt begins before this returns, where it may run. On abort it rejects with `signal.reason` from whatever it waits for, and
 * leaves no timer and no listener behind; a `work` that does not listen to its signal ends when it ends.
 */
export async function persevere<T>(
  work: (signal: AbortSignal) => T | PromiseLike<T>,
  signal: AbortSignal,
  options: RetryOptions,
  progress: Progress,
): Promise<T> {
  for (let failures = 0; ; failures++) {
    if (!mayRun(options, failures)) {
      progress.paused(true)
      await untilItMayRun(options, failures, signal)
      progress.paused(false)
    }
    if (signal.aborted) throw signal.reason // in the tick in which the waiting ended: nobody is there to ask for
    try {
      return await work(signal)
    } catch (error) {
      if (signal.aborted || !options.retry(failures, error)) throw error
      progress.failed(error)
      await sleep(options.retryDelay(failures, error), signal, options.clock)
    }
  }
}

function mayRun({ networkMode, focus, online }: RetryOptions, failures: number): boolean {
  if (failures > 0 && !focus.isFocused()) return false
  return networkMode === 'always' || (networkMode === 'offlineFirst' && failures === 0) || online.isOnline()
}

function untilItMayRun(options: RetryOptions, failures: number, signal: AbortSignal): Promise<void> {
  return waitFor(signal, (done) => {
    const look = (): void => {
      if (mayRun(options, failures)) done()
    }
    const stops = [options.focus.subscribe(look), options.online.subscribe(look)]
    return () => {
      for (const stop of stops) stop()
    }
  })
}

function sleep(ms: number, signal: AbortSignal, clock: Clock): Promise<void> {
  return waitFor(signal, (done) => {
    const timer = new Timer(clock, done)
    timer.set(ms)
    return () => timer.clear()
  })
}

/**
 * Until `begin` says that it is done, or the abort; what `begin` gives back ends its waiting, in both cases. A port may call back before
 * its `subscribe`, and so `begin`, has returned.
 */
function waitFor(signal: AbortSignal, begin: (done: () => void) => () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    let isOver = false
    let end = (): void => {}
    const finish = (settle: () => void): void => {
      isOver = true
      end()
      signal.removeEventListener('abort', onAbort)
      settle()
    }
    const onAbort = (): void => finish(() => reject(signal.reason))
    signal.addEventListener('abort', onAbort)
    end = begin(() => finish(resolve))
    if (isOver) end()
  })
}
