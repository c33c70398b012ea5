import { checkFunction } from '../store/arguments.ts'
import type { Unsubscribe } from '../store/listeners.ts'
import type { HasObservables, ObservableKind } from '../store/observable-kind.ts'
import type { Selection } from '../store/select.ts'
import { type Aggregates, checkAggregates, type Totals, totalsOf } from './aggregate.ts'
import { GroupResult } from './group-result.ts'
import { LiveView } from './live-view.ts'
import type { Collection, ObservableCollection, ViewSource } from './source.ts'

/**
 * A live table of groups: for each value that `groupOf` gives, the totals of the entries for which it gives that. O(log n) for each
 * changed key, whatever the size of its group.
 *
 * When to use: counts, sums and extremes by status, owner, day, over many rows. When not: for a handful of rows use `store.select`.
 *
 * Groups are told apart as the keys of a Map. A group that loses its last entry goes; the order of groups is not promised: put a `query`
 * over it. The totals of a group are the same object until one of them changes. `groupOf` and the aggregates' functions must be pure and
 * are called once for each changed entry; where they throw, it is as with {@link query}.
 *
 * @param aggregates what to compute, by name: `count()`, `sum(f)`, `min(f)`, `max(f)`, `avg(f)`
 * @throws `INVALID_ARGUMENT` where an argument has the wrong shape
 * @example
 * ```ts
 * import { count, groupBy, sum } from 'tidemap/collection'
 * import { createStore } from 'tidemap/store'
 *
 * interface Order { readonly city: string; readonly price: number }
 * const orders = createStore<number, Order>([[1, { city: 'Rome', price: 5 }], [2, { city: 'Rome', price: 7 }]])
 * const byCity = groupBy(orders, (order) => order.city, { orders: count(), paid: sum((order: Order) => order.price) })
 * byCity.get('Rome') // => { orders: 2, paid: 12 }
 * await orders.delete(1)
 * byCity.get('Rome') // => { orders: 1, paid: 7 }
 * ```
 */
export function groupBy<K, V, G, const A extends Aggregates<K, V>, Kind extends ObservableKind>(
  source: ViewSource<K, V> & HasObservables<Kind>,
  groupOf: (value: V, key: K) => G,
  aggregates: A,
): ObservableCollection<G, Totals<A>, Kind>
export function groupBy<K, V, G, const A extends Aggregates<K, V>>(
  source: ViewSource<K, V>,
  groupOf: (value: V, key: K) => G,
  aggregates: A,
): Collection<G, Totals<A>>
export function groupBy<K, V, G, A extends Aggregates<K, V>>(
  source: ViewSource<K, V>,
  groupOf: (value: V, key: K) => G,
  aggregates: A,
): Collection<G, Totals<A>> {
  checkFunction('groupOf', groupOf)
  checkAggregates(aggregates)
  return new LiveView(source, (view) => new GroupResult(groupOf, aggregates, view))
}

/**
 * The totals of all entries of a store or query, as one value: {@link groupBy} with one group. Of no entries `count` and `sum` are 0, the
 * others `undefined`.
 *
 * @example
 * ```ts
 * import { aggregate, avg, max } from 'tidemap/collection'
 * import { createStore } from 'tidemap/store'
 *
 * const loads = createStore([['a', 10], ['b', 20]])
 * const summary = aggregate(loads, { mean: avg((load: number) => load), most: max((load: number) => load) })
 * summary.value // => { mean: 15, most: 20 }
 * ```
 */
export function aggregate<K, V, const A extends Aggregates<K, V>>(
  source: ViewSource<K, V>,
  aggregates: A,
): Selection<Totals<A>> & Disposable {
  const whole = groupBy(source, () => undefined, aggregates)
  const list = Object.values(aggregates)
  const none = totalsOf(
    aggregates,
    list.map(({ begin }) => begin()),
  )
  return {
    get value(): Totals<A> {
      return whole.get(undefined) ?? none
    },
    subscribe(listener): Unsubscribe {
      checkFunction('The listener', listener)
      return whole.subscribeKey(undefined, (value = none, previous = none) => listener(value, previous))
    },
    [Symbol.dispose]: () => whole.dispose(),
  }
}
