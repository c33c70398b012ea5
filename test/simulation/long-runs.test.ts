// Long runs of many clients, judged by what they saw and nothing else: no dependency of Adya's goes round in a circle, and each group of
// keys has an order that explains it. A failure prints its seed and path, see histories.test.ts.
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { sources } from '../support/product.ts'
import { Schedule } from '../support/schedule.ts'
import { judge } from './judge.ts'
import { longPrograms, type Program, programs } from './program.ts'
import { seededChoices } from './seeded-choices.ts'
import { simulate } from './simulator.ts'

const times = Math.max(1, Number(process.env['TIDEMAP_HISTORIES'] ?? 5000) / 5000)
const seed = Number(process.env['TIDEMAP_SEED'] ?? Date.now() % 2 ** 31)
const path = process.env['TIDEMAP_PATH']

const seen = { runs: 0, operations: 0, failed: 0, views: 0, edges: 0, components: 0, states: 0, judged: 0 }

async function holds(program: Program): Promise<void> {
  const recording = await simulate(program, new Schedule(seededChoices(program.seed)), sources)
  const start = performance.now()
  const verdict = judge(recording)
  seen.judged += performance.now() - start
  seen.runs++
  seen.operations += recording.operations.length
  seen.failed += recording.operations.filter(({ end }) => end === 'failed').length
  seen.views += recording.views.length
  seen.edges += verdict.edges
  seen.components += verdict.components
  seen.states += verdict.states
}

const check = (some: fc.Arbitrary<Program>, numRuns: number): Promise<void> =>
  fc.assert(fc.asyncProperty(some, holds), { numRuns, seed, ...(path !== undefined && { path }) })

describe('a long run is strictly serializable', { timeout: 100_000 * times }, () => {
  test('of three clients with few calls', async () => {
    await check(programs(3, 6, 'commit'), 300 * times)
  })

  test('of eight clients with hundreds of calls', async () => {
    await check(longPrograms(8, 400), 3 * times)
  })

  test.skipIf(path !== undefined)('in which much failed, and groups of keys were judged apart', () => {
    expect(seen.failed / seen.operations).toBeGreaterThan(0.1)
    expect(seen.operations).toBeGreaterThan(5000)
    expect(seen.components).toBeGreaterThan(seen.runs)
  })
})

afterAll(() => {
  console.info(
    `simulation: ${seen.runs} long runs, seed ${seed}: ${seen.operations} operations (${seen.failed} failed), ${seen.views} views, ` +
      `${seen.edges} dependencies, ${seen.components} components, ${seen.states} states, judged in ${(seen.judged / 1000).toFixed(1)} s`,
  )
})
