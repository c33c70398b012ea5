import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../../', import.meta.url))

/**
 * Runs a script in a Node of its own, which resolves `tidemap` by our package.json, and returns what it prints as JSON.
 * Inside vitest the same names lead to src.
 */
export function runNode(format: 'module' | 'commonjs', script: string): unknown {
  const output = execFileSync(process.execPath, [`--input-type=${format}`, '--eval', script], {
    cwd: root,
    encoding: 'utf8',
    timeout: 20_000,
  })
  return JSON.parse(output)
}
