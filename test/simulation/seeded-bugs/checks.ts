// The checks by which bugs are caught: each runs the same few programs every time and tells the first thing that is wrong, if any.
import fc from 'fast-check'
import { deferred } from '../../support/deferred.ts'
import type { Product } from '../../support/product.ts'
import { Schedule } from '../../support/schedule.ts'
import { layeredPrograms, type Program, programs } from '../../support/store-program.ts'
import { runProgram } from '../../support/store-run.ts'
import { deviations, type ReplayOptions, recorded } from '../../support/sync-map-replay.ts'
import { agreesWithList, kindsOf } from '../../support/turns-program.ts'
import { isMapOfViews, range } from '../../support/versioned-map-program.ts'
import { findAnomalies } from '../dependency-graph.ts'
import { groupsOf } from '../groups.ts'
import { judge } from '../judge.ts'
import { linearize } from '../linearizability.ts'
import * as simulation from '../program.ts'
import { resourcePrograms } from '../resources/resource-program.ts'
import { simulateResource } from '../resources/resource-simulator.ts'
import { holdsUnderEverySchedule, kinds } from '../resources/small-programs.ts'
import { seededChoices } from '../seeded-choices.ts'
import { simulate } from '../simulator.ts'
import { isExplainedUnderEverySchedule } from '../small-programs.ts'
import { directedChecks } from './directed-checks.ts'

export type Check = (product: Product) => Promise<string | undefined>

const SEED = 20_261_121

async function firstFailure<T>(property: fc.IAsyncProperty<T> | fc.IProperty<T>, numRuns: number) {
  const { failed, errorInstance } = await fc.check(property, { numRuns, seed: SEED, endOnFailure: true })
  return failed ? String(errorInstance) : undefined
}

/** A model of turns, layers, rounds and views, and a serial twin: support/store-world.ts. */
const model =
  (some: fc.Arbitrary<Program>, draft: boolean, numRuns: number): Check =>
  (product) =>
    firstFailure(
      fc.asyncProperty(some, async (program) => {
        const schedule = new Schedule(program.schedule, program)
        await runProgram({ ...program, draft }, schedule, undefined, product)
      }),
      numRuns,
    )

const histories = (by: 'order' | 'graph'): Check => {
  return (product) =>
    firstFailure(
      fc.asyncProperty(simulation.programs(4, 12, 'commit'), async (program) => {
        const recording = await simulate(program, new Schedule(seededChoices(program.seed)), product)
        if (recording.faults.length > 0) throw new Error(recording.faults[0])
        if (by === 'order') {
          if (!linearize(recording).holds) throw new Error('no order')
          return
        }
        const operations = [...recording.operations, ...recording.views]
        const [finding] = findAnomalies({ ...recording, operations }).findings
        if (finding !== undefined) throw new Error(`${finding.anomaly}: ${finding.what}`)
      }),
      250,
    )
}

const crowded =
  (...promotions: simulation.Promotion[]): Check =>
  (product) =>
    firstFailure(
      fc.asyncProperty(simulation.crowdedPrograms(...promotions), async (program) => {
        judge(await simulate(program, new Schedule(seededChoices(program.seed)), product))
      }),
      300,
    )

/** What the first of these says that fails. */
async function firstError(checks: Iterable<() => Promise<unknown>>): Promise<string | undefined> {
  try {
    for (const check of checks) await check()
    return undefined
  } catch (error) {
    return String(error)
  }
}

/** A part of what interleavings.test.ts runs. */
const schedules: Check = (product) =>
  firstError([() => isExplainedUnderEverySchedule(['optimistic', 'set', 'update'], 'commit', product)])

const resourceSchedules: Check = (product) => {
  const { pairs, triples } = groupsOf(Object.keys(kinds))
  const writes = ['delete', 'update that throws']
  const some = triples.filter((names) => writes.every((name) => names.includes(name)))
  return firstError([...pairs, ...some].map((calls) => () => holdsUnderEverySchedule(calls, [], product)))
}

const resources: Check = (product) =>
  firstFailure(
    fc.asyncProperty(resourcePrograms, async (program) => {
      const schedule = new Schedule(seededChoices(program.seed))
      const [fault] = (await simulateResource(program, schedule, product)).faults
      if (fault !== undefined) throw new Error(fault)
    }),
    1500,
  )

const turns: Check = async ({ core }) => {
  for (const { make, keys } of kindsOf(core)) {
    const failure = await firstFailure(agreesWithList(make, keys), 100)
    if (failure !== undefined) return failure
  }
  return undefined
}

const traces: Check = async ({ core }) => {
  const options: ReplayOptions = { pending: 'let pass', callbacks: 'synchronous' }
  for (const file of ['matrix', 'scenarios', 'random-3', 'range', 'clear']) {
    const [failure] = await deviations(recorded(file), core.SyncMap, options)
    if (failure !== undefined) return failure
  }
  return undefined
}

const views: Check = async ({ core }) => {
  const make = () => new core.VersionedMap<unknown, unknown>()
  const seen = { views: 0, diffs: 0, diffsAcrossEpochs: 0 }
  for (const [keys, length, runs] of [
    [40, 300, 20],
    [1, 500, 10],
  ] as const) {
    const failure = await firstFailure(isMapOfViews(make, keys, range(0, keys + 2), length, seen), runs)
    if (failure !== undefined) return failure
  }
  return undefined
}

/** What no order of results can tell: a factory runs once for all who ask, and what it gives late is not stored. */
const loader: Check = async ({ store: { createStore }, resource: { loadOrCompute } }) => {
  const store = createStore<string, number>()
  const { promise, resolve } = deferred<number>()
  let runs = 0
  const factory = (): Promise<number> => {
    runs++
    return promise
  }
  const all = [loadOrCompute(store, 'a', factory), loadOrCompute(store, 'a', factory)]
  await store.delete('a')
  resolve(1)
  await Promise.all(all)
  if (runs !== 1) return `${runs} runs of one flight`
  return store.has('a') ? 'a late value was stored' : undefined
}

const commits = fc.oneof(programs('commit'), layeredPrograms('commit'))
const later = fc.oneof(
  programs('misses'),
  programs('frames'),
  layeredPrograms('misses'),
  layeredPrograms('frames'),
)

export const checks = {
  'the model': model(commits, false, 250),
  'the model, promoted later': model(later, false, 200),
  'the model, with drafts': model(commits, true, 150),
  'the search for an order': histories('order'),
  'the dependency graph': histories('graph'),
  'programs crowded on one key': crowded('commit'),
  'programs crowded on one key, promoted later': crowded('frames', 'misses'),
  'every schedule of small programs': schedules,
  'the simulated resource': resources,
  'every schedule of small programs of a resource': resourceSchedules,
  'the list of requests': turns,
  'the traces of Go': traces,
  'the map that copies': views,
  'the loader': loader,
  ...directedChecks,
} satisfies Record<string, Check>

export type CheckName = keyof typeof checks
