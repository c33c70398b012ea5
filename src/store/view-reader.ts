import type { View } from '../core/view.ts'

/** The reading methods of whatever has a current view: each says what that view says. */
export abstract class ViewReader<K, V> implements Iterable<[K, V]> {
  abstract readonly view: View<K, V>

  get size(): number {
    return this.view.size
  }

  get(key: K): V | undefined {
    return this.view.get(key)
  }

  has(key: K): boolean {
    return this.view.has(key)
  }

  keys(): MapIterator<K> {
    return this.view.keys()
  }

  values(): MapIterator<V> {
    return this.view.values()
  }

  entries(): MapIterator<[K, V]> {
    return this.view.entries()
  }

  [Symbol.iterator](): MapIterator<[K, V]> {
    return this.view.entries()
  }

  forEach(callback: (value: V, key: K, view: View<K, V>) => void): void {
    this.view.forEach(callback)
  }
}
