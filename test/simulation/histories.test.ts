// Random programs under random schedules: at every await one scheduler chooses who goes on, and time stands still unless it is moved. A
// failure prints its seed and path; with TIDEMAP_SEED and TIDEMAP_PATH set to them, that history alone is run again.
// TIDEMAP_HISTORIES is how many there are: 5,000, or 100,000 by `npm run test:deep`.
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { sources } from '../support/product.ts'
import { Schedule } from '../support/schedule.ts'
import { layeredPrograms, type Program, programs } from '../support/store-program.ts'
import { runProgram } from '../support/store-run.ts'
import { judge } from './judge.ts'
import { linearize } from './linearizability.ts'
import * as simulation from './program.ts'
import { seededChoices } from './seeded-choices.ts'
import { simulate } from './simulator.ts'

const histories = Number(process.env['TIDEMAP_HISTORIES'] ?? 5000)
const seed = Number(process.env['TIDEMAP_SEED'] ?? Date.now() % 2 ** 31)
const path = process.env['TIDEMAP_PATH']

const seen = { histories: 0, operations: 0, readers: 0, states: 0, failed: 0, computed: 0, optimistic: 0 }
const begin = performance.now()
const used = process.cpuUsage()

/** Judged by a model of turns, layers and rounds, and by the search. */
async function agreesWithModel(program: Program): Promise<void> {
  const history = await runProgram(program, new Schedule(program.schedule, program))
  const verdict = linearize(history)
  if (!verdict.holds) throw new Error(`no order explains this history: ${JSON.stringify(verdict.operations)}`)
  const views = history.operations.filter(({ name }) => name === 'confirmed')
  seen.histories++
  seen.operations += history.operations.length - views.length
  seen.readers += views.length
  seen.failed += history.operations.filter(({ end }) => end === 'failed').length
  seen.states += verdict.states
}

/** Judged from outside only; these call `loadOrCompute` and `optimistic` too. */
async function isExplained(program: simulation.Program): Promise<void> {
  const recording = await simulate(program, new Schedule(seededChoices(program.seed)), sources)
  const verdict = judge(recording)
  const calls = program.clients.flat()
  seen.histories++
  seen.operations += recording.operations.length
  seen.readers += recording.views.length
  seen.failed += recording.operations.filter(({ end }) => end === 'failed').length
  seen.states += verdict.states
  seen.computed += calls.filter((call) => call.do === 'loadOrCompute').length
  seen.optimistic += calls.filter((call) => call.do === 'optimistic').length
}

const property = (some: fc.Arbitrary<Program>) => fc.asyncProperty(some, agreesWithModel)
const explained = (some: fc.Arbitrary<simulation.Program>) => fc.asyncProperty(some, isExplained)

/** Of all that can happen, this much. */
const mix: [share: number, name: string, fc.IAsyncProperty<unknown>][] = [
  [0.3, 'every commit is published', property(programs('commit'))],
  [0.1, 'many pending writes lie over each other', property(layeredPrograms('commit'))],
  [0.05, 'a scheduler publishes at once', property(programs('at once'))],
  [0.1, 'misses publish', property(fc.oneof(programs('misses'), layeredPrograms('misses')))],
  [0.1, 'frames publish', property(fc.oneof(programs('frames'), layeredPrograms('frames')))],
  [0.05, 'values are computed and confirmed elsewhere', explained(simulation.programs(4, 6, 'commit'))],
  [0.15, 'the same, crowded on one key', explained(simulation.crowdedPrograms('commit'))],
  [
    0.05,
    'the same, published by frames and misses',
    explained(simulation.programs(4, 6, 'frames', 'misses')),
  ],
  [0.1, 'the same, crowded on one key', explained(simulation.crowdedPrograms('frames', 'misses'))],
]

describe('every history has an order that explains it', { timeout: 100 * histories + 60_000 }, () => {
  test.each(mix)('%d of them: %s', async (share, _name, some) => {
    const numRuns = Math.ceil(share * histories)
    await fc.assert(some, { numRuns, seed, ...(path !== undefined && { path }) })
  })

  test.skipIf(path !== undefined)('in which much went on at one time, and failed', () => {
    expect(seen.histories).toBeGreaterThanOrEqual(histories)
    expect(seen.operations / seen.histories).toBeGreaterThan(4)
    expect(seen.failed / seen.operations).toBeGreaterThan(0.05)
    expect(Math.min(seen.computed, seen.optimistic) / histories).toBeGreaterThan(0.5)
  })
})

afterAll(() => {
  const seconds = ((performance.now() - begin) / 1000).toFixed(1)
  const { user, system } = process.cpuUsage(used)
  const busy = ((user + system) / 1_000_000).toFixed(1)
  console.info(
    `simulation: ${seen.histories} histories in ${seconds} s (${busy} s of the processor), seed ${seed}: ${seen.operations} operations that did something ` +
      `(${seen.failed} of them failed), among them ${seen.computed} loadOrCompute and ${seen.optimistic} optimistic, ${seen.readers} confirmed states seen, ${seen.states} states searched`,
  )
})
