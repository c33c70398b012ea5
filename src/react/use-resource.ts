import React, { useCallback, useEffect, useSyncExternalStore } from 'react'

/** What {@link useStatus} asks of a resource: a status that is the same object until something of it changes. */
export interface StatusSource<K, S> {
  status(key: K): S
  subscribeStatus(key: K, listener: () => void): () => void
}

/** What {@link useResource} asks of a resource: any of `tidemap/resource`, and whatever else has this shape. */
export interface ResourceSource<K, V>
  extends StatusSource<
    K,
    {
      readonly status: 'pending' | 'success' | 'error'
      readonly fetchStatus: 'fetching' | 'paused' | 'idle'
      readonly data: V | undefined
      readonly error: unknown
      readonly updatedAt: number
    }
  > {
  /** What is there, or else loads it: the same promise for everybody until it settles, and as long as the value stays. */
  ensure(key: K): PromiseLike<V>
  /** The same, and loads again what is stale. */
  load(key: K): PromiseLike<V>
  watch(key: K): () => void
}

/**
 * What is known of a key of a resource: `{ status, fetchStatus, data, error, … }`. Loads nothing.
 *
 * When to use: for a spinner beside content that stays, for an error in place, or where nothing shall suspend. When not: for the value
 * alone, {@link useResource}. It is told a microtask after the status has changed, because a load may begin while React renders.
 *
 * @example
 * ```ts
 * import { createElement } from 'react'
 * import { renderToString } from 'react-dom/server'
 * import { createResource } from 'tidemap/resource'
 * import { createStore } from 'tidemap/store'
 * import { useStatus } from 'tidemap/react'
 *
 * const users = createResource({ store: createStore<string, string>(), load: async (id) => `user ${id}` })
 * const Status = () => createElement('b', null, useStatus(users, 'u1').status)
 * renderToString(createElement(Status)) // => '<b>pending</b>'
 * ```
 */
export function useStatus<K, S>(resource: StatusSource<K, S>, key: NoInfer<K>): S {
  const subscribe = useCallback(
    (listener: () => void) => resource.subscribeStatus(key, () => queueMicrotask(listener)),
    [resource, key],
  )
  const status = (): S => resource.status(key)
  return useSyncExternalStore(subscribe, status, status)
}

/**
 * The value of a key of a resource. Suspends while there is none yet, and loads it; throws the error of the load to the error boundary.
 *
 * A value that is there stays shown, however old, while it is loaded again: a refetch suspends nothing, and an error of it throws
 * nothing (ask {@link useStatus}). A stale one, older than a second, is loaded again when the component comes. While the component is there it watches the key: see `watch` of the resource. To try again after an
 * error: `void resource.refetch(key)`, then reset the boundary. A key that changes inside a transition keeps what is shown until the new
 * value is there.
 *
 * On a server it suspends too: stream, or have the values in the store before (`await resource.prefetch(keys)`).
 *
 * @example
 * ```ts
 * import { createElement, Suspense } from 'react'
 * import { renderToString } from 'react-dom/server'
 * import { createResource } from 'tidemap/resource'
 * import { createStore } from 'tidemap/store'
 * import { useResource } from 'tidemap/react'
 *
 * const users = createResource({ store: createStore<string, string>(), load: async (id) => `user ${id}` })
 * const User = ({ id }: { id: string }) => createElement('b', null, useResource(users, id))
 * const page = createElement(Suspense, { fallback: 'loading' }, createElement(User, { id: 'u1' }))
 *
 * await users.prefetch(['u1'])
 * renderToString(page).includes('<b>user u1</b>') // => true
 * users.dispose()
 * ```
 */
export function useResource<K, V>(resource: ResourceSource<K, V>, key: NoInfer<K>): V {
  const { status, fetchStatus, data, error, updatedAt } = useStatus(resource, key)
  useEffect(() => {
    const stop = resource.watch(key)
    const isNew = Date.now() - resource.status(key).updatedAt < JUST_LOADED_MS
    // Its error is in the status.
    if (!isNew) resource.load(key).then(undefined, () => {})
    return stop
  }, [resource, key])
  const isThere = status === 'success' || updatedAt > 0
  if (!isThere && status === 'error' && fetchStatus === 'idle') throw error
  const promise: MaybeTagged<V> = resource.ensure(key)
  if (!isThere) return wait(promise)
  // What has suspended by `use` must call it again, with the same promise, when it is done. It tells its value: it suspends nothing.
  if (promise.status === 'fulfilled') React.use?.(promise as Promise<V>)
  return data as V
}

type MaybeTagged<V> = PromiseLike<V> & { readonly status?: string }

/**
 * A component that has suspended forgets that it has. With the default `staleTime` of 0 it would load again what it has just waited for:
 * so what is younger than this is not loaded again when a component comes (TanStack Query does the same).
 */
const JUST_LOADED_MS = 1000

/** Suspends until `promise` has settled; with React 18, which has no `use`, as its Suspense has always been told. */
function wait<V>(promise: PromiseLike<V>): V {
  if (React.use !== undefined) return React.use(promise as Promise<V>)
  throw promise
}
