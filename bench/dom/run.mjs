// The nine operations of js-framework-benchmark in Chromium, side by side: React with each store, and plain DOM with each.
//
//   npm run bench:dom                          everything
//   npm run bench:dom -- --quick               few samples: to see that it works, not to quote
//   npm run bench:dom -- --only=plain          one kind, or one contender: --only=react/zustand,react/tidemap
//   npm run bench:dom -- --markdown            the tables of the README
//
// Every contender has a page of its own; an operation goes through all pages before the next one, so that what else the machine does
// hits all of them. A page that shows anything wrong ends the bench. Time is from the click until the DOM is right, before layout.
import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { chromium } from 'playwright'
import { findChromium, launchOptions } from '../../.ci/chromium.mjs'
import { printReport } from './report.mjs'

/** @import { Page } from 'playwright' */
/** @import { Result } from './report.mjs' */

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    markdown: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
  },
})

/** Each kind, its contenders, the reference first, and what a page takes from its store: what is weighed. */
const kinds = {
  react: {
    'use-reducer': '',
    tidemap: `export { createStore } from 'tidemap/store'; export { useKey, useKeys } from 'tidemap/react'`,
    'tidemap-concurrent': `export { createStore } from 'tidemap/store'; export { ConcurrentProvider, useKey, useKeys } from 'tidemap/react'`,
    zustand: `export { createStore, useStore } from 'zustand'`,
    jotai: `export { atom, createStore, useAtomValue } from 'jotai'`,
    mobx: `export { action, observable } from 'mobx'; export { observer } from 'mobx-react-lite'`,
    signals: `export { batch, signal } from '@preact/signals-core'; export { useSignals } from '@preact/signals-react/runtime'`,
  },
  plain: {
    'by-hand': '',
    tidemap: `export { createStore } from 'tidemap/store'; export { bindList } from 'tidemap/dom'`,
    zustand: `export { createStore } from 'zustand/vanilla'`,
    jotai: `export { atom, createStore } from 'jotai/vanilla'`,
    mobx: `export { action, observable, autorun } from 'mobx'`,
    signals: `export { batch, signal, effect, untracked } from '@preact/signals-core'`,
  },
}

const names = /** @type {const} */ ([
  'create 1k',
  'replace',
  'update 10th',
  'select',
  'swap',
  'remove',
  'create 10k',
  'append 1k',
  'clear',
])
const [warmUps, samples, samplesOf10k] = options.quick ? [2, 4, 2] : [5, 12, 6]

const directory = fileURLToPath(new URL('.', import.meta.url))
const production = /** @type {const} */ ({
  bundle: true,
  write: false,
  minify: true,
  format: 'esm',
  platform: 'browser',
  target: 'es2022',
  define: { 'process.env.NODE_ENV': '"production"' },
  tsconfig: fileURLToPath(new URL('../../tsconfig.json', import.meta.url)),
  logLevel: 'error',
})

/** @param {string} contents @param {string[]} [external] */
async function bundle(contents, external = []) {
  const stdin = { contents, resolveDir: directory, loader: /** @type {const} */ ('ts') }
  const { outputFiles } = await build({ ...production, external, stdin })
  return outputFiles[0]?.text ?? ''
}

const isWanted = (/** @type {string} */ path) =>
  options.only === '' || options.only.split(',').some((part) => path === part || path.startsWith(`${part}/`))

/** @type {Map<string, string>} */
const scripts = new Map()
/** @type {Result[]} */
const results = []
for (const [kind, contenders] of Object.entries(kinds)) {
  const [reference] = Object.keys(contenders)
  for (const [name, imports] of Object.entries(contenders)) {
    const path = `${kind}/${name}`
    if (!isWanted(path) && !(name === reference && options.only.includes(kind))) continue
    const extension = kind === 'react' ? 'tsx' : 'ts'
    const script = `
      import { Harness } from './harness.ts'
      import { mount } from './${path}.${extension}'
      globalThis.harness = new Harness(mount, document.querySelector('#root'), 1000)`
    scripts.set(`/${path}.js`, await bundle(script))
    const bytes = imports && gzipSync(await bundle(imports, ['react', 'react-dom']), { level: 9 }).length
    results.push({ kind, name, samples: {}, rendered: {}, heap: 0, bytes: bytes || 0 })
  }
}

const server = createServer(({ url = '' }, response) => {
  const script = scripts.get(url)
  response.writeHead(200, {
    'Content-Type': script === undefined ? 'text/html' : 'text/javascript',
    // isolated from other origins a page has a clock of 5 µs instead of 100
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Embedder-Policy': 'require-corp',
  })
  response.end(
    script ??
      `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><title>${url}</title>` +
        // neither laid out nor painted: that is the same for all, and would be most of what the machine does
        `<div id="root" style="content-visibility: hidden"></div><script type="module" src="${url}.js"></script>`,
  )
})
await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)))
const address = server.address()
const origin = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`

const { args, ...launch } = launchOptions(await findChromium())
const browser = await chromium.launch({ ...launch, args: [...args, '--js-flags=--expose-gc'] })
try {
  const pages = await Promise.all(results.map((result) => open(`${origin}/${result.kind}/${result.name}`)))
  for (let round = -warmUps; round < samples; round++) {
    for (const name of names) {
      if (name === 'create 10k' && (round < -1 || round >= samplesOf10k)) continue
      for (const [i, result] of results.entries()) {
        const page = /** @type {Page} */ (pages[i])
        const run = await page.evaluate((name) => /** @type {any} */ (globalThis).harness.run(name), name)
        result.rendered[name] = run.rendered
        if (round < 0) continue
        result.samples[name] ??= []
        result.samples[name].push(run.milliseconds)
      }
    }
    process.stderr.write(`round ${round + 1} of ${samples} …\x1b[K\r`)
  }
  for (const [i, result] of results.entries()) result.heap = await heapOf(/** @type {Page} */ (pages[i]))
  printReport(results, names, options)
} finally {
  await browser.close()
  server.close()
}

/** @param {string} url */
async function open(url) {
  const page = await (await browser.newContext()).newPage()
  page.on('pageerror', (error) => console.error(url, error))
  await page.goto(url)
  await page.waitForFunction(() => document.querySelector('#go') !== null)
  if (!(await page.evaluate(() => crossOriginIsolated))) throw new Error(`${url} is not isolated`)
  return page
}

/** MB at 10,000 rows, after all garbage has gone. @param {Page} page */
async function heapOf(page) {
  await page.evaluate(() => /** @type {any} */ (globalThis).harness.run('create 10k'))
  const session = await page.context().newCDPSession(page)
  for (let i = 0; i < 3; i++) await session.send('HeapProfiler.collectGarbage')
  const { usedSize } = await session.send('Runtime.getHeapUsage')
  return usedSize / 1e6
}
