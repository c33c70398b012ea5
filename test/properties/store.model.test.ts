// Random programs of several clients under random schedules, on real stores and on a serial twin. What is checked after every event, and
// at the end, is in support/store-world.ts; TIDEMAP_RUNS multiplies the runs.
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { Schedule } from '../support/schedule.ts'
import { layeredPrograms, type Program, programs } from '../support/store-program.ts'
import { runProgram } from '../support/store-run.ts'
import { totals } from '../support/store-world.ts'

const times = Number(process.env['TIDEMAP_RUNS'] ?? 1)

const holds = (some: fc.Arbitrary<Program>, numRuns: number): Promise<void> =>
  fc.assert(
    fc.asyncProperty(
      some,
      async (program) => void (await runProgram(program, new Schedule(program.schedule, program))),
    ),
    { numRuns: numRuns * times },
  )

const any = (mode: Program['mode']): fc.Arbitrary<Program> => fc.oneof(programs(mode), layeredPrograms(mode))

describe('a store under random programs and schedules is a serial twin', { timeout: 60_000 * times }, () => {
  test('where every commit is published', async () => {
    await holds(programs('commit'), 700)
  })

  test('where many pending writes lie over each other', async () => {
    await holds(layeredPrograms('commit'), 400)
  })

  test('where a scheduler publishes at once', async () => {
    await holds(any('at once'), 150)
  })

  test('where misses publish', async () => {
    await holds(any('misses'), 250)
  })

  test('where frames publish', async () => {
    await holds(any('frames'), 250)
  })

  test('of these programs many were what is hard', () => {
    const share = (count: number): number => count / totals.histories

    expect(share(totals.layers)).toBeGreaterThan(0.5)
    expect(share(totals.failedLayers)).toBeGreaterThan(0.05)
    expect(share(totals.rounds)).toBeGreaterThan(2)
    expect(share(totals.aborts)).toBeGreaterThan(1)
    expect(share(totals.superseded)).toBeGreaterThan(0.01)
    expect(share(totals.disposed)).toBeGreaterThan(0.05)
    expect(share(totals.nested)).toBeGreaterThan(0.2)
    expect(share(totals.refusedReentry)).toBeGreaterThan(0.05)
  })
})

afterAll(() => {
  const { histories, operations, events, rounds, layers } = totals
  console.info(
    `store model: ${histories} histories checked, ${operations} operations, ${events} events, ${rounds} rounds, ${layers} layers`,
  )
})
