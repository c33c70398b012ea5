import type { Source } from 'tidemap/react'
import type { Process } from '../protocol.ts'
import type { Stores } from '../stores.ts'

/**
 * The processes as the page shows them: a view that was frozen, or the newest.
 *
 * The hooks read whatever has a view and tells of its changes. So no component knows of freezing, and when it begins or ends, those
 * rows render whose process differs between the two views.
 */
export function createOnScreen({ processes, settings }: Stores): Source<number, Process> {
  return {
    get view() {
      return settings.get('frozen')?.view ?? processes.view
    },
    subscribe(listener) {
      const unfollow = processes.subscribe((view, previous, changes) => {
        if (!settings.get('frozen')) listener(view, previous, changes)
      })
      const unfollowFrozen = settings.subscribeKey('frozen', (now, before) => {
        const to = now?.view ?? processes.view
        const from = before?.view ?? processes.view
        if (to !== from) listener(to, from, to.changesSince(from))
      })
      return () => {
        unfollow()
        unfollowFrozen()
      }
    },
    subscribeKey(pid, listener) {
      const unfollow = processes.subscribeKey(pid, () => listener())
      const unfollowFrozen = settings.subscribeKey('frozen', () => listener())
      return () => {
        unfollow()
        unfollowFrozen()
      }
    },
  }
}
