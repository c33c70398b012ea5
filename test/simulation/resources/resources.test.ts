// A resource whose time, network, server and random numbers are simulated, in random programs under random schedules: one scheduler chooses
// who goes on, and that the next timer falls due is one of its choices. A failure prints its seed and path, see histories.test.ts.
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { sources } from '../../support/product.ts'
import { Schedule } from '../../support/schedule.ts'
import { seededChoices } from '../seeded-choices.ts'
import { type ResourceProgram, resourcePrograms } from './resource-program.ts'
import { simulateResource } from './resource-simulator.ts'

const histories = Number(process.env['TIDEMAP_HISTORIES'] ?? 5000) * 0.3
const seed = Number(process.env['TIDEMAP_SEED'] ?? Date.now() % 2 ** 31)
const path = process.env['TIDEMAP_PATH']

const seen = { runs: 0, calls: 0, requests: 0, failures: 0 }

async function keepsItsRules(program: ResourceProgram): Promise<void> {
  const schedule = new Schedule(seededChoices(program.seed))
  const { faults, calls, requests, failures } = await simulateResource(program, schedule, sources)
  if (faults.length > 0) throw new Error(`${faults.join('\n')}\n  schedule: ${schedule}`)
  seen.runs++
  seen.calls += calls
  seen.requests += requests
  seen.failures += failures
}

describe('a resource under a simulated clock', { timeout: 100 * histories + 60_000 }, () => {
  test('keeps its rules in every random program', async () => {
    await fc.assert(fc.asyncProperty(resourcePrograms, keepsItsRules), {
      numRuns: histories,
      seed,
      ...(path !== undefined && { path }),
    })
  })

  test.skipIf(path !== undefined)('in which much was asked for, and failed', () => {
    expect(seen.requests / seen.runs).toBeGreaterThan(1)
    expect(seen.failures / seen.requests).toBeGreaterThan(0.1)
  })
})

afterAll(() => {
  console.info(
    `simulation: ${seen.runs} programs of a resource, seed ${seed}: ${seen.calls} calls, ${seen.requests} requests (${seen.failures} failed)`,
  )
})
