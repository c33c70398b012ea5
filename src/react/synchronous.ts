import { useCallback, useEffect, useMemo, useState, useSyncExternalStore } from 'react'
import { type Absent, find, type Reading, type Served, servedOf, type Wanted } from './reading.ts'
import { remembering, type Shown } from './remembering.ts'
import type { KeysSource, Source } from './source.ts'

/**
 * How stores are read where no ConcurrentProvider is above: by React's own `useSyncExternalStore`. Safe everywhere and in every version;
 * but React renders what it tells at once and in one piece, also inside a transition.
 *
 * Invariants: H1 the subscription has the same identity while store and key are the same, and replays nothing: else React subscribes
 * again at every render, or for ever. H2 a snapshot has the same identity while the view has, whatever the
 * selector returns: see {@link remembering}.
 */
export const synchronous: Reading = {
  useFound,
  useSelected,
  rebasing: (_source, _key, _recipe, write) => write(),
}

function useFound<K, V>(source: Source<K, V>, key: K, served: Served): V | Absent {
  const subscribe = useCallback((listener: () => void) => source.subscribeKey(key, listener), [source, key]) // H1
  const shown = (): V | Absent => find(source.view, key)
  // one closure in place of two, where nothing is hydrated: every row of a list has them at every render
  const onServer = served.size === 0 ? shown : () => find(servedOf(served, source) ?? source.view, key)
  return useSyncExternalStore(subscribe, shown, onServer)
}

function useSelected<K, V, R>(
  source: Source<K, V>,
  { select, equal, told }: Wanted<K, V, R>,
  served: Served,
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
    () => snapshotOf(servedOf(served, source) ?? source.view),
  )
  useEffect(() => {
    shown.value = { is: value }
  }, [shown, value])
  return value
}
