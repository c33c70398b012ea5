import { invalidArgument } from '../errors.ts'
import { checkFunction } from './arguments.ts'
import { type Inside, insideOf } from './brand.ts'
import { Lines } from './lines.ts'
import type { DraftTransaction, Transaction } from './transaction.ts'
import type { IfBusy, WriteOptions } from './write-options.ts'
import type { Task } from './writer.ts'
import { startIn } from './writers.ts'

/** The `tx` that belongs to a store. */
export type TransactionOf<S> = S extends { batch(body: (tx: infer Tx) => unknown): unknown } ? Tx : never

export interface AcrossOptions<S extends readonly unknown[]> extends WriteOptions {
  /** What it does where a turn is taken in any of the stores: see {@link IfBusy}. */
  readonly ifBusy?: 'queue' | 'latest' | 'fail' | undefined
  /**
   * What is shown of each store from the call until the transaction has committed or failed in all of them: a pure, synchronous recipe for
   * each, in the order of the stores; `undefined` for one that shows nothing.
   *
   * One for each, and not one for all: the layers of a store are replayed in the step in which that store changes, so a recipe that looked
   * at two stores would show what is no longer so in one of them.
   */
  readonly optimistic?:
    | { readonly [I in keyof S]: ((tx: TransactionOf<S[I]>) => void) | undefined }
    | undefined
  /** For people: warnings and errors name it. */
  readonly label?: string | undefined
}

/** The same with `'skip'`: it may resolve to `undefined` without having run. */
export interface SkippableAcrossOptions<S extends readonly unknown[]>
  extends Omit<AcrossOptions<S>, 'ifBusy'> {
  readonly ifBusy?: IfBusy | undefined
}

type Body<S extends readonly unknown[], T> = (
  ...txs: { -readonly [I in keyof S]: TransactionOf<S[I]> }
) => T | PromiseLike<T>

/**
 * One transaction over several stores: `body` gets a `tx` of each, in their order. Commits in all of them in one step, or in none.
 *
 * It takes the whole map of every store, in all lines at one time: no order of locks, no deadlock. Listeners of one store already see
 * the others committed. Aborts, errors and codes are those of `store.transaction`; `INVALID_ARGUMENT` where a store is named twice, or
 * something is no store of tidemap (stores of different copies of the package work together).
 *
 * `ifBusy` looks at all the stores: `'skip'` and `'fail'` where any turn of any of them is taken; `'latest'` ends every `'latest'` writer of
 * any of them, and is ended by the next one. `optimistic` is a recipe for each store; their layers come and go together.
 *
 * @example
 * ```ts
 * import { createStore, transaction } from 'tidemap/store'
 *
 * const stock = createStore([['apple', 3]])
 * const cart = createStore([['apple', 0]])
 * const take = async () => transaction([stock, cart], async (from, to) => {
 *   from.set('apple', from.get('apple')! - 1)
 *   await Promise.resolve()
 *   to.set('apple', to.get('apple')! + 1)
 * }, { optimistic: [(from) => from.set('apple', from.get('apple')! - 1), undefined] })
 * const taking = take()
 * stock.get('apple') // => 2
 * await taking
 * const counts = [stock.get('apple'), cart.get('apple')]
 * counts // => [2, 1]
 * ```
 */
export function transaction<const S extends readonly unknown[], T>(
  stores: S,
  body: Body<S, T>,
  options?: AcrossOptions<S>,
): Promise<T>
export function transaction<const S extends readonly unknown[], T>(
  stores: S,
  body: Body<S, T>,
  options?: SkippableAcrossOptions<S>,
): Promise<T | undefined>
export function transaction<const S extends readonly unknown[], T>(
  stores: S,
  body: Body<S, T>,
  options?: SkippableAcrossOptions<S>,
): Promise<T | undefined> {
  const insides: Inside<unknown, unknown>[] = []
  if (!Array.isArray(stores)) return Promise.reject(invalidArgument('stores', 'an array of stores', stores))
  for (const store of stores) {
    const inside = insideOf<unknown, unknown>(store)
    if (inside === undefined || insides.includes(inside)) {
      return Promise.reject(invalidArgument('stores', 'different stores of tidemap', store))
    }
    insides.push(inside)
  }
  try {
    checkFunction('The body of transaction', body)
    checkRecipes(options?.optimistic, insides.length)
  } catch (error) {
    return Promise.reject(error)
  }
  const lines = new Lines(insides.map((inside) => inside.line))
  const refusal = lines.refusal(options)
  if (refusal !== undefined) return refusal
  const layers = insides.map(({ layer }, i) => {
    const recipe = options?.optimistic?.[i]
    return recipe && layer(recipe as Recipe, `options.optimistic[${i}] of transaction`)
  })
  let txs: DraftTransaction<unknown, unknown>[] = []
  const task: Task<T, T> = {
    name: 'transaction',
    keys: undefined,
    label: options?.label,
    begin: (writer) => {
      txs = insides.map((inside) => inside.open(writer, undefined))
      return body(...(txs as unknown as Parameters<typeof body>))
    },
    commit: (result) => {
      // first everything that may throw, then all commits
      const prepared = insides.map(({ state }, i) => {
        const net = state.prepare((txs[i] as DraftTransaction<unknown, unknown>).close())
        return () => state.commit(net, layers[i])
      })
      for (const commit of prepared) commit()
      return result
    },
    cancel: () => {
      for (const tx of txs) tx.close()
      for (const [i, layer] of layers.entries()) if (layer !== undefined) insides[i]?.state.fail(layer)
    },
    lay: layers.some((layer) => layer !== undefined)
      ? () => {
          for (const [i, layer] of layers.entries()) if (layer !== undefined) insides[i]?.state.lay(layer)
        }
      : undefined,
  }
  return startIn(lines, task, options)
}

type Recipe = (tx: Transaction<unknown, unknown>) => void

function checkRecipes(recipes: unknown, count: number): void {
  if (recipes === undefined) return
  if (!Array.isArray(recipes) || recipes.length !== count) {
    throw invalidArgument(
      'options.optimistic',
      'an array with a recipe, or undefined, for each store',
      recipes,
    )
  }
  for (const [i, recipe] of recipes.entries()) {
    if (recipe !== undefined) checkFunction(`options.optimistic[${i}]`, recipe)
  }
}
