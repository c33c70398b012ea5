import type { Change } from '../core/change.ts'
import { VersionedMap } from '../core/versioned-map.ts'
import type { View } from '../core/view.ts'
import type { Round } from '../store/subscriptions.ts'
import { type Aggregates, type Total, type Totals, totalsOf } from './aggregate.ts'
import type { Result } from './live-view.ts'

/** What an entry of the source has been counted as: asked for once, so that just that can be taken back. */
interface Share<G> {
  readonly group: G
  readonly numbers: readonly number[]
}

/** A group that has entries. */
interface Group {
  size: number
  readonly totals: readonly Total<unknown>[]
}

/**
 * Entries by group, and the totals of each group, kept from one view of the source to the next.
 *
 * Invariants: G1 `#shares` has what each entry of `#source` has been counted as; the groups are the sum of it, and none is empty. G2 all of
 * the caller's code runs before anything is changed. G3 the totals of a group are the same object until one of them changes.
 */
export class GroupResult<K, V, G, A extends Aggregates<K, V>> implements Result<K, V, G, Totals<A>> {
  readonly #groupOf: (value: V, key: K) => G
  readonly #aggregates: A
  readonly #list: readonly A[string][]
  readonly #shares: Map<K, Share<G>> = new Map()
  readonly #groups: Map<G, Group> = new Map()
  readonly #shown: VersionedMap<G, Totals<A>> = new VersionedMap()
  #source: View<K, V>

  constructor(groupOf: (value: V, key: K) => G, aggregates: A, first: View<K, V>) {
    this.#groupOf = groupOf
    this.#aggregates = aggregates
    this.#list = Object.values(aggregates) as A[string][]
    this.#source = first
    const shares: [K, Share<G>][] = []
    for (const [key, value] of first) shares.push([key, this.#shareOf(value, key)])
    this.#apply(shares)
  }

  get view(): View<G, Totals<A>> {
    return this.#shown.view
  }

  advance(source: View<K, V>): Round<G, Totals<A>> | undefined {
    const shares: [K, Share<G> | undefined][] = []
    for (const { type, key, value } of source.changesSince(this.#source)) {
      shares.push([key, type === 'delete' ? undefined : this.#shareOf(value, key)]) // G2
    }
    const previous = this.#shown.view
    const changes = this.#apply(shares)
    this.#source = source
    if (changes.length === 0) return undefined
    const moved = changes.some(({ type }) => type !== 'update')
    return { changes, moved, views: [this.#shown.view, previous] }
  }

  #shareOf(value: V, key: K): Share<G> {
    return {
      group: this.#groupOf(value, key),
      numbers: this.#list.map(({ numberOf }) => Number(numberOf(value, key)) + 0),
    }
  }

  #apply(shares: readonly (readonly [K, Share<G> | undefined])[]): Change<G, Totals<A>>[] {
    const touched = new Set<G>()
    for (const [key, share] of shares) {
      const before = this.#shares.get(key)
      if (before !== undefined) this.#leave(before)
      if (share !== undefined) this.#join(share)
      for (const { group } of [before, share].filter((one) => one !== undefined)) touched.add(group)
      if (share === undefined) this.#shares.delete(key)
      else this.#shares.set(key, share)
    }
    return this.#show(touched)
  }

  #join({ group, numbers }: Share<G>): void {
    let joined = this.#groups.get(group)
    if (joined === undefined) {
      joined = { size: 0, totals: this.#list.map(({ begin }) => begin()) }
      this.#groups.set(group, joined)
    }
    joined.size++
    for (const [i, total] of joined.totals.entries()) total.add(numbers[i] as number)
  }

  #leave({ group, numbers }: Share<G>): void {
    const left = this.#groups.get(group) as Group
    left.size--
    for (const [i, total] of left.totals.entries()) total.remove(numbers[i] as number)
  }

  #show(touched: ReadonlySet<G>): Change<G, Totals<A>>[] {
    const changes: Change<G, Totals<A>>[] = []
    const deleted = new Set<G>()
    const written = new Map<G, Totals<A>>()
    for (const key of touched) {
      const group = this.#groups.get(key) as Group
      const previous = this.#shown.get(key)
      if (group.size === 0) {
        this.#groups.delete(key)
        if (previous === undefined) continue
        deleted.add(key)
        changes.push({ type: 'delete', key, value: undefined, previous })
        continue
      }
      const value = totalsOf(this.#aggregates, group.totals)
      if (previous === undefined) changes.push({ type: 'add', key, value, previous })
      else if (isSame(value, previous))
        continue // G3
      else changes.push({ type: 'update', key, value, previous })
      written.set(key, value)
    }
    this.#shown.apply(deleted, written, deleted.size + written.size)
    return changes
  }
}

const isSame = <T extends object>(a: T, b: T): boolean =>
  Object.entries(a).every(([name, value]) => Object.is(value, Reflect.get(b, name)))
