// The two stores of the package behind one face, with texts as what is written and read.
import type { Store as DraftStore } from 'tidemap'
import type { StoreOptions, Transaction, UpdateOptions, WritableStore } from 'tidemap/store'
import type { Product } from './product.ts'
import type { Content, Entries } from './serial-twin.ts'

/** Texts themselves for plain recipes; objects for draft recipes, so that there is something to draft. */
export type Value = string | { readonly text: string } | undefined

export interface Flavour {
  readonly store: WritableStore<string, Value>
  /** The same store, where it has observables. */
  readonly observable: DraftStore<string, Value> | undefined
  encode(text: Content): Value
  select<R>(selector: (view: ReadonlyMap<string, Value>) => R): {
    readonly value: R
    subscribe(listener: (value: R, previous: R) => void): () => void
  }
  update(
    key: string,
    recipe: (given: Value, context: { readonly signal: AbortSignal }) => Value | PromiseLike<Value>,
    options: UpdateOptions,
  ): Promise<Value>
  updateIn(tx: Transaction<string, Value>, key: string, recipe: (given: Value) => Value): void
  /** What a recipe gives back for this next text: the text, or the draft it has changed. */
  next(given: Value, text: string): Value
}

export const decode = (value: Value): Content => (typeof value === 'object' ? value.text : value)

export function plain(product: Product, entries: Entries, options: StoreOptions<Value>): Flavour {
  const store = product.store.createStore<string, Value>(entries, options)
  return {
    store,
    observable: undefined,
    encode: (text) => text,
    select: (selector) => store.select(selector),
    update: (key, recipe, settings) => store.update(key, recipe, settings),
    updateIn: (tx, key, recipe) => void tx.update(key, recipe),
    next: (_given, text) => text,
  }
}

export function draft(product: Product, entries: Entries, options: StoreOptions<Value>): Flavour {
  // one object a text, as one string is a text: equal by Object.is
  const known = new Map<string, Value>()
  const encode = (text: Content): Value => {
    if (text === undefined) return undefined
    const value = known.get(text) ?? { text }
    known.set(text, value)
    return value
  }
  const store = product.full.createStore<string, Value>(
    [...entries].map(([key, text]) => [key, encode(text)] as const),
    options,
  )
  return {
    store,
    observable: store,
    encode,
    select: (selector) => store.select(selector),
    update: (key, recipe, settings) => store.update(key, recipe, settings),
    updateIn: (tx, key, recipe) => void tx.update(key, recipe),
    next: (given, text) => {
      if (typeof given !== 'object') return encode(text)
      Object.assign(given, { text })
      return undefined
    },
  }
}
