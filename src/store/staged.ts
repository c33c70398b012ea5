/**
 * Writes that have been made and not committed: first everything goes, if `cleared`; then the keys in `deleted`; then `written` is
 * set in its order. A key in both moves to the end.
 */
export interface Staged<K, V> {
  readonly cleared: boolean
  /** Also keys that were not there: no change, and yet a decision that a value being computed must not undo. */
  readonly deleted: ReadonlySet<K>
  readonly written: ReadonlyMap<K, V>
}

/**
 * Hears of every committed write, also of one that changes nothing (an equal value, a key deleted that was not there), in the middle of
 * the commit: it takes note, and calls nobody else's code.
 */
export interface WriteHook<K> {
  wrote(key: K): void
  wroteAll(staged: Staged<K, unknown>): void
}

export const NOTHING: Staged<never, never> = {
  cleared: false,
  deleted: new Set<never>(),
  written: new Map<never, never>(),
}

export const touchedBy = <K>(staged: Staged<K, unknown>): K[] => [...staged.deleted, ...staged.written.keys()]

/** The keys whose turns it takes; `undefined` is the whole map. */
export const turnsOf = <K>(staged: Staged<K, unknown>): readonly K[] | undefined =>
  staged.cleared ? undefined : touchedBy(staged)
