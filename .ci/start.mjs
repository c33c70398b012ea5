// From a fresh clone to a running example: installs, builds, starts its server, which prints its address. `npm start kitchen` names one.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { installDependencies } from './dependencies.mjs'

process.chdir(fileURLToPath(new URL('..', import.meta.url)))

const example = process.argv[2] ?? 'process-monitor'
const server = new URL(`../examples/${example}/server.mjs`, import.meta.url)
if (!existsSync(server)) {
  console.error(`There is no example ${example} with a server: see the folder examples.`)
  process.exit(1)
}
installDependencies()

console.log('Building tidemap ...')
const { status } = spawnSync('node', ['node_modules/tsup/dist/cli-default.js', '--silent'], {
  stdio: 'inherit',
})
if (status !== 0) process.exit(1)

await import(server.href)
