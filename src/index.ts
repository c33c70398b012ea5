export type { Change } from './core/change.ts'
export type { EntryState, Found, Inspection, Previous } from './core/read-dirty-map.ts'
export { View } from './core/view.ts'
export { type ErrorCode, TidemapError } from './errors.ts'
export { createStore } from './reactive/create-store.ts'
export type { Next, ObjectStore, ObservableSelection, ObservableStore, Store } from './reactive/store.ts'
export type { TaggedPromise } from './resource/flight.ts'
export type { ObservableResource, Resource, StatusPredicate } from './resource/resource.ts'
export type { FetchStatus, Status } from './resource/status.ts'
export { toAsyncIterable } from './store/async-iterable.ts'
export type { Clock } from './store/clock.ts'
export type { Unsubscribe } from './store/listeners.ts'
export type { ObjectTransaction, ObjectView, OptionalKey, WritableObjectStore } from './store/object-store.ts'
export type { Promotion, StoreOptions } from './store/options.ts'
export type { ReadableStore, StoreInspection } from './store/readable.ts'
export type { Selection, Selector } from './store/select.ts'
export type {
  AtomicOptions,
  IfBusy,
  LayeredOptions,
  UpdateOptions,
  WritableStore,
  WriteOptions,
} from './store/store.ts'
export type { KeyListener, KeysListener, ViewListener } from './store/subscriptions.ts'
export type { SkippableTransactionOptions, Transaction, TransactionOptions } from './store/transaction.ts'
export {
  type AcrossOptions,
  type SkippableAcrossOptions,
  type TransactionOf,
  transaction,
} from './store/transaction-across.ts'
export { when } from './store/when.ts'
export type { RecipeContext } from './store/writer.ts'
