import { useMemo } from 'react'
import type { Found } from '../index.ts'
import { ABSENT } from './reading.ts'
import type { ShapeSource, Source } from './source.ts'
import { useFound } from './surroundings.ts'

/**
 * The value of `key`, or `undefined` where it is absent. Renders again when that key changes, and for no other.
 *
 * When to use: for whatever shows one key; a list takes its keys from {@link useKeys} and gives each row its own `useKey`. When not: to
 * tell a stored `undefined` from an absent key ({@link useEntry}), or for something that is made of several keys ({@link useView}).
 *
 * A component renders once a promotion, however many of its keys have changed. Another store or key shows the right value in the same
 * render. On the server, and while hydrating below a `StoreProvider`, it is the value of the view that the server has rendered.
 *
 * @param store any store of tidemap, or a query: whatever has `{ view, subscribe, subscribeKey }`
 * @example
 * ```ts
 * import { createElement } from 'react'
 * import { renderToString } from 'react-dom/server'
 * import { createStore } from 'tidemap/store'
 * import { useKey } from 'tidemap/react'
 *
 * const store = createStore([['n', 1]])
 * const Count = () => createElement('b', null, useKey(store, 'n'))
 * renderToString(createElement(Count)) // => '<b>1</b>'
 * ```
 */
export function useKey<T extends object, P extends keyof T>(store: ShapeSource<T>, key: P): T[P]
export function useKey<K, V>(store: Source<K, V>, key: NoInfer<K>): V | undefined
export function useKey<K, V>(store: Source<K, V>, key: K): V | undefined {
  const found = useFound(store, key)
  return found === ABSENT ? undefined : found
}

/**
 * The value of `key` with whether it is there, as Go's `load` answers: `[value, true]` or `[undefined, false]`. The same array until
 * the key changes.
 *
 * When to use: where `undefined` is a value of yours. When not: everywhere else; {@link useKey} makes no array.
 *
 * @example
 * ```ts
 * import { createElement } from 'react'
 * import { renderToString } from 'react-dom/server'
 * import { createStore } from 'tidemap/store'
 * import { useEntry } from 'tidemap/react'
 *
 * const store = createStore<string, string | undefined>([['nick', undefined]])
 * function Nick({ of }: { of: string }) {
 *   const [nick, isKnown] = useEntry(store, of)
 *   return createElement('b', null, isKnown ? (nick ?? 'none') : 'unknown')
 * }
 * renderToString(createElement(Nick, { of: 'nick' })) // => '<b>none</b>'
 * renderToString(createElement(Nick, { of: 'name' })) // => '<b>unknown</b>'
 * ```
 */
export function useEntry<T extends object, P extends keyof T>(store: ShapeSource<T>, key: P): Found<T[P]>
export function useEntry<K, V>(store: Source<K, V>, key: NoInfer<K>): Found<V>
export function useEntry<K, V>(store: Source<K, V>, key: K): Found<V> {
  const found = useFound(store, key)
  return useMemo(() => (found === ABSENT ? [undefined, false] : [found, true]), [found])
}
