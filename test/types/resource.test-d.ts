import type { Observable } from 'rxjs'
import { createStore } from 'tidemap'
import {
  type Computed,
  createResource,
  loadOrCompute,
  type Resource,
  type Status,
  type TaggedPromise,
} from 'tidemap/resource'
import { createStore as createPlainStore } from 'tidemap/store'
import { describe, expectTypeOf, test } from 'vitest'

interface User {
  readonly name: string
}

const store = createStore<string, User>()
const plain = createPlainStore<string, User>()

describe('loadOrCompute', () => {
  test('has the types of the store', () => {
    expectTypeOf(loadOrCompute(store, 'a', async () => ({ name: 'Ann' }))).toEqualTypeOf<
      Promise<Computed<User>>
    >()
    expectTypeOf(loadOrCompute(plain, 'a', (key) => ({ name: key }))).toEqualTypeOf<Promise<Computed<User>>>()
    // @ts-expect-error not a key of the store
    void loadOrCompute(store, 1, () => ({ name: 'Ann' }))
    // @ts-expect-error not a value of the store
    void loadOrCompute(store, 'a', () => 'Ann')
  })

  test('of a fixed shape has the type of the property', () => {
    const session = createStore<{ user?: User; visits: number }>({ visits: 0 })
    expectTypeOf(loadOrCompute(session, 'visits', () => 1)).toEqualTypeOf<Promise<Computed<number>>>()
  })
})

describe('createResource', () => {
  test('over a store with observables has status$, over a plain one it has not', () => {
    const load = async (id: string): Promise<User> => ({ name: id })
    const resource = createResource({ store, load })
    expectTypeOf(resource.status$('a')).toEqualTypeOf<Observable<Status<User>>>()
    expectTypeOf(createResource({ store: plain, load })).toEqualTypeOf<Resource<string, User>>()
    // @ts-expect-error the plain store has no observables
    createResource({ store: plain, load }).status$
  })

  test('of a fixed shape has the keys that its loader names, with the types of their properties', () => {
    interface Session {
      user?: User
      count?: number
      theme: 'dark' | 'light'
    }
    const load = async (_key: 'user'): Promise<User> => ({ name: 'Ann' })
    const session = createStore<Session>({ theme: 'dark' })
    const resource = createResource({ store: session, load })
    expectTypeOf(resource.load('user')).toEqualTypeOf<TaggedPromise<User | undefined>>()
    expectTypeOf(resource.status$('user')).toEqualTypeOf<Observable<Status<User | undefined>>>()
    // @ts-expect-error its loader does not load that key
    void resource.load('count')
    expectTypeOf(
      createResource({ store: createPlainStore<Session>({ theme: 'dark' }), load, staleTime: 1000 }),
    ).toEqualTypeOf<Resource<'user', User | undefined>>()
    // @ts-expect-error what it loads is no user
    createResource({ store: session, load: async (_key: 'user') => 'Ann' })
    // @ts-expect-error that key is always there: it would never be loaded, and must not be forgotten
    createResource({ store: session, load: async (_key: 'theme') => 'dark' as const })
  })

  test('load is the shared promise, with a signal a promise of its own', () => {
    const resource = createResource({ store, load: (id: string) => ({ name: id }) })
    expectTypeOf(resource.load('a')).toEqualTypeOf<TaggedPromise<User>>()
    expectTypeOf(resource.load('a', { signal: AbortSignal.abort() })).toEqualTypeOf<Promise<User>>()
  })

  test('the status narrows', () => {
    const status = createResource({ store, load: (id: string) => ({ name: id }) }).status('a')
    if (status.status === 'success') expectTypeOf(status.data).toEqualTypeOf<User>()
    if (status.status === 'pending') expectTypeOf(status.data).toEqualTypeOf<undefined>()
    if (status.status === 'error') expectTypeOf(status.data).toEqualTypeOf<User | undefined>()
  })
})
