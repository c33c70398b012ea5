import type { View } from '../core/view.ts'
import { checkFunction } from '../store/arguments.ts'
import type { HasObservables, ObservableKind } from '../store/observable-kind.ts'
import { GroupRows, IndexResult } from './index-result.ts'
import { LiveView, type Upstream } from './live-view.ts'
import { planOf, type QueryOptions } from './query.ts'
import { type Collection, type ObservableCollection, passOn, portsOf, type ViewSource } from './source.ts'

/** The rows of a source by group: `get(group)` is a view of the rows of one, `undefined` where it has none. */
export interface Index<G, K, V> extends Collection<G, View<K, V>> {
  /**
   * A {@link query} among the rows of one group, which looks at no others. Rows that `orderBy` leaves equal stand in the order in which
   * they came into the group. A group that has no rows (yet) is an empty one.
   */
  group(group: G, options?: QueryOptions<K, V>): Collection<K, V>
}

/** An index over a store that has observables has them too, and so have its groups. */
export interface ObservableIndex<G, K, V, Kind extends ObservableKind>
  extends ObservableCollection<G, View<K, V>, Kind> {
  group(group: G, options?: QueryOptions<K, V>): ObservableCollection<K, V, Kind>
}

/**
 * A secondary index: the rows of a store or query by what `groupOf` gives for them, each group a live collection of its own.
 *
 * When to use: many groups are looked at, or come and go, over many rows: messages by room, cards by column. Making a group costs its own
 * rows, and a changed row costs the one or two groups that it is in, however many are subscribed to. When not: for one group, or a
 * handful, `query(source, { where })` keeps less (each group here takes about 2 kB); for totals use `groupBy`.
 *
 * Groups are told apart as the keys of a Map; one that loses its last row goes. `groupOf` must be pure and is called once for each
 * changed row; where it throws, it is as with {@link query}. It costs nothing until somebody looks, then O(n) once for all groups.
 *
 * @throws `INVALID_ARGUMENT` where an argument has the wrong shape
 * @example
 * ```ts
 * import { indexBy } from 'tidemap/collection'
 * import { createStore } from 'tidemap/store'
 *
 * const messages = createStore([[1, { room: 'a', text: 'hi' }], [2, { room: 'b', text: 'hello' }]])
 * const byRoom = indexBy(messages, (message) => message.room)
 * const room = byRoom.group('a')
 * const keys = () => [...room.keys()]
 * await messages.set(3, { room: 'a', text: 'hey' })
 * keys() // => [1, 3]
 * byRoom.get('b')?.size // => 1
 * ```
 */
export function indexBy<K, V, G, Kind extends ObservableKind>(
  source: ViewSource<K, V> & HasObservables<Kind>,
  groupOf: (value: V, key: K) => G,
): ObservableIndex<G, K, V, Kind>
export function indexBy<K, V, G>(source: ViewSource<K, V>, groupOf: (value: V, key: K) => G): Index<G, K, V>
export function indexBy<K, V, G>(source: ViewSource<K, V>, groupOf: (value: V, key: K) => G): Index<G, K, V> {
  checkFunction('groupOf', groupOf)
  return new LiveIndex(source, (view) => new IndexResult(groupOf, view))
}

class LiveIndex<G, K, V> extends LiveView<K, V, G, View<K, V>> implements Index<G, K, V> {
  group(group: G, options: QueryOptions<K, V> = {}): Collection<K, V> {
    const plan = planOf(options)
    const index = this
    const upstream: Upstream<G, View<K, V>> = {
      get view() {
        return index.view
      },
      // not `subscribe`: a group hears of nothing but itself
      subscribe: (listener) => index.subscribeKey(group, () => listener(index.view)),
    }
    passOn(upstream, portsOf(index))
    return new LiveView(upstream, (view) => new GroupRows(group, plan, view))
  }
}
