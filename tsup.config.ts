import { defineConfig } from 'tsup'

export default defineConfig({
  tsconfig: 'src/tsconfig.json',
  entry: {
    index: 'src/index.ts',
    store: 'src/store/index.ts',
    resource: 'src/resource/index.ts',
    collection: 'src/collection/index.ts',
    core: 'src/core/index.ts',
    dom: 'src/dom/index.ts',
    react: 'src/react/index.ts',
  },
  format: ['esm', 'cjs'],
  // tsup's bundler of declarations sets `baseUrl`, which TypeScript 6 accepts only with this switch.
  dts: { compilerOptions: { ignoreDeprecations: '6.0' } },
  // For CJS too: the entries share one chunk, so that there is one copy of every class.
  splitting: true,
  // Rollup then writes the CJS chunks. Without it Sucrase does, which rewrites class fields and `?.` to older, slower code
  // and puts absolute paths into the source maps.
  treeshake: true,
  sourcemap: true,
  clean: true,
  target: 'es2022',
})
