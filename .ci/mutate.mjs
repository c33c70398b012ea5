// `npm run mutate -- core`, or `-- core/view.ts core/epoch.ts`: how many of the wrong lines that Stryker puts there are caught by the tests
// of that folder. What follows from the first `--` on is Stryker's own; TIDEMAP_TESTS, a JSON list, names other tests.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** @type {Record<string, string[]>} */
const tests = {
  // All but queue-work.test.ts, which counts the steps of the queues and costs as much as all the others together.
  core: [
    'test/core/!(queue-work).test.ts',
    'test/conformance/{sync-map,workloads}.test.ts',
    'test/properties/{versioned-map,sync-map,turns}.property.test.ts',
  ],
  store: [
    'test/store/*.test.ts',
    'test/resource/{optimistic,load-or-compute}.test.ts',
    'test/properties/layers.property.test.ts',
  ],
}

const args = process.argv.slice(2)
const ofStryker = args.findIndex((arg) => arg.startsWith('--'))
const targets = ofStryker < 0 ? args : args.slice(0, ofStryker)
const options = ofStryker < 0 ? [] : args.slice(ofStryker)
const folders = targets.map((target) => target.split('/')[0] ?? '')
if (folders.length === 0 || folders.some((folder) => !(folder in tests))) {
  console.error(`Name folders or files of src: ${Object.keys(tests).join(' ')}`)
  process.exit(1)
}

process.chdir(fileURLToPath(new URL('..', import.meta.url)))
const sources = targets.map((target) => (target in tests ? `src/${target}/**/*.ts` : `src/${target}`))
// Not by Stryker's own --testFiles: with it, it puts in what runs while a module is loaded too late, and nothing catches that.
const testFiles = folders.flatMap((folder) => tests[folder] ?? [])
const { status } = spawnSync(
  'npx',
  [
    'stryker',
    'run',
    'test/stryker.config.json',
    '--mutate',
    [...sources, '!src/**/index.ts'].join(),
    ...options,
  ],
  { stdio: 'inherit', env: { TIDEMAP_TESTS: JSON.stringify(testFiles), ...process.env } },
)
process.exitCode = status ?? 1
