import { act, cleanup, render, screen } from '@testing-library/react'
import { StrictMode, Suspense, useState, useTransition } from 'react'
import { ConcurrentProvider, useResource, useStatus } from 'tidemap/react'
import { createResource, type Resource } from 'tidemap/resource'
import { createStore } from 'tidemap/store'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { type Deferred, deferred } from '../support/deferred.ts'
import { ErrorBoundary } from '../support/error-boundary.tsx'
import { countSubscriptions } from '../support/open-subscriptions.ts'

afterEach(cleanup)

/** A resource whose loads are answered by the test, in the order they were asked for. */
function answeredResource(entries: [string, string][] = []) {
  const asked: { key: string; answer: Deferred<string> }[] = []
  const store = createStore(entries)
  const resource = createResource({
    store,
    retry: 0,
    load: (key: string) => {
      const answer = deferred<string>()
      asked.push({ key, answer })
      return answer.promise
    },
  })
  return { store, resource, asked }
}

const User = ({ of, id }: { of: Resource<string, string>; id: string }) => <b>{useResource(of, id)}</b>
const waiting = <i>waiting</i>
const shown = () => document.body.textContent

const settle = (answering: () => void) => act(async () => answering())

describe.each([
  ['without a provider', StrictMode],
  ['below a ConcurrentProvider', ConcurrentProvider],
])('useResource %s', (_where, wrapper) => {
  test('suspends, loads once, and shows what has been loaded, and React finds nothing to complain of', async () => {
    const error = vi.spyOn(console, 'error')
    const { resource, store, asked } = answeredResource()
    await act(async () =>
      render(
        <Suspense fallback={waiting}>
          <User of={resource} id="a" />
          <User of={resource} id="a" />
        </Suspense>,
        { wrapper },
      ),
    )
    expect(shown()).toBe('waiting')

    await settle(() => asked[0]?.answer.resolve('Ann'))

    expect(shown()).toBe('AnnAnn')
    expect(asked.length).toBe(1)
    await act(() => store.set('a', 'Anna'))
    expect(shown()).toBe('AnnaAnna')
    expect(error).not.toHaveBeenCalled()
  })

  test('shows at once what is in the store, and every later value', async () => {
    const { resource, store } = answeredResource([['a', 'Ann']])
    render(<User of={resource} id="a" />, { wrapper })
    expect(shown()).toBe('Ann')

    await act(() => store.set('a', 'Anna'))

    expect(shown()).toBe('Anna')
  })

  test('keeps what is shown while it is loaded again, and when that fails', async () => {
    const { resource, asked } = answeredResource()
    await act(async () =>
      render(
        <Suspense fallback={waiting}>
          <User of={resource} id="a" />
        </Suspense>,
        { wrapper },
      ),
    )
    await settle(() => asked[0]?.answer.resolve('Ann'))

    await settle(() => void resource.refetch('a').catch(() => {}))
    expect(shown()).toBe('Ann')
    await settle(() => asked[1]?.answer.reject(new Error('no luck')))
    expect(shown()).toBe('Ann')
    await settle(() => void resource.refetch('a'))
    await settle(() => asked[2]?.answer.resolve('Anna'))

    expect(shown()).toBe('Anna')
  })

  test('an error reaches the boundary; refetched and reset it tries again', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => {})
    const { resource, asked } = answeredResource()
    await act(async () =>
      render(
        <ErrorBoundary>
          <Suspense fallback={waiting}>
            <User of={resource} id="a" />
          </Suspense>
        </ErrorBoundary>,
        { wrapper },
      ),
    )
    await settle(() => asked[0]?.answer.reject(new Error('no luck')))
    expect(shown()).toBe('Error: no luck')
    expect(asked.length).toBe(1)

    await settle(() => {
      void resource.refetch('a')
      screen.getByRole('button').click()
    })
    expect(shown()).toBe('waiting')
    await settle(() => asked[1]?.answer.resolve('Ann'))

    expect(shown()).toBe('Ann')
  })

  test('another key in a transition keeps what is shown until the new value is there', async () => {
    const { resource, asked } = answeredResource([['a', 'Ann']])
    let choose = (_id: string) => {}
    const Chosen = () => {
      const [id, setId] = useState('a')
      const [isPending, startTransition] = useTransition()
      choose = (next) => startTransition(() => setId(next))
      return (
        <Suspense fallback={waiting}>
          <User of={resource} id={id} />
          {isPending ? ' …' : ''}
        </Suspense>
      )
    }
    await act(async () => render(<Chosen />, { wrapper }))

    await act(async () => choose('b'))
    expect(shown()).toBe('Ann …')
    await settle(() => asked.find(({ key }) => key === 'b')?.answer.resolve('Bob'))

    expect(shown()).toBe('Bob')
  })

  test('shows what there is also after the end of the resource', async () => {
    const { resource } = answeredResource([['a', 'Ann']])
    const { rerender } = render(<User of={resource} id="a" />, { wrapper })

    resource.dispose()
    rerender(<User of={resource} id="a" />)

    expect(shown()).toBe('Ann')
  })

  test('watches while it is there, and leaves nothing', async () => {
    const { resource } = answeredResource([['a', 'Ann']])
    const watches = { open: 0 }
    const watch = resource.watch.bind(resource)
    const watched = Object.assign(Object.create(resource) as Resource<string, string>, {
      get: resource.get.bind(resource),
      load: resource.load.bind(resource),
      ensure: resource.ensure.bind(resource),
      status: resource.status.bind(resource),
      subscribeStatus: resource.subscribeStatus.bind(resource),
      watch: (key: string) => {
        const stop = watch(key)
        watches.open++
        return () => {
          watches.open--
          stop()
        }
      },
    })
    const subscriptions = countSubscriptions(watched)
    const { unmount } = render(<User of={watched} id="a" />, { wrapper })
    expect([watches.open, subscriptions.open]).toEqual([1, 1])

    unmount()

    expect([watches.open, subscriptions.open]).toEqual([0, 0])
  })
})

test('useStatus tells of a load without suspending, also of one that begins while another component renders', async () => {
  const error = vi.spyOn(console, 'error')
  const { resource, asked } = answeredResource()
  const Status = () => {
    const { status, fetchStatus } = useStatus(resource, 'a')
    return (
      <i>
        {status} {fetchStatus};{' '}
      </i>
    )
  }
  const Page = ({ isOpen }: { isOpen: boolean }) => (
    <>
      <Status />
      <Suspense fallback={null}>{isOpen && <User of={resource} id="a" />}</Suspense>
    </>
  )
  const { rerender } = render(<Page isOpen={false} />)
  expect(shown()).toBe('pending idle; ')

  await act(async () => rerender(<Page isOpen={true} />))
  expect(shown()).toBe('pending fetching; ')
  await settle(() => asked[0]?.answer.resolve('Ann'))

  expect(shown()).toBe('success idle; Ann')
  expect(error).not.toHaveBeenCalled()
})
