// The two stores of the package behind one face, with texts as what is written and read.
import { createStore as createDraftStore, type Store as DraftStore } from 'tidemap'
import {
  createStore as createPlainStore,
  type StoreOptions,
  type Transaction,
  type UpdateOptions,
  type WritableStore,
} from 'tidemap/store'

/** Texts themselves for plain recipes; objects for draft recipes, so that there is something to draft. */
export type Value = string | { readonly text: string }

/** Makes of what is there (if anything) what shall be there. */
export type Recipe = (given: Value | undefined) => Value | undefined | PromiseLike<Value | undefined>

export interface Flavour {
  readonly store: WritableStore<string, Value>
  /** The same store, where it has observables. */
  readonly observable: DraftStore<string, Value> | undefined
  encode(text: string): Value
  select<R>(selector: (view: ReadonlyMap<string, Value>) => R): {
    readonly value: R
    subscribe(listener: (value: R, previous: R) => void): () => void
  }
  update(
    key: string,
    recipe: (given: Value | undefined, context: { readonly signal: AbortSignal }) => ReturnType<Recipe>,
    options: UpdateOptions,
  ): Promise<Value | undefined>
  updateIn(
    tx: Transaction<string, Value>,
    key: string,
    recipe: (given: Value | undefined) => Value | undefined,
  ): void
  /** What a recipe gives back for this next text: the text, or the draft it has changed. */
  next(given: Value | undefined, text: string): Value | undefined
}

export const decode = (value: Value | undefined): string | undefined =>
  typeof value === 'object' ? value.text : value

export function plain(entries: Iterable<readonly [string, string]>, options: StoreOptions<Value>): Flavour {
  const store = createPlainStore<string, Value>(entries, options)
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

export function draft(entries: Iterable<readonly [string, string]>, options: StoreOptions<Value>): Flavour {
  // one object a text, as one string is a text: equal by Object.is
  const known = new Map<string, Value>()
  const encode = (text: string): Value => {
    const value = known.get(text) ?? { text }
    known.set(text, value)
    return value
  }
  const store = createDraftStore<string, Value>(
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
