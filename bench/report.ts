import { workloads } from './main.ts'
import type { Figures } from './workload.ts'

/** One workload at one size. */
export interface Result {
  readonly name: string
  readonly size: number
  readonly figures: Figures
}

export function printReport(results: readonly Result[], _options: { markdown: boolean }): void {
  for (const name of new Set(results.map((result) => result.name))) {
    const workload = workloads[name]
    if (workload === undefined) continue
    const own = results.filter((result) => result.name === name)
    console.log(`\n${workload.title} (${workload.base} = 1)`)
    console.log(''.padEnd(40) + own.map(({ size }) => String(size).padStart(22)).join(''))
    for (const candidate of Object.keys(own[0]?.figures ?? {})) {
      const cells = own.map(({ figures }) => {
        const { value, ratio } = figures[candidate] ?? { value: NaN, ratio: NaN }
        return `${ratio.toPrecision(3)} (${value.toPrecision(4)} ${workload.unit})`.padStart(22)
      })
      console.log(`${candidate.padEnd(40) + cells.join('')}  ${workload.targets[candidate] ?? ''}`)
    }
  }
}
