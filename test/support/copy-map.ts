import type { Change } from '../../src/core/change.ts'

/** The slow, obvious twin of VersionedMap: every write copies the whole Map, so every view is a Map that nobody changes. */
export class CopyMap<K, V> {
  #newest: Map<K, V> = new Map()

  get view(): ReadonlyMap<K, V> {
    return this.#newest
  }

  set(key: K, value: V): void {
    this.#newest = new Map(this.#newest).set(key, value)
  }

  delete(key: K): boolean {
    this.#newest = new Map(this.#newest)
    return this.#newest.delete(key)
  }

  apply(deleted: Iterable<K>, written: ReadonlyMap<K, V>): void {
    this.#newest = new Map(this.#newest)
    for (const key of deleted) this.#newest.delete(key)
    for (const [key, value] of written) this.#newest.set(key, value)
  }

  replace(entries: Iterable<readonly [K, V]>): void {
    this.#newest = new Map(entries)
  }
}

/** What differs between two maps, found by looking at every key of both. */
export function changesBetween<K, V>(
  older: ReadonlyMap<K, V>,
  newer: ReadonlyMap<K, V>,
): Map<K, Change<K, V>> {
  const changes = new Map<K, Change<K, V>>()
  for (const [key, value] of newer) {
    const previous = older.get(key) as V
    if (!older.has(key)) changes.set(key, { type: 'add', key, value, previous: undefined })
    else if (!Object.is(value, previous)) changes.set(key, { type: 'update', key, value, previous })
  }
  for (const [key, previous] of older) {
    if (!newer.has(key)) changes.set(key, { type: 'delete', key, value: undefined, previous })
  }
  return changes
}
