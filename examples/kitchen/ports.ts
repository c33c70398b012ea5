import type { FocusPort } from 'tidemap/resource'
import type { Clock } from 'tidemap/store'

/** What the page needs from outside. `main.ts` gives it the real server, a test gives it what it likes. */
export interface Ports {
  readonly fetch: (path: string, init: RequestInit) => Promise<Response>
  /** A name for an edit that no other edit has. */
  readonly newId: () => string
  /** Default: the platform's. */
  readonly clock?: Clock
  readonly focus?: FocusPort
}
