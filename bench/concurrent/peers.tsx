import { atom, createStore as createJotai, Provider as JotaiProvider, useAtomValue } from 'jotai'
import { createContext, type ReactNode, useContext, useReducer, useSyncExternalStore } from 'react'
import { experimental } from 'react-concurrent-store'
import { createStore as createZustand, useStore as useZustand } from 'zustand'
import { type Contender, noTask, type Task, type Writers } from '../../test/concurrent/contender.ts'

interface State {
  readonly count: number
  readonly other: number
  readonly task: Task
}

type Action = (state: State) => State

const first = (count: number): State => ({ count, other: 0, task: noTask })

const writersBy = (act: (action: Action) => void): Writers => ({
  increment: () => act((state) => ({ ...state, count: state.count + 1 })),
  double: () => act((state) => ({ ...state, count: state.count * 2 })),
  setOther: (other) => act((state) => ({ ...state, other })),
  setTask: (task) => act((state) => ({ ...state, task })),
})

const asIs = ({ children }: { children: ReactNode }): ReactNode => children

/** React's own state in context: the reference. */
const reactState: Contender = {
  name: 'React state in context',
  make(count = 0) {
    const Context = createContext<{ state: State; writers: Writers } | undefined>(undefined)
    const use = () => useContext(Context) ?? { state: first(0), writers: writersBy(() => {}) }
    return {
      Root({ children }) {
        const [state, act] = useReducer((state: State, action: Action) => action(state), count, first)
        return <Context value={{ state, writers: writersBy(act) }}>{children}</Context>
      },
      useCount: () => use().state.count,
      useOther: () => use().state.other,
      useTask: () => use().state.task,
      useWriters: () => use().writers,
    }
  },
}

const plainExternal: Contender = {
  name: 'plain useSyncExternalStore',
  make(count = 0) {
    let state = first(count)
    const served = state
    const listeners = new Set<() => void>()
    const subscribe = (listener: () => void) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    }
    const use = <T,>(select: (state: State) => T): T =>
      useSyncExternalStore(
        subscribe,
        () => select(state),
        () => select(served),
      )
    const writers = writersBy((action) => {
      state = action(state)
      for (const listener of listeners) listener()
    })
    return {
      Root: asIs,
      useCount: () => use((state) => state.count),
      useOther: () => use((state) => state.other),
      useTask: () => use((state) => state.task),
      useWriters: () => writers,
      subscribers: () => listeners.size,
    }
  },
}

const zustand: Contender = {
  name: 'zustand',
  make(count = 0) {
    const store = createZustand<State>(() => first(count))
    const writers = writersBy((action) => store.setState(action))
    return {
      Root: asIs,
      useCount: () => useZustand(store, (state) => state.count),
      useOther: () => useZustand(store, (state) => state.other),
      useTask: () => useZustand(store, (state) => state.task),
      useWriters: () => writers,
    }
  },
}

const jotai: Contender = {
  name: 'jotai',
  make(count = 0) {
    const store = createJotai()
    const counts = atom(count)
    const others = atom(0)
    const tasks = atom(noTask)
    const writers: Writers = {
      increment: () => store.set(counts, (n) => n + 1),
      double: () => store.set(counts, (n) => n * 2),
      setOther: (n) => store.set(others, n),
      setTask: (task) => store.set(tasks, task),
    }
    return {
      Root: ({ children }) => <JotaiProvider store={store}>{children}</JotaiProvider>,
      useCount: () => useAtomValue(counts),
      useOther: () => useAtomValue(others),
      useTask: () => useAtomValue(tasks),
      useWriters: () => writers,
    }
  },
}

/** The experimental ponyfill of React's proposal. */
const ponyfill: Contender = {
  name: 'react-concurrent-store',
  make(count = 0) {
    const store = experimental.createStore((state: State, action: Action) => action(state), first(count))
    const writers = writersBy((action) => store.dispatch(action))
    const countOf = (state: State) => state.count
    const otherOf = (state: State) => state.other
    const taskOf = (state: State) => state.task
    return {
      Root: experimental.StoreProvider,
      useCount: () => experimental.useStoreSelector(store, countOf),
      useOther: () => experimental.useStoreSelector(store, otherOf),
      useTask: () => experimental.useStoreSelector(store, taskOf),
      useWriters: () => writers,
    }
  },
}

export const peers: readonly Contender[] = [reactState, ponyfill, plainExternal, zustand, jotai]
