import { type Change, changeOf, look } from '../core/change.ts'
import type { ReadDirtyMap } from '../core/read-dirty-map.ts'
import { ABSENT } from '../core/vector.ts'
import { sameOrder } from './same-order.ts'
import type { Staged } from './staged.ts'

/** What staged writes come to: nothing, these keys, or `written` as all entries there are. */
export interface Net<K, V> {
  readonly staged: Staged<K, V>
  readonly change:
    | undefined
    | { readonly all: boolean; readonly deleted: ReadonlySet<K>; readonly written: ReadonlyMap<K, V> }
}

/** What `staged` changes in `map`. Asks `equal`, which may throw, and seals what is new; changes nothing. */
export function changeBy<K, V>(
  { cleared, deleted: gone, written: set }: Staged<K, V>,
  map: ReadDirtyMap<K, V>,
  equal: (a: V, b: V) => boolean,
  seal: (value: V) => void,
): Net<K, V>['change'] {
  const written = new Map<K, V>()
  for (const [key, value] of set) {
    const isSame = map.has(key) && equal(map.get(key) as V, value)
    if (!isSame) {
      seal(value)
      written.set(key, value)
    } else if (cleared || gone.has(key)) written.set(key, map.get(key) as V)
  }
  if (cleared) {
    // the value that was there is taken where the new one is equal
    const isAllThereIs =
      sameOrder(written, map.newest) && [...written].every(([key, value]) => Object.is(value, map.get(key)))
    return isAllThereIs ? undefined : { all: true, deleted: gone, written }
  }
  const deleted = new Set<K>()
  for (const key of gone) if (map.has(key)) deleted.add(key)
  return written.size === 0 && deleted.size === 0 ? undefined : { all: false, deleted, written }
}

/** What is told of a write that is made as it is: a key that is deleted and written has its new value. */
export function changesBy<K, V>(
  deleted: ReadonlySet<K>,
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
