// What is under test, as a value: the sources, or a copy of them with a fault in it.
import { createStore as createDraftStore } from 'tidemap'
import { createStore as createPlainStore, transaction } from 'tidemap/store'

export interface Product {
  readonly createPlainStore: typeof createPlainStore
  readonly createDraftStore: typeof createDraftStore
  readonly transaction: typeof transaction
}

export const sources: Product = { createPlainStore, createDraftStore, transaction }
