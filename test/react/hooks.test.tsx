import { act, cleanup, render as renderInto, screen } from '@testing-library/react'
import { userEvent } from '@testing-library/user-event'
import { type ComponentType, Fragment, memo, type ReactNode, StrictMode, Suspense, useState } from 'react'
import { createStore as createWithDrafts } from 'tidemap'
import {
  ConcurrentProvider,
  useEntry,
  useKey,
  useKeyState,
  useKeys,
  usePending,
  useView,
} from 'tidemap/react'
import { createStore, type Store } from 'tidemap/store'
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { deferred } from '../support/deferred.ts'
import { ErrorBoundary } from '../support/error-boundary.tsx'
import { countSubscriptions } from '../support/open-subscriptions.ts'

afterEach(cleanup)

const shown = () => document.body.textContent

let Around: ComponentType<{ children: ReactNode }>

const render = (element: ReactNode) => renderInto(element, { wrapper: Around })

/** The DOM is what counts: StrictMode renders twice. */
const renderStrictly = (element: ReactNode) =>
  renderInto(element, {
    wrapper: ({ children }) => (
      <StrictMode>
        <Around>{children}</Around>
      </StrictMode>
    ),
  })

/** How often each component has rendered. */
function renderCounts() {
  const counts: Record<string, number> = {}
  const count = (name: string) => {
    counts[name] = (counts[name] ?? 0) + 1
  }
  const since = () => {
    const taken = { ...counts }
    for (const name of Object.keys(counts)) delete counts[name]
    return taken
  }
  return { count, since }
}

describe.each<[string, ComponentType<{ children: ReactNode }>]>([
  ['without a provider', Fragment],
  ['below a ConcurrentProvider', ConcurrentProvider],
])('%s', (_where, around) => {
  beforeEach(() => {
    Around = around
  })

  describe.each([
    ['tidemap/store', createStore],
    ['tidemap', createWithDrafts as typeof createStore],
  ])('a component with a store of %s', (_name, create) => {
    test('shows the value of a key, and every later one', async () => {
      const store = create([['n', 1]])
      const Count = () => <b>{useKey(store, 'n')}</b>
      renderStrictly(<Count />)
      expect(shown()).toBe('1')

      await act(() => store.set('n', 2))
      expect(shown()).toBe('2')

      await act(() => store.delete('n'))
      expect(shown()).toBe('')

      await act(() => store.set('n', 3))
      expect(shown()).toBe('3')
    })

    test('shows a key of a shape', async () => {
      const session = createStore({ user: 'ann', visits: 1 })
      const User = () => <b>{useKey(session, 'user')}</b>
      renderStrictly(<User />)

      await act(() => session.set('user', 'bob'))

      expect(shown()).toBe('bob')
    })
  })

  describe('useKey', () => {
    test('renders the row whose key has changed, and nothing else', async () => {
      const store = createStore(Array.from({ length: 20 }, (_, i): [number, string] => [i, 'old']))
      const { count, since } = renderCounts()
      const Row = ({ id }: { id: number }) => {
        count(`row ${id}`)
        return <li>{useKey(store, id)}</li>
      }
      const List = () => {
        count('list')
        return useKeys(store).map((id) => <Row key={id} id={id} />)
      }
      render(<List />)
      since()

      await act(() => store.set(7, 'new'))
      expect(since()).toEqual({ 'row 7': 1 })

      await act(() => store.set(20, 'new'))
      expect(since()).toMatchObject({ list: 1, 'row 20': 1 })
    })

    test('renders a row, or a total, that has come with a write once more at most, and then only when it changes (B4)', async () => {
      const store = createStore([
        ['a', 'old'],
        ['b', 'old'],
      ])
      const { count, since } = renderCounts()
      const Row = memo(({ id }: { id: string }) => {
        count(`row ${id}`)
        return <li>{useKey(store, id)}</li>
      })
      const Total = memo(() => {
        count('total')
        return <b>{useView(store, (view) => view.size)}</b>
      })
      const List = () => {
        const keys = useKeys(store)
        return (
          <>
            {keys.map((id) => (
              <Row key={id} id={id} />
            ))}
            {keys.length > 2 && <Total />}
          </>
        )
      }
      render(<List />)
      await act(() => store.set('c', 'came'))
      await act(() => store.set('a', 'new'))
      since()

      await act(() => store.set('b', 'new'))
      expect(since()).toEqual({ 'row b': 1 })

      await act(() => store.set('c', 'changed'))
      expect(since()).toEqual({ 'row c': 1 })
      expect(shown()).toBe('newnewchanged3')

      await act(() => store.set('d', 'came'))
      expect(shown()).toBe('newnewchangedcame4')
    })

    test('a component renders once a promotion, however many of its keys have changed', async () => {
      const store = createStore([
        ['a', 1],
        ['b', 1],
        ['c', 1],
      ])
      const { count, since } = renderCounts()
      const Sum = () => {
        count('sum')
        const keys = useKeys(store)
        const total = useView(store, (view) => [...view.values()].reduce((sum, n) => sum + n, 0))
        return (
          <b>
            {useKey(store, 'a')},{useKey(store, 'b')},{useKey(store, 'c')},{useKey(store, 'd')} of{' '}
            {keys.length}: {total}
          </b>
        )
      }
      render(<Sum />)
      since()

      await act(() =>
        store.setMany([
          ['a', 2],
          ['b', 2],
          ['c', 2],
          ['d', 2],
        ]),
      )

      expect(shown()).toBe('2,2,2,2 of 4: 8')
      expect(since()).toEqual({ sum: 1 })
    })

    test('another key or another store shows its value in the same render', async () => {
      const one = createStore([
        ['a', 'one a'],
        ['b', 'one b'],
      ])
      const other = createStore([['b', 'other b']])
      const frames: unknown[] = []
      const Value = ({ store, of }: { store: Store<string, string>; of: string }) => {
        const value = useKey(store, of)
        frames.push(value)
        return <b>{value}</b>
      }
      const { rerender } = render(<Value store={one} of="a" />)

      rerender(<Value store={one} of="b" />)
      rerender(<Value store={other} of="b" />)

      expect(frames).toEqual(['one a', 'one b', 'other b'])
      await act(() => Promise.all([one.set('b', 'x'), other.set('b', 'other B')]))
      expect(shown()).toBe('other B')
    })

    test('subscribes once for as long as store and key are the same', async () => {
      const store = createStore([['a', 1]])
      const subscriptions = countSubscriptions(store)
      const Value = ({ n }: { n: number }) => (
        <b>
          {n} {useKey(store, 'a')}
        </b>
      )
      const { rerender } = render(<Value n={1} />)
      const { made } = subscriptions
      for (const n of [2, 3, 4]) rerender(<Value n={n} />)
      await act(() => store.set('a', 2))

      expect(shown()).toBe('4 2')
      expect(subscriptions.made).toBe(made)
    })

    test('a write in an effect of the very component is shown', () => {
      const store = createStore([['a', 1]])
      const Writer = () => {
        const [isWritten, write] = useState(false)
        if (!isWritten) write(true)
        return <b ref={() => void store.set('a', 2)}>{useKey(store, 'a')}</b>
      }
      renderStrictly(<Writer />)
      expect(shown()).toBe('2')
    })
  })

  test('useEntry tells a stored undefined from an absent key, and keeps its array', async () => {
    const store = createStore<string, number | undefined>([['a', undefined]])
    const seen: unknown[] = []
    const Entry = () => {
      const entry = useEntry(store, 'a')
      if (seen.at(-1) !== entry) seen.push(entry)
      return <b>{useKey(store, 'other')}</b>
    }
    render(<Entry />)
    await act(() => store.set('other', 1))
    await act(() => store.delete('a'))
    await act(() => store.set('a', 5))

    expect(seen).toEqual([
      [undefined, true],
      [undefined, false],
      [5, true],
    ])
  })

  describe('useView', () => {
    test('is the view itself without a selector', async () => {
      const store = createStore([['a', 1]])
      let view: unknown
      const Whole = () => {
        view = useView(store)
        return null
      }
      render(<Whole />)
      expect(view).toBe(store.view)
      await act(() => store.set('a', 2))
      expect(view).toBe(store.view)
    })

    test('a selector that makes a new object each time does not loop', async () => {
      const error = vi.spyOn(console, 'error')
      const store = createStore([['a', 1]])
      const { count, since } = renderCounts()
      const Selected = () => {
        count('selected')
        return <b>{useView(store, (view) => ({ a: view.get('a') })).a}</b>
      }
      render(<Selected />)
      expect(since()).toEqual({ selected: 1 })

      await act(() => store.set('a', 2))

      expect(shown()).toBe('2')
      expect(since()).toEqual({ selected: 1 })
      expect(error).not.toHaveBeenCalled()
    })

    test('a result that is equal renders nothing and keeps its identity, also from a selector that is new at every render', async () => {
      const store = createStore([
        ['a', 1],
        ['b', 1],
      ])
      const { count, since } = renderCounts()
      const results = new Set<unknown>()
      const Odd = () => {
        count('odd')
        const odd = useView(
          store,
          (view) => [...view].filter(([, n]) => n % 2 === 1).map(([key]) => key),
          (a, b) => a.join() === b.join(),
        )
        results.add(odd)
        return <b>{odd.join()}</b>
      }
      const { rerender } = render(<Odd />)
      since()

      await act(() => store.set('a', 3))
      expect(since()).toEqual({})
      rerender(<Odd />)
      await act(() => store.set('b', 3))
      rerender(<Odd />)
      expect(results.size).toBe(1)

      await act(() => store.set('b', 2))
      expect(shown()).toBe('a')
    })

    test('a selector over something else is right in the render that brings it', () => {
      const store = createStore([
        ['a', 'A'],
        ['b', 'B'],
      ])
      const frames: unknown[] = []
      const Selected = ({ of }: { of: string }) => {
        const value = useView(store, (view) => view.get(of))
        frames.push(value)
        return <b>{value}</b>
      }
      const { rerender } = render(<Selected of="a" />)
      rerender(<Selected of="b" />)
      expect(frames).toEqual(['A', 'B'])
    })

    test('a selector that throws goes to the error boundary, not to the writer', async () => {
      vi.spyOn(console, 'error').mockImplementation(() => {})
      const store = createStore([['a', 1]])
      const Selected = () => {
        const value = useView(store, (view) => {
          if (view.get('a') === 2) throw new Error('no twos')
          return view.get('a')
        })
        return <b>{value}</b>
      }
      render(
        <ErrorBoundary>
          <Selected />
        </ErrorBoundary>,
      )

      let written: Promise<void> | undefined
      await act(async () => {
        written = store.set('a', 2)
      })

      await expect(written).resolves.toBeUndefined()
      expect(shown()).toBe('Error: no twos')
    })
  })

  test('useKeys renders when keys come, go or move, not when values change', async () => {
    const store = createStore([
      ['a', 1],
      ['b', 1],
    ])
    const { count, since } = renderCounts()
    const Keys = () => {
      count('keys')
      return <b>{useKeys(store).join()}</b>
    }
    render(<Keys />)
    since()

    await act(() => store.set('a', 2))
    expect(since()).toEqual({})
    await act(() => store.set('c', 1))
    expect(shown()).toBe('a,b,c')
    await act(() =>
      store.replace([
        ['c', 1],
        ['a', 2],
      ]),
    )
    expect(shown()).toBe('c,a')
    expect(since()).toEqual({ keys: 2 })
  })

  describe('useKeyState', () => {
    const Field = ({ store }: { store: Store<string, string> }) => {
      const [text = '', setText] = useKeyState(store, 'text')
      return <input value={text} onChange={(event) => setText(event.currentTarget.value)} />
    }

    test('a controlled input keeps every character and the caret, typed into in the middle', async () => {
      const user = userEvent.setup()
      const store = createStore([['text', 'ab']])
      renderStrictly(<Field store={store} />)
      const input = screen.getByRole<HTMLInputElement>('textbox')

      await user.type(input, 'the fox', { initialSelectionStart: 1, initialSelectionEnd: 1 })

      expect(input.value).toBe('athe foxb')
      expect(input.selectionStart).toBe(8)
      expect(store.confirmed.get('text')).toBe('athe foxb')
    })

    test('also while an async writer holds the key, and after it has written', async () => {
      const user = userEvent.setup()
      const store = createStore([['text', 'ab']])
      renderStrictly(<Field store={store} />)
      const input = screen.getByRole<HTMLInputElement>('textbox')
      const answer = deferred<string>()
      const tidying = store.update('text', () => answer.promise)

      await user.type(input, 'the fox', { initialSelectionStart: 1, initialSelectionEnd: 1 })
      expect(input.value).toBe('athe foxb')
      await act(async () => {
        answer.resolve('TIDIED')
        await tidying
        await store.idle()
      })

      expect(input.value).toBe('athe foxb')
      expect(input.selectionStart).toBe(8)
    })

    test('takes a function over the value that is shown, and keeps its own identity', async () => {
      const store = createStore([['n', 1]])
      const setters = new Set<unknown>()
      let add = () => {}
      const Counter = () => {
        const [n, setN] = useKeyState(store, 'n')
        setters.add(setN)
        add = () => setN((shown = 0) => shown + 1)
        return <b>{n}</b>
      }
      render(<Counter />)

      act(() => {
        add()
        add()
      })

      expect(shown()).toBe('3')
      expect(setters.size).toBe(1)
    })

    test('a disposed store leaves the field as it is, and rejects nothing unhandled', async () => {
      const user = userEvent.setup()
      const store = createStore([['text', 'ab']])
      renderStrictly(<Field store={store} />)
      store.dispose()

      await user.type(screen.getByRole('textbox'), 'x')

      expect(screen.getByRole<HTMLInputElement>('textbox').value).toBe('ab')
    })
  })

  test('usePending tells what is shown and not confirmed yet', async () => {
    const store = createStore([['a', 1]])
    const answer = deferred<number>()
    const Pending = () => (
      <b>
        {String(usePending(store, 'a'))} {String(usePending(store, 'b'))} {String(usePending(store))}
      </b>
    )
    renderStrictly(<Pending />)
    expect(shown()).toBe('false false false')

    void store.update('a', () => answer.promise)
    let set: Promise<void> | undefined
    act(() => {
      set = store.set('a', 5)
    })
    expect(shown()).toBe('true false true')

    await act(async () => {
      answer.resolve(2)
      await set
    })
    expect(shown()).toBe('false false false')
  })

  describe('nothing stays subscribed', () => {
    const Everything = ({ store }: { store: Store<string, number> }) => {
      useKey(store, 'a')
      useEntry(store, 'b')
      useView(store)
      useView(store, (view) => view.size)
      useKeys(store)
      useKeyState(store, 'c')
      usePending(store, 'a')
      return null
    }

    test('after an unmount in StrictMode', () => {
      const store = createStore([['a', 1]])
      const subscriptions = countSubscriptions(store)
      const { unmount } = renderStrictly(<Everything store={store} />)
      expect(subscriptions.open).toBeGreaterThan(0)

      unmount()

      expect(subscriptions.open).toBe(0)
    })

    test('after another store or key has come', () => {
      const one = createStore([['a', 1]])
      const other = createStore([['a', 1]])
      const subscriptions = countSubscriptions(one)
      const { rerender } = renderStrictly(<Everything store={one} />)

      rerender(<Everything store={other} />)

      expect(subscriptions.open).toBe(0)
    })

    test('five seconds after a render that suspended and was given up', () => {
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
      onTestFinished(() => void vi.useRealTimers())
      const store = createStore([['a', 1]])
      const subscriptions = countSubscriptions(store)
      const never = new Promise<never>(() => {})
      const Suspending = (): ReactNode => {
        useKey(store, 'a')
        useView(store)
        throw never
      }
      const { unmount } = renderStrictly(
        <Suspense fallback="waiting">
          <Everything store={store} />
          <Suspending />
        </Suspense>,
      )
      expect(shown()).toBe('waiting')

      unmount()
      vi.advanceTimersByTime(10_000)

      expect(subscriptions.open).toBe(0)
    })

    test('after a render that threw', () => {
      vi.spyOn(console, 'error').mockImplementation(() => {})
      const store = createStore([['a', 1]])
      const subscriptions = countSubscriptions(store)
      const Throwing = (): ReactNode => {
        useKey(store, 'a')
        throw new Error('no')
      }

      expect(() =>
        render(
          <>
            <Everything store={store} />
            <Throwing />
          </>,
        ),
      ).toThrow('no')

      expect(subscriptions.open).toBe(0)
    })
  })
})
