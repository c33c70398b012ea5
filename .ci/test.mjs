// Every check of this project, one after the other; `npm test -- unit dom` runs only the steps named.
import { fileURLToPath } from 'node:url'
import { findChromium } from './chromium.mjs'
import { installDependencies } from './dependencies.mjs'
import { runStep } from './step.mjs'

/** @type {import('./step.mjs').Step[]} */
const steps = [
  { name: 'lint', script: 'lint' },
  { name: 'types', script: 'typecheck' },
  { name: 'unit', minutes: 4 },
  { name: 'simulation', minutes: 10 },
  { name: 'type-tests' },
  { name: 'dom' },
  { name: 'react' },
  { name: 'react-18' },
  { name: 'browser', chromium: true, minutes: 3 },
  { name: 'concurrent', chromium: true, minutes: 6 },
  { name: 'leaks', minutes: 3 },
  { name: 'build', script: 'build' },
  { name: 'dist', built: true },
  { name: 'publint', script: 'publint', built: true },
  { name: 'attw', script: 'attw', built: true },
  { name: 'size', script: 'size', built: true },
  { name: 'unused', script: 'unused' },
  { name: 'docs' },
  { name: 'examples', built: true, chromium: true, minutes: 6 },
]

const names = process.argv.slice(2)
const unknown = names.filter((name) => !steps.some((step) => step.name === name))
if (unknown.length > 0) {
  console.error(`No step ${unknown.join(', ')}. Steps: ${steps.map(({ name }) => name).join(' ')}`)
  process.exit(1)
}

const named = steps.filter(({ name }) => names.length === 0 || names.includes(name))
const needsBuild = named.some(({ built }) => built)
const selected = steps.filter((step) => named.includes(step) || (needsBuild && step.name === 'build'))

process.chdir(fileURLToPath(new URL('..', import.meta.url)))
// Ends the step that runs, too: see the listener for 'exit' there.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1))

installDependencies()
if (selected.some(({ chromium }) => chromium)) {
  try {
    process.env['CHROMIUM_PATH'] = await findChromium()
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    process.exit(1)
  }
}

let passed = 0
let failed = 0
let isBuilt = true
for (const step of selected) {
  process.stdout.write(step.name.padEnd(12))
  const start = performance.now()
  const outcome =
    step.built && !isBuilt
      ? { passed: 0, failed: 1, output: 'Not run, because the build failed.\n' }
      : await runStep(step)
  const seconds = ((performance.now() - start) / 1000).toFixed(1)
  console.log(
    `${outcome.failed === 0 ? 'ok' : 'FAILED'}  ${outcome.passed} passed, ${outcome.failed} failed, ${seconds} s`,
  )
  if (outcome.failed > 0) console.log(outcome.output)
  if (step.name === 'build') isBuilt = outcome.failed === 0
  passed += outcome.passed
  failed += outcome.failed
}

console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1
