/**
 * Writes that have been made and not committed: first everything goes, if `cleared`; then the keys in `deleted`; then `written` is
 * set in its order. A key in both moves to the end.
 */
export interface Staged<K, V> {
  readonly cleared: boolean
  readonly deleted: ReadonlySet<K>
  readonly written: ReadonlyMap<K, V>
}

const NOTHING: ReadonlySet<never> = new Set<never>()

export const writing = <K, V>(written: ReadonlyMap<K, V>): Staged<K, V> => ({
  cleared: false,
  deleted: NOTHING,
  written,
})

export const deleting = <K, V>(key: K): Staged<K, V> => ({
  cleared: false,
  deleted: new Set([key]),
  written: new Map(),
})

export const replacing = <K, V>(written: ReadonlyMap<K, V>): Staged<K, V> => ({
  cleared: true,
  deleted: NOTHING,
  written,
})

export const isNothing = (staged: Staged<unknown, unknown>): boolean =>
  !staged.cleared && staged.deleted.size === 0 && staged.written.size === 0
