import type { View } from '../index.ts'
import type { Source } from './source.ts'

/** What a view has for a key that it does not have: `undefined` is a value. */
export const ABSENT: unique symbol = /* @__PURE__ */ Symbol('absent')
export type Absent = typeof ABSENT

export function find<K, V>(view: View<K, V>, key: K): V | Absent {
  const value = view.get(key)
  return value !== undefined || view.has(key) ? (value as V) : ABSENT
}

/** What is selected from a view, and from which changes on it is worth asking again. */
export interface Wanted<K, V, R> {
  readonly select: (view: View<K, V>) => R
  readonly equal: (a: R, b: R) => boolean
  /** The method of the source that tells: every promotion, or membership only. */
  readonly told: 'subscribe' | 'subscribeKeys'
}

/** The views that the server has rendered, by store: for the boundaries that hydrate late. Empty where nothing is hydrated. */
export type Served = ReadonlyMap<unknown, unknown>

export const servedOf = <K, V>(served: Served, source: Source<K, V>): View<K, V> | undefined =>
  served.get(source) as View<K, V> | undefined

/** How a component reads stores: every hook is written in these. */
export interface Reading {
  /** The value of one key; renders again when that key has changed. */
  useFound<K, V>(source: Source<K, V>, key: K, served: Served): V | Absent
  /** What is wanted of the view; renders again when that is not equal to what it was. */
  useSelected<K, V, R>(source: Source<K, V>, wanted: Wanted<K, V, R>, served: Served): R
  /** Runs `write`, which sets `key` to what `recipe` makes of the value that is shown; where branches differ, it is carried out in each. */
  rebasing<K, V>(source: Source<K, V>, key: K, recipe: (value: V | undefined) => V, write: () => void): void
}
