// Listeners of one kind that know only what they are told, and what they make of it.
import fc from 'fast-check'
import type { Store, View } from 'tidemap/store'
import { expect } from 'vitest'
import { changesBetween } from './copy-map.ts'
import { KEYS, type Shown } from './pending-twin.ts'

export type Ears = 'nobody' | 'keys' | 'pending' | 'views'
type Numbers = Store<string, number>

export class Listening {
  readonly faults: string[] = []
  readonly #store: Numbers
  readonly #ears: Ears
  readonly #values: Map<string, number>
  #order: string
  #previous: View<string, number>
  #pending: string

  constructor(store: Numbers, ears: Ears) {
    this.#store = store
    this.#ears = ears
    this.#values = new Map(store)
    this.#order = [...store.keys()].join()
    this.#previous = store.view
    this.#pending = this.#pendingKeys()
    if (ears === 'keys') for (const one of KEYS) this.#listenTo(one)
    if (ears === 'pending') store.subscribePending(() => this.#toldPending())
    if (ears === 'views') this.#listenToAll()
  }

  /** Whether they know all there is to know. */
  check({ entries }: Shown, isPublished: boolean): void {
    if (this.#ears === 'keys' || this.#ears === 'views') {
      expect(new Map([...this.#values].sort())).toEqual(new Map([...entries].sort()))
    }
    if (this.#ears === 'views') {
      expect(this.#order).toBe([...entries.keys()].join())
      expect(this.#previous).toBe(this.#store.view)
    }
    if (this.#ears === 'pending' && isPublished) expect(this.#pending).toBe(this.#pendingKeys())
    expect(this.faults).toEqual([])
  }

  #pendingKeys(): string {
    return [...this.#store.pendingKeys()].sort().join()
  }

  #toldPending(): void {
    this.#pending = this.#pendingKeys()
  }

  #listenTo(one: string): void {
    this.#store.subscribeKey(one, (next, previous, change) => {
      if (previous !== this.#values.get(one) || this.#store.get(one) !== next)
        this.faults.push(`wrong ${one}`)
      if (change.type === 'update' && next === previous) this.faults.push(`${one} told for nothing`)
      if (change.type === 'delete') this.#values.delete(one)
      else this.#values.set(one, change.value)
    })
  }

  #listenToAll(): void {
    this.#store.subscribe((view, previous, changes) => {
      if (previous !== this.#previous || view === previous) this.faults.push('a round is lost or told twice')
      if (view.version <= previous.version) this.faults.push('versions go back')
      this.#previous = view
      const diff = changesBetween(new Map(previous), new Map(view))
      const isDiff = changes.every((change) => fc.stringify(change) === fc.stringify(diff.get(change.key)))
      if (!isDiff || changes.length !== diff.size) this.faults.push(`told ${fc.stringify(changes)}`)
      for (const change of changes) {
        if (change.type === 'delete') this.#values.delete(change.key)
        else this.#values.set(change.key, change.value)
      }
    })
    this.#store.subscribeKeys((view) => {
      const order = [...view.keys()].join()
      if (order === this.#order) this.faults.push('the keys have not changed')
      this.#order = order
    })
  }
}
