import type { Found, Previous } from '../core/read-dirty-map.ts'
import { isThenable } from '../core/thenable.ts'
import type { View } from '../core/view.ts'
import { checkFunction, entriesOf, keysOf, synchronous } from './arguments.ts'
import { brand } from './brand.ts'
import type { DraftBase } from './draft.ts'
import type { Unsubscribe } from './listeners.ts'
import type { ResolvedOptions } from './options.ts'
import type { StoreInspection } from './readable.ts'
import type { Recipe, RecipeRunner } from './recipe.ts'
import { RecipeLayer } from './recipe-layer.ts'
import { DerivedValue, type Selection, type Selector } from './select.ts'
import { NOTHING, type Staged, turnsOf } from './staged.ts'
import { State } from './state.ts'
import type { AtomicOptions, LayeredOptions, UpdateOptions, WritableStore, WriteOptions } from './store.ts'
import { type KeyListener, type KeysListener, Subscriptions, type ViewListener } from './subscriptions.ts'
import { DraftTransaction, type SkippableTransactionOptions, type Transaction } from './transaction.ts'
import { ViewReader } from './view-reader.ts'
import { contextOf, type RecipeContext, type Task } from './writer.ts'
import { refuseSignal, Writers } from './writers.ts'

/**
 * The store: state, subscriptions and writers, put together. Documented where its interfaces are: {@link WritableStore} and Store.
 */
export class MapStore<K, V> extends ViewReader<K, V> implements WritableStore<K, V> {
  readonly #subscriptions: Subscriptions<K, V>
  readonly #state: State<K, V>
  readonly #writers: Writers<K>
  readonly #equal: (a: V, b: V) => boolean
  readonly #runRecipe: RecipeRunner
  /** What a `set` that has ended resolves to: one for all, as nothing can be told of them apart. */
  readonly #done: Promise<void> = Promise.resolve()

  constructor(entries: Iterable<readonly [K, V]>, options: ResolvedOptions<V>, runRecipe: RecipeRunner) {
    super()
    this.#subscriptions = new Subscriptions(options.report)
    for (const [, value] of entries) options.seal(value)
    this.#writers = new Writers(this.#subscriptions, options.watch)
    const { equal } = options
    this.#equal = equal === Object.is ? equal : this.#writers.guarded(equal, 'equal')
    this.#state = new State(entries, this.#subscriptions, { ...options, equal: this.#equal })
    this.#runRecipe = runRecipe
    brand<K, V>(this, {
      line: this.#writers,
      open: (writer, keys) => this.#open(writer, keys),
      report: options.report,
      onEnd: (call) => this.#subscriptions.onEnd(call),
      state: this.#state,
      layer: (recipe, label) => this.#layer(recipe, label),
    })
  }

  get view(): View<K, V> {
    return this.#state.view
  }

  get confirmed(): View<K, V> {
    return this.#state.confirmed
  }

  override get(key: K): V | undefined {
    return this.#state.get(key)
  }

  /** Also keeps frameworks that wrap plain data in proxies (Vue) from wrapping a store. */
  get [Symbol.toStringTag](): string {
    return 'Store'
  }

  subscribe(listener: ViewListener<K, V>): Unsubscribe {
    return this.#subscriptions.onView(listener)
  }

  subscribeKey(key: K, listener: KeyListener<K, V>, equal?: (a: V, b: V) => boolean): Unsubscribe {
    if (equal === undefined) return this.#subscriptions.onKey(key, listener)
    checkFunction('The listener', listener)
    checkFunction('equal', equal)
    let told = this.#state.view.get(key)
    return this.#subscriptions.onKey(key, (value, _previous, change) => {
      // compared with what was told last, not with the value before: many small steps are a change too
      if (change.type === 'update' && equal(change.value, told as V)) return
      const previous = told
      told = value
      listener(value, previous, change)
    })
  }

  subscribeKeys(listener: KeysListener<K, V>): Unsubscribe {
    return this.#subscriptions.onKeys(listener)
  }

  subscribePending(listener: () => void): Unsubscribe {
    return this.#subscriptions.onPending(listener)
  }

  select<R>(selector: Selector<K, V, R>, equal: (a: R, b: R) => boolean = Object.is): Selection<R> {
    checkFunction('The selector', selector)
    checkFunction('equal', equal)
    return new DerivedValue(this.#state, this.#subscriptions, selector, equal)
  }

  isPending(key: K): boolean {
    return this.#state.isPending(key)
  }

  pendingKeys(): Set<K> {
    return this.#state.pendingKeys()
  }

  isBusy(...key: [] | [key: K]): boolean {
    return this.#writers.isBusy(key.length === 0 ? undefined : key)
  }

  inspect(): StoreInspection<K, V> {
    const { promotions, layers, map } = this.#state
    const { running, waiting } = this.#writers
    return { ...map.inspect(), promotions, running, waiting, layers: layers.size }
  }

  // Plain writes need nothing of the old value, so that they can be shown before their turn: made now where their keys are free, else laid
  // over the confirmed state as a pending layer and confirmed in their turn.

  /** The hot path of a store: where `key` is free, nothing is allocated but what the map and its listeners need. */
  set(key: K, value: V | PromiseLike<V>, options?: LayeredOptions): Promise<void> {
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
      return this.#queue('set', { ...NOTHING, written: new Map([[key, value as V]]) }, options, nothing)
    }
    try {
      this.#state.set(key, value as V)
    } catch (error) {
      return Promise.reject(error)
    }
    this.#subscriptions.flush()
    return this.#done
  }

  delete(key: K, options?: LayeredOptions): Promise<boolean> {
    return this.#write('delete', () => ({ ...NOTHING, deleted: new Set([key]) }), options, Boolean)
  }

  setMany(entries: Iterable<readonly [K, V]>, options?: LayeredOptions): Promise<void> {
    const stage = () => ({ ...NOTHING, written: new Map(entriesOf(entries)) })
    return this.#write('setMany', stage, options, nothing)
  }

  replace(entries: Iterable<readonly [K, V]>, options?: LayeredOptions): Promise<void> {
    const stage = () => ({ ...NOTHING, cleared: true, written: new Map(entriesOf(entries)) })
    return this.#write('replace', stage, options, nothing)
  }

  clear(options?: LayeredOptions): Promise<void> {
    return this.#write('clear', () => ({ ...NOTHING, cleared: true }), options, nothing)
  }

  /** @param answer what it resolves to, by whether it has changed anything */
  #write<T>(
    name: string,
    stage: () => Staged<K, V>,
    options: LayeredOptions | undefined,
    answer: (hasChanged: boolean) => T,
  ): Promise<T> {
    let staged: Staged<K, V>
    try {
      staged = stage() // before anything is decided: an iterable is the user's code
    } catch (error) {
      return Promise.reject(error)
    }
    const refusal = this.#writers.refusal(options)
    if (refusal !== undefined) return refusal
    // mostly nobody has a turn, and the keys need not be listed: a setMany of one key took 430 ns, and takes 365
    if (this.#writers.turns.isLocked && this.#writers.isBusy(turnsOf(staged)))
      return this.#queue(name, staged, options, answer)
    try {
      const hasChanged = this.#state.write(staged)
      this.#subscriptions.flush()
      return Promise.resolve(answer(hasChanged))
    } catch (error) {
      return Promise.reject(error)
    }
  }

  #queue<T>(
    name: string,
    staged: Staged<K, V>,
    options: LayeredOptions | undefined,
    answer: (hasChanged: boolean) => T,
  ): Promise<T> {
    const layer = options?.optimistic === false ? undefined : staged
    const state = this.#state
    try {
      if (layer !== undefined) state.seal(layer)
    } catch (error) {
      return Promise.reject(error)
    }
    const commit = (): T => answer(state.write(staged, layer))
    const skipped = answer(false)
    return this.#writers.run(
      { name, keys: turnsOf(staged), begin: nothing, commit, ...state.shows(layer), skipped },
      options,
    )
  }

  #setLater(key: K, value: PromiseLike<V>, options: LayeredOptions | undefined): Promise<void> {
    const promised = new Promise<V>((resolve) => resolve(value)) // not Promise.resolve: it may have a `then` of its own
    promised.catch(nothing) // it may reject while this write still waits for its turn, or though it is refused
    const refusal = this.#writers.refusal(options)
    if (refusal !== undefined) return refusal
    const begin = (): Promise<V> => promised
    const commit = (next: V): void => this.#state.set(key, next)
    return this.#writers.run({ name: 'set', keys: [key], isOnlyWaiting: true, begin, commit }, options)
  }

  update(key: K, recipe: Recipe, options?: UpdateOptions): Promise<V | undefined> {
    const refusal = this.#writers.refusal(options)
    if (refusal !== undefined) return refusal
    const { label, optimistic } = options ?? {}
    try {
      checkFunction('The recipe', recipe)
      if (optimistic !== undefined) checkFunction('options.optimistic', optimistic)
    } catch (error) {
      return Promise.reject(error)
    }
    const state = this.#state
    const layer =
      optimistic && this.#layer((tx) => void tx.update(key, optimistic), 'options.optimistic of update')
    const task: Task<V | undefined, V | undefined> = {
      name: 'update',
      keys: [key],
      label,
      begin: (writer) => this.#runRecipe(state.map.get(key), recipe, key, contextOf(writer)),
      commit: (next) => {
        const isWritten = next !== undefined || state.map.has(key)
        if (isWritten && layer === undefined) state.set(key, next as V)
        else state.write(isWritten ? { ...NOTHING, written: new Map([[key, next as V]]) } : NOTHING, layer)
        return next
      },
      ...state.shows(layer),
    }
    return this.#writers.run(task, options)
  }

  transaction<T>(
    body: (tx: Transaction<K, V>) => T | PromiseLike<T>,
    options?: SkippableTransactionOptions<K, Transaction<K, V>>,
  ): Promise<T> {
    return this.#transact(body, 'transaction', options)
  }

  batch<T>(body: (tx: Transaction<K, V>) => T): Promise<T> {
    return this.#transact(body, 'batch')
  }

  load(key: K, options?: WriteOptions): Promise<Found<V>> {
    this.#writers.refuseSelfWait(key)
    const load = (): Found<V> => {
      const found = this.#state.load(key)
      this.#subscriptions.flush()
      return found
    }
    const refusal = refuseSignal(options?.signal)
    if (refusal !== undefined) return refusal
    if (this.#writers.isDisposed || !this.#writers.turns.isKeyLocked(key)) return Promise.resolve(load())
    return this.#writers.run({ name: 'load', keys: [key], begin: nothing, commit: load }, options)
  }

  // Go's operations on one key: transactions of one call

  loadOrStore(key: K, value: V, options?: AtomicOptions): Promise<[actual: V, loaded: boolean]> {
    return this.#atomic('loadOrStore', key, (tx) => tx.loadOrStore(key, value), options)
  }

  loadAndDelete(key: K, options?: AtomicOptions): Promise<Previous<V>> {
    return this.#atomic('loadAndDelete', key, (tx) => tx.loadAndDelete(key), options)
  }

  swap(key: K, value: V, options?: AtomicOptions): Promise<Previous<V>> {
    return this.#atomic('swap', key, (tx) => tx.swap(key, value), options)
  }

  compareAndSwap(key: K, old: V, value: V, options?: AtomicOptions): Promise<boolean> {
    return this.#atomic('compareAndSwap', key, (tx) => tx.compareAndSwap(key, old, value), options)
  }

  compareAndDelete(key: K, old: V, options?: AtomicOptions): Promise<boolean> {
    return this.#atomic('compareAndDelete', key, (tx) => tx.compareAndDelete(key, old), options)
  }

  promote(): void {
    this.#state.promote()
    this.#subscriptions.flush()
  }

  idle(): Promise<void> {
    return this.#writers.idle()
  }

  dispose(): void {
    if (this.#writers.isDisposed) return
    this.#subscriptions.pause() // what listeners are told at the end is one state, in which nobody waits any more
    this.#state.failAll()
    this.#writers.dispose()
    this.#subscriptions.resume()
    this.promote()
    this.#subscriptions.dispose()
  }

  #atomic<T>(
    name: string,
    key: K,
    step: (tx: Transaction<K, V>) => T,
    options: AtomicOptions | undefined,
  ): Promise<T> {
    return this.#transact(step, name, { ...options, keys: [key] })
  }

  #transact<T>(
    body: (tx: Transaction<K, V>) => T | PromiseLike<T>,
    name: string,
    options?: SkippableTransactionOptions<K, Transaction<K, V>>,
  ): Promise<T> {
    const { keys, label, optimistic } = options ?? {}
    let own: ReadonlySet<K> | undefined
    try {
      checkFunction(`The body of ${name}`, body)
      if (optimistic !== undefined) checkFunction('options.optimistic', optimistic)
      own = keys === undefined ? undefined : keysOf(keys)
    } catch (error) {
      return Promise.reject(error)
    }
    const refusal = this.#writers.refusal(options)
    if (refusal !== undefined) return refusal
    let tx: DraftTransaction<K, V> | undefined
    const layer = optimistic && this.#layer(optimistic, `options.optimistic of ${name}`, own)
    const shows = this.#state.shows(layer)
    return this.#writers.run<T, T>(
      {
        name,
        keys: own && [...own],
        label,
        begin: (writer) => {
          tx = this.#open(writer, own)
          const result = body(tx)
          return name === 'batch' ? synchronous('The body of batch', result) : result
        },
        commit: (result) => {
          if (tx !== undefined) this.#state.write(tx.close(), layer)
          return result
        },
        ...shows,
        cancel: () => {
          tx?.close()
          shows.cancel?.()
        },
      },
      options,
    )
  }

  /** A recipe as a layer: pure, synchronous, and not a writer. `label` names it where it tries to write. */
  #layer(recipe: (tx: Transaction<K, V>) => void, label: string, keys?: ReadonlySet<K>): RecipeLayer<K, V> {
    const run = this.#writers.guarded(recipe, label)
    return new RecipeLayer((base) => {
      const owner = {
        label,
        get signal() {
          return new AbortController().signal
        },
      }
      const tx = this.#open(owner, keys, base)
      try {
        synchronous(label, run(tx))
      } finally {
        tx.close()
      }
      const draft = tx.close()
      this.#state.seal(draft)
      return { ...draft } // not the draft itself: it holds on to the views below
    })
  }

  #open(
    writer: RecipeContext & { readonly label: string },
    keys: ReadonlySet<K> | undefined,
    base: DraftBase<K, V> = this.#state.map,
  ): DraftTransaction<K, V> {
    return new DraftTransaction(base, keys, writer, this.#equal, this.#runRecipe)
  }
}

const nothing = (): void => {}
