import type { Source } from 'tidemap/react'
import type { Actions } from '../actions.ts'
import type { Process } from '../protocol.ts'
import type { Stores } from '../stores.ts'

/** What every component is given. It never changes, so a row that gets nothing else but its pid renders by its own hooks alone. */
export interface Monitor {
  readonly stores: Stores
  readonly actions: Actions
  /** The processes as the page shows them: see `on-screen.ts`. */
  readonly onScreen: Source<number, Process>
}
