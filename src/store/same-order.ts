/** As much of a Map or a View as its order is told by. */
interface Ordered<K> {
  readonly size: number
  keys(): MapIterator<K>
}

/** Whether two maps have the same keys in the same order. O(size). */
export function sameOrder<K>(a: Ordered<K>, b: Ordered<K>): boolean {
  if (a.size !== b.size) return false
  const keys = b.keys()
  for (const key of a.keys()) {
    if (!Object.is(key, keys.next().value)) return false
  }
  return true
}
