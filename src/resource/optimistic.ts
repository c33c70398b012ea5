import { invalidArgument, storeDisposed } from '../errors.ts'
import { type Inside, insideOf } from '../store/brand.ts'
import { Lines } from '../store/lines.ts'
import type { Outcome, RecipeLayer } from '../store/recipe-layer.ts'
import type { Transaction } from '../store/transaction.ts'
import type { TransactionOf } from '../store/transaction-across.ts'
import { contextOf, type RecipeContext, Write } from '../store/writer.ts'

export interface OptimisticOptions {
  /** Ends it at once: the layer goes, the signal of `confirm` aborts, and the promise rejects with `signal.reason`. */
  readonly signal?: AbortSignal | undefined
  /** For people: warnings and errors name it. */
  readonly label?: string | undefined
}

type Recipe = (tx: Transaction<unknown, unknown>) => void

/**
 * Shows what `recipe` does before this returns, asks `confirm` whether it may stay, and makes it confirmed or takes it away.
 *
 * The recipe is a layer over everything that is confirmed or waits in the line, over the layers that were called before it. It is
 * replayed whenever what it looked at has changed below it: a later `set` or a refetch changes the state below and never shows a state
 * without the layer. So it must be pure and synchronous, and may run any number of times. `confirm` runs at once and holds no turn: other
 * writers go on.
 *
 * - `confirm` resolves: the recipe is applied to the confirmed state in its turn, and the layer goes in the same promotion. Where it
 *   resolves to a function, that recipe is applied in its place (what the server made of it); any other value is ignored.
 * - `confirm` throws, rejects or is aborted: this layer alone goes, those over it are replayed, in one promotion; the promise rejects
 *   with the very error, or `signal.reason`.
 *
 * When to use: a change that a server has to accept and that will mostly be accepted. When not: for a write that only waits for other
 * writers (a plain `set` is shown at once), or one that computes its own result (`update` and `transaction` take `{ optimistic }`).
 *
 * A recipe that throws at the call rejects, shows nothing, and `confirm` is not called; in a replay it shows nothing of itself and is
 * reported to `onError`; in its turn it fails the write. `idle()` does not wait for `confirm`. Codes: `STORE_DISPOSED`,
 * `INVALID_ARGUMENT` (also for a recipe that returns a promise), `LOCK_REENTRANT` (thrown into a recipe that writes to its own store).
 *
 * @param confirm given `{ signal }`, which aborts when the caller's does or the store is disposed
 * @example
 * ```ts
 * import { createStore } from 'tidemap/store'
 * import { optimistic } from 'tidemap/resource'
 *
 * const store = createStore([['likes', 4]])
 * const liked = optimistic(
 *   store,
 *   (tx) => tx.set('likes', tx.get('likes')! + 1),
 *   async () => {
 *     await Promise.resolve() // the request
 *   },
 * )
 * store.get('likes') // => 5
 * store.confirmed.get('likes') // => 4
 * await liked
 * store.confirmed.get('likes') // => 5
 * ```
 *
 * Source of the idea: the optimistic transactions of TanStack DB and Relay's optimistic updaters.
 */
export function optimistic<S>(
  store: S,
  recipe: (tx: TransactionOf<S>) => void,
  confirm: (context: RecipeContext) => unknown,
  options: OptimisticOptions = {},
): Promise<void> {
  const inside = insideOf<unknown, unknown>(store)
  if (inside === undefined) return Promise.reject(invalidArgument('store', 'a store of tidemap', store))
  for (const [name, value] of Object.entries({ recipe, confirm })) {
    if (typeof value !== 'function') return Promise.reject(invalidArgument(name, 'a function', value))
  }
  const refusal = inside.line.refusal(options)
  if (refusal !== undefined) return refusal
  const pending = new PendingRecipe(inside, recipe as Recipe, options)
  try {
    pending.show()
  } catch (error) {
    return Promise.reject(error)
  }
  return pending.settle(confirm)
}

/**
 * One optimistic write, from its layer to its end.
 *
 * Invariants: O1 its layer is shown until it commits or fails, and goes in that very step. O2 it settles once, however `confirm` ends.
 */
class PendingRecipe {
  readonly #inside: Inside<unknown, unknown>
  readonly #options: OptimisticOptions
  readonly #layer: RecipeLayer<unknown, unknown>
  #stop: (() => void) | undefined

  constructor(inside: Inside<unknown, unknown>, recipe: Recipe, options: OptimisticOptions) {
    this.#inside = inside
    this.#options = options
    this.#layer = inside.layer(recipe, this.#label)
  }

  get #label(): string {
    return this.#options.label ?? 'optimistic'
  }

  /** Throws what the recipe throws, and shows nothing then. */
  show(): void {
    const { state, line } = this.#inside
    this.#layer.isFloating = true
    this.#layer.carryOut(state.newestShown)
    state.lay(this.#layer)
    line.flush()
  }

  settle(confirm: (context: RecipeContext) => unknown): Promise<void> {
    // a listener of the round just told may have aborted it, or disposed the store
    const refusal = this.#refusal()
    if (refusal !== undefined) return refusal
    // no lines: it takes no turn, and `confirm` may write to the store
    const asked = new Write<unknown, unknown>(
      new Lines([]),
      {
        name: 'optimistic',
        keys: [],
        begin: (writer) => confirm(contextOf(writer)),
        commit: (answer) => answer,
        cancel: () => this.#drop(),
      },
      this.#options.signal,
    )
    const settled = this.#whenAsked(asked.start())
    this.#stop = this.#inside.onEnd(() => {
      settled.catch(() => {}) // a dropped promise is no unhandled rejection
      asked.abort(storeDisposed())
    })
    return settled
  }

  async #whenAsked(asked: Promise<unknown>): Promise<void> {
    try {
      const answer = await asked
      const truth =
        typeof answer === 'function' ? this.#inside.layer(answer as Recipe, this.#label) : this.#layer
      const isDone = await this.#commit(truth, this.#keysOf(truth))
      if (!isDone) await this.#commit(truth, undefined)
    } finally {
      this.#stop?.()
    }
  }

  /** The keys it would touch if its turn were now; `undefined` for the whole map. */
  #keysOf(truth: RecipeLayer<unknown, unknown>): readonly unknown[] | undefined {
    try {
      return keysSeen(truth.over(this.#inside.state.confirmed))
    } catch {
      return undefined // it may do better when its turn has come, and throws then if not
    }
  }

  /** Resolves to whether it touched no keys but these; else nothing has been done. */
  #commit(truth: RecipeLayer<unknown, unknown>, keys: readonly unknown[] | undefined): Promise<boolean> {
    const { line, state } = this.#inside
    const refusal = this.#refusal()
    if (refusal !== undefined) return refusal
    const write = new Write<Outcome<unknown, unknown>, boolean>(
      line,
      {
        name: 'optimistic',
        keys,
        label: this.#options.label,
        begin: () => truth.over(state.map.newest),
        commit: (outcome) => {
          if (!covers(keys, outcome)) return false
          state.commit(state.prepare(outcome.staged), this.#layer)
          return true
        },
        cancel: () => this.#drop(),
        lay: () => state.lineUp(this.#layer),
      },
      this.#options.signal,
    )
    return write.start()
  }

  #refusal(): Promise<never> | undefined {
    const refusal = this.#inside.line.refusal(this.#options)
    if (refusal !== undefined) this.#drop()
    return refusal
  }

  #drop(): void {
    this.#inside.state.fail(this.#layer)
    this.#inside.line.flush()
  }
}

/** The keys it looked at or wrote; `undefined` where it went over the map as a whole. */
const keysSeen = ({ reads }: Outcome<unknown, unknown>): readonly unknown[] | undefined =>
  reads.membership || reads.everything ? undefined : [...reads.keys.keys()]

function covers(keys: readonly unknown[] | undefined, outcome: Outcome<unknown, unknown>): boolean {
  if (keys === undefined) return true
  const taken = new Set(keys)
  return keysSeen(outcome)?.every((key) => taken.has(key)) ?? false
}
