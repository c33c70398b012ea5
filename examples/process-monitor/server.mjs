// Serves the page, the feed of samples and two slow questions, to this machine only. PORT chooses the port.
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { answering, isFromThisPage, listen, send } from '../loopback.mjs'
import { inspect } from './inspect.mjs'
import { linuxProcesses } from './linux.mjs'
import { otherProcesses } from './other-systems.mjs'
import { createSampler } from './sampler.mjs'

/** @import { IncomingMessage, ServerResponse } from 'node:http' */
/** @import { Sample } from './protocol.ts' */

const path = (/** @type {string} */ name) => fileURLToPath(new URL(name, import.meta.url))

const isLinux = process.platform === 'linux'
const options = { period: isLinux ? 250 : 1000, hasThreads: isLinux }
const processes = createSampler(isLinux ? linuxProcesses({ threads: false }) : otherProcesses(), options)
const threads = isLinux ? createSampler(linuxProcesses({ threads: true }), options) : processes

const pages = await bundlePages()

/**
 * @param {IncomingMessage} request
 * @param {ServerResponse} response
 */
async function answer(request, response) {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
  if (!isFromThisPage(request))
    return send(response, 403, 'text/plain', 'This server answers its own page only.')

  if (request.method === 'GET') {
    const file = pages.get(pathname)
    if (file) return send(response, 200, file.type, file.content)
    if (pathname === '/events') return stream(response, searchParams.has('threads') ? threads : processes)
  }
  if (request.method === 'POST') {
    const aborted = new AbortController()
    response.on('close', () => aborted.abort())

    const pid = /^\/api\/inspect\/(\d+)$/.exec(pathname)?.[1]
    if (pid) {
      const facts = await inspect(Number(pid), aborted.signal)
      if (facts) return send(response, 200, 'application/json', JSON.stringify(facts))
      return send(response, 404, 'text/plain', `There is no process ${pid} any more.`)
    }
    if (pathname === '/api/tidy') {
      const note = await text(request)
      await setTimeout(1500, undefined, { signal: aborted.signal })
      return send(response, 200, 'text/plain', tidy(note))
    }
  }
  return send(response, 404, 'text/plain', 'Nothing is here.')
}

/**
 * Server-sent events: one for every sample, until the page leaves.
 *
 * @param {ServerResponse} response
 * @param {ReturnType<typeof createSampler>} sampler
 */
function stream(response, sampler) {
  response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' })
  const stop = sampler.listen((/** @type {Sample} */ sample) => {
    // A page that has stopped reading is sent away; it comes back for a full sample when it wakes up.
    if (response.writableLength > 4_000_000) response.destroy()
    else response.write(`data: ${JSON.stringify(sample)}\n\n`)
  })
  response.on('close', stop)
}

/** One space between words, a capital at the start, a full stop at the end. @param {string} note */
function tidy(note) {
  const words = note.trim().replace(/\s+/g, ' ')
  if (words === '') return ''
  return words.charAt(0).toUpperCase() + words.slice(1) + (/[.!?]$/.test(words) ? '' : '.')
}

async function bundlePages() {
  const { outputFiles } = await build({
    entryPoints: [path('main.ts'), path('react/main.tsx')],
    outdir: path('.'),
    bundle: true,
    // what a page takes from one chunk of dist and not from another is no mistake
    logOverride: { 'ignored-bare-import': 'silent' },
    write: false,
    format: 'esm',
    target: 'es2022',
    jsx: 'automatic',
    define: { 'process.env.NODE_ENV': '"production"' },
    sourcemap: 'inline',
    // Not the paths of tsconfig.json, which lead to the source: the page takes tidemap as its users do, from `dist`.
    tsconfigRaw: {},
  })
  return new Map([
    ['/', { type: 'text/html', content: readFileSync(path('index.html'), 'utf8') }],
    ['/style.css', { type: 'text/css', content: readFileSync(path('style.css'), 'utf8') }],
    ['/main.js', { type: 'text/javascript', content: outputFiles[0]?.text ?? '' }],
    ['/react', { type: 'text/html', content: readFileSync(path('react/index.html'), 'utf8') }],
    ['/react/main.js', { type: 'text/javascript', content: outputFiles[1]?.text ?? '' }],
  ])
}

listen(
  createServer(answering(answer)),
  5180,
  (address) => `The process monitor runs at ${address} and, in React, at /react`,
)
