import { Observable } from 'rxjs'
import type { Change } from '../core/change.ts'
import type { View } from '../core/view.ts'
import type { Unsubscribe } from '../store/listeners.ts'
import type { ObservableKind } from '../store/observable-kind.ts'
import type { ReadableStore } from '../store/readable.ts'
import type { Selection } from '../store/select.ts'

// The one file that knows rxjs: the others take the type from here.
export type { Observable }

/** RxJS as a kind of observable, for those who may not know it. */
export interface RxJS extends ObservableKind {
  readonly observable: Observable<this['value']>
}

/** How a store tells that it has ended. */
export type OnEnd = (call: () => void) => Unsubscribe

/**
 * An observable that emits what `now` says when it is subscribed to, then what `listen` tells, and completes when the store ends. It
 * errors only if `now` throws at the subscription: later, an error down a stream would end it for good. Rounds come one after the other, so no subscriber ends on a stale value,
 * as those of a BehaviorSubject do when one of them writes.
 */
export function observe<T>(
  onEnd: OnEnd,
  now: (() => T) | undefined,
  listen: (next: (value: T) => void) => Unsubscribe,
): Observable<T> {
  return new Observable<T>((subscriber) => {
    // subscribed first: a subscriber that writes in its first `next` must hear of that write
    const stop = listen((value) => subscriber.next(value))
    subscriber.add(stop)
    if (now !== undefined) subscriber.next(now())
    subscriber.add(onEnd(() => subscriber.complete()))
  })
}

export const observeView = <K, V>(store: ReadableStore<K, V>, onEnd: OnEnd): Observable<View<K, V>> =>
  observe(
    onEnd,
    () => store.view,
    (next) => store.subscribe(next),
  )

export const observeKey = <K, V>(
  store: ReadableStore<K, V>,
  onEnd: OnEnd,
  key: K,
): Observable<V | undefined> =>
  observe<V | undefined>(
    onEnd,
    () => store.get(key),
    (next) => store.subscribeKey(key, next),
  )

export const observeKeys = <K, V>(store: ReadableStore<K, V>, onEnd: OnEnd): Observable<readonly K[]> =>
  observe<readonly K[]>(
    onEnd,
    () => [...store.keys()],
    (next) => store.subscribeKeys((view) => next([...view.keys()])),
  )

export const observeChanges = <K, V>(
  store: ReadableStore<K, V>,
  onEnd: OnEnd,
): Observable<readonly Change<K, V>[]> =>
  observe<readonly Change<K, V>[]>(onEnd, undefined, (next) =>
    store.subscribe((_view, _previous, changes) => {
      if (changes.length > 0) next(changes)
    }),
  )

export const observePending = <K, V>(store: ReadableStore<K, V>, onEnd: OnEnd): Observable<ReadonlySet<K>> =>
  observe<ReadonlySet<K>>(
    onEnd,
    () => store.pendingKeys(),
    (next) => store.subscribePending(() => next(store.pendingKeys())),
  )

export const observeSelection = <R>(selection: Selection<R>, onEnd: OnEnd): Observable<R> =>
  observe(
    onEnd,
    () => selection.value,
    (next) => selection.subscribe(next),
  )
