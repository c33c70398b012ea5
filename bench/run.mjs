// Builds the bench, runs every workload at every size in a fresh process, and prints one table.
//
//   npm run bench                        everything
//   npm run bench -- --quick             fewer and shorter samples: to see that it works, not to quote
//   npm run bench -- --only=read,pause   some workloads
//   npm run bench -- --markdown          the table of the README
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { build } from 'esbuild'

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    markdown: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    keep: { type: 'string', default: '' },
  },
})

const root = fileURLToPath(new URL('..', import.meta.url))
const directory = mkdtempSync(join(tmpdir(), 'tidemap-bench-'))
const bundle = join(directory, 'bench.mjs')

// One thread: all that a process does, garbage collection and compilation too, is then CPU time of the thread that would be blocked.
const nodeFlags = ['--expose-gc', '--single-threaded', '--max-old-space-size=4096']

try {
  // as a user's bundler would: the product from its source and every peer from its package, for production
  await build({
    entryPoints: [join(root, 'bench/main.ts')],
    outfile: bundle,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'es2022',
    define: { 'process.env.NODE_ENV': '"production"' },
    tsconfig: join(root, 'tsconfig.json'),
    logLevel: 'error',
  })
  /** @type {typeof import('./main.ts')} */
  const { workloads, middle, printReport } = await import(pathToFileURL(bundle).href)
  const names = options.only === '' ? Object.keys(workloads) : options.only.split(',')
  const results = names.flatMap((name) => {
    const workload = workloads[name]
    if (workload === undefined) throw new Error(`no workload ${name}: ${Object.keys(workloads).join(', ')}`)
    return workload.sizes.map((size) => {
      // where the entries of a Map lie in memory is different in each process, and so is what that costs
      const runs = Array.from({ length: options.quick ? 1 : (workload.processes ?? 3) }, () =>
        runOne(name, size),
      )
      return { name, size, figures: middle(runs) }
    })
  })
  printReport(results, options)
} finally {
  rmSync(directory, { recursive: true })
}

/**
 * @param {string} name
 * @param {number} size
 * @returns {import('./workload.ts').Figures}
 */
function runOne(name, size) {
  process.stderr.write(`${name} ${size === 0 ? '' : size} …\x1b[K\r`)
  const order = JSON.stringify({ name, size, quick: options.quick })
  const child = spawnSync(process.execPath, [...nodeFlags, bundle, order], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_ENV: 'production' },
  })
  if (child.status !== 0) throw new Error(`${name} ${size} failed`)
  return JSON.parse(child.stdout)
}
