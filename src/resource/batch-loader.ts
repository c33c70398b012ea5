import { invalidArgument, keyNotLoaded } from '../errors.ts'
import type { Factory, FactoryContext } from './computation.ts'

/**
 * Loads many keys in one request. A key whose value is an `Error` has failed with that error, as with DataLoader; one that is not in the
 * result has failed with `KEY_NOT_LOADED`. The others have not. Throw or reject where all of them have failed. Anything but a Map fails all
 * of them with `INVALID_ARGUMENT`.
 */
export type LoadMany<K, V> = (
  keys: readonly K[],
  context: FactoryContext,
) => ReadonlyMap<K, V | Error> | PromiseLike<ReadonlyMap<K, V | Error>>

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

  async #answer(requests: readonly Request<K, V>[], context: FactoryContext): Promise<void> {
    const [first, ...others] = requests
    if (this.#load !== undefined && first !== undefined && others.length === 0) {
      return first.resolve(await this.#load(first.key, context))
    }
    const keys = requests.map(({ key }) => key)
    const values = await this.#loadMany(keys, context)
    if (typeof values?.has !== 'function' || typeof values.get !== 'function') {
      throw invalidArgument('The result of loadMany', 'a Map of each key to its value or an Error', values)
    }
    for (const { key, resolve, reject } of requests) {
      const value = values.get(key)
      if (value instanceof Error) reject(value)
      else if (values.has(key)) resolve(value as V)
      else reject(keyNotLoaded(key))
    }
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
      await this.#answer(requests, { signal: controller.signal })
    } catch (error) {
      for (const { reject } of requests) reject(error)
    } finally {
      for (const { signal } of requests) signal.removeEventListener('abort', onAbort)
    }
  }
}
