import type { Unsubscribe } from '../index.ts'

/** What every binding takes. */
export interface BindOptions {
  /** Ends the binding when it aborts; one that has aborted already binds nothing. */
  readonly signal?: AbortSignal | undefined
}

/** `end` as a function that does it once and is `Disposable` too. */
export function endsOnce(end: () => void): Unsubscribe {
  let open: (() => void) | undefined = end
  const stop = (): void => {
    const close = open
    open = undefined // whoever keeps the function keeps nothing else
    close?.()
  }
  return Object.assign(stop, { [Symbol.dispose]: stop })
}

/** Binds until `signal` aborts or the returned function is called; afterwards `signal` has no listener of ours either. */
export function until(signal: AbortSignal | undefined, bind: () => Unsubscribe): Unsubscribe {
  if (signal === undefined) return bind() // a binding among thousands has no closures but those it needs
  if (signal.aborted) return endsOnce(() => {})
  const end = bind()
  const stop = endsOnce(() => {
    signal.removeEventListener('abort', stop)
    end()
  })
  signal.addEventListener('abort', stop, { once: true })
  return stop
}
