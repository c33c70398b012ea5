import { type Candidate, median, ratio, sample } from './harness.ts'

export const SIZES: readonly number[] = [1000, 10_000, 100_000]

/** What one candidate costs at one size: in the workload's unit, and as a multiple of the one that the workload measures by. */
interface Figure {
  readonly value: number
  readonly ratio: number
}

export type Figures = Record<string, Figure>

export interface Workload {
  readonly title: string
  readonly unit: string
  /** The candidate whose cost is 1. */
  readonly base: string
  readonly sizes: readonly number[]
  /** What a candidate's ratio must not exceed. */
  readonly targets: Record<string, number>
  /** In how many processes it is measured; 3 where not given. */
  readonly processes?: number
  measure(size: number, quick: boolean): Promise<Figures>
}

/** Measures by {@link sample}: nanoseconds an operation. */
export async function timed(
  base: string,
  candidates: readonly Candidate[],
  quick: boolean,
): Promise<Figures> {
  return compare(base, await sample(candidates, quick))
}

export function compare(base: string, samples: Record<string, number[]>): Figures {
  const baseSamples = samples[base] ?? []
  return Object.fromEntries(
    Object.entries(samples).map(([name, figures]) => [
      name,
      { value: median(figures), ratio: ratio(figures, baseSamples) },
    ]),
  )
}

/** The median of several processes. */
export function middle(runs: readonly Figures[]): Figures {
  const [first = {}] = runs
  return Object.fromEntries(
    Object.keys(first).map((name) => [
      name,
      {
        value: median(runs.map((run) => run[name]?.value ?? Number.NaN)),
        ratio: median(runs.map((run) => run[name]?.ratio ?? Number.NaN)),
      },
    ]),
  )
}
