import { updateLoop } from '../errors.ts'
import type { ReadableStore } from '../store/readable.ts'
import type { Entry } from './entry.ts'
import type { ResolvedResourceOptions } from './resource-options.ts'
import type { Status } from './status.ts'

/** How often listeners may answer a status by changing it. */
const MOST_ANSWERS = 1000

/**
 * Who is told of the status of a key.
 *
 * Invariants: E1 every listener hears of the same statuses in the same order, each differs from the one before, and the last one told is
 * the one that holds. E2 a listener that throws is reported and changes nothing for anybody else. E3 a key has a subscription in the
 * store, and a timer for the moment at which its value becomes stale, only while it has listeners.
 */
export class StatusListeners<K, V> {
  readonly #store: ReadableStore<K, V>
  readonly #options: ResolvedResourceOptions<K, V>
  readonly #statusOf: (entry: Entry<K, V>) => Status<V>

  constructor(
    store: ReadableStore<K, V>,
    options: ResolvedResourceOptions<K, V>,
    statusOf: (entry: Entry<K, V>) => Status<V>,
  ) {
    this.#store = store
    this.#options = options
    this.#statusOf = statusOf
  }

  /** @returns what ends it; to be called once */
  add(entry: Entry<K, V>, call: (status: Status<V>) => void): () => void {
    const listener = { call }
    if (entry.listeners.size === 0) entry.told = this.#statusOf(entry)
    entry.listeners.add(listener)
    entry.stopListening ??= this.#store.subscribeKey(entry.key, () => this.tell(entry))
    this.#watchAge(entry)
    return () => {
      entry.listeners.delete(listener)
      if (entry.listeners.size === 0) this.end(entry)
    }
  }

  /** E3 */
  end(entry: Entry<K, V>): void {
    entry.listeners.clear()
    entry.stopListening?.()
    entry.stopListening = undefined
    entry.staleTimer.clear()
  }

  /** Something may have changed. A listener that brings about another change is told of it afterwards (E1). */
  tell(entry: Entry<K, V>): void {
    if (entry.listeners.size === 0 || entry.isTelling) return
    entry.isTelling = true
    try {
      let status = this.#statusOf(entry)
      for (let answers = 0; status !== entry.told && answers < MOST_ANSWERS; answers++) {
        entry.told = status
        this.#tellAll(entry, status)
        status = this.#statusOf(entry)
      }
      if (status !== entry.told) this.#options.report(updateLoop(MOST_ANSWERS, [entry.key]))
    } finally {
      entry.isTelling = false // a clock may throw
    }
    this.#watchAge(entry)
  }

  #tellAll(entry: Entry<K, V>, status: Status<V>): void {
    for (const listener of [...entry.listeners]) {
      if (!entry.listeners.has(listener)) continue
      try {
        listener.call(status)
      } catch (error) {
        this.#options.report(error) // E2
      }
    }
  }

  #watchAge(entry: Entry<K, V>): void {
    const { clock, staleTime } = this.#options
    if (entry.listeners.size === 0 || entry.told.isStale) entry.staleTimer.clear()
    else entry.staleTimer.set(entry.updatedAt + staleTime - clock.now())
  }
}
