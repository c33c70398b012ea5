import { workloads } from './main.ts'
import type { Figures } from './workload.ts'

/** One workload at one size. */
interface Result {
  readonly name: string
  readonly size: number
  readonly figures: Figures
}

/** All candidates of all workloads; or, for the README, those that have a target, as a table. */
export function printReport(results: readonly Result[], { markdown }: { markdown: boolean }): void {
  if (markdown) {
    console.log('| | against | 1,000 | 10,000 | 100,000 | target |')
    console.log('|---|---|---|---|---|---|')
  }
  for (const name of new Set(results.map((result) => result.name))) {
    const own = results.filter((result) => result.name === name)
    if (markdown) printRows(name, own)
    else printTable(name, own)
  }
}

function printTable(name: string, own: readonly Result[]): void {
  const { title, base, unit, targets } = workloadOf(name)
  console.log(`\n${title} (${base} = 1)`)
  console.log(''.padEnd(40) + own.map(({ size }) => (size === 0 ? '' : String(size)).padStart(22)).join(''))
  for (const candidate of candidatesOf(own)) {
    const cells = own.map(({ figures }) => {
      const { value, ratio } = figures[candidate] ?? { value: Number.NaN, ratio: Number.NaN }
      return `${ratio.toPrecision(3)} (${value.toPrecision(4)} ${unit})`.padStart(22)
    })
    const target = targets[candidate]
    const verdict =
      target === undefined
        ? ''
        : `  <= ${target}: ${isReached(own, candidate, target) ? 'reached' : 'MISSED'}`
    console.log(candidate.padEnd(40) + cells.join('') + verdict)
  }
}

function printRows(name: string, own: readonly Result[]): void {
  const { title, base, targets } = workloadOf(name)
  for (const candidate of candidatesOf(own)) {
    const target = targets[candidate]
    if (target === undefined) continue
    const ratios = own.map(({ figures }) => figures[candidate]?.ratio.toFixed(2) ?? '')
    const cells = ratios.length === 1 ? ['', ratios[0], ''] : ratios
    const verdict = isReached(own, candidate, target) ? '' : ' (missed)'
    console.log(`| ${title}: ${candidate} | ${base} | ${cells.join(' | ')} | ${target}${verdict} |`)
  }
}

/** The targets are those of 10,000 keys; of a workload with one size, that one. */
function isReached(own: readonly Result[], candidate: string, target: number): boolean {
  const judged = own.find(({ size }) => size === 10_000) ?? own[0]
  return (judged?.figures[candidate]?.ratio ?? Number.NaN) <= target
}

const candidatesOf = (own: readonly Result[]): string[] => Object.keys(own[0]?.figures ?? {})

function workloadOf(name: string): (typeof workloads)[string] {
  const workload = workloads[name]
  if (workload === undefined) throw new Error(`no workload ${name}`)
  return workload
}
