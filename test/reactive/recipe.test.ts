import { current, type Draft, isDraft, original } from 'immer'
import { createStore, type Store } from 'tidemap'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { deferred } from '../support/deferred.ts'
import { reasonOf, thrownBy } from '../support/failure.ts'

interface Todo {
  readonly title: string
  readonly tags: readonly string[]
  readonly author?: { readonly name: string }
}

const todo: Todo = { title: 'write', tags: ['a'], author: { name: 'ann' } }
const todos = (): Store<string, Todo> => createStore<string, Todo>([['t1', todo]])
const storeOf = <V>(value: V): Store<string, V> => createStore<string, V>([['k', value]])

afterEach(() => vi.unstubAllEnvs())

describe('a recipe over a draft', () => {
  test('changes a copy: the value before it stays as it was, and shares what did not change', async () => {
    const store = todos()
    const before = store.get('t1')

    const result = await store.update('t1', (draft) => {
      if (draft) draft.title = 'write it well'
    })

    expect(result).toEqual({ ...todo, title: 'write it well' })
    expect(store.get('t1')).toBe(result)
    expect(before).toEqual(todo)
    expect(result?.author).toBe(before?.author)
    expect(Object.isFrozen(result)).toBe(true)
  })

  test('may return the next value instead', async () => {
    const store = todos()

    await store.update('t1', (draft) => ({ title: `${draft?.title}!`, tags: [] }))

    expect(store.get('t1')).toEqual({ title: 'write!', tags: [] })
  })

  test('may return the draft itself', async () => {
    const store = todos()

    await store.update('t1', (draft) => {
      draft?.tags.push('b')
      return draft
    })

    expect(store.get('t1')?.tags).toEqual(['a', 'b'])
    expect(isDraft(store.get('t1'))).toBe(false)
  })

  test('may return a value that has drafts in it, at any depth', async () => {
    const store = createStore<string, unknown>([['k', { list: [{ n: 1 }, { n: 2 }] }]])

    await store.update('k', (draft) => {
      const { list } = draft as { list: { n: number }[] }
      list[0]!.n = 10
      return { deep: [{ moved: list[0], second: list[1] }], list }
    })

    expect(store.get('k')).toEqual({
      deep: [{ moved: { n: 10 }, second: { n: 2 } }],
      list: [{ n: 10 }, { n: 2 }],
    })
    expect(structuredClone(store.get('k'))).toEqual(store.get('k'))
  })

  test('that changes nothing publishes nothing', async () => {
    const store = todos()
    const before = store.view
    const listener = vi.fn()
    store.subscribe(listener)

    await store.update('t1', (draft) => void draft?.title)
    await store.update('t1', (draft) => {
      if (draft) draft.title = 'write'
    })
    await store.update('t1', async () => {})

    expect(store.view).toBe(before)
    expect(listener).not.toHaveBeenCalled()
  })

  test('of a primitive gets it as it is, and returns the next', async () => {
    const store = createStore<string, number | string | null>([
      ['n', 1],
      ['text', 'a'],
      ['null', null],
    ])

    await store.update('n', (n) => Number(n) + 1)
    await store.update('text', (text) => `${text}b`)
    await store.update('null', (value) => (value === null ? 'was null' : 'was not'))
    await store.update('n', () => {})

    expect([...store.values()]).toEqual([2, 'ab', 'was null'])
  })

  test('of an absent key gets undefined, and adds the key by returning a value', async () => {
    const store = todos()
    const given: unknown[] = []
    const before = store.view

    await store.update('t2', (draft) => void given.push(draft))
    const same = store.view === before
    await store.update('t2', () => ({ title: 'new', tags: [] }))

    expect([given, same]).toEqual([[undefined], true])
    expect(store.get('t2')).toEqual({ title: 'new', tags: [] })
  })

  test('of a stored undefined gets undefined, and leaves it where nothing is returned', async () => {
    const store = storeOf<number | undefined>(undefined)

    await store.update('k', () => undefined)
    const before = [store.has('k'), store.get('k')]
    await store.update('k', () => 1)

    expect([before, store.get('k')]).toEqual([[true, undefined], 1])
  })

  test('works on values that are frozen, and on a stored array', async () => {
    const store = storeOf(Object.freeze(['b', 'a']) as readonly string[])

    await store.update('k', (draft) => {
      draft?.sort()
      draft?.push('c')
    })

    expect(store.get('k')).toEqual(['a', 'b', 'c'])
  })

  test('may delete properties', async () => {
    const store = todos()

    await store.update('t1', (draft) => {
      delete draft?.author
    })

    expect(store.get('t1')).toEqual({ title: 'write', tags: ['a'] })
  })

  test('immer’s own current and original work on its draft', async () => {
    const store = todos()

    const seen = await store.update('t1', (draft) => {
      if (draft) draft.title = 'changed'
      return { title: `${current(draft)?.title} from ${original(draft)?.title}`, tags: [] }
    })

    expect(seen?.title).toBe('changed from write')
  })

  test('leaves the application’s own immer as it was: this one freezes nothing by itself', async () => {
    const store = createStore<string, Todo>([['t1', todo]], { freeze: false })
    const { produce } = await import('immer')

    const result = await store.update('t1', (draft) => void draft?.tags.push('b'))

    expect(Object.isFrozen(result)).toBe(false)
    expect(Object.isFrozen(produce({ n: 1 }, (draft) => void draft.n++))).toBe(true)
  })
})

describe('an async recipe', () => {
  test('F36: may change its draft before and after it awaits', async () => {
    const store = todos()
    const gate = deferred()

    const updated = store.update('t1', async (draft) => {
      if (draft) draft.title = 'begun'
      await gate.promise
      draft?.tags.push('after')
      if (draft?.author) draft.author.name = `${draft.title} by bob`
    })
    const during = store.get('t1')
    gate.resolve()
    await updated

    expect(during).toBe(todo)
    expect(store.get('t1')).toEqual({
      title: 'begun',
      tags: ['a', 'after'],
      author: { name: 'begun by bob' },
    })
  })

  test('F36: may resolve to the next value, to the draft, or to something with drafts in it', async () => {
    const store = createStore<string, unknown>([
      ['next', { n: 1 }],
      ['draft', { n: 1 }],
      ['inside', { n: 1 }],
    ])

    await store.update('next', async () => ({ n: 2 }))
    await store.update('draft', async (draft) => Object.assign(draft as object, { n: 3 }))
    await store.update('inside', async (draft) => [draft])

    expect([...store.values()]).toEqual([{ n: 2 }, { n: 3 }, [{ n: 1 }]])
  })

  test('F22: several of them on one value lose nothing', async () => {
    const store = todos()
    const add = (tag: string) =>
      store.update('t1', async (draft) => {
        await Promise.resolve()
        draft?.tags.push(tag)
      })

    await Promise.all(['b', 'c', 'd'].map(add))

    expect(store.get('t1')?.tags).toEqual(['a', 'b', 'c', 'd'])
  })

  test('F53: may return a thenable', async () => {
    const store = storeOf(1)
    const thenable = {
      // biome-ignore lint/suspicious/noThenProperty: a thenable is what this is about
      then: (resolve: (value: number) => void) => resolve(2),
    } as PromiseLike<number>

    await store.update('k', () => thenable)

    expect(store.get('k')).toBe(2)
  })
})

describe('a recipe that fails', () => {
  test.each<[name: string, fail: (draft: Draft<Todo> | undefined) => Promise<void> | void]>([
    [
      'throws',
      (draft) => {
        draft?.tags.push('lost')
        throw new Error('no')
      },
    ],
    [
      'rejects',
      async (draft) => {
        draft?.tags.push('lost')
        await Promise.resolve()
        throw new Error('no')
      },
    ],
    [
      'returns something whose then throws',
      (draft) => {
        draft?.tags.push('lost')
        return Object.defineProperty({}, 'then', {
          get() {
            throw new Error('no')
          },
        }) as never
      },
    ],
  ])('F23: that %s leaves the value as it was, and its draft is revoked', async (_name, fail) => {
    const store = todos()
    const before = store.view
    const kept: Draft<Todo>[] = []

    const reason = await reasonOf(
      store.update('t1', (draft) => {
        if (draft) kept.push(draft)
        return fail(draft)
      }),
    )

    expect(reason).toMatchObject({ message: 'no' })
    expect(store.view).toBe(before)
    expect(thrownBy(() => kept[0]?.title)).toBeInstanceOf(TypeError)
  })

  test('F44: aborted between its draft and its end: the draft is revoked at once, the value untouched', async () => {
    const store = todos()
    const before = store.view
    const controller = new AbortController()
    const gate = deferred()
    const late = deferred<unknown>()
    const kept: Draft<Todo>[] = []
    const updated = store.update(
      't1',
      async (draft) => {
        if (draft) kept.push(draft)
        draft?.tags.push('lost')
        await gate.promise
        late.resolve(thrownBy(() => draft?.tags.push('lost too')))
      },
      { signal: controller.signal },
    )

    controller.abort('enough')
    const atOnce = thrownBy(() => kept[0]?.title)
    gate.resolve()

    expect(await reasonOf(updated)).toBe('enough')
    expect(atOnce).toBeInstanceOf(TypeError)
    expect(await late.promise).toBeInstanceOf(TypeError)
    expect(store.view).toBe(before)
  })

  test('F44: aborted from within, before its first await: the draft is revoked as well', async () => {
    const store = todos()
    const before = store.view
    const controller = new AbortController()
    const late = deferred<unknown>()

    const updated = store.update(
      't1',
      async (draft) => {
        controller.abort('enough')
        await Promise.resolve()
        late.resolve(thrownBy(() => draft?.title))
      },
      { signal: controller.signal },
    )

    expect(await reasonOf(updated)).toBe('enough')
    expect(await late.promise).toBeInstanceOf(TypeError)
    expect(store.view).toBe(before)
  })

  test('superseded by a later one: the same', async () => {
    const store = todos()
    const kept: Draft<Todo>[] = []
    const first = store.update(
      't1',
      (draft) => {
        if (draft) kept.push(draft)
        return new Promise<void>(() => {})
      },
      { ifBusy: 'latest' },
    )

    await store.update('t1', (draft) => void draft?.tags.push('b'), { ifBusy: 'latest' })

    expect(await reasonOf(first)).toMatchObject({ code: 'SUPERSEDED' })
    expect(thrownBy(() => kept[0]?.title)).toBeInstanceOf(TypeError)
    expect(store.get('t1')?.tags).toEqual(['a', 'b'])
  })
})

describe('F37: a draft that leaked out of its recipe throws on every read and write', () => {
  interface Nested {
    readonly map: ReadonlyMap<string, { readonly n: number }>
    readonly set: ReadonlySet<number>
    readonly list: readonly number[]
    readonly object: { readonly n: number }
  }
  const nested = (): Nested => ({
    map: new Map([['x', { n: 1 }]]),
    set: new Set([1]),
    list: [1],
    object: { n: 1 },
  })

  const uses: [name: string, use: (draft: Draft<Nested>) => unknown, (parts: Parts) => unknown][] = [
    ['a property', (draft) => draft.object, ({ object }) => object.n],
    [
      'an assignment',
      (draft) => Object.assign(draft, { list: [] }),
      ({ object }) => Object.assign(object, { n: 2 }),
    ],
    ['an array', (draft) => draft.list, ({ list }) => list.push(2)],
    ['a Map that is read', (draft) => draft.map, ({ map }) => map.get('x')],
    ['a Map that is written', (draft) => draft.map, ({ map }) => map.set('y', { n: 2 })],
    ['a Map that is iterated', (draft) => draft.map, ({ map }) => [...map]],
    ['a Set that is read', (draft) => draft.set, ({ set }) => set.has(1)],
    ['a Set that is written', (draft) => draft.set, ({ set }) => set.add(2)],
    ['a Set that is iterated', (draft) => draft.set, ({ set }) => [...set]],
  ]
  interface Parts {
    readonly map: Map<string, { n: number }>
    readonly set: Set<number>
    readonly list: number[]
    readonly object: { n: number }
  }

  test.each(uses)('%s', async (_name, use, useOfPart) => {
    const store = storeOf(nested())
    const kept: [Draft<Nested>, Parts][] = []
    const keep = (draft: Draft<Nested> | undefined): void => {
      if (draft)
        kept.push([draft, { map: draft.map, set: draft.set, list: draft.list, object: draft.object }])
    }
    await store.update('k', keep)
    await store.update('k', async (draft) => {
      keep(draft)
      draft?.map.set('changed', { n: 1 })
      draft?.set.add(5)
    })
    await reasonOf(
      store.update('k', (draft) => {
        keep(draft)
        throw new Error('no')
      }),
    )

    expect(kept.length).toBe(3)
    for (const [draft, parts] of kept) {
      expect(thrownBy(() => use(draft))).toBeInstanceOf(Error)
      expect(thrownBy(() => useOfPart(parts))).toBeInstanceOf(Error)
    }
  })

  test('one that is written into the store from the recipe that it belongs to is refused in development', async () => {
    const store = createStore<string, unknown>([['k', { inner: { n: 1 } }]])
    const set = deferred<Promise<unknown>>()

    const updated = store.update('k', async (draft) => {
      await Promise.resolve()
      const { inner } = draft as { inner: { n: number } }
      set.resolve(reasonOf(store.set('leak', inner)))
      inner.n = 2
    })
    await updated

    expect(await await set.promise).toBeInstanceOf(Error)
    expect(store.has('leak')).toBe(false)
    expect(store.get('k')).toEqual({ inner: { n: 2 } })
  })

  test('one that another recipe returns is refused in development', async () => {
    const store = createStore<string, unknown>([
      ['k', { n: 1 }],
      ['other', 0],
    ])
    let leaked: unknown
    const gate = deferred()
    const updated = store.update('k', async (draft) => {
      leaked = draft
      await gate.promise
    })

    const reason = await reasonOf(store.update('other', () => ({ leaked })))
    gate.resolve()
    await updated

    expect(reason).toBeInstanceOf(Error)
    expect(store.get('other')).toBe(0)
  })
})

describe('F38: what no draft can cover', () => {
  class Account {
    balance = 100
    readonly owner = 'ann'

    withdraw(amount: number): void {
      this.balance -= amount
    }
  }
  const holding = () => ({ when: new Date(0), account: new Account(), list: [{ account: new Account() }] })

  const changes: [name: string, change: (value: ReturnType<typeof holding>) => void][] = [
    ['a Date', (value) => value.when.setTime(5)],
    ['a class instance', (value) => value.account.withdraw(5)],
    ['a new property of one', (value) => Object.assign(value.account, { extra: 1 })],
    ['a property of one that is deleted', (value) => Reflect.deleteProperty(value.account, 'owner')],
    ['one deep inside', (value) => value.list[0]?.account.withdraw(5)],
  ]

  test.each(changes)(
    '%s that a recipe changes in place is put back, and rejects with NOT_DRAFTABLE',
    async (_name, change) => {
      for (const isAsync of [false, true]) {
        const store = storeOf(holding())
        const before = store.view

        const reason = await reasonOf(
          store.update('k', (draft) => {
            if (draft) change(draft as ReturnType<typeof holding>)
            return isAsync ? Promise.resolve() : undefined
          }),
        )

        expect(reason).toMatchObject({ code: 'NOT_DRAFTABLE', message: expect.stringContaining('"k"') })
        expect(store.view).toBe(before)
        expect(store.get('k')).toEqual(holding())
        expect(Object.keys(store.get('k')?.account ?? {})).toEqual(['balance', 'owner'])
      }
    },
  )

  test.each(changes)(
    '%s is put back too where the recipe fails, or goes on to await',
    async (_name, change) => {
      const store = storeOf(holding())

      const thrown = await reasonOf(
        store.update('k', (draft) => {
          if (draft) change(draft as ReturnType<typeof holding>)
          throw new Error('no')
        }),
      )
      const changed = await reasonOf(
        store.update('k', (draft) => {
          if (draft) change(draft as ReturnType<typeof holding>)
          return new Promise<void>(() => {})
        }),
      )

      expect(thrown).toMatchObject({ message: 'no' })
      expect(changed).toMatchObject({ code: 'NOT_DRAFTABLE' })
      expect(store.get('k')).toEqual(holding())
    },
  )

  test('what others change in a class instance while a recipe awaits is theirs: nothing of it is taken back', async () => {
    const account = new Account()
    const store = createStore([['k', { name: 'a', account }]])
    const gate = deferred()

    const updating = store.update('k', async (draft) => {
      await gate.promise
      if (draft) draft.name = 'b'
    })
    account.balance = 500
    gate.resolve()
    await updating

    expect(store.get('k')?.name).toBe('b')
    expect(account.balance).toBe(500)
  })

  test('a value that is a class instance is handed over as it is, and a new one may take its place', async () => {
    const account = new Account()
    const store = storeOf(account)
    const given: unknown[] = []

    await store.update('k', (value) => {
      given.push(value)
      return Object.assign(new Account(), { balance: 5 })
    })

    expect(given[0]).toBe(account)
    expect([account.balance, store.get('k')?.balance]).toEqual([100, 5])
  })

  test('reading them, and putting new ones in their place, is fine', async () => {
    const store = storeOf(holding())

    await store.update('k', (draft) => {
      if (draft) draft.when = new Date(draft.when.getTime() + 5)
      draft?.list.pop()
    })

    expect(store.get('k')?.when.getTime()).toBe(5)
    expect(store.get('k')?.list).toEqual([])
  })

  test('tx.update checks it too', async () => {
    const store = storeOf(holding())
    const before = store.view

    const reason = await reasonOf(
      store.transaction((tx) => tx.update('k', (value) => void value?.account.withdraw(5))),
    )

    expect(reason).toMatchObject({ code: 'NOT_DRAFTABLE' })
    expect(store.view).toBe(before)
    expect(store.get('k')?.account.balance).toBe(100)
  })

  test('production does not look', async () => {
    vi.stubEnv('NODE_ENV', 'production')
    const store = storeOf(holding())

    await store.update('k', (draft) => void draft?.when.setTime(5))

    expect(store.get('k')?.when.getTime()).toBe(5)
  })
})

describe('F41: drafts of Map and Set', () => {
  test('keep a change that is made while or after they are iterated', async () => {
    const store = storeOf({
      map: new Map([
        ['x', { n: 1 }],
        ['y', { n: 2 }],
      ]),
      set: new Set([{ n: 1 }, { n: 2 }]),
    })
    const before = store.get('k')

    await store.update('k', (draft) => {
      if (!draft) return
      for (const [, value] of draft.map) value.n *= 10
      for (const value of draft.set) value.n *= 10
      expect([...draft.map.keys()]).toEqual(['x', 'y'])
      draft.map.set('z', { n: 3 })
      draft.map.delete('x')
      draft.set.add({ n: 3 })
    })

    expect(store.get('k')).toEqual({
      map: new Map([
        ['y', { n: 20 }],
        ['z', { n: 3 }],
      ]),
      set: new Set([{ n: 10 }, { n: 20 }, { n: 3 }]),
    })
    expect(before?.map.get('x')).toEqual({ n: 1 })
  })

  test('as the value itself, also in an async recipe', async () => {
    const store = createStore<string, Map<string, number> | Set<number>>([
      ['map', new Map([['x', 1]])],
      ['set', new Set([1])],
    ])

    await store.update('map', async (draft) => {
      await Promise.resolve()
      if (draft instanceof Map) draft.set('y', 2)
    })
    await store.update('set', (draft) => {
      if (draft instanceof Set) draft.add(2)
    })

    expect([...store.values()]).toEqual([
      new Map([
        ['x', 1],
        ['y', 2],
      ]),
      new Set([1, 2]),
    ])
    expect(thrownBy(() => (store.get('set') as Set<number>).add(3))).toBeInstanceOf(TypeError)
  })
})

describe('values that are cyclic, deep or large', () => {
  interface Ring {
    n: number
    self?: Ring
  }

  test('F40: a cyclic value can be returned, and be changed by the next recipe, without a stack overflow', async () => {
    const ring: Ring = { n: 1 }
    ring.self = ring
    const store = createStore<string, Ring>()

    await store.update('k', () => ring)
    const changed = await store.update('k', (draft) => {
      if (draft) draft.n = 2
    })

    expect(changed?.n).toBe(2)
    expect(ring).toMatchObject({ n: 1 })
    expect(ring.self).toBe(ring)
  })

  test('F40: one that is made inside a recipe is stored, or refused with an error: the store works on', async () => {
    const store = createStore<string, Ring>([['k', { n: 1 }]])

    const outcome = await store
      .update('k', (draft) => {
        if (draft) draft.self = draft
      })
      .then(
        () => 'stored',
        () => 'refused',
      )
    await store.update('k', () => ({ n: 3 }))

    expect(['stored', 'refused']).toContain(outcome)
    expect(store.get('k')).toEqual({ n: 3 })
    expect(store.isBusy()).toBe(false)
  })

  test('F82: nesting of 100,000 levels is drafted', async () => {
    interface Nested {
      readonly n: number
      readonly inner: Nested | undefined
    }
    let deep: Nested = { n: 0, inner: undefined }
    for (let n = 1; n <= 100_000; n++) deep = { n, inner: deep }
    const store = storeOf(deep)

    await store.update('k', (draft) => {
      if (draft) draft.n = -1
    })

    expect([store.get('k')?.n, store.get('k')?.inner === deep.inner]).toEqual([-1, true])
  })

  test.each<[name: string, make: (size: number) => object]>([
    ['an array', (size) => Array.from({ length: size }, (_, i) => i)],
    ['a Map', (size) => new Map(Array.from({ length: size }, (_, i) => [i, i]))],
    ['a Set', (size) => new Set(Array.from({ length: size }, (_, i) => i))],
  ])('%s of 200,000 members overflows no stack', async (_name, make) => {
    const store = createStore<string, object>([['k', make(200_000)]])
    const before = store.get('k')

    const result = await store.update('k', () => {})

    expect(result).toBe(before)
  })
})

describe('tx.update in a transaction', () => {
  test('hands out drafts, over the draft of the transaction', async () => {
    const store = todos()

    const result = await store.transaction((tx) => {
      tx.set('t1', { title: 'first', tags: [] })
      const next = tx.update('t1', (draft) => {
        ;(draft as Draft<Todo> | undefined)?.tags.push('b')
      })
      return [next, tx.get('t1') === next]
    })

    expect(result).toEqual([{ title: 'first', tags: ['b'] }, true])
    expect(store.get('t1')).toEqual({ title: 'first', tags: ['b'] })
  })

  test('F37: its draft is revoked when the recipe has ended', async () => {
    const store = todos()
    let kept: Todo | undefined

    await store.transaction((tx) => {
      tx.update('t1', (draft) => {
        kept = draft
      })
    })

    expect(thrownBy(() => kept?.title)).toBeInstanceOf(TypeError)
  })

  test('a recipe that throws leaves the draft of the transaction as it was', async () => {
    const store = todos()

    await store.transaction((tx) => {
      thrownBy(() =>
        tx.update('t1', (draft) => {
          ;(draft as Draft<Todo> | undefined)?.tags.push('lost')
          throw new Error('no')
        }),
      )
      expect(tx.get('t1')).toBe(todo)
    })

    expect(store.get('t1')).toBe(todo)
  })
})
