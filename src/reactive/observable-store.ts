import type { Change } from '../core/change.ts'
import type { View } from '../core/view.ts'
import { type Inside, insideOf } from '../store/brand.ts'
import { MapStore } from '../store/map-store.ts'
import type { ResolvedOptions } from '../store/options.ts'
import type { RecipeRunner } from '../store/recipe.ts'
import type { Selector } from '../store/select.ts'
import {
  type Observable,
  type OnEnd,
  observe,
  observeChanges,
  observeKey,
  observeKeys,
  observePending,
  observeSelection,
  observeView,
} from './observables.ts'
import type { ObservableSelection } from './store.ts'

/** A MapStore with its observables. Documented where its interface is: Store of `tidemap`. */
export class ObservableMapStore<K, V> extends MapStore<K, V> {
  readonly view$: Observable<View<K, V>>
  readonly keys$: Observable<readonly K[]>
  readonly changes$: Observable<readonly Change<K, V>[]>
  readonly pending$: Observable<ReadonlySet<K>>
  readonly #onEnd: OnEnd

  constructor(entries: Iterable<readonly [K, V]>, options: ResolvedOptions<V>, runRecipe: RecipeRunner) {
    super(entries, options, runRecipe)
    const inside = insideOf(this) as Inside<K, V>
    const { onEnd } = inside
    inside.observe = (now, listen, end = onEnd) => observe(end, now, listen)
    this.#onEnd = onEnd
    this.view$ = observeView(this, onEnd)
    this.keys$ = observeKeys(this, onEnd)
    this.changes$ = observeChanges(this, onEnd)
    this.pending$ = observePending(this, onEnd)
    // RxJS 7 looks for the symbol where a platform or polyfill has it, and for the string everywhere else
    const interop = { value: () => this.view$ }
    Object.defineProperty(this, '@@observable', interop)
    if (Symbol.observable !== undefined) Object.defineProperty(this, Symbol.observable, interop)
  }

  key$(key: K): Observable<V | undefined> {
    return observeKey(this, this.#onEnd, key)
  }

  override select<R>(selector: Selector<K, V, R>, equal?: (a: R, b: R) => boolean): ObservableSelection<R> {
    const selection = super.select(selector, equal)
    const value$ = observeSelection(selection, this.#onEnd)
    return Object.assign(selection, { value$ })
  }

  select$<R>(selector: Selector<K, V, R>, equal?: (a: R, b: R) => boolean): Observable<R> {
    return this.select(selector, equal).value$
  }
}
