import { transformSync } from '@babel/core'
import compiler from 'babel-plugin-react-compiler'

/** A plugin of Vite: files of that name are tested as the React Compiler makes them. What it cannot compile is an error. */
export function compiled(name: RegExp) {
  return {
    name: 'react-compiler',
    enforce: 'pre' as const,
    transform(code: string, id: string) {
      if (!name.test(id)) return undefined
      const result = transformSync(code, {
        filename: id,
        babelrc: false,
        configFile: false,
        sourceMaps: true,
        parserOpts: { plugins: ['jsx', 'typescript'] },
        plugins: [[compiler, { panicThreshold: 'all_errors' }]],
      })
      return { code: result?.code ?? '', map: result?.map ?? null }
    },
  }
}
