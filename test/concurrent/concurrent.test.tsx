import { describe, expect, test, vi } from 'vitest'
import { checks } from './checks.tsx'
import { concurrent, concurrentByView, synchronous } from './tidemap.tsx'

/** What `useSyncExternalStore` cannot do: it renders at once and in one piece. */
const beyondSynchronous = ['T5', 'T6a', 'T6b', 'T6c', 'S2']

/** React tells of the errors that go to a boundary, and, in development, of transitions that update more than ten components. */
function silence(): void {
  for (const method of ['error', 'warn'] as const) vi.spyOn(console, method).mockImplementation(() => {})
}

describe('below a ConcurrentProvider', () => {
  describe.each(checks)('$id $title', ({ run }) => {
    test.each([1, 2, 3])('run %i', async () => {
      silence()
      await expect(run(concurrent)).resolves.not.toBe('n/a')
    })
  })
})

describe('below a ConcurrentProvider, read by useView', () => {
  test.each(checks)('$id $title', async ({ run }) => {
    silence()
    await expect(run(concurrentByView)).resolves.not.toBe('n/a')
  })
})

describe('without a provider', () => {
  test.each(checks.filter(({ id }) => !beyondSynchronous.includes(id)))('$id $title', async ({ run }) => {
    silence()
    await expect(run(synchronous)).resolves.not.toBe('n/a')
  })
})
