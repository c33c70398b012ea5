import type { Store } from 'tidemap'

/** What a store looks like inside. `inspect` visits every key: only for those who look. */
export function figuresOf<V>(store: Store<number, V>) {
  const { read, dirty, misses, promotions, running, waiting, layers } = store.inspect()
  return {
    read: read.size,
    dirty: dirty ? dirty.own.size + dirty.shared.length : '–',
    misses,
    promotions,
    running,
    waiting,
    layers,
  }
}
