import type { View } from '../index.ts'

/** What the component shows: what the first result of a selector that is new at every render is compared with. */
export interface Shown<R> {
  value: { readonly is: R } | undefined
}

/** `select`, called once a view; a result that is equal to the one before keeps its identity (H2 of the synchronous reading). As React's own shim does it. */
export function remembering<K, V, R>(
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
