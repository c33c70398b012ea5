// What goes over the wire.

export interface Dish {
  readonly id: number
  readonly name: string
  readonly kind: string
  readonly minutes: number
  readonly portions: number
  /** Rises with every change that the server makes: of two answers, the one with the higher version is the newer. */
  readonly version: number
  /** The last edits that are in it already, by their ids. */
  readonly edits: readonly string[]
}

export interface Page {
  readonly dishes: readonly Dish[]
  readonly pages: number
  readonly total: number
}

export interface Details {
  readonly dish: Dish
  readonly ingredients: readonly string[]
  readonly steps: readonly string[]
}

export interface Match {
  readonly id: number
  readonly name: string
}

/** Milliseconds, and the share of requests that fail. */
export interface Weather {
  readonly latency: number
  readonly jitter: number
  readonly failures: number
}

/** What a test orders: no chance, and nothing to sleep for. */
export type Order =
  /** All again as at the start, without any trouble; what is held fails. */
  | { readonly do: 'reset' }
  /** The next `count` requests of a path that begins like this wait until they are let go, or fail at once. */
  | { readonly do: 'hold' | 'fail'; readonly path: string; readonly count?: number }
  /** The oldest one that is held goes on, or fails; one that has not come yet is waited for. */
  | { readonly do: 'release'; readonly path: string; readonly fails?: boolean }
