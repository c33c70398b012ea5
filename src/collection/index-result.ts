import { type Change, changeOf, look } from '../core/change.ts'
import { ABSENT } from '../core/vector.ts'
import { VersionedMap } from '../core/versioned-map.ts'
import type { View } from '../core/view.ts'
import type { Round } from '../store/subscriptions.ts'
import type { Result } from './live-view.ts'
import { OrderedResult, type Plan } from './ordered-result.ts'

/** The rows of one group. */
interface Group<K, V, G> {
  readonly name: G
  readonly rows: VersionedMap<K, V>
}

/** What a step does to a group. */
interface Edit<K, V> {
  readonly deleted: Set<K>
  readonly written: Map<K, V>
}

/** An entry that the source has now, in the group it belongs to; or a key that it has no more. */
type Move<K, V, G> = readonly [key: K, to: { readonly name: G; readonly value: V } | undefined]

/**
 * The entries of a source by group, each group with views of its own, kept from one view of the source to the next.
 *
 * Invariants: I1 `#homes` has the group of each entry of `#source`; a group has just the entries whose home it is, and none is empty. I2
 * `#shown` has the newest view of each group. I3 all of the caller's code runs before anything is changed.
 */
export class IndexResult<K, V, G> implements Result<K, V, G, View<K, V>> {
  readonly #groupOf: (value: V, key: K) => G
  readonly #homes: Map<K, Group<K, V, G>> = new Map()
  readonly #groups: Map<G, Group<K, V, G>> = new Map()
  readonly #shown: VersionedMap<G, View<K, V>> = new VersionedMap()
  #source: View<K, V>

  constructor(groupOf: (value: V, key: K) => G, first: View<K, V>) {
    this.#groupOf = groupOf
    this.#source = first
    const moves: Move<K, V, G>[] = []
    for (const [key, value] of first) moves.push([key, { name: groupOf(value, key), value }])
    this.#apply(moves)
  }

  get view(): View<G, View<K, V>> {
    return this.#shown.view
  }

  advance(source: View<K, V>): Round<G, View<K, V>> | undefined {
    const moves: Move<K, V, G>[] = []
    for (const { type, key, value } of source.changesSince(this.#source)) {
      moves.push([key, type === 'delete' ? undefined : { name: this.#groupOf(value, key), value }]) // I3
    }
    const previous = this.#shown.view
    const changes = this.#apply(moves)
    this.#source = source
    if (changes.length === 0) return undefined
    const moved = changes.some(({ type }) => type !== 'update')
    return { changes, moved, views: [this.#shown.view, previous] }
  }

  #apply(moves: readonly Move<K, V, G>[]): Change<G, View<K, V>>[] {
    const edits = new Map<Group<K, V, G>, Edit<K, V>>()
    const edit = (group: Group<K, V, G>): Edit<K, V> => {
      const known = edits.get(group)
      if (known !== undefined) return known
      const begun: Edit<K, V> = { deleted: new Set(), written: new Map() }
      edits.set(group, begun)
      return begun
    }
    for (const [key, to] of moves) {
      const from = this.#homes.get(key)
      const home = to && this.#group(to.name)
      if (from !== undefined && from !== home) edit(from).deleted.add(key)
      if (home === undefined) this.#homes.delete(key)
      else {
        edit(home).written.set(key, to?.value as V)
        this.#homes.set(key, home)
      }
    }
    return this.#show(edits)
  }

  #group(name: G): Group<K, V, G> {
    const known = this.#groups.get(name)
    if (known !== undefined) return known
    const group: Group<K, V, G> = { name, rows: new VersionedMap() }
    this.#groups.set(name, group)
    return group
  }

  #show(edits: ReadonlyMap<Group<K, V, G>, Edit<K, V>>): Change<G, View<K, V>>[] {
    const changes: Change<G, View<K, V>>[] = []
    const deleted = new Set<G>()
    const written = new Map<G, View<K, V>>()
    for (const [{ name, rows }, edit] of edits) {
      rows.apply(edit.deleted, edit.written, edit.deleted.size + edit.written.size)
      const isEmpty = rows.size === 0
      changes.push(changeOf(name, look(this.#shown.view, name), isEmpty ? ABSENT : rows.view))
      if (isEmpty) {
        this.#groups.delete(name)
        deleted.add(name)
      } else written.set(name, rows.view)
    }
    this.#shown.apply(deleted, written, deleted.size + written.size)
    return changes
  }
}

/** The rows of one group of an index, as a query shows them. */
export class GroupRows<K, V, G> implements Result<G, View<K, V>, K, V> {
  readonly #group: G
  readonly #rows: OrderedResult<K, V>
  /** Of a group that has no entries. */
  readonly #none: View<K, V> = new VersionedMap<K, V>().view

  constructor(group: G, plan: Plan<K, V>, index: View<G, View<K, V>>) {
    this.#group = group
    this.#rows = new OrderedResult(plan, this.#rowsIn(index))
  }

  get view(): View<K, V> {
    return this.#rows.view
  }

  advance(index: View<G, View<K, V>>): Round<K, V> | undefined {
    return this.#rows.advance(this.#rowsIn(index))
  }

  #rowsIn(index: View<G, View<K, V>>): View<K, V> {
    return index.get(this.#group) ?? this.#none
  }
}
