// Serves the page and a cookbook, to this machine only, as badly as the page asks for. PORT chooses the port.
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { answering, isFromThisPage, listen, send } from '../loopback.mjs'
import { createCookbook } from './cookbook.mjs'
import { createTrouble } from './trouble.mjs'

/** @import { IncomingMessage, ServerResponse } from 'node:http' */
/** @import { Order } from './protocol.ts' */

const path = (/** @type {string} */ name) => fileURLToPath(new URL(name, import.meta.url))

const cookbook = createCookbook()
const trouble = createTrouble()
const page = await bundlePage()

/**
 * @param {IncomingMessage} request
 * @param {ServerResponse} response
 */
async function answer(request, response) {
  const { pathname, search } = new URL(request.url ?? '/', 'http://localhost')
  if (!isFromThisPage(request))
    return send(response, 403, 'text/plain', 'This server answers its own page only.')

  const file = request.method === 'GET' ? page.get(pathname) : undefined
  if (file) return send(response, 200, file.type, file.content)
  if (pathname === '/weather') {
    if (request.method === 'PUT') trouble.weather = JSON.parse(await text(request))
    return sendJson(response, trouble.weather)
  }
  if (pathname === '/orders' && request.method === 'POST') {
    await follow(JSON.parse(await text(request)))
    return sendJson(response, null)
  }

  const aborted = new AbortController()
  response.on('close', () => aborted.abort())
  const body = await text(request)
  if (await trouble.strike(pathname + search, aborted.signal))
    return send(response, 503, 'text/plain', 'The kitchen has dropped it.')
  const found = lookUp(`${request.method} ${pathname}`, search, body)
  if (found === undefined) return send(response, 404, 'text/plain', 'Nothing is here.')
  return sendJson(response, found)
}

/** @param {string} route @param {string} search @param {string} body */
function lookUp(route, search, body) {
  const number = Number(/\d+/.exec(route)?.[0])
  if (/^GET \/api\/pages\/\d+$/.test(route)) return cookbook.page(number)
  if (/^GET \/api\/dishes\/\d+$/.test(route)) return cookbook.details(number)
  if (route === 'GET /api/search') return cookbook.search(new URLSearchParams(search).get('q') ?? '')
  if (/^POST \/api\/dishes\/\d+\/portions$/.test(route)) {
    return cookbook.addPortion(number, JSON.parse(body).edit)
  }
  if (/^POST \/api\/dishes\/\d+\/name$/.test(route)) {
    const { edit, name } = JSON.parse(body)
    return cookbook.rename(number, edit, name)
  }
  return undefined
}

/** @param {Order} order */
async function follow(order) {
  if (order.do === 'release') return trouble.release(order.path, order.fails ?? false)
  if (order.do === 'hold' || order.do === 'fail') return trouble.plan(order.do, order.path, order.count ?? 1)
  trouble.reset()
  cookbook.reset()
}

/** @param {ServerResponse} response @param {unknown} value */
const sendJson = (response, value) => send(response, 200, 'application/json', JSON.stringify(value))

async function bundlePage() {
  const { outputFiles } = await build({
    entryPoints: [path('main.ts')],
    bundle: true,
    // what a page takes from one chunk of dist and not from another is no mistake
    logOverride: { 'ignored-bare-import': 'silent' },
    write: false,
    format: 'esm',
    target: 'es2022',
    logLevel: 'error',
    sourcemap: 'inline',
    // Not the paths of tsconfig.json, which lead to the source: the page takes tidemap as its users do, from `dist`.
    tsconfigRaw: {},
  })
  return new Map([
    ['/', { type: 'text/html', content: readFileSync(path('index.html'), 'utf8') }],
    ['/style.css', { type: 'text/css', content: readFileSync(path('style.css'), 'utf8') }],
    ['/main.js', { type: 'text/javascript', content: outputFiles[0]?.text ?? '' }],
  ])
}

listen(createServer(answering(answer)), 5181, (address) => `The kitchen runs at ${address}`)
