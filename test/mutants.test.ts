import { describe, expect, test } from 'vitest'
import { listedMutants, mutantOf, rowOf } from '../.ci/mutants/list.mjs'
import { sourceFiles } from './support/source-files.ts'

const lines = new Map(
  sourceFiles().map(({ file, text }) => [
    file,
    text.split('\n').map((line) => line.trim().replace(/\s+/g, ' ')),
  ]),
)

describe('the list of mutants that live', () => {
  test('is not empty', () => {
    expect(listedMutants().length).toBeGreaterThan(0)
  })

  test.each(listedMutants())('$file has the line «$line»', ({ file, line, as }) => {
    expect(lines.get(file)).toContain(line)
    expect(as).not.toBe(line)
  })
})

describe('a row of it', () => {
  const at = (line: number, column: number) => ({ line, column })
  const source = ['if (a || b) {', '  c = `xy`', '}'].join('\n')

  test.each([
    ['true', at(1, 5), at(1, 11), '| `x.ts` | `if (a \\|\\| b) {` | `if (true) {` |'],
    ['{}', at(1, 13), at(3, 2), '| `x.ts` | `if (a \\|\\| b) {` | `if (a \\|\\| b) {}` |'],
    ['``', at(2, 7), at(2, 11), '| `x.ts` | `` c = `xy` `` | `` c = `` `` |'],
  ])('shows the line and how it lives: %s', (replacement, start, end, row) => {
    const mutant = mutantOf('src/x.ts', source, { status: 'Survived', replacement, location: { start, end } })

    expect(rowOf(mutant)).toBe(row)
  })
})
