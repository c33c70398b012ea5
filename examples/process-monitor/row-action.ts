import type { Actions } from './actions.ts'
import type { Process } from './protocol.ts'
import type { Inspection, Stores } from './stores.ts'

type RowAction = 'Inspect' | 'Stop' | 'Close' | 'Remove'

/** What the button of a row offers. */
export function actionFor(process: Process | undefined, inspection: Inspection | undefined): RowAction {
  if (inspection) return inspection.status === 'running' ? 'Stop' : 'Close'
  return process?.state === 'ended' ? 'Remove' : 'Inspect'
}

/** Does it. Asked of the stores now: what the button says may be older than a click. */
export function act(pid: number, { processes, notes, inspections }: Stores, actions: Actions): void {
  switch (actionFor(processes.get(pid), inspections.get(pid))) {
    case 'Inspect':
      void actions.inspect(pid)
      break
    case 'Stop':
      actions.stopInspecting(pid)
      break
    case 'Close':
      void inspections.delete(pid)
      break
    case 'Remove':
      void notes.delete(pid)
      void processes.delete(pid)
  }
}
