// The random histories, the long runs and the programs of a resource at length: `npm run test:deep`, or with another number
// `npm run test:deep -- 20000`; and the schedules of those small programs of a resource that `npm test` leaves out. The other interleavings and
// the seeded bugs, the same every time, are in `npm test` alone.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const [histories = '100000'] = process.argv.slice(2)
const root = fileURLToPath(new URL('..', import.meta.url))
const start = performance.now()
const { status } = spawnSync(
  'npm run --silent vitest -- run --project simulation histories long-runs resources',
  {
    cwd: root,
    shell: true,
    stdio: 'inherit',
    env: { ...process.env, TIDEMAP_HISTORIES: histories },
  },
)
console.log(`${((performance.now() - start) / 1000).toFixed(0)} s in all`)
process.exitCode = status ?? 1
