// What is not in a store, in the shape of one key of a store: so the bindings of `tidemap/dom` take it as it is.
import type { KeySource } from 'tidemap/dom'
import type { Resource, Status } from 'tidemap/resource'
import type { Store } from 'tidemap/store'

/** The status of a key of a resource. */
export function statusOf<K, V>(resource: Resource<K, V>): KeySource<K, Status<V>> {
  return {
    view: { get: (key) => resource.status(key) },
    subscribeKey: (key, listener) => resource.subscribeStatus(key, listener),
  }
}

/** Whether an unconfirmed write is shown. */
export function pendingOf<K, V>(store: Store<K, V>): KeySource<K, boolean> {
  return {
    view: { get: (key) => store.isPending(key) },
    subscribeKey: (key, listener) => store.subscribePending(() => listener(store.isPending(key))),
  }
}

/** A status in words, all of them: this page hides nothing. */
export function inWords(status: Status<unknown> | undefined): string {
  if (status === undefined) return ''
  const { failureCount } = status
  const failed = failureCount === 0 ? [] : [`${failureCount} failed`]
  return [status.status, status.fetchStatus, ...(status.isStale ? ['stale'] : []), ...failed].join(' · ')
}
