// Serves the two pages, to this machine only. PORT chooses the port.
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { listen, send } from '../loopback.mjs'

/** @import { ServerResponse } from 'node:http' */

const path = (/** @type {string} */ name) => fileURLToPath(new URL(name, import.meta.url))

const files = await bundlePages()

/**
 * @param {string | undefined} url
 * @param {ServerResponse} response
 */
function answer(url, response) {
  const { pathname } = new URL(url ?? '/', 'http://localhost')
  if (pathname === '/') return response.writeHead(302, { Location: '/react' }).end()
  const file = files.get(pathname)
  if (file) return send(response, 200, file.type, file.content)
  return send(response, 404, 'text/plain', 'Nothing is here.')
}

async function bundlePages() {
  const { outputFiles } = await build({
    entryPoints: [path('main.ts')],
    bundle: true,
    // what a page takes from one chunk of dist and not from another is no mistake
    logOverride: { 'ignored-bare-import': 'silent' },
    splitting: true, // one page does not load the other's framework
    write: false,
    outdir: '/',
    format: 'esm',
    target: 'es2022',
    minify: true,
    logLevel: 'error',
    define: { 'process.env.NODE_ENV': '"production"' },
    // Not the paths of tsconfig.json, which lead to the source: the pages take tidemap as its users do, from `dist`.
    tsconfigRaw: { compilerOptions: { jsx: 'react-jsx' } },
  })
  const page = { type: 'text/html', content: readFileSync(path('index.html'), 'utf8') }
  return new Map([
    ['/react', page],
    ['/dom', page],
    ['/style.css', { type: 'text/css', content: readFileSync(path('style.css'), 'utf8') }],
    ...outputFiles.map(
      (file) =>
        /** @type {const} */ ([`/${basename(file.path)}`, { type: 'text/javascript', content: file.text }]),
    ),
  ])
}

listen(
  createServer((request, response) => answer(request.url, response)),
  5180,
  (address) => `The table runs at ${address}`,
)
