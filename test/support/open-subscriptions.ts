const methods = ['subscribe', 'subscribeKey', 'subscribeKeys', 'subscribePending', 'subscribeStatus'] as const

/** Counts what is subscribed to a store, from now on: how many subscriptions are open, and how many have ever been made. */
export function countSubscriptions(store: object): { readonly open: number; readonly made: number } {
  const counts = { open: 0, made: 0 }
  const own = store as Record<string, unknown>
  for (const method of methods) {
    const original = own[method]
    if (typeof original !== 'function') continue
    own[method] = (...args: unknown[]): (() => void) => {
      const stop = original.apply(store, args) as () => void
      counts.open++
      counts.made++
      let isOpen = true
      const end = (): void => {
        if (isOpen) counts.open--
        isOpen = false
        stop()
      }
      return Object.assign(end, { [Symbol.dispose]: end })
    }
  }
  return counts
}
