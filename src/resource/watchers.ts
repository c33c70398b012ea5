import type { Entry } from './entry.ts'
import type { ResolvedResourceOptions } from './resource-options.ts'

/**
 * Who looks at a key, and what that brings about: it is loaded again on focus, on reconnect, and every so often.
 *
 * Invariant: the ports are listened to exactly while a key is watched, and a poll timer is set exactly while its key is.
 */
export class Watchers<K, V> {
  readonly #options: ResolvedResourceOptions<K, V>
  readonly #refetch: (entry: Entry<K, V>, onlyIfStale: boolean) => void
  readonly #watched: Set<Entry<K, V>> = new Set()
  #stopPorts: (() => void)[] = []

  constructor(
    options: ResolvedResourceOptions<K, V>,
    refetch: (entry: Entry<K, V>, onlyIfStale: boolean) => void,
  ) {
    this.#options = options
    this.#refetch = refetch
  }

  /** @returns what ends it; to be called once */
  add(entry: Entry<K, V>): () => void {
    entry.watchers++
    if (entry.watchers === 1) {
      entry.pollTimer.set(this.#options.refetchInterval)
      this.#watched.add(entry)
      if (this.#watched.size === 1) this.#listen() // last: a port may call back at once, and what that sets off may watch another key
    }
    return () => {
      entry.watchers--
      if (entry.watchers > 0) return
      entry.pollTimer.clear()
      this.#watched.delete(entry)
      if (this.#watched.size === 0) this.end()
    }
  }

  /** The poll timer of a key has fired. */
  poll(entry: Entry<K, V>): void {
    entry.pollTimer.set(this.#options.refetchInterval)
    if (this.#options.focus.isFocused()) this.#refetch(entry, false)
  }

  end(): void {
    this.#watched.clear()
    for (const stop of this.#stopPorts.splice(0)) stop()
  }

  #listen(): void {
    const { focus, online, refetchOnFocus, refetchOnReconnect } = this.#options
    if (refetchOnFocus) this.#stopPorts.push(focus.subscribe(() => focus.isFocused() && this.#revive()))
    if (refetchOnReconnect) this.#stopPorts.push(online.subscribe(() => online.isOnline() && this.#revive()))
  }

  #revive(): void {
    // what one load sets off may end the watching of another key, or of all
    for (const entry of [...this.#watched]) if (this.#watched.has(entry)) this.#refetch(entry, true)
  }
}
