import { type Change, changeOf, look } from '../core/change.ts'
import type { ReadDirtyMap } from '../core/read-dirty-map.ts'
import { ABSENT } from '../core/vector.ts'
import type { Staged } from './staged.ts'

/** What staged writes come to: nothing, or a difference. */
export interface Net<K, V> {
  readonly staged: Staged<K, V>
  readonly change: Difference<K, V> | undefined
}

/** First `deleted` go, then `written` are set in their order; or `all` is put in the place of everything. */
export type Difference<K, V> =
  | {
      readonly deleted: ReadonlySet<K>
      readonly written: ReadonlyMap<K, V>
      readonly all?: undefined
      readonly moved?: undefined
    }
  | {
      /** `undefined`: every key. */
      readonly deleted: ReadonlySet<K> | undefined
      readonly written: ReadonlyMap<K, V>
      readonly all: ReadonlyMap<K, V>
      /** Keys that change places with each other. */
      readonly moved: ReadonlySet<K>
    }

/** What `staged` changes in `map`. Asks `equal`, which may throw, and seals what is new; changes nothing. */
export function changeBy<K, V>(
  { cleared, deleted: gone, written: set }: Staged<K, V>,
  map: ReadDirtyMap<K, V>,
  equal: (a: V, b: V) => boolean,
  seal: (value: V) => void,
): Difference<K, V> | undefined {
  /** `set`, but the value that was there where the new one is equal. */
  let all = set
  const same = new Set<K>()
  for (const [key, value] of set) {
    const old = look(map, key)
    // what `replace` finds as it is stays, whatever `equal` says of it: `===` holds NaN for another
    const isSame = old !== ABSENT && ((cleared && Object.is(old, value)) || equal(old, value))
    if (!isSame) {
      seal(value)
      continue
    }
    if (cleared || !gone.has(key)) same.add(key)
    if (!Object.is(old, value)) all = (all === set ? new Map(set) : (all as Map<K, V>)).set(key, old)
  }
  const written = same.size === 0 ? all : without(same, all) // mostly all of it differs, and need not be copied
  if (cleared) return replacement(map, all, written)
  const deleted = new Set<K>()
  for (const key of gone) if (map.has(key)) deleted.add(key)
  return written.size === 0 && deleted.size === 0 ? undefined : { deleted, written }
}

function without<K, V>(keys: ReadonlySet<K>, map: ReadonlyMap<K, V>): Map<K, V> {
  const rest = new Map<K, V>()
  for (const [key, value] of map) if (!keys.has(key)) rest.set(key, value)
  return rest
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
  /** Whether a key has come, and then one that stays. */
  let hasNew = false
  let isMixed = false
  // those that stay, in the order they have, beside the order they are to have; no code of the user's runs here, so the map stands still
  const keys = map.keys()
  for (const key of all.keys()) {
    if (!map.has(key)) {
      hasNew = true
      continue
    }
    isMixed ||= hasNew
    let next = keys.next().value as K
    for (; !Object.is(next, key) && !all.has(next); next = keys.next().value as K) deleted.add(next)
    if (!Object.is(next, key)) moved.add(key)
  }
  for (const key of keys) deleted.add(key)
  if (deleted.size + written.size + moved.size === 0) return undefined
  // where most goes, building anew is shorter, and leaves no dead slots behind
  if (isMixed || moved.size > 0 || deleted.size >= map.size >>> 1) return { deleted, written, all, moved }
  return { deleted, written }
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
