/** Where time comes from; given in, so that a simulation can drive it. */
export interface Clock {
  /** Milliseconds, from any beginning. */
  now(): number
  setTimeout(callback: () => void, ms: number): unknown
  clearTimeout(handle: unknown): void
}

/** What `setTimeout` gives: in Node an object that has this, in browsers a number. */
interface Timer {
  unref?(): unknown
}

/** The platform's clock. Its timers keep no Node process alive. */
export const platformClock: Clock = {
  now: () => Date.now(),
  setTimeout(callback, ms) {
    const handle: unknown = setTimeout(callback, ms)
    ;(handle as Timer).unref?.()
    return handle
  },
  clearTimeout: (handle) => clearTimeout(handle as number),
}
