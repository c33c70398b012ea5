/** Whether somebody looks at the page; given in, so that it can be simulated, or come from elsewhere (a window of a desktop shell). */
export interface FocusPort {
  isFocused(): boolean
  /** Calls `listener` whenever {@link isFocused} may have changed. Returns what ends it. */
  subscribe(listener: () => void): () => void
}

/** Whether there is a network. */
export interface OnlinePort {
  isOnline(): boolean
  /** Calls `listener` whenever {@link isOnline} may have changed. Returns what ends it. */
  subscribe(listener: () => void): () => void
}

const never = (): (() => void) => () => {}

/** For a port that is turned off, and for places without pages: always focused, always online. */
export const always: FocusPort & OnlinePort = {
  isFocused: () => true,
  isOnline: () => true,
  subscribe: never,
}

/** The page's own visibility. A page that is visible but not focused counts as looked at: it may lie beside another window. */
export const platformFocus: FocusPort = {
  isFocused: () => typeof document === 'undefined' || document.visibilityState !== 'hidden',
  subscribe(listener) {
    if (typeof document === 'undefined') return never()
    document.addEventListener('visibilitychange', listener)
    return () => document.removeEventListener('visibilitychange', listener)
  },
}

/** `navigator.onLine`, where there is one; Node has a navigator that knows of no network. */
export const platformOnline: OnlinePort = {
  isOnline: () => typeof navigator === 'undefined' || navigator.onLine !== false,
  subscribe(listener) {
    if (typeof window === 'undefined') return never()
    window.addEventListener('online', listener)
    window.addEventListener('offline', listener)
    return () => {
      window.removeEventListener('online', listener)
      window.removeEventListener('offline', listener)
    }
  },
}
