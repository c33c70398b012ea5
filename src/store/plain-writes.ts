import { isThenable } from '../core/thenable.ts'
import { entriesOf } from './arguments.ts'
import { deleting, replacing, type Staged, writing } from './staged.ts'
import type { State } from './state.ts'
import type { LayeredOptions } from './store.ts'
import type { Subscriptions } from './subscriptions.ts'
import type { Writers } from './writers.ts'

/**
 * Writes that need nothing of the old value, so that they can be shown before their turn: made now where their keys are free, else laid
 * over the confirmed state as a pending layer and confirmed in their turn.
 */
export class PlainWrites<K, V> {
  readonly #state: State<K, V>
  readonly #subscriptions: Subscriptions<K, V>
  readonly #writers: Writers<K>
  /** What a write that has ended resolves to: one for all, as nothing can be told of them apart. */
  readonly #done: Promise<void> = Promise.resolve()

  constructor(state: State<K, V>, subscriptions: Subscriptions<K, V>, writers: Writers<K>) {
    this.#state = state
    this.#subscriptions = subscriptions
    this.#writers = writers
  }

  /** The hot path of a store: where `key` is free, nothing is allocated but what the map and its listeners need. */
  set(key: K, value: V | PromiseLike<V>, options: LayeredOptions | undefined): Promise<void> {
    let later: PromiseLike<V> | undefined
    try {
      if (isThenable(value)) later = value
    } catch (error) {
      return Promise.reject(error) // `then` is a getter that throws
    }
    if (later !== undefined) return this.#setLater(key, later, options)
    const refusal = this.#writers.refusal(options)
    if (refusal !== undefined) return refusal
    if (this.#writers.turns.isKeyLocked(key)) {
      return this.#queue([key], writing(new Map([[key, value as V]])), 'set', () => {}, options)
    }
    try {
      this.#state.set(key, value as V)
    } catch (error) {
      return Promise.reject(error)
    }
    this.#subscriptions.flush()
    return this.#done
  }

  delete(key: K, options: LayeredOptions | undefined): Promise<boolean> {
    return this.#write(
      () => deleting<K, V>(key),
      [key],
      'delete',
      () => this.#state.map.has(key),
      options,
    )
  }

  setMany(entries: Iterable<readonly [K, V]>, options: LayeredOptions | undefined): Promise<void> {
    return this.#write(
      () => writing(new Map(entriesOf(entries))),
      'own',
      'setMany',
      () => {},
      options,
    )
  }

  replace(
    entries: Iterable<readonly [K, V]>,
    options: LayeredOptions | undefined,
    name: 'replace' | 'clear',
  ): Promise<void> {
    return this.#write(
      () => replacing(new Map(entriesOf(entries))),
      undefined,
      name,
      () => {},
      options,
    )
  }

  /** `'own'`: the keys that are written; `look` sees the confirmed state just before. */
  #write<T>(
    stage: () => Staged<K, V>,
    keys: readonly K[] | 'own' | undefined,
    name: string,
    look: () => T,
    options: LayeredOptions | undefined,
  ): Promise<T> {
    let staged: Staged<K, V>
    try {
      staged = stage() // before anything is decided: an iterable is the user's code
    } catch (error) {
      return Promise.reject(error)
    }
    const refusal = this.#writers.refusal(options)
    if (refusal !== undefined) return refusal
    const taken = keys === 'own' ? [...staged.written.keys()] : keys
    if (this.#writers.isBusy(taken)) return this.#queue(taken, staged, name, look, options)
    try {
      const result = look()
      this.#state.commit(this.#state.prepare(staged))
      this.#subscriptions.flush()
      return Promise.resolve(result)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  #queue<T>(
    keys: readonly K[] | undefined,
    staged: Staged<K, V>,
    name: string,
    look: () => T,
    options: LayeredOptions | undefined,
  ): Promise<T> {
    const layer = options?.optimistic === false ? undefined : staged
    const state = this.#state
    try {
      if (layer !== undefined) state.seal(layer)
    } catch (error) {
      return Promise.reject(error)
    }
    return this.#writers.run(
      {
        name,
        keys,
        begin: () => {},
        commit: () => {
          const result = look()
          state.commit(state.prepare(staged), layer)
          return result
        },
        ...state.shows(layer),
        skipped: (name === 'delete' ? false : undefined) as T,
      },
      options,
    )
  }

  #setLater(key: K, value: PromiseLike<V>, options: LayeredOptions | undefined): Promise<void> {
    const promised = new Promise<V>((resolve) => resolve(value)) // not Promise.resolve: it may have a `then` of its own
    promised.catch(() => {}) // it may reject while this write still waits for its turn, or though it is refused
    const refusal = this.#writers.refusal(options)
    if (refusal !== undefined) return refusal
    const commit = (next: V): void => this.#state.set(key, next)
    return this.#writers.run(
      { name: 'set', keys: [key], isOnlyWaiting: true, begin: () => promised, commit },
      options,
    )
  }
}
