export { ConcurrentProvider } from './concurrent-provider.ts'
export type {
  KeysSource,
  PendingSource,
  ShapeSource,
  Source,
  WritableShapeSource,
  WritableSource,
} from './source.ts'
export { createStoreContext, type StoreContext } from './store-context.ts'
export { useEntry, useKey } from './use-key.ts'
export { useKeyState } from './use-key-state.ts'
export { usePending } from './use-pending.ts'
export { type ResourceSource, type StatusSource, useResource, useStatus } from './use-resource.ts'
export { useKeys, useView } from './use-view.ts'
