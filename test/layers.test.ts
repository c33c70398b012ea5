import { describe, expect, test } from 'vitest'
import { importCycles, importsOf, layerViolations } from './support/layers.ts'
import { sourceFiles } from './support/source-files.ts'

const files = sourceFiles().map(importsOf)

const importersOf = (name: string) =>
  files.filter(({ imports }) => imports.includes(name)).map(({ file }) => file)

describe('src', () => {
  test('imports go one way', () => {
    expect(layerViolations(files)).toEqual([])
  })

  test('no file imports itself by a detour', () => {
    expect(importCycles(files)).toEqual([])
  })

  test('rxjs and immer are each imported by one file', () => {
    expect(importersOf('rxjs')).toEqual(['reactive/observables.ts'])
    expect(importersOf('immer')).toEqual(['reactive/recipe.ts'])
  })
})

describe('the check itself', () => {
  const violation = (file: string, name: string) => layerViolations([{ file, imports: [name] }])

  test.each([
    ['core/mutex.ts', 'errors.ts'],
    ['core/sync-map.ts', 'core/mutex.ts'],
    ['store/store.ts', 'core/view.ts'],
    ['reactive/recipe.ts', 'store/store.ts'],
    ['reactive/recipe.ts', 'immer'],
    ['resource/resource.ts', 'store/store.ts'],
    ['collection/query.ts', 'store/readable.ts'],
    ['index.ts', 'reactive/observables.ts'],
    ['react/use-key.ts', 'index.ts'],
    ['react/use-key.ts', 'react'],
    ['react/index.ts', 'react/use-key.ts'],
  ])('%s may import %s', (file, name) => {
    expect(violation(file, name)).toEqual([])
  })

  test.each([
    ['errors.ts', 'core/mutex.ts', 'errors is below core'],
    ['core/view.ts', 'store/store.ts', 'core is below store'],
    ['store/store.ts', 'resource/resource.ts', 'store is below resource'],
    ['store/store.ts', 'index.ts', 'store is below index'],
    ['index.ts', 'react/index.ts', 'index is below react'],
    ['core/view.ts', 'react/index.ts', 'core is below react'],
    ['resource/resource.ts', 'reactive/recipe.ts', 'resource and reactive do not know each other'],
    ['reactive/recipe.ts', 'resource/resource.ts', 'reactive and resource do not know each other'],
    ['react/use-key.ts', 'store/store.ts', 'an adapter imports index.ts only'],
    ['react/use-key.ts', 'errors.ts', 'an adapter imports index.ts only'],
    ['react/use-key.ts', 'dom/bind-text.ts', 'adapters do not know each other'],
    ['helpers/x.ts', 'errors.ts', 'helpers is no layer'],
    ['core/view.ts', 'immer', 'only reactive/recipe.ts does'],
    ['reactive/recipe.ts', 'rxjs', 'only reactive/observables.ts does'],
    ['react/use-key.ts', 'rxjs', 'only reactive/observables.ts does'],
    ['core/view.ts', 'node:util', 'core depends on no package'],
    ['index.ts', 'lodash', 'index depends on no package'],
  ])('%s may not import %s', (file, name, reason) => {
    expect(violation(file, name)).toEqual([`${file} may not import ${name}: ${reason}`])
  })

  test('every kind of import is seen', () => {
    const text = `
      import a from './a.ts'
      import type { B } from './b.ts'
      export * from '../errors.ts'
      export { type D } from './d.ts'
      import './e.ts'
      const f = import('./f.ts')
      type G = import('./g.ts').G
      import { type Observable } from 'rxjs'
      // import './not-this.ts'
    `
    expect(importsOf({ file: 'core/x.ts', text }).imports).toEqual([
      'core/a.ts',
      'core/b.ts',
      'errors.ts',
      'core/d.ts',
      'core/e.ts',
      'core/f.ts',
      'core/g.ts',
      'rxjs',
    ])
  })

  test('a cycle is found wherever it begins, and named once', () => {
    const chain = [
      { file: 'a.ts', imports: ['b.ts'] },
      { file: 'b.ts', imports: ['c.ts', 'rxjs'] },
      { file: 'c.ts', imports: [] as string[] },
    ]
    expect(importCycles(chain)).toEqual([])
    chain[2]!.imports.push('b.ts')
    expect(importCycles(chain)).toEqual(['b.ts -> c.ts -> b.ts'])
  })
})
