import type { Observable } from 'rxjs'
import { createStore } from 'tidemap'
import {
  aggregate,
  avg,
  type Collection,
  count,
  groupBy,
  type Index,
  indexBy,
  max,
  query,
  sum,
} from 'tidemap/collection'
import { createStore as createPlainStore, type View } from 'tidemap/store'
import { expectTypeOf, test } from 'vitest'

interface Todo {
  readonly title: string
  readonly rank: number
}

const store = createStore<string, Todo>()
const plain = createPlainStore<string, Todo>()

test('a query has the keys and values of its source, and types what it is given by them', () => {
  const first = query(plain, {
    where: (todo, key) => todo.rank > key.length,
    orderBy: (a, b) => a.rank - b.rank,
    limit: 3,
  })
  expectTypeOf(first.view).toEqualTypeOf<View<string, Todo>>()
  expectTypeOf(first.get('a')).toEqualTypeOf<Todo | undefined>()
  expectTypeOf(query(first)).toEqualTypeOf<Collection<string, Todo>>()
  // @ts-expect-error a where that asks for other values
  query(plain, { where: (todo: number) => todo > 1 })
  // @ts-expect-error a Map is no source
  query(new Map<string, Todo>())
})

test('a query has observables if its store has', () => {
  const observable = query(store, { where: (todo) => todo.rank > 1 })
  expectTypeOf(observable.view$).toEqualTypeOf<Observable<View<string, Todo>>>()
  expectTypeOf(query(observable).view$).toEqualTypeOf<Observable<View<string, Todo>>>()
  // @ts-expect-error the store of tidemap/store has none
  void query(plain).view$
})

test('a store made from an object is a source', () => {
  const session = createStore({ user: 'ann', visits: 0 })
  expectTypeOf(query(session).view).toEqualTypeOf<View<'user' | 'visits', string | number>>()
})

test('groups have the totals that were asked for', () => {
  const byTitle = groupBy(store, (todo) => todo.title.length, {
    n: count(),
    total: sum((todo: Todo) => todo.rank),
    most: max((todo: Todo) => todo.rank),
  })
  expectTypeOf(byTitle.get(5)).toEqualTypeOf<
    { readonly n: number; readonly total: number; readonly most: number | undefined } | undefined
  >()
  expectTypeOf(byTitle.view$).toExtend<Observable<View<number, { readonly n: number }>>>()
  expectTypeOf(aggregate(plain, { mean: avg((todo: Todo) => todo.rank) }).value).toEqualTypeOf<{
    readonly mean: number | undefined
  }>()
  // @ts-expect-error an aggregate over other values
  groupBy(store, (todo) => todo.title, { total: sum((n: string) => n.length) })
})

test('an index has a view of the rows of each group, and its groups are queries', () => {
  const byRank = indexBy(store, (todo) => todo.rank)
  expectTypeOf(byRank.get(1)).toEqualTypeOf<View<string, Todo> | undefined>()
  expectTypeOf(byRank.group(1).view$).toEqualTypeOf<Observable<View<string, Todo>>>()
  expectTypeOf(indexBy(plain, (todo) => todo.rank)).toEqualTypeOf<Index<number, string, Todo>>()
  expectTypeOf(indexBy(plain, (todo) => todo.rank).group(1)).toEqualTypeOf<Collection<string, Todo>>()
  // @ts-expect-error not a group
  byRank.group('one')
  // @ts-expect-error a comparator of other values
  byRank.group(1, { orderBy: (a: number, b: number) => a - b })
})
