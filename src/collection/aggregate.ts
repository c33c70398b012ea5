import { invalidArgument } from '../errors.ts'
import { checkFunction } from '../store/arguments.ts'
import { ExactSum } from './exact-sum.ts'
import { OrderStatisticTree } from './order-statistic-tree.ts'

/** What has been taken together so far. */
export interface Total<R> {
  add(number: number): void
  /** Takes back what was added before. */
  remove(number: number): void
  readonly result: R
}

/** How the entries of a group become one result: made by {@link count}, {@link sum}, {@link min}, {@link max} and {@link avg}. */
export interface Aggregate<K, V, R> {
  /** The number that an entry adds to it. */
  readonly numberOf: (value: V, key: K) => number
  readonly begin: () => Total<R>
}

/** Aggregates by name. */
export type Aggregates<K, V> = Readonly<Record<string, Aggregate<K, V, unknown>>>

/** The results of aggregates by name. */
export type Totals<A> = { readonly [N in keyof A]: A[N] extends Aggregate<never, never, infer R> ? R : never }

type NumberOf<K, V> = (value: V, key: K) => number

/** How many entries there are. */
export function count(): Aggregate<unknown, unknown, number> {
  return { numberOf: () => 1, begin: () => new Count() }
}

/**
 * The sum of what `numberOf` gives, exact: the true sum, rounded once. Nothing drifts, whatever has come and gone: after
 * adding 1e100 and taking it away the small numbers are all there.
 */
export function sum<K, V>(numberOf: NumberOf<K, V>): Aggregate<K, V, number> {
  checkFunction('numberOf', numberOf)
  return { numberOf, begin: () => new ExactSum() }
}

/** The smallest number; `undefined` where there is none, `NaN` while one of them is. O(log n) a change. */
export function min<K, V>(numberOf: NumberOf<K, V>): Aggregate<K, V, number | undefined> {
  checkFunction('numberOf', numberOf)
  return { numberOf, begin: () => new Extreme((numbers) => numbers.at(0)) }
}

/** The largest number; `undefined` where there is none, `NaN` while one of them is. O(log n) a change. */
export function max<K, V>(numberOf: NumberOf<K, V>): Aggregate<K, V, number | undefined> {
  checkFunction('numberOf', numberOf)
  return { numberOf, begin: () => new Extreme((numbers) => numbers.at(numbers.size - 1)) }
}

/** The exact sum divided by the count; `undefined` where there is nothing to divide. */
export function avg<K, V>(numberOf: NumberOf<K, V>): Aggregate<K, V, number | undefined> {
  checkFunction('numberOf', numberOf)
  return { numberOf, begin: () => new Average() }
}

/** What aggregates give where there are no entries. */
export function totalsOf<A>(aggregates: A, totals: readonly Total<unknown>[]): Totals<A> {
  const names = Object.keys(aggregates as object)
  return Object.fromEntries(names.map((name, i) => [name, totals[i]?.result])) as Totals<A>
}

export function checkAggregates(aggregates: Aggregates<never, never>): void {
  if (typeof aggregates !== 'object' || aggregates === null) {
    throw invalidArgument('aggregates', 'an object of aggregates', aggregates)
  }
  for (const [name, aggregate] of Object.entries(aggregates))
    checkFunction(`aggregates.${name}.begin`, aggregate?.begin)
}

class Count implements Total<number> {
  result = 0

  add(): void {
    this.result++
  }

  remove(): void {
    this.result--
  }
}

class Average implements Total<number | undefined> {
  readonly #sum = new ExactSum()
  #count = 0

  add(number: number): void {
    this.#sum.add(number)
    this.#count++
  }

  remove(number: number): void {
    this.#sum.remove(number)
    this.#count--
  }

  get result(): number | undefined {
    return this.#count === 0 ? undefined : this.#sum.result / this.#count
  }
}

/** All numbers in order: the one that follows the smallest must be known when the smallest goes. */
class Extreme implements Total<number | undefined> {
  readonly #pick: (numbers: OrderStatisticTree<number>) => number | undefined
  #numbers: OrderStatisticTree<number> = OrderStatisticTree.of<number>([])
  #nans = 0

  constructor(pick: (numbers: OrderStatisticTree<number>) => number | undefined) {
    this.#pick = pick
  }

  add(number: number): void {
    if (Number.isNaN(number)) this.#nans++
    else this.#numbers = this.#numbers.inserted(this.#placeOf(number), number)
  }

  remove(number: number): void {
    if (Number.isNaN(number)) this.#nans--
    else this.#numbers = this.#numbers.removed(this.#placeOf(number))
  }

  get result(): number | undefined {
    return this.#nans > 0 ? Number.NaN : this.#pick(this.#numbers)
  }

  #placeOf(number: number): number {
    return this.#numbers.countBefore((other) => other < number)
  }
}
