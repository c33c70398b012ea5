import { keyNotLoaded } from '../errors.ts'
import type { Factory, FactoryContext } from './computation.ts'

/** Loads many keys in one request. A key that is not in the result has failed, with `KEY_NOT_LOADED`. */
export type LoadMany<K, V> = (
  keys: readonly K[],
  context: FactoryContext,
) => ReadonlyMap<K, V> | PromiseLike<ReadonlyMap<K, V>>

interface Request<K, V> {
  readonly key: K
  readonly signal: AbortSignal
  readonly resolve: (value: V) => void
  readonly reject: (reason: unknown) => void
}

/**
 * Puts the keys that are asked for in one tick into one request.
 *
 * Invariants: B1 a key whose request has aborted before the tick ends is not asked for. B2 the signal of a batch aborts when every one of
 * its keys has been given up, and never because some have. The idea is DataLoader's.
 */
export class BatchLoader<K, V> {
  readonly #loadMany: LoadMany<K, V>
  readonly #load: Factory<K, V> | undefined
  #waiting: Request<K, V>[] = []

  /** @param load for a key that is alone */
  constructor(loadMany: LoadMany<K, V>, load: Factory<K, V> | undefined) {
    this.#loadMany = loadMany
    this.#load = load
  }

  load(key: K, signal: AbortSignal): Promise<V> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ key, signal, resolve, reject })
      if (this.#waiting.length === 1) queueMicrotask(() => void this.#flush())
    })
  }

  async #ask(keys: readonly K[], context: FactoryContext): Promise<ReadonlyMap<K, V>> {
    const [key, ...others] = keys as [K, ...K[]]
    if (this.#load === undefined || others.length > 0) return this.#loadMany(keys, context)
    return new Map([[key, await this.#load(key, context)]])
  }

  async #flush(): Promise<void> {
    const requests = this.#waiting.filter(({ signal }) => !signal.aborted) // B1
    this.#waiting = []
    if (requests.length === 0) return
    const controller = new AbortController()
    const onAbort = (): void => {
      const last = requests.every(({ signal }) => signal.aborted)
      if (last) controller.abort(requests[0]?.signal.reason) // B2
    }
    for (const { signal } of requests) signal.addEventListener('abort', onAbort, { once: true })
    try {
      const values = await this.#ask(
        requests.map(({ key }) => key),
        { signal: controller.signal },
      )
      for (const { key, resolve, reject } of requests) {
        if (values.has(key)) resolve(values.get(key) as V)
        else reject(keyNotLoaded(key))
      }
    } catch (error) {
      for (const { reject } of requests) reject(error)
    } finally {
      for (const { signal } of requests) signal.removeEventListener('abort', onAbort)
    }
  }
}
