// The list of the mutants that live, test/mutants.md: one to a row, with its file, its line, the line as it lives, and why.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** @typedef {{ file: string, line: string, as: string }} Mutant */

/** @param {string} text */
const oneLine = (text) => text.trim().replace(/\s+/g, ' ')

/** @param {string} cell code, as `rowOf` writes it */
const codeIn = (cell) => oneLine(cell.replaceAll('\\|', '|')).replace(/^(`+) ?(.*?) ?\1$/, '$2')

/** @returns {Mutant[]} */
export function listedMutants() {
  const text = readFileSync(fileURLToPath(new URL('../../test/mutants.md', import.meta.url)), 'utf8')
  return text.split('\n').flatMap((row) => {
    const [, file, line, as, why] = row.split(/(?<!\\)\|/)
    if (file === undefined || line === undefined || as === undefined || !why?.trim()) return []
    return file.includes('`') && as.includes('`')
      ? [{ file: codeIn(file), line: codeIn(line), as: codeIn(as) }]
      : []
  })
}

/** @param {Mutant} mutant */
export function rowOf({ file, line, as }) {
  const cells = [file, line, as].map((code) => {
    const fence = code.includes('`') ? '``' : '`'
    const space = fence === '``' ? ' ' : ''
    return `${fence}${space}${code.replaceAll('|', '\\|')}${space}${fence}`
  })
  return `| ${cells.join(' | ')} |`
}

/**
 * @typedef {{ status: string, replacement?: string, location: Record<'start' | 'end', { line: number, column: number }> }} Reported
 * @param {string} path of the file that Stryker has mutated
 * @param {string} source
 * @param {Reported} reported
 * @returns {Mutant}
 */
export function mutantOf(path, source, { replacement = '', location: { start, end } }) {
  const lines = source.split('\n')
  const first = lines[start.line - 1] ?? ''
  const last = lines[end.line - 1] ?? ''
  return {
    file: path.replace(/^src\//, ''),
    line: oneLine(first),
    as: oneLine(first.slice(0, start.column - 1) + replacement + last.slice(end.column - 1)),
  }
}
