import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

const root = new URL('../', import.meta.url)

/** @param {string} path */
const lockedPackages = (path) => JSON.parse(readFileSync(new URL(path, root), 'utf8')).packages

/**
 * Whether node_modules holds what the lock file asks for. Versions are compared, not dates: a checkout gives every file
 * a new date.
 */
function isInstalled() {
  try {
    const installed = lockedPackages('node_modules/.package-lock.json')
    // Optional packages are binaries, most of them for other platforms.
    return Object.entries(lockedPackages('package-lock.json')).every(
      ([path, { version, optional }]) => path === '' || optional || installed[path]?.version === version,
    )
  } catch {
    return false
  }
}

/** Brings node_modules to what the lock file says, if it is not there yet. */
export function installDependencies() {
  if (isInstalled()) return
  console.log('Installing dependencies (npm ci) ...')
  // The tools are needed even where the environment says NODE_ENV=production.
  const { status } = spawnSync('npm ci --include=dev --no-audit --no-fund', {
    cwd: root,
    stdio: 'inherit',
    shell: true,
    timeout: 10 * 60_000,
  })
  if (status !== 0) {
    console.error('npm ci failed: see above. Is the npm registry reachable?')
    process.exit(1)
  }
}
