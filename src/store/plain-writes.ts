import { isThenable } from '../core/thenable.ts'
import { entriesOf } from './arguments.ts'
import { NOTHING, type Staged, touchedBy } from './staged.ts'
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
      return this.#queue({ ...NOTHING, written: new Map([[key, value as V]]) }, 'set', options)
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
    return this.#write(() => ({ ...NOTHING, deleted: new Set([key]) }), 'delete', options)
  }

  setMany(entries: Iterable<readonly [K, V]>, options: LayeredOptions | undefined): Promise<void> {
    return this.#write(() => ({ ...NOTHING, written: new Map(entriesOf(entries)) }), 'setMany', options)
  }

  replace(
    entries: Iterable<readonly [K, V]>,
    options: LayeredOptions | undefined,
    name: 'replace' | 'clear',
  ): Promise<void> {
    return this.#write(
      () => ({ ...NOTHING, cleared: true, written: new Map(entriesOf(entries)) }),
      name,
      options,
    )
  }

  #write<N extends Name>(
    stage: () => Staged<K, V>,
    name: N,
    options: LayeredOptions | undefined,
  ): Promise<Answer<N>> {
    let staged: Staged<K, V>
    try {
      staged = stage() // before anything is decided: an iterable is the user's code
    } catch (error) {
      return Promise.reject(error)
    }
    const refusal = this.#writers.refusal(options)
    if (refusal !== undefined) return refusal
    const { turns } = this.#writers
    // mostly nobody has a turn, and the keys need not be listed: a setMany of one key took 430 ns, and takes 365
    const isBusy = turns.isLocked && this.#writers.isBusy(keysOf(staged))
    if (isBusy) return this.#queue(staged, name, options)
    try {
      const answer = this.#commit(staged, name)
      this.#subscriptions.flush()
      return Promise.resolve(answer)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  #queue<N extends Name>(
    staged: Staged<K, V>,
    name: N,
    options: LayeredOptions | undefined,
  ): Promise<Answer<N>> {
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
        keys: keysOf(staged),
        begin: () => {},
        commit: () => this.#commit(staged, name, layer),
        ...state.shows(layer),
        skipped: answer(name, false),
      },
      options,
    )
  }

  #commit<N extends Name>(staged: Staged<K, V>, name: N, layer?: Staged<K, V>): Answer<N> {
    const net = this.#state.prepare(staged)
    this.#state.commit(net, layer)
    return answer(name, net.change !== undefined)
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

type Name = 'set' | 'setMany' | 'replace' | 'clear' | 'delete'
/** What a write resolves to: `delete`, whether the key was there. */
type Answer<N extends Name> = N extends 'delete' ? boolean : void

const answer = <N extends Name>(name: N, hasChanged: boolean): Answer<N> =>
  (name === 'delete' ? hasChanged : undefined) as Answer<N>

/** The keys whose turns it takes. */
const keysOf = <K>(staged: Staged<K, unknown>): readonly K[] | undefined =>
  staged.cleared ? undefined : touchedBy(staged)
