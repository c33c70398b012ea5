import type { Observable } from 'rxjs'
import type { ObjectStore, Store } from 'tidemap'
import type { Store as PlainStore } from 'tidemap/store'
import { expectTypeOf, test } from 'vitest'
import type { HasObservables, ObservableKind, ObservableOf } from '../../src/store/observable-kind.ts'

declare function observing<Kind extends ObservableKind>(
  store: HasObservables<Kind>,
): ObservableOf<Kind, number>

test('a store with observables tells the compiler of which kind, so that others can make more of them', () => {
  expectTypeOf(observing({} as Store<string, Date>)).toEqualTypeOf<Observable<number>>()
  expectTypeOf(observing({} as ObjectStore<{ a: string }>)).toEqualTypeOf<Observable<number>>()
})

test('a store without has no kind', () => {
  // @ts-expect-error it has no observables
  observing({} as PlainStore<string, Date>)
})
