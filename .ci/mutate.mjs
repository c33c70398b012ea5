// `npm run mutate -- core`, or `-- core/view.ts core/epoch.ts`: how many of the wrong lines that Stryker puts there are caught by the tests
// of that folder. What follows from the first `--` on is Stryker's own.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** @type {Record<string, string[]>} */
const tests = {
  // All but queue-work.test.ts, which counts the steps of the queues and costs as much as all the others together.
  core: [
    ...['epoch', 'keyed-mutex', 'mutex', 'sync-map', 'versioned-map', 'work-bound'].map(
      (name) => `test/core/${name}.test.ts`,
    ),
    'test/conformance/sync-map.test.ts',
    'test/conformance/workloads.test.ts',
    ...['versioned-map', 'sync-map', 'turns'].map((name) => `test/properties/${name}.property.test.ts`),
  ],
  store: ['test/store/*.test.ts'],
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
const testFiles = new Set(folders.flatMap((folder) => tests[folder] ?? []))
const named = ['--mutate', [...sources, '!src/**/index.ts'].join(), '--testFiles', [...testFiles].join()]
const { status } = spawnSync('npx', ['stryker', 'run', 'test/stryker.config.json', ...named, ...options], {
  stdio: 'inherit',
})
process.exitCode = status ?? 1
