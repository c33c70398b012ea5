// Loaded by each program that docs.test.ts runs: it gathers what the checks say and tells it when the program ends.
// Nothing is thrown, because a check inside a listener would throw into the store, which isolates it.
import { inspect, isDeepStrictEqual } from 'node:util'

const failures: string[] = []
const pending = new Set(process.argv.slice(2))

export function check(place: string, actual: unknown, expected: string, value?: () => unknown): void {
  pending.delete(place)
  if (value && isDeepStrictEqual(actual, value())) return
  if (inspect(actual) !== expected) failures.push(`${place}: expected ${expected}, got ${inspect(actual)}`)
}

process.on('exit', () => {
  for (const place of pending) failures.push(`${place}: never came here`)
  if (failures.length === 0) return
  console.error(failures.join('\n'))
  process.exitCode = 1
})
