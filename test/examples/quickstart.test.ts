import { execFileSync } from 'node:child_process'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'

test('the quickstart counts to three and rolls back', () => {
  const script = resolve(import.meta.dirname, '../../examples/quickstart/quickstart.mjs')
  const output = execFileSync(process.execPath, [script], { encoding: 'utf8' })
  expect(output.trim().split('\n')).toEqual([
    'count: 0 -> 1',
    'count: 1 -> 2',
    'count: 2 -> 3',
    'rolled back: no such luck',
    'in the end: 3',
  ])
})
