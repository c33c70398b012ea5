// Small programs with values that are computed or confirmed elsewhere, for all of their interleavings; judged from outside, see simulator.ts.
import type { Product } from '../support/product.ts'
import { underEverySchedule } from '../support/schedule.ts'
import { judge } from './judge.ts'
import type { Call, Program, Promotion } from './program.ts'
import { simulate } from './simulator.ts'

const where = { store: 0, key: 'p1', aborts: false } as const // absent at the beginning
const once = { ...where, awaits: 1, fate: 'ends' } as const
const body = [
  { do: 'get', store: 0, key: 'p1' },
  { do: 'set', store: 0, key: 'p1' },
  { do: 'await' },
] as const

/** Values that are computed or confirmed elsewhere. */
export const elsewhere: Record<string, Call> = {
  loadOrCompute: { ...once, do: 'loadOrCompute' },
  'loadOrCompute, aborted': { ...once, do: 'loadOrCompute', aborts: true },
  'loadOrCompute that throws': { ...once, do: 'loadOrCompute', fate: 'throws' },
  optimistic: { ...once, do: 'optimistic' },
  'optimistic, aborted': { ...once, do: 'optimistic', aborts: true },
  'optimistic that is refused': { ...once, do: 'optimistic', fate: 'throws' },
  'optimistic that is corrected': { ...once, do: 'optimistic', fate: 'is corrected' },
}
const others: Record<string, Call> = {
  load: { ...where, do: 'load' },
  set: { ...where, do: 'set' },
  delete: { ...where, do: 'delete' },
  loadOrStore: { ...where, do: 'loadOrStore' },
  update: { ...once, do: 'update' },
  'transaction of its keys': { ...where, do: 'transaction', scope: 'keys', body },
  'transaction that throws': { ...where, do: 'transaction', scope: 'all', body: [...body, { do: 'throw' }] },
}

export const besides: Record<string, Call> = { ...elsewhere, ...others }

/** Each call by a client of its own. Returns how many schedules there are. */
export async function isExplainedUnderEverySchedule(
  calls: readonly string[],
  promotion: Promotion,
  product: Product,
): Promise<number> {
  const clients = calls.map((name) => [besides[name]!])
  const program: Program = { clients, promotion, timers: 0, seed: 0 }
  return underEverySchedule(async (schedule) => {
    const recording = await simulate(program, schedule, product)
    try {
      judge(recording)
    } catch (error) {
      throw new Error(`${calls.join(' | ')}: ${schedule}`, { cause: error })
    }
  })
}
