import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const source = (path: string) => fileURLToPath(new URL(`../src/${path}`, import.meta.url))

// For `npm run mutate`: the tests that every mutant is run against, all in plain Node.
export default defineConfig({
  resolve: {
    alias: [
      { find: /^tidemap$/, replacement: source('index.ts') },
      { find: /^tidemap\/store$/, replacement: source('store/index.ts') },
      { find: /^tidemap\/core$/, replacement: source('core/index.ts') },
      { find: /^tidemap\/resource$/, replacement: source('resource/index.ts') },
    ],
  },
  test: {
    restoreMocks: true,
    unstubGlobals: true,
    include: ['test/core/**/*.test.ts', 'test/conformance/**/*.test.ts', 'test/store/**/*.test.ts'],
    testTimeout: 30_000,
  },
})
