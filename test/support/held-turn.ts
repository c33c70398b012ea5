import type { Transaction } from 'tidemap/store'
import { deferred } from './deferred.ts'

interface Transacting<K, V> {
  transaction(
    body: (tx: Transaction<K, V>) => Promise<void>,
    options: { readonly keys?: readonly K[] | undefined; readonly label?: string },
  ): Promise<void>
}

/** Somebody who holds the turn of these keys, or of the whole map, until the test lets it go. */
export interface HeldTurn {
  /** Lets it go; resolves when it has ended. */
  release(): Promise<void>
}

/** Without `write` it writes nothing. */
export function holdTurn<K, V>(
  store: Transacting<K, V>,
  keys?: readonly K[],
  write?: (tx: Transaction<K, V>) => void,
): HeldTurn {
  const gate = deferred()
  const body = async (tx: Transaction<K, V>): Promise<void> => {
    await gate.promise
    write?.(tx)
  }
  const ended = store.transaction(body, { keys, label: 'the holder' })
  return {
    release() {
      gate.resolve()
      return ended
    },
  }
}
