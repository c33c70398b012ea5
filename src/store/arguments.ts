import { isThenable } from '../core/thenable.ts'
import { invalidArgument } from '../errors.ts'

/** The members as a list of their own: an iterable may be read once only, and may throw, before anything is written. */
function listOf<T>(name: string, expected: string, value: Iterable<T>): readonly T[] {
  if (typeof value?.[Symbol.iterator] !== 'function') throw invalidArgument(name, expected, value)
  return [...value]
}

const ENTRIES = 'an iterable of [key, value]'

export function entriesOf<K, V>(entries: Iterable<readonly [K, V]>): readonly (readonly [K, V])[] {
  const list = listOf('entries', ENTRIES, entries)
  for (const entry of list) {
    if (typeof entry !== 'object' || entry === null) throw invalidArgument('entries', ENTRIES, entry)
  }
  return list
}

export const keysOf = <K>(keys: Iterable<K>): ReadonlySet<K> =>
  new Set(listOf('options.keys', 'an iterable of keys', keys))

/** What a function of the user's has returned where it may not wait: a promise is refused, and its rejection is nobody's concern. */
export function synchronous<T>(name: string, result: T | PromiseLike<T>): T {
  if (!isThenable(result)) return result as T
  result.then(undefined, () => {})
  throw invalidArgument(name, 'synchronous', result)
}

export function checkFunction(name: string, value: unknown): void {
  if (typeof value !== 'function') throw invalidArgument(name, 'a function', value)
}
