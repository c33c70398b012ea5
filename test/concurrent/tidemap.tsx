import { ConcurrentProvider, createStoreContext, useKey, useKeyState, useView } from 'tidemap/react'
import { createStore, type ObjectStore } from 'tidemap/store'
import { countSubscriptions } from '../support/open-subscriptions.ts'
import { type Contender, noTask, type Task } from './contender.ts'

interface State {
  count: number
  other: number
  task: Task
}

type Read = <P extends keyof State>(store: ObjectStore<State>, key: P) => State[P]

const contender = (name: string, Outside: typeof ConcurrentProvider, useRead: Read): Contender => ({
  name,
  make(count = 0) {
    const store = createStore<State>({ count, other: 0, task: noTask })
    const subscriptions = countSubscriptions(store)
    const { StoreProvider } = createStoreContext<ObjectStore<State>>()
    return {
      Root: ({ children }) => (
        <Outside>
          <StoreProvider store={store}>{children}</StoreProvider>
        </Outside>
      ),
      useCount: () => useRead(store, 'count'),
      useOther: () => useRead(store, 'other'),
      useTask: () => useRead(store, 'task'),
      useWriters() {
        const [, setCount] = useKeyState(store, 'count')
        return {
          increment: () => setCount((n) => n + 1),
          double: () => setCount((n) => n * 2),
          setOther: (n) => void store.set('other', n),
          setTask: (task) => void store.set('task', task),
        }
      },
      subscribers: () => subscriptions.open,
    }
  },
})

export const concurrent: Contender = contender('tidemap, ConcurrentProvider', ConcurrentProvider, useKey)
export const synchronous: Contender = contender('tidemap', ({ children }) => children, useKey)

/** The same by selections of the view, which hear only of what changes them. */
export const concurrentByView: Contender = contender(
  'tidemap, ConcurrentProvider, useView',
  ConcurrentProvider,
  (store, key) => useView(store, (view) => view.get(key)),
)
