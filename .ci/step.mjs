import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { stripVTControlCharacters } from 'node:util'

const reports = 'node_modules/.cache/tidemap-tests'

/**
 * @typedef {object} Step
 * @property {string} name
 * @property {string} [script] The npm script it runs; without one it is the vitest project of its name.
 * @property {number} [minutes] The time limit, 2 where none is given.
 * @property {boolean} [built] Whether it looks at dist.
 * @property {boolean} [chromium] Whether it needs a browser.
 *
 * @typedef {{ passed: number, failed: number, output: string }} Outcome
 */

/**
 * Runs one step to its end or to its time limit.
 *
 * @param {Step} step
 * @returns {Promise<Outcome>}
 */
export async function runStep({ name, script, minutes = 2 }) {
  if (script) {
    const { ok, output } = await runCommand(`npm run --silent ${script}`, minutes)
    return { passed: ok ? 1 : 0, failed: ok ? 0 : 1, output }
  }
  const report = `${reports}/${name}.json`
  mkdirSync(reports, { recursive: true })
  rmSync(report, { force: true })
  const reporters = `--reporter=default --reporter=json --outputFile.json=${report}`
  const { ok, output } = await runCommand(
    `npm run --silent vitest -- run --project ${name} ${reporters}`,
    minutes,
  )
  const { passed, failed } = readReport(report)
  // A failure outside any test (an import that throws, an unhandled rejection, the time limit) counts as one.
  return { passed, failed: ok ? failed : Math.max(failed, 1), output }
}

/** @param {string} path */
function readReport(path) {
  try {
    const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(path, 'utf8'))
    return { passed: numPassedTests, failed: numFailedTests }
  } catch {
    return { passed: 0, failed: 0 }
  }
}

/**
 * @param {string} command
 * @param {number} minutes
 * @returns {Promise<{ ok: boolean, output: string }>}
 */
function runCommand(command, minutes) {
  return new Promise((resolve) => {
    // A process group of its own, so that the time limit ends the browsers and servers of the step too.
    const child = spawn(command, { shell: true, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
    const end = () => killGroup(child)
    let output = ''
    child.stdout.on('data', (chunk) => {
      output += chunk
    })
    child.stderr.on('data', (chunk) => {
      output += chunk
    })
    const limit = setTimeout(() => {
      output += `\nStopped at the time limit of ${minutes} minutes.\n`
      end()
    }, minutes * 60_000)
    process.once('exit', end)
    child.on('close', (code) => {
      clearTimeout(limit)
      process.off('exit', end)
      resolve({ ok: code === 0, output: stripVTControlCharacters(output) })
    })
  })
}

/** @param {import('node:child_process').ChildProcess} child */
function killGroup({ pid }) {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}
