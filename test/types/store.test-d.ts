import type { Draft } from 'immer'
import type { Observable } from 'rxjs'
import * as withDrafts from 'tidemap'
import {
  type Change,
  createStore,
  type Found,
  type ObjectStore,
  type Previous,
  type Store,
  type Transaction,
  type Unsubscribe,
  type View,
} from 'tidemap/store'
import { describe, expectTypeOf, test } from 'vitest'

interface Todo {
  readonly title: string
  readonly tags: readonly string[]
}

interface Session {
  user: { readonly name: string } | null
  theme: 'dark' | 'light'
  visits: number
  note?: string | undefined
}

const session: Session = { user: null, theme: 'dark', visits: 0 }

describe('createStore', () => {
  test('of entries has the type of their keys and values', () => {
    expectTypeOf(createStore([['a', 1]])).toEqualTypeOf<Store<string, number>>()
    expectTypeOf(createStore(new Map([[1, new Date()]]))).toEqualTypeOf<Store<number, Date>>()
    expectTypeOf(createStore<string, Todo>()).toEqualTypeOf<Store<string, Todo>>()
    expectTypeOf(createStore<string, Todo>(null)).toEqualTypeOf<Store<string, Todo>>()
    expectTypeOf(withDrafts.createStore([['a', 1]])).toEqualTypeOf<withDrafts.Store<string, number>>()
  })

  test('of another store or a view has theirs', () => {
    const store = createStore<string, Todo>()

    expectTypeOf(createStore(store)).toEqualTypeOf<Store<string, Todo>>()
    expectTypeOf(createStore(store.view)).toEqualTypeOf<Store<string, Todo>>()
  })

  test('of a plain object types each key by its own property', () => {
    const store = createStore(session)

    expectTypeOf(store).toEqualTypeOf<ObjectStore<Session>>()
    expectTypeOf(store.get('theme')).toEqualTypeOf<'dark' | 'light'>()
    expectTypeOf(store.get('user')).toEqualTypeOf<{ readonly name: string } | null>()
    expectTypeOf(store.view.get('visits')).toEqualTypeOf<number>()
    expectTypeOf(store.confirmed.get('note')).toEqualTypeOf<string | undefined>()
    expectTypeOf(withDrafts.createStore(session)).toEqualTypeOf<withDrafts.ObjectStore<Session>>()
  })

  test('widens the literals of a shape', () => {
    expectTypeOf(createStore({ count: 0 }).get('count')).toEqualTypeOf<number>()
    expectTypeOf(withDrafts.createStore({ name: 'ann' }).get('name')).toEqualTypeOf<string>()
  })

  test('refuses what is no entries and no object', () => {
    // @ts-expect-error a text is no entries
    createStore('ab')
    // @ts-expect-error nor is a number
    createStore(5)
    // @ts-expect-error the values of the entries are no numbers
    createStore<string, number>([['a', 'b']])
  })

  test('options know the type of the values', () => {
    createStore<string, Todo>([], { equal: (one, other) => one.title === other.title })
    createStore({ n: 1 }, { equal: (one, other) => one === other, promotion: 'misses', freeze: false })
    // @ts-expect-error no such promotion
    createStore([['a', 1]], { promotion: 'sometimes' })
    // @ts-expect-error no such option
    createStore([['a', 1]], { frozen: false })
  })
})

describe('reading', () => {
  const store = createStore<string, Todo>()

  test('get may find nothing', () => {
    expectTypeOf(store.get('a')).toEqualTypeOf<Todo | undefined>()
    expectTypeOf(store.view).toEqualTypeOf<View<string, Todo>>()
    expectTypeOf([...store]).toEqualTypeOf<[string, Todo][]>()
    expectTypeOf([...store.keys()]).toEqualTypeOf<string[]>()
    // @ts-expect-error keys are texts
    store.get(5)
  })

  test('a view is a ReadonlyMap', () => {
    expectTypeOf(store.view).toExtend<ReadonlyMap<string, Todo>>()
    // @ts-expect-error and never a Map
    store.view.set('a', { title: '', tags: [] })
  })

  test('Found and Previous are narrowed by their second part', async () => {
    const found = await store.load('a')
    const previous = await store.swap('a', { title: '', tags: [] })

    expectTypeOf(found).toEqualTypeOf<Found<Todo>>()
    expectTypeOf(previous).toEqualTypeOf<Previous<Todo>>()
    expectTypeOf(found[0]).toEqualTypeOf<Todo | undefined>()
    if (found[1]) expectTypeOf(found[0]).toEqualTypeOf<Todo>()
    else expectTypeOf(found[0]).toEqualTypeOf<undefined>()
    const [value, ok] = found
    if (ok) expectTypeOf(value).toEqualTypeOf<Todo>()
    if (previous[1]) expectTypeOf(previous[0]).toEqualTypeOf<Todo>()
    expectTypeOf(await store.loadOrStore('a', { title: '', tags: [] })).toEqualTypeOf<
      [actual: Todo, loaded: boolean]
    >()
    expectTypeOf(await store.loadAndDelete('a')).toEqualTypeOf<Previous<Todo>>()
    expectTypeOf(await store.delete('a')).toEqualTypeOf<boolean>()
  })
})

describe('subscribing', () => {
  test('a store of entries', () => {
    const store = createStore<string, number>()

    const stop = store.subscribeKey('a', (value, previous, change) => {
      expectTypeOf(value).toEqualTypeOf<number | undefined>()
      expectTypeOf(previous).toEqualTypeOf<number | undefined>()
      expectTypeOf(change).toEqualTypeOf<Change<string, number>>()
      if (change.type === 'add') expectTypeOf(change.value).toEqualTypeOf<number>()
      if (change.type === 'delete') expectTypeOf(change.value).toEqualTypeOf<undefined>()
      if (change.type === 'update') expectTypeOf(change.previous).toEqualTypeOf<number>()
    })
    store.subscribe((view, previous, changes) => {
      expectTypeOf(view).toEqualTypeOf<View<string, number>>()
      expectTypeOf(previous).toEqualTypeOf<View<string, number>>()
      expectTypeOf(changes).toEqualTypeOf<readonly Change<string, number>[]>()
    })
    expectTypeOf(stop).toEqualTypeOf<Unsubscribe>()
    expectTypeOf(stop).toExtend<Disposable>()
  })

  test('a store of fixed shape: each key by its own property', () => {
    const store = createStore(session)

    store.subscribeKey(
      'theme',
      (value, previous) => {
        expectTypeOf(value).toEqualTypeOf<'dark' | 'light'>()
        expectTypeOf(previous).toEqualTypeOf<'dark' | 'light'>()
      },
      (one, other) => {
        expectTypeOf(one).toEqualTypeOf<'dark' | 'light'>()
        return one === other
      },
    )
    // @ts-expect-error no such key
    store.subscribeKey('colour', () => {})
  })

  test('select has the type of what its selector returns', () => {
    const store = createStore<string, number>()
    const shape = createStore(session)

    const count = store.select((view) => view.size)
    const names = shape.select((view) => view.get('user')?.name)

    expectTypeOf(count.value).toEqualTypeOf<number>()
    expectTypeOf(names.value).toEqualTypeOf<string | undefined>()
    count.subscribe((value, previous) => {
      expectTypeOf(value).toEqualTypeOf<number>()
      expectTypeOf(previous).toEqualTypeOf<number>()
    })
    store.select(
      // @ts-expect-error equal compares results
      (view) => view.size,
      (one: string, other: string) => one === other,
    )
    // @ts-expect-error a selection of `tidemap/store` has no observable
    count.value$
  })
})

describe('writing', () => {
  const store = createStore<string, number>()
  const shape = createStore(session)

  test('set takes a value or a promise of one', () => {
    expectTypeOf(store.set('a', 1)).toEqualTypeOf<Promise<void>>()
    expectTypeOf(store.set('a', Promise.resolve(1))).toEqualTypeOf<Promise<void>>()
    void store.set('a', 1, { optimistic: false, signal: new AbortController().signal })
    // @ts-expect-error no number
    void store.set('a', 'b')
    // @ts-expect-error no promise of a number
    void store.set('a', Promise.resolve('b'))
  })

  test('a shape takes for each key the type of its property', () => {
    void shape.set('theme', 'light')
    void shape.set('user', Promise.resolve({ name: 'ann' }))
    // @ts-expect-error no theme
    void shape.set('theme', 'red')
    // @ts-expect-error the value of another key
    void shape.set('visits', 'dark')
    // @ts-expect-error no such key
    void shape.set('colour', 1)
  })

  test('what would change a shape is not offered; only optional keys can be deleted', () => {
    void shape.delete('note')
    void shape.loadAndDelete('note')
    // @ts-expect-error not optional
    void shape.delete('theme')
    // @ts-expect-error not optional
    void shape.loadAndDelete('theme')
    // @ts-expect-error not optional
    void shape.compareAndDelete('theme', 'dark')
    // @ts-expect-error a shape cannot be cleared
    void shape.clear()
    // @ts-expect-error nor replaced
    void shape.replace([])
  })

  test('Go’s operations on a shape', async () => {
    expectTypeOf(await shape.load('visits')).toEqualTypeOf<Found<number>>()
    expectTypeOf(await shape.swap('theme', 'light')).toEqualTypeOf<Previous<'dark' | 'light'>>()
    // @ts-expect-error no theme
    void shape.compareAndSwap('theme', 'dark', 'red')
  })

  test('options that do not belong to a method are refused', () => {
    // @ts-expect-error only plain writes are optimistic
    void store.swap('a', 1, { optimistic: false })
    // @ts-expect-error no such way to be busy
    void store.update('a', () => 1, { ifBusy: 'perhaps' })
  })
})

describe('update', () => {
  test('of `tidemap/store`: value => next, which may be a promise', () => {
    const store = createStore<string, Todo>()

    const updated = store.update('a', (value, { signal }) => {
      expectTypeOf(value).toEqualTypeOf<Todo | undefined>()
      expectTypeOf(signal).toEqualTypeOf<AbortSignal>()
      return value
    })
    void store.update('a', async (value) => value)

    expectTypeOf(updated).toEqualTypeOf<Promise<Todo | undefined>>()
    // @ts-expect-error the next value has another type
    void store.update('a', () => 5)
    void store.update('a', (value) => {
      // @ts-expect-error values are immutable
      if (value) value.title = 'x'
      return value
    })
  })

  test('of a shape: the type of the property, which is always there', () => {
    const store = createStore(session)

    const visits = store.update('visits', (n) => n + 1)
    void store.update('user', async (user) => {
      expectTypeOf(user).toEqualTypeOf<{ readonly name: string } | null>()
      return user
    })

    expectTypeOf(visits).toEqualTypeOf<Promise<number>>()
    // @ts-expect-error no number
    void store.update('visits', () => 'many')
    // @ts-expect-error nothing is returned, and a plain recipe must return
    void store.update('visits', () => {})
  })

  test('of `tidemap`: a draft that may be changed, or the next value', () => {
    const store = withDrafts.createStore<string, Todo>()

    void store.update('a', (draft) => {
      expectTypeOf(draft).toEqualTypeOf<Draft<Todo> | undefined>()
      draft?.tags.push('x')
    })
    void store.update('a', async (draft) => {
      if (draft) draft.title = 'x'
    })
    void store.update('a', () => ({ title: 'x', tags: [] }))
    void store.update('a', (draft) => draft)
    // @ts-expect-error the next value has another type
    void store.update('a', () => 5)
  })

  test('of a shape in `tidemap`', () => {
    const store = withDrafts.createStore(session)

    void store.update('user', (draft) => {
      expectTypeOf(draft).toEqualTypeOf<{ name: string } | null>()
      if (draft) draft.name = 'ann'
    })
    void store.update('visits', (n) => n + 1)
    // @ts-expect-error no theme
    void store.update('theme', () => 'red')
  })
})

describe('transactions', () => {
  test('tx has the types of its store', () => {
    const store = createStore<string, number>()

    const result = store.transaction(async (tx) => {
      expectTypeOf(tx).toEqualTypeOf<Transaction<string, number>>()
      expectTypeOf(tx.get('a')).toEqualTypeOf<number | undefined>()
      expectTypeOf(tx.load('a')).toEqualTypeOf<Found<number>>()
      expectTypeOf([...tx]).toEqualTypeOf<[string, number][]>()
      // @ts-expect-error no number
      tx.set('a', 'b')
      return 'done'
    })

    expectTypeOf(result).toEqualTypeOf<Promise<string>>()
    expectTypeOf(store.batch((tx) => tx.size)).toEqualTypeOf<Promise<number>>()
    // @ts-expect-error keys are texts
    void store.transaction(() => {}, { keys: [5] })
  })

  test('tx of a shape has the type of each property', () => {
    const store = createStore(session)

    void store.transaction(
      (tx) => {
        expectTypeOf(tx.get('theme')).toEqualTypeOf<'dark' | 'light'>()
        expectTypeOf(tx.update('visits', (n) => n + 1)).toEqualTypeOf<number>()
        tx.set('user', { name: 'ann' })
        tx.delete('note')
        // @ts-expect-error no theme
        tx.set('theme', 'red')
        // @ts-expect-error not optional
        tx.delete('theme')
        // @ts-expect-error a shape cannot be cleared
        tx.clear()
      },
      { keys: ['theme', 'visits', 'user', 'note'] },
    )
    // @ts-expect-error no such key
    void store.transaction(() => {}, { keys: ['colour'] })
  })

  test('recipes of a tx get drafts where those of its store do', () => {
    const rows = withDrafts.createStore<string, { readonly likes: number }>()
    const page = withDrafts.createStore({ row: { likes: 0 } as { readonly likes: number } })

    void rows.transaction((tx) => {
      tx.update('a', (row) => {
        if (row !== undefined) row.likes += 1
      })
    })
    void withDrafts.transaction([rows, page], (tx, other) => {
      tx.update('a', (row) => {
        if (row !== undefined) row.likes += 1
      })
      other.update('row', (row) => {
        row.likes += 1
      })
    })
    void page.batch((tx) => tx.update('row', () => ({ likes: 2 })))
    void createStore<string, { readonly likes: number }>().batch((tx) => {
      tx.update('a', (row) => {
        // @ts-expect-error no draft: the value itself
        if (row !== undefined) row.likes += 1
      })
    })
  })

  test('over several stores: a tx of each, whichever entry made them', () => {
    const numbers = createStore<string, number>()
    const todos = withDrafts.createStore<number, Todo>()
    const shape = createStore(session)
    const drafted = withDrafts.createStore(session)

    const result = withDrafts.transaction([numbers, todos, shape, drafted], async (a, b, c, d) => {
      expectTypeOf(a).toEqualTypeOf<Transaction<string, number>>()
      expectTypeOf(b).toEqualTypeOf<Transaction<number, Todo, Draft<Todo>>>()
      expectTypeOf(c.get('theme')).toEqualTypeOf<'dark' | 'light'>()
      expectTypeOf(d.get('visits')).toEqualTypeOf<number>()
      // @ts-expect-error keys are numbers
      b.get('a')
      return 5
    })

    expectTypeOf(result).toEqualTypeOf<Promise<number>>()
    // @ts-expect-error the turn of each whole store is taken: no keys
    void withDrafts.transaction([numbers], () => {}, { keys: ['a'] })
    const skipped = withDrafts.transaction([numbers, todos], () => 5, { ifBusy: 'skip' })
    expectTypeOf(skipped).toEqualTypeOf<Promise<number | undefined>>()
    const latest = withDrafts.transaction([numbers, shape], () => 5, {
      ifBusy: 'latest',
      optimistic: [(a) => a.set('a', 1), (b) => b.set('theme', 'light')],
    })
    expectTypeOf(latest).toEqualTypeOf<Promise<number>>()
    void withDrafts.transaction([numbers, shape], () => 5, {
      // @ts-expect-error the second recipe is for the second store
      optimistic: [undefined, (b) => b.set('theme', 1)],
    })
    // @ts-expect-error a recipe for each store
    void withDrafts.transaction([numbers, shape], () => 5, { optimistic: [undefined] })
  })
})

describe('observables', () => {
  test('of a store of entries', () => {
    const store = withDrafts.createStore<string, number>()

    expectTypeOf(store.view$).toEqualTypeOf<Observable<View<string, number>>>()
    expectTypeOf(store.key$('a')).toEqualTypeOf<Observable<number | undefined>>()
    expectTypeOf(store.keys$).toEqualTypeOf<Observable<readonly string[]>>()
    expectTypeOf(store.changes$).toEqualTypeOf<Observable<readonly Change<string, number>[]>>()
    expectTypeOf(store.pending$).toEqualTypeOf<Observable<ReadonlySet<string>>>()
    expectTypeOf(store.select$((view) => view.size)).toEqualTypeOf<Observable<number>>()
    expectTypeOf(store.select((view) => view.size).value$).toEqualTypeOf<Observable<number>>()
  })

  test('of a shape', () => {
    const store = withDrafts.createStore(session)

    expectTypeOf(store.key$('theme')).toEqualTypeOf<Observable<'dark' | 'light'>>()
    expectTypeOf(store.select$((view) => view.get('visits'))).toEqualTypeOf<Observable<number>>()
    // @ts-expect-error no such key
    store.key$('colour')
  })

  test('`tidemap/store` has none', () => {
    // @ts-expect-error no rxjs there
    createStore<string, number>().view$
  })
})

describe('either store', () => {
  test('can be used where a writable store is asked for', () => {
    expectTypeOf(withDrafts.createStore<string, number>()).toExtend<
      withDrafts.WritableStore<string, number>
    >()
    expectTypeOf(createStore<string, number>()).toExtend<withDrafts.WritableStore<string, number>>()
    expectTypeOf(createStore<string, number>()).toExtend<withDrafts.ReadableStore<string, number>>()
  })
})
