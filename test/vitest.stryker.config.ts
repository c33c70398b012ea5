import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

const source = (path: string) => fileURLToPath(new URL(`../src/${path}`, import.meta.url))

/** The slow files last: the first test that fails kills a mutant, and the others are not run. */
class SlowLast extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const slow = ({ moduleId }: TestSpecification) =>
      Number(/work-bound|conformance|properties/.test(moduleId))
    return files.sort((a, b) => slow(a) - slow(b))
  }
}

// For `npm run mutate`: the tests that every mutant is run against, all in plain Node; .ci/mutate.mjs has those of each folder.
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
    include: JSON.parse(process.env['TIDEMAP_TESTS'] ?? '[]') as string[],
    setupFiles: [fileURLToPath(new URL('support/fixed-seed.ts', import.meta.url))],
    env: { TIDEMAP_MOST_KEYS: '10000', TIDEMAP_SHARE: '0.1' },
    sequence: { sequencer: SlowLast },
    testTimeout: 30_000,
  },
})
