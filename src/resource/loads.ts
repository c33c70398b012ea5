import type { Staged, WriteHook } from '../store/staged.ts'

/**
 * What is being loaded into one store, kept with the store as its hook for writes: so there is one flight a key, whoever asks, and
 * nothing outlives the store or lives in a module.
 *
 * Invariants: L1 a store has one from its first load on. L2 whoever watches a key hears of every committed write of it, also of one that
 * changes nothing, once or oftener; in the middle of the commit, so that taking note is all it may do.
 */
export class Loads<K> implements WriteHook<K> {
  /** What `loadOrCompute` is computing, and who asks from now on may join. */
  readonly flights: Map<K, unknown> = new Map()
  readonly #watches: Map<K, Set<() => void>> = new Map()

  /** L1. Those of another copy of the package are the same. */
  static of<K>(state: { hook: WriteHook<K> | undefined }): Loads<K> {
    state.hook ??= new Loads()
    return state.hook as Loads<K>
  }

  /** L2. Returns what ends it; to be called once. */
  watch(key: K, note: () => void): () => void {
    const notes = this.#watches.get(key) ?? new Set()
    this.#watches.set(key, notes.add(note))
    return () => {
      notes.delete(note)
      if (notes.size === 0) this.#watches.delete(key)
    }
  }

  wrote(key: K): void {
    const notes = this.#watches.get(key)
    if (notes !== undefined) for (const note of [...notes]) note()
  }

  wroteAll({ cleared, deleted, written }: Staged<K, unknown>): void {
    if (cleared) for (const key of [...this.#watches.keys()]) this.wrote(key)
    for (const key of deleted) this.wrote(key)
    for (const key of written.keys()) this.wrote(key)
  }
}
