import { isThenable } from '../core/thenable.ts'
import { invalidArgument } from '../errors.ts'

/** The entries as a list of their own, checked: an iterable may be read once only, and may throw, before anything is written. */
export function entriesOf<K, V>(entries: Iterable<readonly [K, V]>): readonly (readonly [K, V])[] {
  if (typeof entries?.[Symbol.iterator] !== 'function') {
    throw invalidArgument('entries', 'an iterable of [key, value]', entries)
  }
  const list = [...entries]
  for (const entry of list) {
    if (typeof entry !== 'object' || entry === null)
      throw invalidArgument('An entry', 'a pair [key, value]', entry)
  }
  return list
}

/** The same for keys. */
export function keysOf<K>(keys: Iterable<K>): ReadonlySet<K> {
  if (typeof keys?.[Symbol.iterator] !== 'function') {
    throw invalidArgument('options.keys', 'an iterable of keys', keys)
  }
  return new Set(keys)
}

/** What a function of the user's has returned where it may not wait. */
export function synchronous<T>(name: string, result: T | PromiseLike<T>): T {
  if (!isThenable(result)) return result as T
  result.then(undefined, () => {})
  throw invalidArgument(name, 'synchronous', result)
}

export function checkFunction(name: string, value: unknown): void {
  if (typeof value !== 'function') throw invalidArgument(name, 'a function', value)
}
