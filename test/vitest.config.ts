import { fileURLToPath } from 'node:url'
import { playwright } from '@vitest/browser-playwright'
import { defineConfig } from 'vitest/config'
import { launchOptions } from '../.ci/chromium.mjs'
import { compiled } from './support/compiled.ts'

const source = (path: string) => fileURLToPath(new URL(`../src/${path}`, import.meta.url))

// A folder that needs surroundings of its own is a project of its own; every other test runs in plain Node as `unit`.
const own = [
  'adapters',
  'browser',
  'concurrent',
  'dist',
  'dom',
  'examples',
  'leaks',
  'react',
  'simulation',
  'types',
]

const chromium = {
  enabled: true,
  headless: true,
  screenshotFailures: false,
  provider: playwright({ launchOptions: launchOptions() }),
  instances: [{ browser: 'chromium' as const }],
}

const reactInBrowser = ['react', 'react-dom', 'react-dom/client', 'react-dom/server', 'react/jsx-dev-runtime']

export default defineConfig({
  resolve: {
    alias: [
      { find: /^tidemap$/, replacement: source('index.ts') },
      { find: /^tidemap\/store$/, replacement: source('store/index.ts') },
      { find: /^tidemap\/resource$/, replacement: source('resource/index.ts') },
      { find: /^tidemap\/collection$/, replacement: source('collection/index.ts') },
      { find: /^tidemap\/core$/, replacement: source('core/index.ts') },
      { find: /^tidemap\/dom$/, replacement: source('dom/index.ts') },
      { find: /^tidemap\/react$/, replacement: source('react/index.ts') },
    ],
  },
  test: {
    restoreMocks: true,
    unstubGlobals: true,
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      reporter: ['text', 'json-summary'],
    },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [...own.map((folder) => `test/${folder}/**`), 'test/docs.test.ts'],
          testTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: { name: 'simulation', include: ['test/simulation/**/*.test.ts'], testTimeout: 60_000 },
      },
      {
        extends: true,
        test: {
          name: 'type-tests',
          include: [],
          typecheck: {
            enabled: true,
            only: true,
            include: ['test/types/**/*.test-d.{ts,tsx}'],
            tsconfig: './tsconfig.json',
            checker: 'tsc',
            // Errors elsewhere are the business of the step `types`.
            ignoreSourceErrors: true,
          },
        },
      },
      {
        extends: true,
        plugins: [compiled(/process-monitor\/react\/[^/]+\.tsx?$/)],
        test: {
          name: 'dom',
          environment: 'jsdom',
          include: ['test/dom/**/*.test.ts', 'test/adapters/dom.test.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'react',
          environment: 'jsdom',
          include: ['test/react/**/*.test.{ts,tsx}', 'test/adapters/react.test.tsx'],
        },
      },
      {
        extends: true,
        resolve: { alias: [{ find: /^(react|react-dom)(?=\/|$)/, replacement: '$1-18' }] },
        test: {
          name: 'react-18',
          environment: 'jsdom',
          include: ['test/react/**/*.test.{ts,tsx}', 'test/adapters/react.test.tsx'],
          exclude: ['test/react/compiler.test.tsx'], // its runtime came with React 19
          setupFiles: ['test/support/react-18.ts'],
        },
      },
      {
        extends: true,
        optimizeDeps: { include: reactInBrowser },
        test: {
          name: 'concurrent',
          include: ['test/concurrent/**/*.test.tsx'],
          testTimeout: 30_000,
          browser: chromium,
        },
      },
      {
        extends: true,
        optimizeDeps: { include: [...reactInBrowser, 'jotai', 'zustand', 'react-concurrent-store'] },
        test: { name: 'bench-concurrent', include: ['bench/concurrent/*.bench.tsx'], browser: chromium },
      },
      {
        extends: true,
        // Named here, because a dependency found only during the run makes Vite reload the page in the middle of a test.
        optimizeDeps: {
          include: [
            'rxjs',
            'immer',
            '@testing-library/dom',
            '@testing-library/user-event',
            'react',
            'react-dom/client',
          ],
        },
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          testTimeout: 30_000,
          browser: chromium,
        },
      },
      {
        extends: true,
        test: {
          name: 'leaks',
          include: ['test/leaks/**/*.test.ts'],
          pool: 'forks',
          execArgv: ['--expose-gc'],
          // Two files that allocate at the same time would see each other's garbage collections as noise.
          fileParallelism: false,
          testTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: { name: 'dist', include: ['test/dist/**/*.test.ts'], testTimeout: 60_000 },
      },
      {
        extends: true,
        test: { name: 'docs', include: ['test/docs.test.ts'], testTimeout: 60_000 },
      },
      {
        extends: true,
        test: {
          name: 'examples',
          include: ['test/examples/**/*.test.ts'],
          // Each file starts a server and a browser; two at a time starve each other on two cores.
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
})
