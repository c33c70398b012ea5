import { ConcurrentProvider, createStoreContext, useKey, useKeyState } from 'tidemap/react'
import { createStore, type ObjectStore } from 'tidemap/store'
import { countSubscriptions } from '../support/open-subscriptions.ts'
import { type Contender, noTask, type Task } from './contender.ts'

interface State {
  count: number
  other: number
  task: Task
}

const contender = (name: string, Outside: typeof ConcurrentProvider): Contender => ({
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
      useCount: () => useKey(store, 'count'),
      useOther: () => useKey(store, 'other'),
      useTask: () => useKey(store, 'task'),
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

export const concurrent: Contender = contender('tidemap, ConcurrentProvider', ConcurrentProvider)
export const synchronous: Contender = contender('tidemap', ({ children }) => children)
