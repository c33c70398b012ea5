/**
 * What is known of a key of a resource, in TanStack Query's words. An immutable object, the same one until something of it changes: it
 * fits `useSyncExternalStore` as it is.
 *
 * `status` tells what there is: `'pending'` nothing yet, `'success'` a value, `'error'` the last load has failed (an older value may still
 * be there). `fetchStatus` tells what goes on: `'fetching'`, `'paused'` (it waits for the network, or for somebody to look), `'idle'`.
 * The two are independent: a refetch in the background is `'success'` and `'fetching'`.
 */
export type Status<V> =
  | (StatusFields & { readonly status: 'pending'; readonly data: undefined; readonly error: null })
  | (StatusFields & { readonly status: 'success'; readonly data: V; readonly error: null })
  | (StatusFields & { readonly status: 'error'; readonly data: V | undefined; readonly error: unknown })

export interface StatusFields {
  readonly fetchStatus: FetchStatus
  /** When the value was loaded or set, by the resource's clock; 0 where there is none. TanStack's `dataUpdatedAt`. */
  readonly updatedAt: number
  /** When the last load failed; 0 where none has. */
  readonly errorUpdatedAt: number
  /** How many attempts have failed since the last success; begins again with every load. */
  readonly failureCount: number
  readonly failureReason: unknown
  /** Older than `staleTime`, invalidated, or absent: the next `load` fetches it. */
  readonly isStale: boolean
}

export type FetchStatus = 'fetching' | 'paused' | 'idle'

/** What is known of a key that nobody has asked for and that is not there. */
export const UNKNOWN: Status<never> = /* @__PURE__ */ Object.freeze({
  status: 'pending',
  fetchStatus: 'idle',
  data: undefined,
  error: null,
  updatedAt: 0,
  errorUpdatedAt: 0,
  failureCount: 0,
  failureReason: null,
  isStale: true,
})

export const isSameStatus = <V>(a: Status<V>, b: Status<V>): boolean =>
  Object.keys(UNKNOWN).every((name) =>
    Object.is(a[name as keyof StatusFields], b[name as keyof StatusFields]),
  )
