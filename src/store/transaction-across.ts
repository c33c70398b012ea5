import { invalidArgument } from '../errors.ts'
import { type Inside, insideOf } from './brand.ts'
import type { DraftTransaction, TransactionOptions } from './transaction.ts'
import { type Task, Write } from './writer.ts'

/** The `tx` that belongs to a store. */
export type TransactionOf<S> = S extends { batch(body: (tx: infer Tx) => unknown): unknown } ? Tx : never

/**
 * One transaction over several stores: `body` gets a `tx` of each, in their order. Commits in all of them in one step, or in none.
 *
 * It takes the whole map of every store, in all lines at one time: no order of locks, no deadlock. Listeners of one store already see
 * the others committed. Aborts, errors and codes are those of `store.transaction`; `INVALID_ARGUMENT` where a store is named twice, or
 * something is no store of tidemap (stores of different copies of the package work together).
 *
 * @example
 * ```ts
 * import { createStore, transaction } from 'tidemap/store'
 *
 * const stock = createStore([['apple', 3]])
 * const cart = createStore([['apple', 0]])
 * await transaction([stock, cart], async (from, to) => {
 *   from.set('apple', from.get('apple')! - 1)
 *   await Promise.resolve()
 *   to.set('apple', to.get('apple')! + 1)
 * })
 * const counts = [stock.get('apple'), cart.get('apple')]
 * counts // => [2, 1]
 * ```
 */
export function transaction<const S extends readonly unknown[], T>(
  stores: S,
  body: (...txs: { -readonly [I in keyof S]: TransactionOf<S[I]> }) => T | PromiseLike<T>,
  options?: Pick<TransactionOptions<never>, 'signal' | 'label'>,
): Promise<T> {
  const { signal, label } = options ?? {}
  const insides: Inside<unknown, unknown>[] = []
  if (!Array.isArray(stores)) return Promise.reject(invalidArgument('stores', 'an array of stores', stores))
  for (const store of stores) {
    const inside = insideOf<unknown, unknown>(store)
    if (inside === undefined || insides.includes(inside)) {
      return Promise.reject(invalidArgument('stores', 'different stores of tidemap', store))
    }
    insides.push(inside)
  }
  if (typeof body !== 'function')
    return Promise.reject(invalidArgument('The body of transaction', 'a function', body))
  for (const inside of insides) {
    const refusal = inside.line.refusal(options)
    if (refusal !== undefined) return refusal
  }
  let txs: DraftTransaction<unknown, unknown>[] = []
  const task: Task<T, T> = {
    name: 'transaction',
    keys: undefined,
    label,
    begin: (writer) => {
      txs = insides.map((inside) => inside.open(writer, undefined))
      return body(...(txs as unknown as Parameters<typeof body>))
    },
    commit: (result) => {
      // first everything that may throw, then all commits
      const prepared = insides.map((inside, i) => {
        const net = inside.prepare(txs[i] as DraftTransaction<unknown, unknown>)
        return () => inside.commit(net)
      })
      for (const commit of prepared) commit()
      return result
    },
    cancel: () => {
      for (const tx of txs) tx.close()
    },
  }
  const lines = insides.map((inside) => inside.line)
  return new Write(lines, task, signal).start()
}
