import { type Change, changeOf, look } from '../core/change.ts'
import type { ReadDirtyMap } from '../core/read-dirty-map.ts'
import { ABSENT } from '../core/vector.ts'
import type { Staged } from './staged.ts'

/** What staged writes come to: nothing, or a difference. */
export interface Net<K, V> {
  readonly staged: Staged<K, V>
  readonly change: Difference<K, V> | undefined
}

/** First `deleted` go, then `written` are set in their order. */
export interface Writes<K, V> {
  readonly deleted: ReadonlySet<K>
  readonly written: ReadonlyMap<K, V>
  readonly all?: undefined
}

/** `all` is put in the place of everything. */
export interface Replacement<K, V> {
  /** `undefined`: every key there is. */
  readonly deleted: ReadonlySet<K> | undefined
  readonly written: ReadonlyMap<K, V>
  readonly all: ReadonlyMap<K, V>
  /** Keys that change places with each other. */
  readonly moved: ReadonlySet<K>
}

export type Difference<K, V> = Writes<K, V> | Replacement<K, V>

/** What `staged` changes in `map`. Asks `equal`, which may throw, and seals what is new; changes nothing. */
export function changeBy<K, V>(
  { cleared, deleted: gone, written: set }: Staged<K, V>,
  map: ReadDirtyMap<K, V>,
  equal: (a: V, b: V) => boolean,
  seal: (value: V) => void,
): Difference<K, V> | undefined {
  let some: Map<K, V> | undefined // of `set`, where not all of it differs: mostly it does, and need not be copied
  let all = set
  for (const [key, value] of set) {
    const old = look(map, key)
    const isSame = old !== ABSENT && equal(old, value)
    if (!isSame) {
      seal(value)
      some?.set(key, value)
      continue
    }
    some ??= before(key, set)
    if (!cleared) {
      if (gone.has(key)) some.set(key, old)
    } else if (!Object.is(old, value)) {
      // the value that was there is taken where the new one is equal
      all = (all === set ? new Map(set) : (all as Map<K, V>)).set(key, old)
    }
  }
  const written = some ?? set
  if (cleared) return replacement(map, all, written)
  const deleted = new Set<K>()
  for (const key of gone) if (map.has(key)) deleted.add(key)
  return written.size === 0 && deleted.size === 0 ? undefined : { deleted, written }
}

/** The entries of `map` that come before that of `end`. */
function before<K, V>(end: K, map: ReadonlyMap<K, V>): Map<K, V> {
  const first = new Map<K, V>()
  for (const [key, value] of map) {
    if (Object.is(key, end)) break
    first.set(key, value)
  }
  return first
}

/** What makes `all` of `map`, of which `written` is new or has another value: as little as can be, where most stays. */
function replacement<K, V>(
  map: ReadDirtyMap<K, V>,
  all: ReadonlyMap<K, V>,
  written: ReadonlyMap<K, V>,
): Difference<K, V> | undefined {
  const moved = new Set<K>()
  if (all.size === 0) return map.size === 0 ? undefined : { deleted: undefined, written, all, moved }
  const deleted = new Set<K>()
  let hasNew = false
  let isAppended = true
  // those that stay, in the order they have, beside the order they are to have
  const keys = map.keys()
  for (const key of all.keys()) {
    if (!map.has(key)) {
      hasNew = true
      continue
    }
    if (hasNew) isAppended = false
    let next = keys.next().value as K
    for (; !Object.is(next, key) && !all.has(next); next = keys.next().value as K) deleted.add(next)
    if (!Object.is(next, key)) moved.add(key)
  }
  for (const key of keys) deleted.add(key)
  if (deleted.size + written.size + moved.size === 0) return undefined
  const isPart = isAppended && moved.size === 0 && deleted.size < map.size >>> 1
  return isPart ? { deleted, written } : { deleted, written, all, moved }
}

/** What is told of a write that is made as it is: a key that is deleted and written has its new value. */
export function changesBy<K, V>(
  deleted: Iterable<K>,
  written: ReadonlyMap<K, V>,
  map: ReadDirtyMap<K, V>,
): Change<K, V>[] {
  const changes: Change<K, V>[] = []
  for (const key of deleted) {
    const previous = written.has(key) ? ABSENT : look(map, key)
    if (previous !== ABSENT) changes.push(changeOf(key, previous, ABSENT))
  }
  for (const [key, value] of written) {
    const previous = look(map, key)
    if (!Object.is(previous, value)) changes.push(changeOf(key, previous, value))
  }
  return changes
}
