import type { ObjectView, View } from '../index.ts'
import type { KeysSource, ShapeSource, Source } from './source.ts'
import { useSelected } from './surroundings.ts'

/**
 * The current view, or what `selector` makes of it: several keys from one moment.
 *
 * When to use: for totals, filters, anything of more than one key. When not: one key is {@link useKey}, which costs nothing when other
 * keys change; here the selector runs once a promotion.
 *
 * Without a selector it is the immutable view itself: `useView(store).get(k)` is right also where the React Compiler keeps results, and
 * `store.get(k)` in a render is not. A selector may be a new function at every render, and may return a new object every time: the
 * result keeps its identity while it is `equal` to the one before, and while the view is the same. What it throws is thrown in render.
 *
 * @param equal which results count as equal; default `Object.is`
 * @example
 * ```ts
 * import { createElement } from 'react'
 * import { renderToString } from 'react-dom/server'
 * import { createStore } from 'tidemap/store'
 * import { useView } from 'tidemap/react'
 *
 * const cart = createStore([['apple', 3], ['pear', 2]])
 * function Total() {
 *   const total = useView(cart, (view) => [...view.values()].reduce((sum, n) => sum + n, 0))
 *   return createElement('b', null, total)
 * }
 * renderToString(createElement(Total)) // => '<b>5</b>'
 * ```
 */
export function useView<T extends object>(store: ShapeSource<T>): ObjectView<T>
export function useView<T extends object, R>(
  store: ShapeSource<T>,
  selector: (view: ObjectView<T>) => R,
  equal?: (a: R, b: R) => boolean,
): R
export function useView<K, V>(store: Source<K, V>): View<K, V>
export function useView<K, V, R>(
  store: Source<K, V>,
  selector: (view: View<K, V>) => R,
  equal?: (a: R, b: R) => boolean,
): R
export function useView<K, V, R>(
  store: Source<K, V>,
  selector: (view: View<K, V>) => R | View<K, V> = itself,
  equal: (a: R, b: R) => boolean = Object.is,
): R | View<K, V> {
  return useSelected(store, { select: selector, equal: equal as typeof Object.is, told: 'subscribe' })
}

const itself = <T>(view: T): T => view

/**
 * The keys in the order of the view. The same array until keys come, go or move: a changed value renders nothing here.
 *
 * @example
 * ```ts
 * import { createElement } from 'react'
 * import { renderToString } from 'react-dom/server'
 * import { createStore } from 'tidemap/store'
 * import { useKey, useKeys } from 'tidemap/react'
 *
 * const todos = createStore([['a', 'write'], ['b', 'test']])
 * const Row = ({ id }: { id: string }) => createElement('li', null, useKey(todos, id))
 * const List = () => createElement('ul', null, useKeys(todos).map((id) => createElement(Row, { key: id, id })))
 * renderToString(createElement(List)) // => '<ul><li>write</li><li>test</li></ul>'
 * ```
 */
export function useKeys<K, V>(store: KeysSource<K, V>): readonly K[] {
  return useSelected(store, { select: keysOf<K, V>, equal: isSameOrder, told: 'subscribeKeys' })
}

/** By `forEach`, which costs a quarter of iterating. */
function keysOf<K, V>(view: View<K, V>): readonly K[] {
  const keys: K[] = []
  view.forEach((_value, key) => void keys.push(key))
  return keys
}

const isSameOrder = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  a.length === b.length && a.every((key, i) => Object.is(key, b[i]))
