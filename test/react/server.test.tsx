import { act, cleanup, render } from '@testing-library/react'
import { lazy, Suspense } from 'react'
import { hydrateRoot } from 'react-dom/client'
import { renderToString } from 'react-dom/server'
import {
  createStoreContext,
  useEntry,
  useKey,
  useKeyState,
  useKeys,
  usePending,
  useView,
} from 'tidemap/react'
import { createStore, type Store } from 'tidemap/store'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { deferred } from '../support/deferred.ts'

const { StoreProvider, useStore } = createStoreContext<Store<string, number>>()

const entries: [string, number][] = [
  ['a', 1],
  ['b', 2],
]

function Everything() {
  const store = useStore()
  const [found] = useEntry(store, 'b')
  const [state] = useKeyState(store, 'a')
  const total = useView(store, (view) => [...view.values()].reduce((sum, n) => sum + n, 0))
  return (
    <b>
      {[
        useKey(store, 'a'),
        found,
        state,
        total,
        useKeys(store),
        useView(store).size,
        usePending(store),
      ].join()}
    </b>
  )
}

let page: HTMLElement
let errors: unknown[]
beforeEach(() => {
  page = document.body.appendChild(document.createElement('main'))
  errors = []
})
afterEach(() => {
  cleanup()
  page.remove()
})

const onRecoverableError = (error: unknown) => errors.push(error)

describe('on a server', () => {
  test('every hook shows the store of its request', () => {
    const answer = (n: number) =>
      renderToString(
        <StoreProvider store={createStore([['a', n], ...entries.slice(1)])}>
          <Everything />
        </StoreProvider>,
      )

    expect(answer(1)).toBe('<b>1,2,1,3,a,b,2,false</b>')
    expect(answer(5)).toBe('<b>5,2,5,7,a,b,2,false</b>')
  })

  test('hooks work without a provider too', () => {
    const store = createStore(entries)
    const Value = () => <b>{useKey(store, 'a')}</b>
    expect(renderToString(<Value />)).toBe('<b>1</b>')
  })

  test('useStore without its provider says what is missing', () => {
    expect(() => renderToString(<Everything />)).toThrow('StoreProvider')
  })
})

describe('hydration', () => {
  test('of what the server has rendered makes no mismatch, and the page lives on', async () => {
    const error = vi.spyOn(console, 'error')
    const app = (store: Store<string, number>) => (
      <StoreProvider store={store}>
        <Everything />
      </StoreProvider>
    )
    page.innerHTML = renderToString(app(createStore(entries)))
    const element = page.firstElementChild
    const store = createStore(entries)

    const root = await act(async () => hydrateRoot(page, app(store), { onRecoverableError }))
    expect(page.textContent).toBe('1,2,1,3,a,b,2,false')
    await act(() => store.set('a', 5))

    expect(page.textContent).toBe('5,2,5,7,a,b,2,false')
    expect(page.firstElementChild).toBe(element)
    expect(errors).toEqual([])
    expect(error).not.toHaveBeenCalled()
    act(() => root.unmount())
  })

  test('of a boundary that comes after the store has changed makes no mismatch, and shows the change then', async () => {
    const error = vi.spyOn(console, 'error')
    const code = deferred<{ default: typeof Everything }>()
    const app = (store: Store<string, number>, Late: typeof Everything) => (
      <StoreProvider store={store}>
        <Everything />
        <Suspense fallback="waiting">
          <Late />
        </Suspense>
      </StoreProvider>
    )
    page.innerHTML = renderToString(app(createStore(entries), Everything))
    const [, late] = page.querySelectorAll('b')
    const store = createStore(entries)

    const Late = lazy(() => code.promise) as unknown as typeof Everything
    const root = await act(async () => hydrateRoot(page, app(store, Late), { onRecoverableError }))
    await act(() => store.set('a', 5))
    expect([...page.querySelectorAll('b')].map((b) => b.textContent)).toEqual([
      '5,2,5,7,a,b,2,false',
      '1,2,1,3,a,b,2,false',
    ])
    await act(async () => code.resolve({ default: Everything }))

    expect([...page.querySelectorAll('b')].map((b) => b.textContent)).toEqual([
      '5,2,5,7,a,b,2,false',
      '5,2,5,7,a,b,2,false',
    ])
    expect(page.querySelectorAll('b')[1]).toBe(late)
    expect(errors).toEqual([])
    expect(error).not.toHaveBeenCalled()
    act(() => root.unmount())
  })

  test('a page that is rendered by the client alone follows its store', async () => {
    const store = createStore(entries)
    render(
      <StoreProvider store={store}>
        <Everything />
      </StoreProvider>,
    )
    await act(() => store.set('a', 5))

    expect(document.body.textContent).toBe('5,2,5,7,a,b,2,false')
  })
})
