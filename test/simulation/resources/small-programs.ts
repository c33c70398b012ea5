// Every pair of kinds of calls to a resource, each by a client of its own, small enough for all of their interleavings.
import type { Product } from '../../support/product.ts'
import { underEverySchedule } from '../../support/schedule.ts'
import type { ResourceCall, ResourceProgram } from './resource-program.ts'
import { simulateResource } from './resource-simulator.ts'

const key = 'a'
const once = { key, awaits: 1 } as const

export const kinds: Record<string, ResourceCall> = {
  get: { do: 'get', key },
  load: { do: 'load', key, limit: 'none' },
  'load, aborted': { do: 'load', key, limit: 'caller' },
  ensure: { do: 'ensure', key, limit: 'none' },
  refetch: { do: 'refetch', key, limit: 'none' },
  'refetch, aborted': { do: 'refetch', key, limit: 'caller' },
  invalidate: { do: 'invalidate', key },
  watch: { do: 'watch', key },
  set: { do: 'set', key },
  delete: { do: 'delete', key },
  update: { ...once, do: 'update', fails: false },
  'update that throws': { ...once, do: 'update', fails: true },
  optimistic: { ...once, do: 'optimistic', fate: 'ends' },
  'optimistic that is refused': { ...once, do: 'optimistic', fate: 'throws' },
  'the end of the resource': { do: 'dispose', what: 'resource', key },
  'the end of the store': { do: 'dispose', what: 'store', key },
}

/** What there is at the beginning: nothing, or a value that is stale. */
export const beginnings: Record<string, readonly ResourceCall[]> = {
  'of a key that is absent': [],
  'of a key that is stale': [{ do: 'load', key, limit: 'none' }],
}

export const isAbortable = (name: string): boolean => {
  const call = kinds[name]!
  return 'limit' in call && call.limit === 'caller'
}

/** The requests of these calls succeed or fail, each whenever the scheduler likes. Returns how many schedules there are. */
export async function holdsUnderEverySchedule(
  calls: readonly string[],
  before: readonly ResourceCall[],
  product: Product,
): Promise<number> {
  const program: ResourceProgram = {
    staleTime: 0,
    gcTime: 1000,
    retry: 0,
    refetchInterval: Number.POSITIVE_INFINITY,
    networkMode: 'online',
    isBatched: false,
    isSplit: false,
    listens: false,
    promotion: 'commit',
    answers: before.map(() => ({ awaits: 0, fails: false })),
    others: 'as it likes',
    before,
    clients: calls.map((name) => [kinds[name]!]),
    seed: 0,
  }
  return underEverySchedule(async (schedule) => {
    const { faults } = await simulateResource(program, schedule, product)
    if (faults.length > 0)
      throw new Error(`${calls.join(' | ')}: ${faults.join('\n')}\n  schedule: ${schedule}`)
  })
}
