// The product with one wrong line: the sources bundled in memory, one file of them patched on its way in. No copy is left behind.
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { Script } from 'node:vm'
import { build, type Plugin } from 'esbuild'
import type { Product } from '../../support/product.ts'

/** A wrong line, as data. */
export interface Patch {
  /** Below src. */
  readonly file: string
  /** Has to be in the file exactly once. */
  readonly find: string
  readonly replace: string
}

const src = fileURLToPath(new URL('../../../src/', import.meta.url))

const entry = `
  export * as core from './core/index.ts'
  export * as store from './store/index.ts'
  export * as full from './index.ts'
  export * as resource from './resource/index.ts'
`

export async function patchedProduct(patch?: Patch): Promise<Product> {
  const { outputFiles } = await build({
    stdin: { contents: entry, resolveDir: src, loader: 'ts' },
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'product',
    platform: 'node',
    plugins: patch === undefined ? [] : [patching(patch)],
  })
  // a script, not a module from a data: URL: that URL would be the file's name in every line of every stack trace, megabytes an error
  const script = new Script(`(() => { ${outputFiles[0]!.text}; return product })()`, {
    filename: 'patched-product.js',
  })
  return script.runInThisContext() as Product
}

function patching({ file, find, replace }: Patch): Plugin {
  const path = src + file
  return {
    name: 'patch',
    setup: ({ onLoad, onEnd }) => {
      let isApplied = false
      onLoad({ filter: /\.ts$/ }, async (args) => {
        if (args.path !== path) return undefined
        const text = await readFile(path, 'utf8')
        const parts = text.split(find)
        if (parts.length !== 2) throw new Error(`${file} has ${parts.length - 1} times: ${find}`)
        isApplied = true
        return { contents: parts.join(replace), loader: 'ts' }
      })
      onEnd(() => {
        if (!isApplied) throw new Error(`${file} is not in the bundle`)
      })
    },
  }
}
