import type { View } from '../core/view.ts'

/** Whether two views have the same keys in the same order. O(size). */
export function sameOrder<K>(a: View<K, unknown>, b: View<K, unknown>): boolean {
  if (a.size !== b.size) return false
  const keys = b.keys()
  for (const key of a.keys()) if (!sameKey(key, keys.next().value)) return false
  return true
}

/** As a Map tells keys apart. */
export const sameKey = (a: unknown, b: unknown): boolean => a === b || Object.is(a, b)
