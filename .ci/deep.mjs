// The simulation at length: `npm run test:deep`, or with other numbers `npm run test:deep -- 20000`.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const [histories = '100000'] = process.argv.slice(2)
const root = fileURLToPath(new URL('..', import.meta.url))
const start = performance.now()
const { status } = spawnSync('npm run --silent vitest -- run --project simulation', {
  cwd: root,
  shell: true,
  stdio: 'inherit',
  env: { ...process.env, TIDEMAP_HISTORIES: histories },
})
console.log(`${((performance.now() - start) / 1000).toFixed(0)} s in all`)
process.exitCode = status ?? 1
