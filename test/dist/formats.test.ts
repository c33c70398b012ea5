// The built package, as Node loads it: what each entry exports, in both formats, and that there is one copy of each class.
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { root, runNode } from './run-node.ts'

const formats = [
  { format: 'module', extension: 'js', load: (name: string, as: string) => `import * as ${as} from '${name}'` },
  { format: 'commonjs', extension: 'cjs', load: (name: string, as: string) => `const ${as} = require('${name}')` },
] as const

describe.each(formats)('$format', ({ format, extension, load }) => {
  const loadAll = [
    load('tidemap', 'whole'),
    load('tidemap/store', 'store'),
    load('tidemap/resource', 'resource'),
    load('tidemap/collection', 'collection'),
    load('tidemap/core', 'core'),
    load('tidemap/dom', 'dom'),
    load('tidemap/react', 'react'),
  ].join('\n')
  const run = (script: string) => runNode(format, `${loadAll}\n${script}`)

  test.each([
    ['core', ['KeyedMutex', 'Mutex', 'SyncMap', 'TidemapError', 'VersionedMap', 'View']],
    ['resource', ['createResource', 'loadOrCompute', 'optimistic']],
    ['store', ['TidemapError', 'View', 'createStore', 'toAsyncIterable', 'transaction', 'when']],
    ['dom', ['bindAttribute', 'bindInput', 'bindList', 'bindText']],
    ['collection', ['TidemapError', 'View', 'aggregate', 'avg', 'count', 'groupBy', 'indexBy', 'max', 'min', 'query', 'sum']],
    ['whole', ['TidemapError', 'View', 'createStore', 'toAsyncIterable', 'transaction', 'when']],
    ['react', ['ConcurrentProvider', 'createStoreContext', 'useEntry', 'useKey', 'useKeyState', 'useKeys', 'usePending', 'useResource', 'useStatus', 'useView']],
  ])('%s exports these names', (entry, names) => {
    expect(run(`console.log(JSON.stringify(Object.keys(${entry}).sort()))`)).toEqual(names)
  })

  test.each(['View', 'TidemapError'])('%s is the same class, whichever entry it comes from', (name) => {
    expect(run(`console.log(whole.${name} === core.${name} && store.${name} === core.${name} && collection.${name} === core.${name})`)).toBe(true)
  })

  test('a store works, its view is a View of the core, its errors are errors of the core', () => {
    const script = `
      const main = async () => {
        const numbers = whole.createStore([['a', 1]])
        await numbers.update('a', (n) => n + 1)
        numbers.dispose()
        const error = await numbers.set('a', 3).catch((reason) => reason)
        console.log(JSON.stringify({
          value: numbers.get('a'),
          isView: numbers.view instanceof core.View,
          isError: error instanceof core.TidemapError,
          code: error.code,
        }))
      }
      main()`
    expect(run(script)).toEqual({ value: 2, isView: true, isError: true, code: 'STORE_DISPOSED' })
  })

  test('only tidemap loads rxjs and immer', () => {
    const packagesOf = (entry: string) => packagesBelow(`${entry}.${extension}`)
    expect(packagesOf('core')).toEqual([])
    expect(packagesOf('store')).toEqual([])
    expect(packagesOf('resource')).toEqual([])
    expect(packagesOf('dom')).toEqual([])
    expect(packagesOf('collection')).toEqual([])
    expect(packagesOf('index')).toEqual(['immer', 'rxjs'])
    expect(packagesOf('react')).toEqual(['react'])
  })
})

/** The packages that a file of dist imports or requires, by itself or through other files of dist. */
function packagesBelow(entry: string): string[] {
  const packages = new Set<string>()
  const files = new Set([entry])
  for (const file of files) {
    const text = readFileSync(`${root}dist/${file}`, 'utf8')
    for (const [, name = ''] of text.matchAll(/(?:\bfrom\s*|\bimport\s*|\brequire\(\s*|\bimport\(\s*)["']([^"'\n]+)["']/g)) {
      if (name.startsWith('./')) files.add(name.slice(2))
      else packages.add(name)
    }
  }
  return [...packages].sort()
}

test('no built file names a path of the machine it was built on', () => {
  const absolute = readdirSync(`${root}dist`).filter((file) => readFileSync(`${root}dist/${file}`, 'utf8').includes(root))
  expect(absolute).toEqual([])
})
