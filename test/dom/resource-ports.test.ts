// The ports that a resource has by default, in a page.
import { createResource } from 'tidemap/resource'
import { createStore } from 'tidemap/store'
import { expect, test, vi } from 'vitest'

function watched() {
  const load = vi.fn((key: string) => key)
  const store = createStore<string, string>([['a', 'A']])
  const resource = createResource<string, string>({ store, load })
  return { load, resource, stop: resource.watch('a') }
}

test('a page that is looked at again loads what is watched and stale', () => {
  const { load, stop } = watched()
  const visibility = vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden')
  document.dispatchEvent(new Event('visibilitychange'))
  expect(load).not.toHaveBeenCalled()
  visibility.mockReturnValue('visible')
  document.dispatchEvent(new Event('visibilitychange'))
  expect(load).toHaveBeenCalledTimes(1)

  stop()
  document.dispatchEvent(new Event('visibilitychange'))
  expect(load).toHaveBeenCalledTimes(1)
})

test('a network that is back does too; without one, loads wait', async () => {
  const { load, resource, stop } = watched()
  const online = vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(false)
  window.dispatchEvent(new Event('offline'))
  const loading = resource.load('b')
  expect(resource.status('b').fetchStatus).toBe('paused')
  expect(load).not.toHaveBeenCalled()
  online.mockReturnValue(true)
  window.dispatchEvent(new Event('online'))

  expect(await loading).toBe('b')
  expect(load.mock.calls.map(([key]) => key)).toEqual(['a', 'b'])
  stop()
})
