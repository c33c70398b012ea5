import { posix } from 'node:path'
import ts from 'typescript'
import type { SourceFile } from './source-files.ts'

/** What one file of src imports: paths of other files relative to src, and names of packages. */
export interface Imports {
  file: string
  imports: readonly string[]
}

/** Each layer, lowest first, and the layers it may import; its own files it always may. */
const layers: Record<string, readonly string[]> = {
  errors: [],
  core: ['errors'],
  store: ['errors', 'core'],
  resource: ['errors', 'core', 'store'],
  collection: ['errors', 'core', 'store'],
  reactive: ['errors', 'core', 'store'],
  index: ['errors', 'core', 'store', 'resource', 'collection', 'reactive'],
}

/** Adapters see the public names only, and never each other. */
const adapters = ['react', 'dom', 'vue', 'svelte', 'solid', 'devtools', 'persist', 'tabs', 'yjs']
for (const adapter of adapters) layers[adapter] = ['index']

/** The one file that may import a package. An adapter may import its framework as well. */
const packages: Record<string, string> = {
  rxjs: 'reactive/observables.ts',
  immer: 'reactive/recipe.ts',
}

const layerOf = (file: string) => file.replace(/\.ts$/, '').split('/')[0]!

const isOurs = (name: string) => name.endsWith('.ts')

/** Type-only imports, re-exports and `import()` count. */
export function importsOf({ file, text }: SourceFile): Imports {
  const imports = ts
    .preProcessFile(text)
    .importedFiles.map(({ fileName }) =>
      fileName.startsWith('.') ? posix.join(posix.dirname(file), fileName) : fileName,
    )
  return { file, imports }
}

/** Every import that goes against DESIGN.md section 2, as a sentence. */
export function layerViolations(files: readonly Imports[]): string[] {
  const violations: string[] = []
  for (const { file, imports } of files) {
    for (const name of imports) {
      const reason = isOurs(name)
        ? reasonAgainst(layerOf(file), layerOf(name))
        : reasonAgainstPackage(file, name)
      if (reason) violations.push(`${file} may not import ${name}: ${reason}`)
    }
  }
  return violations
}

function reasonAgainst(from: string, to: string): string | undefined {
  for (const layer of [from, to]) if (!layers[layer]) return `${layer} is no layer`
  if (from === to || layers[from]!.includes(to)) return undefined
  if (adapters.includes(from)) {
    return adapters.includes(to) ? 'adapters do not know each other' : 'an adapter imports index.ts only'
  }
  return layers[to]!.includes(from) || adapters.includes(to)
    ? `${from} is below ${to}`
    : `${from} and ${to} do not know each other`
}

function reasonAgainstPackage(file: string, name: string): string | undefined {
  const only = packages[name]
  if (only) return only === file ? undefined : `only ${only} does`
  return adapters.includes(layerOf(file)) ? undefined : `${layerOf(file)} depends on no package`
}

/** Each import cycle once, as `a.ts -> b.ts -> a.ts`. */
export function importCycles(files: readonly Imports[]): string[] {
  const importsOfFile = new Map(files.map(({ file, imports }) => [file, imports]))
  const cycles: string[] = []
  const done = new Set<string>()
  const path: string[] = []

  const visit = (file: string) => {
    const start = path.indexOf(file)
    if (start !== -1) cycles.push([...path.slice(start), file].join(' -> '))
    if (start !== -1 || done.has(file)) return
    path.push(file)
    for (const next of importsOfFile.get(file) ?? []) visit(next)
    path.pop()
    done.add(file)
  }

  for (const { file } of files) visit(file)
  return cycles
}
