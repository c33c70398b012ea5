/**
 * Runs `show` for the first time. What it throws is reported, as the store reports what listeners throw: one value that cannot be shown
 * takes nothing else from the page, and the next value is tried again.
 */
export function attempt(show: () => void): void {
  try {
    show()
  } catch (error) {
    report(error)
  }
}

/** A store tells its own `onError`, and no binding can: a source has no such method. */
export function report(error: unknown): void {
  if (typeof globalThis.reportError === 'function') globalThis.reportError(error)
  else console.error(error)
}
