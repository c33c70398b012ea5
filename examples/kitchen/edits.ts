import { optimistic } from 'tidemap/resource'
import { type Transaction, when } from 'tidemap/store'
import type { Client } from './client.ts'
import { keepNewer } from './entities.ts'
import type { Ports } from './ports.ts'
import type { Dish } from './protocol.ts'
import type { Stores } from './stores.ts'

/** What the user wants changed. `name` is there where it is a new name; else it is one more portion. */
export interface Edit {
  readonly id: string
  readonly dish: number
  readonly name?: string
}

export type Edits = ReturnType<typeof createEdits>

/** Edits are shown at once, and taken back if the server refuses them: each one for itself, however many are in flight. */
export function createEdits(ports: Ports, { dishes, failures, settings }: Stores, client: Client) {
  async function confirm({ id, dish, name }: Edit, signal: AbortSignal) {
    // Without a network the edit stays on the page, and is sent when there is one again.
    await when(settings, 'offline', (isOffline) => !isOffline, { signal })
    const answer =
      name === undefined
        ? await client.addPortion(dish, id, signal)
        : await client.rename(dish, id, name, signal)
    // The server's dish in the place of our guess; answers may overtake each other.
    return (tx: Transaction<number, Dish>) => keepNewer(tx, answer)
  }

  function send(edit: Edit): void {
    optimistic(
      dishes,
      (tx) => apply(tx, edit),
      ({ signal }) => confirm(edit, signal),
    ).catch((error: unknown) => void failures.set(edit.id, { edit, reason: reasonOf(error) }))
  }

  return {
    addPortion: (dish: number) => send({ id: ports.newId(), dish }),
    rename: (dish: number, name: string) => send({ id: ports.newId(), dish, name }),
    /** With the same id: if only the answer got lost, the edit does not count twice. */
    tryAgain(edit: Edit) {
      void failures.delete(edit.id)
      send(edit)
    },
  }
}

/** Replayed over every answer that comes meanwhile; over one that has the edit in it already, it does nothing. */
function apply(tx: Transaction<number, Dish>, { id, dish, name }: Edit): void {
  const known = tx.get(dish)
  if (known === undefined || known.edits.includes(id)) return
  tx.set(dish, name === undefined ? { ...known, portions: known.portions + 1 } : { ...known, name })
}

export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
