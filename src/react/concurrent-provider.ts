import React, {
  createElement,
  type ReactNode,
  useContext,
  useInsertionEffect,
  useMemo,
  useReducer,
  useState,
} from 'react'
import { type Branch, BranchContext, ConcurrentReading, viewIn } from './concurrent.ts'
import type { Step } from './step.ts'
import { SurroundingsContext } from './surroundings.ts'
import type { TrackedStore } from './tracked-store.ts'

/**
 * Makes stores take part in React's transitions, for all hooks of this package below: put it once round the application.
 *
 * A write inside `startTransition` (or `useTransition`) is in the store at once, and is shown with the transition: rendering it can be
 * interrupted by input, the old state stays on the screen until it is done, `Suspense` does not fall back to its fallback, and an
 * urgent write meanwhile is shown without what is pending. `setValue((shown) => next)` of `useKeyState` is then carried out on what is
 * shown, and again on top of the transition, as React does it with state; so its function must be pure.
 *
 * When to use: where a transition makes a slow part of the page follow a store. When not: without transitions it changes nothing that
 * is seen. Without it every change is shown at once and in one piece (`useSyncExternalStore`), which is safe and blocks input for as long
 * as it renders. With React 18 it does nothing: `use` and the lanes it relies on came with 19.
 *
 * It costs one render of the provider a promotion, and React's walk over the tree below for who reads its context. While a transition
 * is pending, the view of an urgent write is a copy for whoever iterates it. What is outside React (listeners, `store.get` in an
 * event) always sees the store itself.
 *
 * Source of the ideas: React's proposal of concurrent stores (react/react#35449) and its experimental ponyfill, react-concurrent-store.
 *
 * @example
 * ```ts
 * import { createElement } from 'react'
 * import { renderToString } from 'react-dom/server'
 * import { createStore } from 'tidemap/store'
 * import { ConcurrentProvider, useKey } from 'tidemap/react'
 *
 * const store = createStore([['tab', 'home']])
 * const Tab = () => createElement('b', null, useKey(store, 'tab'))
 * renderToString(createElement(ConcurrentProvider, null, createElement(Tab))) // => '<b>home</b>'
 * ```
 */
export function ConcurrentProvider({ children }: { readonly children?: ReactNode }): ReactNode {
  return React.use === undefined ? children : createElement(Branches, null, children)
}

interface Told {
  readonly store: TrackedStore<unknown, unknown>
  readonly step: Step<unknown, unknown> | undefined
}

function Branches({ children }: { readonly children?: ReactNode }): ReactNode {
  const [branch, tell] = useReducer(follow, NOTHING)
  const [reading] = useState(() => new ConcurrentReading((store, step) => tell({ store, step })))
  const around = useContext(SurroundingsContext)
  const surroundings = useMemo(() => ({ ...around, reading }), [around, reading])
  useInsertionEffect(() => {
    reading.isShown = true
    return () => {
      reading.isShown = false
    }
  }, [reading])
  // Before all layout effects of the same commit: those below ask what is on the screen.
  useInsertionEffect(() => {
    for (const [store, view] of branch) {
      const tracked = store as TrackedStore<unknown, unknown>
      tracked.commit(view as typeof tracked.newest)
    }
  }, [branch])
  return createElement(
    SurroundingsContext.Provider,
    { value: surroundings },
    createElement(BranchContext.Provider, { value: branch }, children),
  )
}

const NOTHING: Branch = /* @__PURE__ */ new Map()

/** The branch after a step; a store that nobody reads is not kept. */
function follow(branch: Branch, { store, step }: Told): Branch {
  const next = new Map(branch)
  if (step === undefined) next.delete(store)
  else next.set(store, step.after(viewIn(branch, store)))
  return next
}
