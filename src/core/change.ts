/** What happened to one key between two views. */
export type Change<K, V> =
  | { readonly type: 'add'; readonly key: K; readonly value: V; readonly previous: undefined }
  | { readonly type: 'update'; readonly key: K; readonly value: V; readonly previous: V }
  | { readonly type: 'delete'; readonly key: K; readonly value: undefined; readonly previous: V }
