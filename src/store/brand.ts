import type { Unsubscribe } from './listeners.ts'
import type { RecipeLayer } from './recipe-layer.ts'
import type { State } from './state.ts'
import type { DraftTransaction, Transaction } from './transaction.ts'
import type { Writer } from './writer.ts'
import type { BusyLine } from './writers.ts'

/** The same symbol in every copy of the package: a store is told by it, never by `instanceof`. */
const BRAND = /* @__PURE__ */ Symbol.for('tidemap.store')

/** What a writer over several stores, observables, and what loads or predicts values need of a store. */
export interface Inside<K, V> {
  readonly line: BusyLine
  open(writer: Writer, keys: ReadonlySet<K> | undefined): DraftTransaction<K, V>
  /** Where errors of listeners go. */
  report(error: unknown): void
  onEnd(call: () => void): Unsubscribe
  /**
   * Where the store has observables: makes one of their kind, that emits what `now` says when it is subscribed to, then what `listen`
   * tells, and completes with the store, or when `end` says so.
   */
  observe?: <T>(
    now: () => T,
    listen: (next: (value: T) => void) => Unsubscribe,
    end?: (call: () => void) => Unsubscribe,
  ) => unknown
  readonly state: State<K, V>
  layer(recipe: (tx: Transaction<K, V>) => void, label: string): RecipeLayer<K, V>
}

export function brand<K, V>(store: object, inside: Inside<K, V>): void {
  Object.defineProperty(store, BRAND, { value: inside })
}

/** The inside of a store of tidemap, whichever copy of the package made it; of anything else nothing. */
export function insideOf<K, V>(store: unknown): Inside<K, V> | undefined {
  if (typeof store !== 'object' || store === null || !(BRAND in store)) return undefined
  return store[BRAND] as Inside<K, V>
}
