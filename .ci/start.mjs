// From a fresh clone to the running example: installs, builds, starts its server, which prints its address.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { installDependencies } from './dependencies.mjs'

process.chdir(fileURLToPath(new URL('..', import.meta.url)))
installDependencies()

console.log('Building tidemap ...')
const { status } = spawnSync('node', ['node_modules/tsup/dist/cli-default.js', '--silent'], {
  stdio: 'inherit',
})
if (status !== 0) process.exit(1)

await import('../examples/process-monitor/server.mjs')
