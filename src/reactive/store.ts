import type { Change } from '../core/change.ts'
import type { View } from '../core/view.ts'
import type { ObjectView, WritableObjectStore } from '../store/object-store.ts'
import type { HasObservables } from '../store/observable-kind.ts'
import type { Selection, Selector } from '../store/select.ts'
import type { UpdateOptions, WritableStore } from '../store/store.ts'
import type { RecipeContext } from '../store/writer.ts'
import type { Observable, RxJS } from './observables.ts'
import type { Draft } from './recipe.ts'

/** What a recipe may give back: nothing (the draft as it was changed), or the next value. */
export type Next<V> = V | Draft<V> | undefined | void

/** A derived value that is an Observable too. */
export interface ObservableSelection<R> extends Selection<R> {
  /** Emits the value on subscribe, then every one that is not equal to the one before; completes on dispose. */
  readonly value$: Observable<R>
}

/**
 * The store as RxJS Observables. All but `changes$` emit the current value when they are subscribed to; all complete when the store is
 * disposed; none errors, but `select$` where its selector throws at the very subscription. `from(store)` is `view$`.
 */
export interface ObservableStore<K, V> extends HasObservables<RxJS> {
  readonly view$: Observable<View<K, V>>
  /** The keys in the order of the view, whenever one comes, goes or moves. O(size) an emission. */
  readonly keys$: Observable<readonly K[]>
  /** What each promotion changed; nothing on subscribe. */
  readonly changes$: Observable<readonly Change<K, V>[]>
  /** The keys that pending writes are laid over. */
  readonly pending$: Observable<ReadonlySet<K>>
  [Symbol.observable](): Observable<View<K, V>>
}

/** The store of `tidemap`: draft recipes and observables. */
export interface Store<K, V> extends WritableStore<K, V, Draft<V>>, ObservableStore<K, V> {
  /**
   * Changes the value of `key` by a recipe over an immer draft, alone on that key from its turn to its end. The recipe may change the
   * draft, or return the next value, and may await. Other keys go on. Resolves to the new value.
   *
   * A primitive is handed over as it is, and so is a class instance; an absent key gives `undefined`, and stays absent where nothing is
   * returned. The recipe runs once. If it throws, rejects or is aborted (`signal`, or a later `ifBusy: 'latest'`), nothing changes, the
   * draft is revoked, and the next writer of the key is not affected. In development a class instance or Date that the recipe
   * changed in place before its first await, where no draft can cover it, is put back and rejects with `NOT_DRAFTABLE`.
   *
   * @example
   * ```ts
   * import { createStore } from 'tidemap'
   *
   * const store = createStore([['ann', { name: 'Ann', likes: 0 }]])
   * await store.update('ann', async (draft, { signal }) => {
   *   await Promise.resolve(signal)
   *   if (draft) draft.likes += 1
   * })
   * store.get('ann') // => { name: 'Ann', likes: 1 }
   * ```
   */
  update(
    key: K,
    recipe: (draft: Draft<V> | undefined, context: RecipeContext) => Next<V> | PromiseLike<Next<V>>,
    options?: UpdateOptions<(draft: Draft<V> | undefined) => Next<V>>,
  ): Promise<V | undefined>
  /** A value derived from one view: see `select` of `tidemap/store`; with `value$`. */
  select<R>(selector: Selector<K, V, R>, equal?: (a: R, b: R) => boolean): ObservableSelection<R>
  /** The value of `key`, or `undefined` where it is absent. */
  key$(key: K): Observable<V | undefined>
  /** `select(selector, equal).value$` */
  select$<R>(selector: Selector<K, V, R>, equal?: (a: R, b: R) => boolean): Observable<R>
}

/** The store of `tidemap` made from a plain object: each key typed by its own property. */
export interface ObjectStore<T extends object>
  extends WritableObjectStore<T, { [P in keyof T]: Draft<T[P]> }>,
    ObservableStore<keyof T, T[keyof T]> {
  update<P extends keyof T>(
    key: P,
    recipe: (draft: Draft<T[P]>, context: RecipeContext) => Next<T[P]> | PromiseLike<Next<T[P]>>,
    options?: UpdateOptions<(draft: Draft<T[P]>) => Next<T[P]>>,
  ): Promise<T[P]>
  select<R>(selector: (view: ObjectView<T>) => R, equal?: (a: R, b: R) => boolean): ObservableSelection<R>
  key$<P extends keyof T>(key: P): Observable<T[P]>
  select$<R>(selector: (view: ObjectView<T>) => R, equal?: (a: R, b: R) => boolean): Observable<R>
}
