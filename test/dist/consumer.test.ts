// A package that depends on tidemap, as a user's compiler and npm see it.
import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import ts from 'typescript'
import { beforeAll, expect, test } from 'vitest'
import { root } from './run-node.ts'

// Below node_modules, so that nothing of it is found by our own tools.
const directory = `${root}node_modules/.cache/tidemap-consumer/`

const code = `
import { createStore, TidemapError, transaction, type View } from 'tidemap'
import { createStore as createSmallStore } from 'tidemap/store'
import { Mutex, SyncMap } from 'tidemap/core'
import { loadOrCompute } from 'tidemap/resource'
import { bindText } from 'tidemap/dom'

export const store = createStore([['a', 1]])
export const small = createSmallStore({ user: 'nobody', age: 1 })
export const view: View<string, number> = store.view
export const user: string = small.get('user')
export const code = (error: TidemapError): string => error.code
export const both = transaction([store, store], (a, b) => a.get('a') === b.get('a'))
export const computed: Promise<[actual: number, loaded: boolean]> = loadOrCompute(store, 'a', async (key) => key.length)
export const map = new SyncMap<string, number>()
export const mutex = new Mutex()
export const bind = (node: Node) => [bindText(node, store, 'a'), bindText(node, small, 'age', (age) => age.toFixed())]
// @ts-expect-error a value of the wrong type
void store.set('a', 'one')
`

beforeAll(() => {
  rmSync(directory, { recursive: true, force: true })
  mkdirSync(`${directory}node_modules`, { recursive: true })
  symlinkSync(root, `${directory}node_modules/tidemap`, 'junction')
  writeFileSync(`${directory}package.json`, '{ "type": "module" }')
  for (const extension of ['ts', 'cts']) writeFileSync(`${directory}consumer.${extension}`, code)
})

const errorsOf = (file: string, options: ts.CompilerOptions) => {
  const program = ts.createProgram([`${directory}${file}`], {
    target: ts.ScriptTarget.ES2022,
    lib: ['lib.es2022.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts', 'lib.esnext.disposable.d.ts'],
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    noEmit: true,
    types: [],
    ...options,
  })
  return ts
    .getPreEmitDiagnostics(program)
    .map(({ file, messageText }) => `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`)
}

test('compiles for a bundler', () => {
  const options = { module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler }
  expect(errorsOf('consumer.ts', options)).toEqual([])
})

test.each(['consumer.ts', 'consumer.cts'])('compiles for Node: %s', (file) => {
  const options = { module: ts.ModuleKind.Node16, moduleResolution: ts.ModuleResolutionKind.Node16 }
  expect(errorsOf(file, options)).toEqual([])
})

test('the package holds what is built and its papers, nothing else', () => {
  const output = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: root,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  })
  const [{ files }] = JSON.parse(output) as [{ files: { path: string }[] }]
  const outside = files.map(({ path }) => path).filter((path) => !path.startsWith('dist/'))
  expect(outside.sort()).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json'])
})
