import type { Ports } from './ports.ts'
import type { Sample } from './protocol.ts'
import type { Stores } from './stores.ts'

/** Writes every sample into the store: one `batch`, so one promotion, one new view, one round of notification. */
export function runFeed(
  { processes, notes, inspections, settings, status }: Stores,
  ports: Ports,
): () => void {
  const write = (sample: Sample) => {
    void status.set('machine', sample.machine)
    void processes.batch((tx) => {
      const present = new Set(sample.changed.map(({ pid }) => pid))
      const gone = sample.full ? [...tx.keys()].filter((pid) => !present.has(pid)) : sample.gone

      for (const pid of gone) {
        const process = tx.get(pid)
        // A row with a note stays until the user lets it go.
        if (process && notes.get(pid)) tx.set(pid, { ...process, state: 'ended', cpu: 0, memory: 0 })
        else tx.delete(pid)
        void inspections.delete(pid)
      }
      for (const process of sample.changed) {
        // The kernel uses its numbers again: a note was about the one before.
        if (tx.get(process.pid)?.state === 'ended') void notes.delete(process.pid)
        tx.set(process.pid, process)
      }
    })
  }

  const listen = () =>
    ports.listen(settings.get('threads'), write, (is) => void status.set('isConnected', is))
  let stop = listen()
  const unsubscribe = settings.subscribeKey('threads', () => {
    stop()
    void processes.clear()
    stop = listen()
  })

  return () => {
    unsubscribe()
    stop()
  }
}
