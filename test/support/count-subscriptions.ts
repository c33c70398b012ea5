const METHODS = ['subscribe', 'subscribeKey', 'subscribeKeys', 'subscribePending'] as const

type Subscribe = (...args: unknown[]) => () => void

/** Counts from now on what is subscribed to a store and has not been ended. */
export function countSubscriptions(store: object): { readonly open: number; readonly ever: number } {
  const open = new Set<object>()
  let ever = 0
  for (const method of METHODS) {
    const subscribe: Subscribe = Reflect.get(store, method).bind(store)
    const counted: Subscribe = (...args) => {
      const end = subscribe(...args)
      const entry = {}
      open.add(entry)
      ever++
      const stop = () => {
        open.delete(entry)
        end()
      }
      return Object.assign(stop, { [Symbol.dispose]: stop })
    }
    Object.defineProperty(store, method, { value: counted, configurable: true })
  }
  return {
    get open() {
      return open.size
    },
    get ever() {
      return ever
    },
  }
}
