/** A journal of fewer keys than this is never too long. */
const FEW = 32

/**
 * The keys that were written while dead slots were being left behind, and for a while afterwards: what tells in O(changes) how a view of
 * the old epoch differs from one of the new, which share no node.
 *
 * Invariants: J1 from version `#since` on it has the keys of every step, in the order of the steps. J2 it is no longer than an eighth of the
 * slots there were, or than FEW. Past that it answers nobody any more, and is emptied now and then: two views that far apart are compared as a whole, at no more than a
 * constant for each write between them. J3 it has keys and no values, so nothing that was overwritten is kept by it.
 *
 * Rejected: to keep the last state of the old epoch and the first of the new one and compare nodes, which keeps every value of both.
 */
export class Journal<K> {
  #since: number
  readonly #limit: number
  #keys: K[] = []
  #versions: number[] = []

  /**
   * @param since the last version before its first step
   * @param slots how many there are when it begins
   */
  constructor(since: number, slots: number) {
    this.#since = since
    this.#limit = Math.max(FEW, slots >>> 3)
  }

  /** `key` was written by the step that made `version`, the newest one. */
  add(key: K, version: number): void {
    this.#keys.push(key)
    this.#versions.push(version)
    if (this.#keys.length <= this.#limit) return
    this.#since = Number.POSITIVE_INFINITY // J2
    this.#keys = []
    this.#versions = []
  }

  /** The keys written after one version and up to another, whichever is the older; `undefined` where it does not know all of them. */
  keysBetween(a: number, b: number): Set<K> | undefined {
    const from = Math.min(a, b)
    if (from < this.#since) return undefined
    const versions = this.#versions
    let i = versions.length
    while ((versions[i - 1] as number) > from) i--
    const to = Math.max(a, b)
    const keys = new Set<K>()
    for (; (versions[i] as number) <= to; i++) keys.add(this.#keys[i] as K)
    return keys
  }
}
