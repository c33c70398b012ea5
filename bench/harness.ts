/** One contestant of a workload. Its loop is written out for it alone: a loop that several share would be slower for all of them. */
export interface Candidate {
  readonly name: string
  /** Does the work `times` times. */
  run(times: number): void | Promise<void>
  /** How many operations doing it once is; 1 where not given. */
  readonly operations?: number
  /** Brings it into the state that is measured, before every sample and outside the time. */
  prepare?(): void
  /** Throws unless what has been computed is right, after all samples. */
  check(): void
}

/** Nanoseconds of CPU time an operation, by candidate: one figure a round. */
export type Samples = Record<string, number[]>

/**
 * Measures all candidates in turn, round by round, in this process.
 *
 * CPU time, not wall time: on a busy machine the latter measures the neighbours. A sample has the garbage collections of its own loop
 * in it and none of the loop before: the young generation is emptied in between.
 */
export async function sample(candidates: readonly Candidate[], quick: boolean): Promise<Samples> {
  const sampleNs = quick ? 2e6 : 5e6
  const turns: { candidate: Candidate; times: number; figures: number[] }[] = []
  let roundNs = 0
  for (const candidate of candidates) {
    const { times, ns } = await calibrate(candidate, sampleNs)
    roundNs += ns
    turns.push({ candidate, times, figures: [] })
  }
  const rounds = Math.min(15, Math.max(5, Math.round((sampleNs * 120) / roundNs)))
  for (let round = 0; round < rounds; round++) {
    turns.push(...turns.splice(0, 1)) // nobody always follows the same neighbour
    for (const { candidate, times, figures } of turns) {
      candidate.prepare?.()
      collectGarbage(false)
      figures.push((await cpu(candidate, times)) / (times * (candidate.operations ?? 1)))
    }
  }
  for (const candidate of candidates) candidate.check()
  return Object.fromEntries(turns.map(({ candidate, figures }) => [candidate.name, figures]))
}

/** Warms a candidate up and finds how often it must run to fill a sample. */
async function calibrate(candidate: Candidate, sampleNs: number): Promise<{ times: number; ns: number }> {
  let times = 1
  let ns = 0
  // A first call is slow and a clock may jump: only what fits several times in a row is believed. Three times, not in a row, gave a
  // candidate a number that fitted it before it was compiled, and then samples a quarter as long as its neighbours'.
  for (let fits = 0, tries = 0; fits < 6 && tries < 30; tries++) {
    candidate.prepare?.()
    ns = await cpu(candidate, times)
    const off = sampleNs / ns
    if ((off < 1.5 && off > 0.67) || (times === 1 && off < 1)) fits++
    else {
      fits = 0
      times = Math.max(1, Math.round(times * Math.min(off, 8)))
    }
  }
  return { times, ns }
}

/** `full`: in one go, sweeping included; else the young generation alone. */
export function collectGarbage(full: boolean): void {
  if (globalThis.gc === undefined) throw new Error('start node with --expose-gc')
  if (full) globalThis.gc()
  else globalThis.gc({ type: 'minor' })
}

async function cpu(candidate: Candidate, times: number): Promise<number> {
  const start = process.cpuUsage()
  const running = candidate.run(times)
  if (running !== undefined) await running
  const { user, system } = process.cpuUsage(start)
  return (user + system) * 1000
}

export function median(figures: readonly number[]): number {
  const sorted = [...figures].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2
}

/** The median of the ratios between neighbours: what slows the machine for a while slows both sides of a pair. */
export function ratio(figures: readonly number[], base: readonly number[]): number {
  return median(figures.map((figure, round) => figure / (base[round] ?? Number.NaN)))
}

export function expect(isRight: boolean, what: string): void {
  if (!isRight) throw new Error(`wrong result: ${what}`)
}
