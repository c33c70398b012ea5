// What a user's bundler would ship, to the byte, held against a budget for each import. (size-limit subtracts constants.)
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('..', import.meta.url))

/** @type {{ what: string, code: string, external?: string[], budget: number }[]} */
const imports = [
  { what: 'tidemap/core, all of it', code: `export * from './dist/core.js'`, budget: 4000 },
  { what: 'tidemap/store, createStore', code: `export { createStore } from './dist/store.js'`, budget: 7000 },
  {
    what: 'tidemap, createStore, rxjs and immer apart',
    code: `export { createStore } from './dist/index.js'`,
    external: ['rxjs', 'immer'],
    budget: 8500,
  },
  {
    what: 'tidemap, createStore, all in',
    code: `export { createStore } from './dist/index.js'`,
    budget: 16_000,
  },
  { what: 'tidemap/core, nothing used', code: `import './dist/core.js'`, budget: 0 },
  { what: 'tidemap/store, nothing used', code: `import './dist/store.js'`, budget: 0 },
  { what: 'tidemap, nothing used', code: `import './dist/index.js'`, budget: 0 },
]

/**
 * Takes back the promise `sideEffects: false` of our package.json, so that what is left of an unused import is what
 * really runs when it is loaded: the promise is checked, not believed.
 *
 * @type {import('esbuild').Plugin}
 */
const distrust = {
  name: 'distrust',
  setup({ onResolve }) {
    onResolve({ filter: /^\./ }, ({ path, resolveDir }) =>
      resolveDir.includes('node_modules') ? null : { path: resolve(resolveDir, path), sideEffects: true },
    )
  },
}

/** @param {typeof imports[number]} row */
async function bundle({ code, external = [], budget }) {
  const result = await build({
    stdin: { contents: code, resolveDir: root },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    // rxjs offers modern code under this condition; bundlers that do not ask for it ship about 1 kB more of rxjs.
    conditions: ['es2015'],
    define: { 'process.env.NODE_ENV': '"production"' },
    external,
    plugins: budget === 0 ? [distrust] : [],
    logLevel: 'error',
  })
  return result.outputFiles[0]?.contents ?? new Uint8Array()
}

let isOver = false
for (const row of imports) {
  const { what, budget } = row
  const code = await bundle(row)
  // An empty file is 20 bytes of gzip header.
  const size = code.length === 0 ? 0 : gzipSync(code, { level: 9 }).length
  if (size > budget) isOver = true
  console.log(
    `${what.padEnd(44)}${String(size).padStart(6)} B of ${String(budget).padStart(6)}${size > budget ? '  TOO BIG' : ''}`,
  )
}
process.exitCode = isOver ? 1 : 0
