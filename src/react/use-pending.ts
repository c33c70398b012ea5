import { useCallback, useSyncExternalStore } from 'react'
import type { PendingSource } from './source.ts'

/**
 * Whether a pending write is laid over `key`; without a key, over any: it is shown, and not confirmed yet.
 *
 * When to use: to mark what is still being saved. On the server nothing is pending.
 *
 * @example
 * ```ts
 * import { createElement } from 'react'
 * import { renderToString } from 'react-dom/server'
 * import { createStore } from 'tidemap/store'
 * import { usePending } from 'tidemap/react'
 *
 * const store = createStore([['note', 'hello']])
 * const Saving = () => createElement('b', null, usePending(store, 'note') ? 'saving' : 'saved')
 * renderToString(createElement(Saving)) // => '<b>saved</b>'
 * ```
 */
export function usePending<K>(store: PendingSource<K>, ...key: [] | [key: K]): boolean {
  const subscribe = useCallback((listener: () => void) => store.subscribePending(listener), [store])
  const isPending = (): boolean => (key.length === 0 ? store.pendingKeys().size > 0 : store.isPending(key[0]))
  return useSyncExternalStore(subscribe, isPending, () => false)
}
