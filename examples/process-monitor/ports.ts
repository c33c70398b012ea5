import type { Facts, Sample } from './protocol.ts'

/** What the page needs from outside. `main.ts` gives it the real server, a test gives it what it likes. */
export interface Ports {
  /** Samples, until the returned function is called. */
  listen(threads: boolean, onSample: (sample: Sample) => void, onConnected: (is: boolean) => void): () => void
  /** Watches one process for a second and a half. */
  inspect(pid: number, signal: AbortSignal): Promise<Facts>
  /** Takes a second and a half to tidy a note. */
  tidy(note: string): Promise<string>
}
