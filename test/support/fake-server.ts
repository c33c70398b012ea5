import type { FactoryContext } from 'tidemap/resource'
import { deferred } from './deferred.ts'

export interface FakeRequest<K, V> {
  readonly key: K
  readonly signal: AbortSignal
  readonly answer: (value: V) => void
  readonly fail: (reason: unknown) => void
}

/** A loader whose every request the test answers itself. */
export class FakeServer<K, V> {
  readonly requests: FakeRequest<K, V>[] = []

  readonly load = (key: K, { signal }: FactoryContext): Promise<V> => {
    const { promise, resolve, reject } = deferred<V>()
    this.requests.push({ key, signal, answer: resolve, fail: reject })
    return promise
  }

  get last(): FakeRequest<K, V> {
    const last = this.requests.at(-1)
    if (last === undefined) throw new Error('No request has been made.')
    return last
  }
}
