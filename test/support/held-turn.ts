import { deferred } from './deferred.ts'

interface Transacting<K> {
  transaction(
    body: () => Promise<void>,
    options: { readonly keys?: readonly K[] | undefined; readonly label?: string },
  ): Promise<void>
}

/** Somebody who holds the turn of these keys, or of the whole map, until the test lets it go, and writes nothing. */
export interface HeldTurn {
  /** Lets it go; resolves when it has ended. */
  release(): Promise<void>
}

export function holdTurn<K>(store: Transacting<K>, keys?: readonly K[]): HeldTurn {
  const gate = deferred()
  const ended = store.transaction(() => gate.promise, { keys, label: 'the holder' })
  return {
    release() {
      gate.resolve()
      return ended
    },
  }
}
