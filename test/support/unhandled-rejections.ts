import { microtasks } from './settled.ts'

/** The reasons of all promises that reject while `action` runs, and until the process has noticed, without anybody handling them. */
export async function unhandledRejections(action: () => unknown): Promise<unknown[]> {
  const reasons: unknown[] = []
  const note = (reason: unknown): void => void reasons.push(reason)
  const others = process.listeners('unhandledRejection') // the test runner's own, which would fail the run
  process.removeAllListeners('unhandledRejection')
  process.on('unhandledRejection', note)
  try {
    await action()
    await microtasks()
    await microtasks()
  } finally {
    process.off('unhandledRejection', note)
    for (const other of others) process.on('unhandledRejection', other)
  }
  return reasons
}
