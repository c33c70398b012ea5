/** Ends a subscription. Calling it again does nothing. It is `Disposable`, so `using` ends it too. */
export interface Unsubscribe extends Disposable {
  (): void
}

export function unsubscribe(end: () => void): Unsubscribe {
  let open: (() => void) | undefined = end
  const stop = (): void => {
    const close = open
    open = undefined // whoever keeps the function keeps nothing else
    close?.()
  }
  return Object.assign(stop, { [Symbol.dispose]: stop })
}

/** One subscription: a node of the list it is in. */
export interface Listener<F> {
  readonly call: F
  /** It hears of rounds with a larger number: of promotions that came after it. */
  readonly since: number
  active: boolean
  previous: Listener<F> | undefined
  next: Listener<F> | undefined
}

/** Whether a listener is there still, and was there before this round's promotion. */
export const hears = (listener: Listener<unknown>, round: number): boolean =>
  listener.active && listener.since < round

/**
 * Listeners in the order of their subscription: a linked list, so that any of them can leave in O(1), also while the list is being
 * walked: a node that has left keeps its `next`, which leads back into the list.
 */
export class Listeners<F> {
  first: Listener<F> | undefined = undefined
  #last: Listener<F> | undefined = undefined

  get isEmpty(): boolean {
    return this.first === undefined
  }

  add(call: F, since: number): Listener<F> {
    const listener: Listener<F> = { call, since, active: true, previous: this.#last, next: undefined }
    if (this.#last === undefined) this.first = listener
    else this.#last.next = listener
    this.#last = listener
    return listener
  }

  /** Whether it was there. */
  remove(listener: Listener<F>): boolean {
    if (!listener.active) return false
    listener.active = false
    const { previous, next } = listener
    if (previous === undefined) this.first = next
    else previous.next = next
    if (next === undefined) this.#last = previous
    else next.previous = previous
    return true
  }
}
