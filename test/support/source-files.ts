import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export interface SourceFile {
  /** Relative to src, with slashes: `store/store.ts`. */
  file: string
  text: string
}

/** Every TypeScript file below src. */
export function sourceFiles(): SourceFile[] {
  const root = fileURLToPath(new URL('../../src/', import.meta.url))
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => ({ file: path.replaceAll('\\', '/'), text: readFileSync(root + path, 'utf8') }))
    .sort((a, b) => (a.file < b.file ? -1 : 1))
}
