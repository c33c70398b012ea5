import { vi } from 'vitest'

/** An AbortController whose signal tells how many listeners it has. */
export function countedController() {
  const controller = new AbortController()
  const { signal } = controller
  const add = vi.spyOn(signal, 'addEventListener')
  const remove = vi.spyOn(signal, 'removeEventListener')
  const ofAborts = (spy: typeof add | typeof remove) =>
    spy.mock.calls.filter(([type]) => type === 'abort').length
  return {
    signal,
    abort: (reason?: unknown) => controller.abort(reason),
    /** Once it has aborted, a `once` listener is gone by itself. */
    get listeners(): number {
      return signal.aborted ? 0 : ofAborts(add) - ofAborts(remove)
    },
    get everAdded(): number {
      return add.mock.calls.length
    },
  }
}
