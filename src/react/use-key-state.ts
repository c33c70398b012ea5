import { useCallback, useContext } from 'react'
import type { WritableShapeSource, WritableSource } from './source.ts'
import { SurroundingsContext } from './surroundings.ts'
import { useKey } from './use-key.ts'

/**
 * The value of `key` and a function that sets it, as `useState` has them: for controlled inputs.
 *
 * What is typed is shown before the event ends, so that the caret stays and no character is lost, also while an async writer holds the
 * key: it is a plain `set`, which is laid over the confirmed state and confirmed in its turn (ask {@link usePending}).
 *
 * @returns `[value, setValue]`: `setValue(next)`, or `setValue((shown) => next)` over the value that is shown; the same function until
 *   store or key is another one. It returns nothing and never throws: a store that has been disposed leaves the value as it is. To
 *   learn when it has been confirmed, or for a value that is a function, use `store.set`
 * @example
 * ```ts
 * import { createElement } from 'react'
 * import { renderToString } from 'react-dom/server'
 * import { createStore } from 'tidemap/store'
 * import { useKeyState } from 'tidemap/react'
 *
 * const store = createStore({ name: 'Ann' })
 * function NameField() {
 *   const [name, setName] = useKeyState(store, 'name')
 *   return createElement('input', { value: name, onChange: (event) => setName(event.currentTarget.value) })
 * }
 * renderToString(createElement(NameField)) // => '<input value="Ann"/>'
 * ```
 */
export function useKeyState<T extends object, P extends keyof T>(
  store: WritableShapeSource<T>,
  key: P,
): [value: T[P], setValue: (next: T[P] | ((shown: T[P]) => T[P])) => void]
export function useKeyState<K, V>(
  store: WritableSource<K, V>,
  key: K,
): [value: V | undefined, setValue: (next: V | ((shown: V | undefined) => V)) => void]
export function useKeyState<K, V>(
  store: WritableSource<K, V>,
  key: K,
): [value: V | undefined, setValue: (next: V | ((shown: V | undefined) => V)) => void] {
  const value = useKey<K, V>(store, key)
  const { reading } = useContext(SurroundingsContext)
  const setValue = useCallback(
    (next: V | ((shown: V | undefined) => V)) => {
      const set = (given: V): void => void store.set(key, given).catch(() => {})
      if (!isRecipe<V>(next)) return set(next)
      reading.rebasing<K, V>(store, key, next, () => set(next(store.view.get(key))))
    },
    [store, key, reading],
  )
  return [value, setValue]
}

const isRecipe = <V>(next: V | ((shown: V | undefined) => V)): next is (shown: V | undefined) => V =>
  typeof next === 'function'
