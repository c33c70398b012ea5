import { ABSENT, type Absent } from './vector.ts'

/** What happened to one key between two views. */
export type Change<K, V> =
  | { readonly type: 'add'; readonly key: K; readonly value: V; readonly previous: undefined }
  | { readonly type: 'update'; readonly key: K; readonly value: V; readonly previous: V }
  | { readonly type: 'delete'; readonly key: K; readonly value: undefined; readonly previous: V }

/** `get` and `has` in one. */
export function look<K, V>(map: { get(key: K): V | undefined; has(key: K): boolean }, key: K): V | Absent {
  const value = map.get(key)
  return value !== undefined || map.has(key) ? (value as V) : ABSENT
}

/** What has become of `key`: not the same before and after. */
export function changeOf<K, V>(key: K, previous: V | Absent, value: V | Absent): Change<K, V> {
  if (value === ABSENT) return { type: 'delete', key, value: undefined, previous: previous as V }
  if (previous === ABSENT) return { type: 'add', key, value, previous: undefined }
  return { type: 'update', key, value, previous }
}
