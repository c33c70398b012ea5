// Words for programs that are written by hand: small enough for all of their interleavings.
import type { BodyStep, Call, Observation, Op, Program, UpdateStep } from './store-program.ts'

export const pause: { readonly do: 'await' } = { do: 'await' }
export const fails: { readonly do: 'throw' } = { do: 'throw' }

export const op = (call: Call | Observation, signal: Op['signal'] = 'none', store = 0): Op => ({
  call,
  store,
  signal,
  promise: 'handled',
})
/** An op that can be aborted at any moment, and after its end. */
export const abortable = (call: Call, store = 0): Op => op(call, 'later', store)

export const update = (
  key: string,
  body: readonly UpdateStep[] = [pause],
  ifBusy: 'queue' | 'latest' | 'skip' | 'fail' = 'queue',
): Call => ({ do: 'update', key, body, gives: 'more', ifBusy })
export const set = (key: string): Call => ({ do: 'set', key, text: 'new', optimistic: true })
export const setUnseen = (key: string): Call => ({ do: 'set', key, text: 'new', optimistic: false })
export const setPromise = (key: string, ...body: UpdateStep[]): Call => ({
  do: 'set promise',
  key,
  text: 'new',
  body,
})
export const remove = (key: string): Call => ({ do: 'delete', key, optimistic: true })
export const clear: Call = { do: 'clear', optimistic: true }
export const replace = (...keys: string[]): Call => ({ do: 'replace', keys, optimistic: true })
export const setMany = (...keys: string[]): Call => ({ do: 'setMany', keys, optimistic: true })
export const load = (key: string): Call => ({ do: 'load', key })
export const compareAndSwap = (key: string): Call => ({ do: 'compareAndSwap', key, text: 'new' })
export const loadOrStore = (key: string): Call => ({ do: 'loadOrStore', key, text: 'new' })
export const loadAndDelete = (key: string): Call => ({ do: 'loadAndDelete', key })
export const transaction = (
  scope: Extract<Call, { do: 'transaction' }>['scope'],
  ...body: readonly BodyStep[]
): Call => ({ do: 'transaction', scope, body })
export const put = (key: string, store = 0): BodyStep => ({ do: 'set', key, text: 'new', store })
export const get = (key: string, store = 0): BodyStep => ({ do: 'get', key, text: 'new', store })
export const drop = (key: string, store = 0): BodyStep => ({ do: 'delete', key, text: 'new', store })

/** What a small program says of itself; the rest is as plain as can be. */
export interface SmallProgram extends Partial<Omit<Program, 'clients'>> {
  readonly clients: readonly (readonly Op[])[]
}

export const whole = (small: SmallProgram): Program => ({
  draft: false,
  mode: 'commit',
  entries: ['a', 'b'],
  reactions: [],
  isCrowded: false,
  schedule: [],
  ticks: [],
  ...small,
})
