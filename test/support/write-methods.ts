import type { Store, WriteOptions } from 'tidemap/store'

/** What `example` starts with in tests that go through all the methods that write. */
export const beforeTheWrite: readonly (readonly [string, number])[] = [
  ['a', 1],
  ['b', 2],
]

export interface WriteMethod {
  readonly name: string
  /** An example of it on a store of {@link beforeTheWrite}. */
  readonly example: (store: Store<string, number>, options?: WriteOptions) => Promise<unknown>
  /** What the example resolves to, and what it makes of the entries. */
  readonly result: unknown
  readonly after: readonly (readonly [string, number])[]
  /** Whether it is shown at once where its turn is not free. */
  readonly isPlain: boolean
  readonly takesSignal: boolean
}

const method = (
  name: string,
  example: WriteMethod['example'],
  result: unknown,
  after: WriteMethod['after'],
  { isPlain = false, takesSignal = true } = {},
): WriteMethod => ({ name, example, result, after, isPlain, takesSignal })

const nine: WriteMethod['after'] = [
  ['a', 9],
  ['b', 2],
]
const without: WriteMethod['after'] = [['b', 2]]

/** Every method of a store that writes. */
export const writeMethods: readonly WriteMethod[] = [
  method('set', (store, options) => store.set('a', 9, options), undefined, nine, { isPlain: true }),
  method('delete', (store, options) => store.delete('a', options), true, without, { isPlain: true }),
  method('clear', (store, options) => store.clear(options), undefined, [], { isPlain: true }),
  method('setMany', (store, options) => store.setMany([['a', 9]], options), undefined, nine, {
    isPlain: true,
  }),
  method('replace', (store, options) => store.replace([['c', 3]], options), undefined, [['c', 3]], {
    isPlain: true,
  }),
  method('update', (store, options) => store.update('a', (a = 0) => a + 8, options), 9, nine),
  method(
    'transaction',
    (store, options) => store.transaction((tx) => String(tx.set('a', 9)), options),
    'undefined',
    nine,
  ),
  method(
    'transaction with keys',
    (store, options) => store.transaction((tx) => tx.delete('a'), { ...options, keys: ['a'] }),
    true,
    without,
  ),
  method('batch', (store) => store.batch((tx) => tx.swap('a', 9)), [1, true], nine, { takesSignal: false }),
  method(
    'loadOrStore',
    (store, options) => store.loadOrStore('c', 3, options),
    [3, false],
    [...beforeTheWrite, ['c', 3]],
  ),
  method('loadAndDelete', (store, options) => store.loadAndDelete('a', options), [1, true], without),
  method('swap', (store, options) => store.swap('a', 9, options), [1, true], nine),
  method('compareAndSwap', (store, options) => store.compareAndSwap('a', 1, 9, options), true, nine),
  method('compareAndDelete', (store, options) => store.compareAndDelete('a', 1, options), true, without),
]
