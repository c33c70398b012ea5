// The checks of test/concurrent for tidemap and its peers, as a table: `npm run bench:concurrent`.
import { test, vi } from 'vitest'
import { checks } from '../../test/concurrent/checks.tsx'
import type { Contender } from '../../test/concurrent/contender.ts'
import { concurrent, concurrentByView, synchronous } from '../../test/concurrent/tidemap.tsx'
import { peers } from './peers.tsx'

const RUNS = 3

async function row(contender: Contender): Promise<string> {
  let passed = 0
  let asked = 0
  const failures: string[] = []
  for (const { id, run } of checks) {
    const outcomes: unknown[] = []
    for (let turn = 0; turn < RUNS; turn++)
      outcomes.push(await run(contender).catch((error: unknown) => error))
    const errors = outcomes.filter((outcome) => outcome instanceof Error)
    if (outcomes.includes('n/a')) continue
    asked++
    if (errors.length === 0) passed++
    else failures.push(`${id} ${RUNS - errors.length}/${RUNS} (${String(errors[0]).slice(0, 90)})`)
  }
  return `${contender.name.padEnd(30)} ${passed}/${asked}\n${failures.map((failure) => `    ${failure}\n`).join('')}`
}

test.each([...peers, synchronous, concurrent, concurrentByView])(
  '$name',
  async (contender) => {
    for (const method of ['error', 'warn'] as const) vi.spyOn(console, method).mockImplementation(() => {})
    console.log(await row(contender))
  },
  600_000,
)
