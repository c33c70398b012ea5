import { invalidArgument } from '../errors.ts'
import { insideOf } from './brand.ts'
import type { WriteOptions } from './store.ts'

/** What tells when something has changed, and when that will happen no more. */
interface Telling {
  subscribe(listener: () => void): () => void
  /** A store needs none: it is asked by its brand. */
  onEnd?(call: () => void): () => void
}

interface TellingView<T> extends Telling {
  readonly view: T
}

interface TellingValue<T> extends Telling {
  readonly value: T
}

/**
 * The views of a store or collection, or the values of a selection, as an async iterable: first the current one, then whatever is newest each time the
 * next one is asked for.
 *
 * When to use: `for await`, async generators, streams, and the platform's `Observable.from`. When not: to hear of every promotion; what is
 * not asked for in time is left out, the latest wins, so nothing is ever buffered. Iterators are independent of each other; each
 * subscribes at its first `next()`.
 *
 * It ends when the store is disposed, or the collection is, after the last view. `return()` (a `break`) unsubscribes. On abort the next item, or the one
 * waited for, throws `signal.reason`; a selector that throws at the first item is thrown too. Codes: `INVALID_ARGUMENT`.
 *
 * @param source a store, a selection, a collection, or anything with a `view` or `value` and `subscribe`
 * @example
 * ```ts
 * import { createStore, toAsyncIterable } from 'tidemap/store'
 *
 * const store = createStore([['n', 0]])
 * const seen: unknown[] = []
 * const reading = (async () => {
 *   for await (const view of toAsyncIterable(store)) seen.push(view.get('n'))
 * })()
 * void store.set('n', 1) // before the next item is asked for there is a newer one
 * void store.set('n', 2)
 * store.dispose()
 * await reading
 * seen // => [0, 2]
 * ```
 */
export function toAsyncIterable<T>(source: TellingView<T>, options?: WriteOptions): AsyncIterable<T>
export function toAsyncIterable<T>(source: TellingValue<T>, options?: WriteOptions): AsyncIterable<T>
export function toAsyncIterable<T>(
  source: TellingView<T> | TellingValue<T>,
  { signal }: WriteOptions = {},
): AsyncIterable<T> {
  if (typeof source?.subscribe !== 'function' || !('view' in source || 'value' in source)) {
    throw invalidArgument('source', 'a store, a selection or a collection', source)
  }
  if (signal !== undefined && typeof signal?.addEventListener !== 'function') {
    throw invalidArgument('options.signal', 'an AbortSignal', signal)
  }
  const now = (): T => ('view' in source ? source.view : source.value)
  return { [Symbol.asyncIterator]: () => new LatestValues(source, now, signal) }
}

/**
 * One iterator. It gives what is newest when it gives it.
 *
 * Invariants: A1 nothing is kept but whether there is something new. A2 once it is over, it listens to nothing and keeps nobody waiting.
 */
class LatestValues<T> implements AsyncIterator<T, undefined> {
  readonly #source: Telling
  readonly #now: () => T
  readonly #signal: AbortSignal | undefined
  #state: 'new' | 'open' | 'over' = 'new'
  /** A1 */
  #isFresh = true
  /** An error that nobody has been told of. */
  #failure: { readonly reason: unknown } | undefined
  #asked: ((result: Result<T> | Promise<never>) => void)[] = []
  #stops: (() => void)[] = []

  constructor(source: Telling, now: () => T, signal: AbortSignal | undefined) {
    this.#source = source
    this.#now = now
    this.#signal = signal
  }

  next(): Promise<Result<T>> {
    if (this.#state === 'new') this.#open()
    return new Promise((resolve) => {
      if (this.#isFresh || this.#failure !== undefined) resolve(this.#take())
      else if (this.#state === 'over') resolve(DONE)
      else this.#asked.push(resolve)
    })
  }

  return(): Promise<Result<T>> {
    this.#failure = undefined
    this.#isFresh = false
    this.#end()
    return Promise.resolve(DONE)
  }

  #open(): void {
    this.#state = 'open'
    const signal = this.#signal
    if (signal?.aborted) return this.#onAbort()
    try {
      signal?.addEventListener('abort', this.#onAbort)
      this.#stops.push(() => signal?.removeEventListener('abort', this.#onAbort))
      this.#stops.push(this.#source.subscribe(this.#onChange))
      const onEnd = insideOf(this.#source)?.onEnd ?? this.#source.onEnd?.bind(this.#source)
      if (onEnd !== undefined) this.#stops.push(onEnd(() => this.#end()))
    } catch (reason) {
      this.#fail(reason)
    }
  }

  readonly #onChange = (): void => {
    this.#isFresh = true
    const ask = this.#asked.shift()
    ask?.(this.#take())
  }

  readonly #onAbort = (): void => this.#fail(this.#signal?.reason)

  /** What is newest, or what has gone wrong. */
  #take(): Result<T> | Promise<never> {
    const failure = this.#failure
    if (failure === undefined) {
      this.#isFresh = false
      try {
        return { done: false, value: this.#now() }
      } catch (reason) {
        this.#end()
        return Promise.reject(reason)
      }
    }
    this.#failure = undefined
    return Promise.reject(failure.reason)
  }

  #fail(reason: unknown): void {
    this.#failure = { reason }
    this.#isFresh = false
    const ask = this.#asked.shift()
    ask?.(this.#take())
    this.#end()
  }

  /** A2 */
  #end(): void {
    this.#state = 'over'
    for (const stop of this.#stops) stop()
    this.#stops = []
    const asked = this.#asked
    this.#asked = []
    for (const ask of asked) ask(DONE)
  }
}

type Result<T> = IteratorResult<T, undefined>

const DONE: { readonly done: true; readonly value: undefined } = { done: true, value: undefined }
