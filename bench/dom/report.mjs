/**
 * What was measured of one contender.
 *
 * @typedef {{
 *   kind: string, name: string, heap: number, bytes: number,
 *   samples: Record<string, number[]>, rendered: Record<string, number>,
 * }} Result
 */

/**
 * @param {Result[]} results
 * @param {readonly string[]} names the operations
 * @param {{ markdown: boolean }} options
 */
export function printReport(results, names, { markdown }) {
  for (const kind of new Set(results.map((result) => result.kind))) {
    const own = results.filter((result) => result.kind === kind)
    const reference = /** @type {Result} */ (own[0])
    const head = [
      kind,
      ...names,
      'geo. mean',
      ...(kind === 'react' ? ['rows rendered'] : []),
      'heap 10k MB',
      'gzip B',
    ]
    const rows = own.map((result) => [
      result.name,
      ...names.map((name) => figure(firstQuartile(result.samples[name]))),
      geometricMean(
        names.map((name) => firstQuartile(result.samples[name]) / firstQuartile(reference.samples[name])),
      ).toFixed(2),
      ...(kind === 'react'
        ? [['update 10th', 'select', 'swap', 'remove'].map((name) => result.rendered[name]).join('/')]
        : []),
      result.heap.toFixed(1),
      result.bytes === 0 ? '-' : String(result.bytes),
    ])
    const table = markdown ? [head, head.map(() => '---'), ...rows] : [head, ...rows]
    const widths = head.map((_, i) => Math.max(...table.map((row) => row[i]?.length ?? 0)))
    console.log('')
    for (const row of table) {
      const cells = row.map((cell, i) => (markdown ? cell : cell.padStart(widths[i] ?? 0)))
      console.log(markdown ? `| ${cells.join(' | ')} |` : cells.join('  '))
    }
  }
}

const figure = (/** @type {number} */ milliseconds) => milliseconds.toFixed(milliseconds < 3 ? 2 : 1)

/** @param {number[] | undefined} samples */
function firstQuartile(samples = []) {
  return [...samples].sort((a, b) => a - b)[Math.floor(samples.length / 4)] ?? Number.NaN
}

/** @param {number[]} ratios */
const geometricMean = (ratios) =>
  Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length)
