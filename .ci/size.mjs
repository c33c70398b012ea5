// What a user's bundler would ship, to the byte, held against a budget for each import. (size-limit subtracts constants.)
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('..', import.meta.url))

/**
 * `target` is what we want, `budget` what may not be passed: a store whose methods are all there cannot be shaken, so the targets of
 * the stores are missed; README.md says what takes the space. The budget keeps it from growing unseen.
 *
 * @type {{ what: string, code: string, external?: string[], target?: number, budget: number }[]}
 */
const imports = [
  { what: 'tidemap/core, all of it', code: `export * from './dist/core.js'`, target: 4000, budget: 5818 },
  { what: 'tidemap/core, Mutex', code: `export { Mutex } from './dist/core.js'`, budget: 619 },
  { what: 'tidemap/core, KeyedMutex', code: `export { KeyedMutex } from './dist/core.js'`, budget: 1105 },
  { what: 'tidemap/core, VersionedMap', code: `export { VersionedMap } from './dist/core.js'`, budget: 3280 },
  {
    what: 'tidemap/store, createStore',
    code: `export { createStore } from './dist/store.js'`,
    target: 7000,
    budget: 13_643, // what it was before resources, optimistic recipes and `ifBusy`: they may not cost those who do without
  },
  { what: 'tidemap/store, when', code: `export { when } from './dist/store.js'`, budget: 711 },
  {
    what: 'tidemap/store, toAsyncIterable',
    code: `export { toAsyncIterable } from './dist/store.js'`,
    budget: 892,
  },
  {
    what: 'tidemap, createStore, rxjs and immer apart',
    code: `export { createStore } from './dist/index.js'`,
    external: ['rxjs', 'immer'],
    target: 8500,
    budget: 14_430,
  },
  {
    what: 'tidemap, createStore, all in',
    code: `export { createStore } from './dist/index.js'`,
    target: 16_000,
    budget: 20_554,
  },
  {
    what: 'tidemap/resource, loadOrCompute and createStore',
    code: `export { loadOrCompute } from './dist/resource.js'; export { createStore } from './dist/store.js'`,
    budget: 14_700,
  },
  {
    what: 'tidemap/resource, createResource and createStore',
    code: `export { createResource } from './dist/resource.js'; export { createStore } from './dist/store.js'`,
    budget: 18_510,
  },
  {
    what: 'tidemap/resource, optimistic and createStore',
    code: `export { optimistic } from './dist/resource.js'; export { createStore } from './dist/store.js'`,
    budget: 14_361,
  },
  { what: 'tidemap/dom, all of it', code: `export * from './dist/dom.js'`, budget: 4129 },
  {
    what: 'tidemap/store createStore + tidemap/react',
    code: `export { createStore } from './dist/store.js'; export * from './dist/react.js'`,
    external: ['react'],
    target: 9000,
    budget: 16_750,
  },
  {
    what: 'tidemap/react, useKey',
    code: `export { useKey } from './dist/react.js'`,
    external: ['react'],
    budget: 602,
  },
  {
    what: 'tidemap/react, the hooks',
    code: `export { createStoreContext, useEntry, useKey, useKeyState, useKeys, usePending, useResource, useStatus, useView } from './dist/react.js'`,
    external: ['react'],
    budget: 1387,
  },
  {
    what: 'tidemap/react, all of it',
    code: `export * from './dist/react.js'`,
    external: ['react'],
    budget: 3554,
  },
  { what: 'tidemap/react, nothing used', code: `import './dist/react.js'`, external: ['react'], budget: 0 },
  {
    what: 'tidemap/collection, query',
    code: `export { query } from './dist/collection.js'`,
    budget: 7822,
  },
  {
    what: 'tidemap/collection, all of it',
    code: `export * from './dist/collection.js'`,
    budget: 9568,
  },
  { what: 'tidemap/collection, nothing used', code: `import './dist/collection.js'`, budget: 0 },
  { what: 'tidemap/core, nothing used', code: `import './dist/core.js'`, budget: 0 },
  { what: 'tidemap/store, nothing used', code: `import './dist/store.js'`, budget: 0 },
  { what: 'tidemap/resource, nothing used', code: `import './dist/resource.js'`, budget: 0 },
  { what: 'tidemap/dom, nothing used', code: `import './dist/dom.js'`, budget: 0 },
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
    // React does not say so itself, and whoever imports a binding for React has it anyway.
    onResolve({ filter: /^react$/ }, ({ path }) => ({ path, external: true, sideEffects: false }))
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
  const { what, target, budget } = row
  const code = await bundle(row)
  // An empty file is 20 bytes of gzip header.
  const size = code.length === 0 ? 0 : gzipSync(code, { level: 9 }).length
  if (size > budget) isOver = true
  const missed = target !== undefined && size > target ? `, target ${target} missed` : ''
  const over = size > budget ? '  TOO BIG' : ''
  console.log(
    `${what.padEnd(44)}${String(size).padStart(6)} B of ${String(budget).padStart(6)}${missed}${over}`,
  )
}
process.exitCode = isOver ? 1 : 0
