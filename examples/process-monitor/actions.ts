import type { Ports } from './ports.ts'
import type { Stores } from './stores.ts'

/** The writers that take their time. Each holds the turn of one key while it waits; everything else goes on. */
export interface Actions {
  inspect(pid: number): Promise<void>
  stopInspecting(pid: number): void
  tidy(pid: number): Promise<void>
}

export function createActions({ processes, inspections, notes }: Stores, ports: Ports): Actions {
  const running = new Map<number, AbortController>()

  return {
    /** Has pending state, and can be aborted. */
    async inspect(pid) {
      if (running.has(pid)) return
      const controller = new AbortController()
      running.set(pid, controller)
      // Applied and published before the call returns, so the row says it at once.
      void inspections.set(pid, { status: 'running' })
      try {
        await inspections.update(
          pid,
          async (_running, { signal }) => {
            // Unlike `get`, `load` also sees what is committed and not yet published.
            const [, isThere] = await processes.load(pid, { signal })
            if (!isThere) throw new Error('This process has ended.')
            return { status: 'done', facts: await ports.inspect(pid, signal) }
          },
          { signal: controller.signal },
        )
      } catch (error) {
        // A recipe that was aborted or has failed changed nothing: the store still says `running`.
        if (controller.signal.aborted) void inspections.delete(pid)
        else if (processes.has(pid))
          void inspections.set(pid, { status: 'failed', message: messageOf(error) })
      } finally {
        running.delete(pid)
      }
    },

    stopInspecting(pid) {
      running.get(pid)?.abort()
    },

    /**
     * Reads the note, waits, and writes it back: the pattern that loses what is typed in between. Not here: what is typed queues
     * behind this writer, shows at once all the same, and wins.
     */
    async tidy(pid) {
      // `skip`: a second call while one runs does nothing.
      await notes.update(pid, async (note) => (note ? await ports.tidy(note) : note), { ifBusy: 'skip' })
    },
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
