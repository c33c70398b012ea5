// `npm run mutate`: how many of the wrong lines (mutants) that Stryker puts into `src/core` and `src/store` are caught by the tests, and whether
// those that live are the ones that test/mutants.md lists. `npm run mutate -- core store/state.ts` does it for a folder and a file. What follows
// from the first `--` on is Stryker's own.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { listedMutants, mutantOf, rowOf } from './mutants/list.mjs'

/** @import { Reported } from './mutants/list.mjs' */

process.chdir(fileURLToPath(new URL('..', import.meta.url)))

const args = process.argv.slice(2)
const ofStryker = args.findIndex((arg) => arg.startsWith('--'))
const targets = ofStryker < 0 ? args : args.slice(0, ofStryker)
const options = ofStryker < 0 ? [] : args.slice(ofStryker)
const sources = targets.map((target) => (target.endsWith('.ts') ? `src/${target}` : `src/${target}/**/*.ts`))
const mutate = sources.length === 0 ? [] : ['--mutate', [...sources, '!src/**/index.ts'].join()]
const runner = ['--testRunner', 'in-thread', '--plugins', './.ci/mutants/runner.mjs']
const { status } = spawnSync(
  'npx',
  ['stryker', 'run', 'test/stryker.config.json', ...runner, ...mutate, ...options],
  { stdio: 'inherit' },
)
if (status !== 0) process.exit(status ?? 1)

/** @type {{ files: Record<string, { source: string, mutants: Reported[] }> }} */
const { files } = JSON.parse(readFileSync('node_modules/.cache/tidemap-mutants.json', 'utf8'))

const isKilled = (/** @type {Reported} */ { status }) => status === 'Killed' || status === 'Timeout'

/** @param {string} folder */
function showScore(folder) {
  const mutants = Object.entries(files).flatMap(([path, file]) =>
    path.startsWith(folder) ? file.mutants : [],
  )
  const killed = mutants.filter(isKilled).length
  const score = ((100 * killed) / mutants.length).toFixed(1)
  if (mutants.length > 0) console.log(`Killed in ${folder}: ${killed} of ${mutants.length}, ${score} %`)
}

const living = Object.entries(files).flatMap(([path, { source, mutants }]) =>
  mutants.filter((mutant) => !isKilled(mutant)).map((mutant) => mutantOf(path, source, mutant)),
)
const listed = listedMutants().filter(({ file }) => `src/${file}` in files)

/**
 * @param {typeof living} some
 * @param {typeof living} others
 */
const without = (some, others) => {
  const rows = others.map(rowOf)
  return some.map(rowOf).filter((row) => {
    const found = rows.indexOf(row)
    if (found >= 0) rows.splice(found, 1)
    return found < 0
  })
}
const unlisted = without(living, listed)
const gone = without(listed, living)

for (const folder of ['src/core/', 'src/store/', 'src/']) showScore(folder)
console.log(`Of the ${living.length} that live, test/mutants.md lists ${living.length - unlisted.length}.`)
if (unlisted.length > 0) console.log(['Not listed:', ...unlisted].join('\n'))
if (gone.length > 0) console.log(['Listed, and killed or gone:', ...gone].join('\n'))
process.exitCode = unlisted.length + gone.length > 0 ? 1 : 0
