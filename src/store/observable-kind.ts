// What a store with observables and those who derive more of them from it know of each other, without either naming the library.

declare const kind: unique symbol

/** A kind of observable: given the type that is emitted as `value`, `observable` is the type of the observable. */
export interface ObservableKind {
  readonly value: unknown
  readonly observable: unknown
}

/** The observable of this kind that emits `T`. */
export type ObservableOf<Kind extends ObservableKind, T> = (Kind & { readonly value: T })['observable']

/** A store that has observables, and of which kind. The symbol is for the compiler alone. */
export interface HasObservables<Kind extends ObservableKind> {
  readonly view$: unknown
  readonly [kind]?: Kind
}
