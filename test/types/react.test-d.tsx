import * as withDrafts from 'tidemap'
import {
  createStoreContext,
  useEntry,
  useKey,
  useKeyState,
  useKeys,
  usePending,
  useView,
} from 'tidemap/react'
import { createStore, type Found, type ObjectView, type Store, type View } from 'tidemap/store'
import { describe, expectTypeOf, test } from 'vitest'

interface Session {
  user: { readonly name: string } | null
  theme: 'dark' | 'light'
  visits: number
}
const session: Session = { user: null, theme: 'dark', visits: 0 }
const shape = createStore(session)
const drafted = withDrafts.createStore(session)
const store = createStore<string, number>()
const observable = withDrafts.createStore<string, number>()

describe('hooks over a store of entries', () => {
  test('know keys and values', () => {
    expectTypeOf(useKey(store, 'a')).toEqualTypeOf<number | undefined>()
    expectTypeOf(useKey(observable, 'a')).toEqualTypeOf<number | undefined>()
    expectTypeOf(useEntry(store, 'a')).toEqualTypeOf<Found<number>>()
    expectTypeOf(useKeys(store)).toEqualTypeOf<readonly string[]>()
    expectTypeOf(useView(store)).toEqualTypeOf<View<string, number>>()
    expectTypeOf(useView(observable, (view) => view.size)).toEqualTypeOf<number>()
    expectTypeOf(usePending(store, 'a')).toEqualTypeOf<boolean>()
    expectTypeOf(usePending(observable)).toEqualTypeOf<boolean>()
    // @ts-expect-error keys are texts
    useKey(store, 5)
    // @ts-expect-error keys are texts
    usePending(store, 5)
  })

  test('useKeyState takes a value, or a function over the one that is shown', () => {
    const [value, setValue] = useKeyState(observable, 'a')
    expectTypeOf(value).toEqualTypeOf<number | undefined>()
    setValue(1)
    setValue((shown = 0) => shown + 1)
    // @ts-expect-error no number
    setValue('x')
  })
})

describe('hooks over a shape', () => {
  test('know the type of each key', () => {
    expectTypeOf(useKey(shape, 'theme')).toEqualTypeOf<'dark' | 'light'>()
    expectTypeOf(useKey(drafted, 'user')).toEqualTypeOf<{ readonly name: string } | null>()
    expectTypeOf(useEntry(shape, 'visits')).toEqualTypeOf<Found<number>>()
    expectTypeOf(useKeys(shape)).toEqualTypeOf<readonly (keyof Session)[]>()
    expectTypeOf(useView(drafted)).toEqualTypeOf<ObjectView<Session>>()
    expectTypeOf(useView(shape, (view) => view.get('visits'))).toEqualTypeOf<number>()
    // @ts-expect-error no such key
    useKey(shape, 'colour')
  })

  test('useKeyState sets only what fits', () => {
    const [theme, setTheme] = useKeyState(shape, 'theme')
    expectTypeOf(theme).toEqualTypeOf<'dark' | 'light'>()
    setTheme('light')
    setTheme((shown) => (shown === 'dark' ? 'light' : 'dark'))
    // @ts-expect-error no theme
    setTheme('red')
  })
})

test('a store context gives back the very type of its store', () => {
  const { StoreProvider, useStore } = createStoreContext<Store<string, number>>()
  expectTypeOf(useStore()).toEqualTypeOf<Store<string, number>>()
  const element = <StoreProvider store={store} />
  expectTypeOf(element).not.toBeAny()
  // @ts-expect-error another store
  const wrong = <StoreProvider store={shape} />
  expectTypeOf(wrong).not.toBeAny()
})
