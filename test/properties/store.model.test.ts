import fc from 'fast-check'
import { afterAll, describe, test } from 'vitest'
import { Schedule } from '../support/schedule.ts'
import { type Program, programs } from '../support/store-program.ts'
import { runProgram } from '../support/store-run.ts'
import { totals } from '../support/store-world.ts'

const times = Number(process.env['TIDEMAP_RUNS'] ?? 1)

const holds = (modes: readonly Program['mode'][], numRuns: number): Promise<void> =>
  fc.assert(
    fc.asyncProperty(programs(modes), (program) =>
      runProgram(program, new Schedule(program.schedule, program.ticks)),
    ),
    { numRuns: numRuns * times },
  )

describe('a store under random programs and schedules is a serial twin', () => {
  test('where every commit is published', async () => {
    await holds(['commit'], 1000)
  }, 600_000)

  test('where a scheduler publishes at once', async () => {
    await holds(['at once'], 300)
  }, 600_000)

  test('where misses publish', async () => {
    await holds(['misses'], 300)
  }, 600_000)

  test('where frames publish', async () => {
    await holds(['frames'], 300)
  }, 600_000)
})

afterAll(() => {
  console.info(JSON.stringify(totals))
})
