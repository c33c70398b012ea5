import { append, type ListNode, without } from '../core/list.ts'
import { checkFunction } from './arguments.ts'

/** Ends a subscription. Calling it again does nothing. It is `Disposable`, so `using` ends it too. */
export interface Unsubscribe extends Disposable {
  (): void
}

export function unsubscribe(end: () => void): Unsubscribe {
  let open: (() => void) | undefined = end
  const stop = (() => {
    const close = open
    open = undefined // whoever keeps the function keeps nothing else
    close?.()
  }) as Unsubscribe
  stop[Symbol.dispose] = stop
  return stop
}

/** One subscription, in a list in the order of subscription. */
export class Listener<F> implements ListNode<Listener<F>> {
  readonly call: F
  /** It hears of rounds with a larger number: of promotions that came after it. */
  readonly since: number
  active = true
  previous: Listener<F> = this
  next: Listener<F> | undefined = undefined

  constructor(call: F, since: number) {
    checkFunction('The listener', call)
    this.call = call
    this.since = since
  }
}

/** Whether a listener is there still, and was there before this round's promotion. */
export const hears = (listener: Listener<unknown>, round: number): boolean =>
  listener.active && listener.since < round

/** Nobody of the list that `first` stands for hears of anything any more. */
export function endAll(first: Listener<unknown> | undefined): void {
  for (let listener = first; listener !== undefined; listener = listener.next) listener.active = false
}

/** A list of listeners. */
export class Listeners<F> {
  first: Listener<F> | undefined = undefined

  get isEmpty(): boolean {
    return this.first === undefined
  }

  /** `onEmpty` is called when the last one has left by itself. */
  add(call: F, since: number, onEmpty?: () => void): Unsubscribe {
    const listener = new Listener(call, since)
    this.first = append(this.first, listener)
    return unsubscribe(() => {
      if (!listener.active) return
      listener.active = false
      this.first = without(this.first, listener)
      if (this.isEmpty) onEmpty?.()
    })
  }

  clear(): void {
    endAll(this.first)
    this.first = undefined
  }
}
