import { useCallback, useEffect, useMemo, useState, useSyncExternalStore } from 'react'
import type { View } from '../index.ts'
import { type Absent, find, type Reading, type Wanted } from './reading.ts'
import type { KeysSource, Source } from './source.ts'

/**
 * How stores are read where no ConcurrentProvider is above: by React's own `useSyncExternalStore`. Safe everywhere and in every version;
 * but React renders what it tells at once and in one piece, also inside a transition.
 *
 * Invariants: H1 the subscription has the same identity while store and key are the same, and replays nothing: else React subscribes
 * again at every render, or for ever. H2 a snapshot has the same identity while the view has, whatever the selector returns.
 */
export const synchronous: Reading = { useFound, useSelected }

function useFound<K, V>(source: Source<K, V>, key: K, served: View<K, V> | undefined): V | Absent {
  const subscribe = useCallback((listener: () => void) => source.subscribeKey(key, listener), [source, key]) // H1
  return useSyncExternalStore(
    subscribe,
    () => find(source.view, key),
    () => find(served ?? source.view, key),
  )
}

function useSelected<K, V, R>(
  source: Source<K, V>,
  { select, equal, told }: Wanted<K, V, R>,
  served: View<K, V> | undefined,
): R {
  const subscribe = useCallback(
    (listener: () => void) => (source as KeysSource<K, V>)[told](listener),
    [source, told],
  ) // H1
  const [shown] = useState((): Shown<R> => ({ value: undefined }))
  const snapshotOf = useMemo(() => remembering(select, equal, shown), [select, equal, shown])
  const value = useSyncExternalStore(
    subscribe,
    () => snapshotOf(source.view),
    () => snapshotOf(served ?? source.view),
  )
  useEffect(() => {
    shown.value = { is: value }
  }, [shown, value])
  return value
}

/** What the component shows: what the first result of a selector that is new at every render is compared with. */
interface Shown<R> {
  value: { readonly is: R } | undefined
}

/** `select`, called once a view; a result that is equal to the one before keeps its identity (H2). As React's own shim does it. */
function remembering<K, V, R>(
  select: (view: View<K, V>) => R,
  equal: (a: R, b: R) => boolean,
  shown: Shown<R>,
): (view: View<K, V>) => R {
  let last: { readonly view: View<K, V>; readonly is: R } | undefined
  return (view) => {
    if (last?.view === view) return last.is
    const next = select(view)
    const before = last ?? shown.value
    const is = before !== undefined && equal(before.is, next) ? before.is : next
    last = { view, is }
    return is
  }
}
