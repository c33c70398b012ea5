export type { Change } from '../core/change.ts'
export type { EntryState, Found, Inspection, Previous } from '../core/read-dirty-map.ts'
export { View } from '../core/view.ts'
export { type ErrorCode, TidemapError } from '../errors.ts'
export { toAsyncIterable } from './async-iterable.ts'
export type { Clock } from './clock.ts'
export { createStore } from './create-store.ts'
export type { Unsubscribe } from './listeners.ts'
export type {
  ObjectStore,
  ObjectTransaction,
  ObjectView,
  OptionalKey,
  WritableObjectStore,
} from './object-store.ts'
export type { Promotion, StoreOptions } from './options.ts'
export type { ReadableStore, StoreInspection } from './readable.ts'
export type { Selection, Selector } from './select.ts'
export type {
  AtomicOptions,
  IfBusy,
  LayeredOptions,
  Store,
  UpdateOptions,
  WritableStore,
  WriteOptions,
} from './store.ts'
export type { KeyListener, KeysListener, ViewListener } from './subscriptions.ts'
export type { SkippableTransactionOptions, Transaction, TransactionOptions } from './transaction.ts'
export {
  type AcrossOptions,
  type SkippableAcrossOptions,
  type TransactionOf,
  transaction,
} from './transaction-across.ts'
export { when } from './when.ts'
export type { RecipeContext } from './writer.ts'
