// The thread in which runner.mjs runs the tests. It is given all files as bodies of functions, and is told which to run with which mutant.
import { createRequire } from 'node:module'
import { relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { compileFunction } from 'node:vm'
import { parentPort, workerData } from 'node:worker_threads'
import { TestStatus } from '@stryker-mutator/api/test-runner'
import { startTests } from '@vitest/runner'
import { fileOf, SEED } from './files.mjs'

/**
 * @import { MutantCoverage } from '@stryker-mutator/api/core'
 * @import { TestResult } from '@stryker-mutator/api/test-runner'
 * @import { Suite, Test, VitestRunner } from '@vitest/runner'
 * @import { Task } from './runner.mjs'
 * @typedef {{ exports: Record<string, unknown> }} Module
 */

Object.assign(process.env, { NODE_ENV: 'test', TIDEMAP_MOST_KEYS: '10000', TIDEMAP_SHARE: '0.1' })
// What no test sees kills no mutant.
process.on('unhandledRejection', () => {})
process.on('uncaughtException', () => {})

// Without it vitest takes itself for imported by mistake.
Object.assign(globalThis, {
  __vitest_worker__: { config: { expect: {}, fakeTimers: {}, snapshotOptions: {} }, metaEnv: process.env },
})
const { expect, vi } = await import('vitest')
/** @type {Record<string, object>} */
const packages = {}
for (const name of ['vitest', 'fast-check', 'rxjs', 'rxjs/operators', 'immer', 'typescript']) {
  packages[name] = { __esModule: true, ...(await import(name)) }
}
const builtins = createRequire(import.meta.url)

/** @type {Map<string, Function>} */
const functions = new Map()
/** @type {Map<string, Module>} */
let modules = new Map()

vi.resetModules = () => {
  modules = new Map()
  return vi
}

/**
 * @param {string} file
 * @returns {Record<string, unknown>} what it exports
 */
function load(file) {
  const known = modules.get(file)
  if (known !== undefined) return known.exports
  /** @type {Module} */
  const module = { exports: {} }
  modules.set(file, module)
  const body =
    functions.get(file) ??
    compileFunction(workerData[file], ['module', 'exports', 'require', '__url'], { filename: file })
  functions.set(file, body)
  /** @param {string} name */
  const required = (name) => {
    const imported = fileOf(name, file)
    return imported === undefined ? (packages[name] ?? builtins(name)) : load(imported)
  }
  body(module, module.exports, required, pathToFileURL(file).href)
  return module.exports
}

/**
 * What the instrumented files look at and write down.
 * @type {{ activeMutant?: string | undefined, currentTestId?: string | undefined, hitCount?: number, hitLimit?: number | undefined, mutantCoverage?: MutantCoverage }}
 */
const stryker = {}
Object.assign(globalThis, { __stryker__: stryker })

/** @param {Test} test */
function idOf(test) {
  const names = []
  for (let /** @type {Test | Suite | undefined} */ task = test; task !== undefined; task = task.suite)
    names.unshift(task.name)
  return `${relative('.', test.file.filepath)}#${names.join(' ')}`
}

/**
 * Runs the tests that are named, or all, file by file, to the first that fails.
 * @param {Task} task
 */
async function run({ files, ids, mutant, hitLimit }) {
  const chosen = ids && new Set(ids)
  /** @type {TestResult[]} */
  const tests = []
  let hasFailed = false
  /**
   * @param {string} id
   * @param {{ message: string } | undefined} error
   */
  const fail = (id, error) => {
    hasFailed = true
    tests.push({
      id,
      name: id,
      timeSpentMs: 0,
      status: TestStatus.Failed,
      failureMessage: `${error?.message}`,
    })
  }
  /** @type {VitestRunner} */
  const runner = {
    config: {
      root: process.cwd(),
      name: undefined,
      setupFiles: [],
      passWithNoTests: true,
      allowOnly: false,
      sequence: { seed: 1, hooks: 'stack', setupFiles: 'list' },
      chaiConfig: undefined,
      maxConcurrency: 1,
      testTimeout: 30_000,
      hookTimeout: 30_000,
      retry: 0,
      includeTaskLocation: false,
      tags: [],
      tagsFilter: undefined,
      strictTags: false,
    },
    importFile: load,
    onBeforeRunTask(test) {
      const id = idOf(test)
      if (hasFailed || chosen?.has(id) === false) test.mode = 'skip'
      if (test.mode === 'skip') return
      parentPort?.postMessage({ id })
      stryker.currentTestId = id
    },
    onBeforeTryTask() {
      expect.setState({ assertionCalls: 0, isExpectingAssertions: false, expectedAssertionsNumber: null })
    },
    onAfterRunTask(test) {
      vi.restoreAllMocks()
      vi.unstubAllGlobals()
      stryker.currentTestId = undefined
      const id = idOf(test)
      if (test.result?.state === 'fail') fail(id, test.result.errors?.[0])
      else tests.push({ id, name: id, timeSpentMs: test.result?.duration ?? 0, status: TestStatus.Success })
    },
  }

  modules = new Map()
  Object.assign(stryker, {
    activeMutant: mutant,
    hitCount: 0,
    hitLimit,
    mutantCoverage: { static: {}, perTest: {} },
  })
  for (const file of files) {
    if (hasFailed) break
    parentPort?.postMessage({ id: file })
    try {
      load(resolve(SEED))
      const [result] = await startTests([resolve(file)], runner)
      // What fails while it is loaded.
      if (!hasFailed && result?.result?.state === 'fail') fail(`${file}#`, result.result.errors?.[0])
    } catch (error) {
      fail(`${file}#`, /** @type {Error} */ (error))
    }
  }
  const coverage = stryker.mutantCoverage
  stryker.activeMutant = undefined
  return { tests, coverage }
}

parentPort?.on('message', async (/** @type {Task} */ task) => {
  // An error of this file, not of a test.
  const outcome = await run(task).catch((error) => ({ error }))
  parentPort?.postMessage(outcome)
})
