import {
  createContext,
  createElement,
  type FunctionComponent,
  type ReactNode,
  useContext,
  useMemo,
  useState,
  useSyncExternalStore,
} from 'react'
import { SurroundingsContext } from './surroundings.ts'

/** What {@link createStoreContext} returns. */
export interface StoreContext<S> {
  readonly StoreProvider: FunctionComponent<{ readonly store: S; readonly children?: ReactNode }>
  readonly useStore: () => S
}

/**
 * A provider and a hook for a store that is made per request, per test, or per document: no store in a module, so none is shared by the
 * requests of a server.
 *
 * What is rendered on a server hydrates without a mismatch: until a boundary has hydrated, however late, the hooks in it show the view
 * that the store had when the provider hydrated. So make the store of the page from the entries that the server has rendered, and write
 * to it when you like.
 *
 * @returns `StoreProvider`, with the store as its property `store`, and `useStore`, which throws where no provider is above
 * @example
 * ```ts
 * import { createElement } from 'react'
 * import { renderToString } from 'react-dom/server'
 * import { createStore, type Store } from 'tidemap/store'
 * import { createStoreContext, useKey } from 'tidemap/react'
 *
 * const { StoreProvider, useStore } = createStoreContext<Store<string, number>>()
 * const Count = () => createElement('b', null, useKey(useStore(), 'n'))
 *
 * const answer = (n: number) =>
 *   renderToString(createElement(StoreProvider, { store: createStore([['n', n]]) }, createElement(Count)))
 * answer(1) // => '<b>1</b>'
 * answer(2) // => '<b>2</b>'
 * ```
 */
export function createStoreContext<S extends { readonly view: unknown }>(): StoreContext<S> {
  const StoreContext = createContext<S | undefined>(undefined)

  function StoreProvider({
    store,
    children,
  }: {
    readonly store: S
    readonly children?: ReactNode
  }): ReactNode {
    const surroundings = useContext(SurroundingsContext)
    const isHydrating = useSyncExternalStore(never, isNot, is)
    const [served] = useState(() => (isHydrating ? { store, view: store.view } : undefined))
    const around = useMemo(() => {
      if (served === undefined) return surroundings
      return { ...surroundings, served: new Map(surroundings.served).set(served.store, served.view) }
    }, [surroundings, served])
    return createElement(
      SurroundingsContext.Provider,
      { value: around },
      createElement(StoreContext.Provider, { value: store }, children),
    )
  }

  function useStore(): S {
    const store = useContext(StoreContext)
    if (store === undefined) throw new Error('useStore must be called below the StoreProvider made with it.')
    return store
  }

  return { StoreProvider, useStore }
}

const never = (): (() => void) => () => {}
const is = (): boolean => true
const isNot = (): boolean => false
