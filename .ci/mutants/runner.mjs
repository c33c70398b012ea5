// A test runner for Stryker that keeps the tests loaded. Stryker's own for vitest starts a worker, loads the tests and asks over a channel for
// every mutant anew: seconds for each of 3,000. Here the files are made bodies of functions once, and the run of a mutant calls them again in a
// thread, all modules fresh; the tests are run by vitest's own runner. Which tests a mutant needs, and the score, are Stryker's business.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { Worker } from 'node:worker_threads'
import { DryRunStatus, MutantRunStatus, TestStatus } from '@stryker-mutator/api/test-runner'
import { transform } from 'esbuild'
import { fileOf, SEED } from './files.mjs'

/**
 * @import { MutantCoverage } from '@stryker-mutator/api/core'
 * @import { DryRunResult, MutantRunOptions, MutantRunResult, TestResult, TestRunner } from '@stryker-mutator/api/test-runner'
 * @typedef {{ files: string[], ids?: string[] | undefined, mutant?: string, hitLimit?: number | undefined }} Task
 * @typedef {{ tests: TestResult[], coverage?: MutantCoverage, hung?: string }} Outcome
 */

// The tests of the core: a mutant of a folder is run against those of its folder, or against all where they do not reach it. Not queue-work.test.ts, which counts the steps of the queues and costs as much as all the others together.
const ofCore =
  /^test\/(core\/(?!queue-work)|conformance\/(sync-map|workloads)\.|properties\/(versioned-map|sync-map|turns)\.).*test\.ts(?:#|$)/
// Those of the store, and of what lives by it.
const ofStore =
  /^test\/(store\/|resource\/(optimistic|load-or-compute)\.|properties\/layers\.).*test\.ts(?:#|$)/

/** How many ms each test took without a mutant, by its id: written by the first process of a run, for the others. */
const DURATIONS = 'durations.json'

/**
 * After how many ms a mutant counts as one that hangs, in a test that took `usual`.
 * @param {number} usual
 */
const patience = (usual) => 1_000 + 10 * usual

/**
 * Makes a file and all that it imports bodies of functions.
 * @param {string} file
 * @param {Record<string, string>} bodies
 */
async function compile(file, bodies) {
  if (file in bodies) return
  bodies[file] = ''
  const { code } = await transform(await readFile(file, 'utf8'), {
    loader: 'ts',
    format: 'cjs',
    target: 'node20',
    supported: { 'dynamic-import': false },
    define: { 'import.meta.url': '__url' },
    tsconfigRaw: { compilerOptions: { target: 'es2022', verbatimModuleSyntax: true } },
  })
  bodies[file] = `'use strict'\n${code}`
  for (const [, name = ''] of code.matchAll(/require\("(.+?)"\)/g)) {
    const imported = fileOf(name, file)
    if (imported !== undefined) await compile(imported, bodies)
  }
}

/** @implements {TestRunner} */
class InThread {
  /** @type {Worker | undefined} */
  #thread
  /** @type {Record<string, string>} */
  #bodies = {}
  /** @type {string[]} */
  #files = []
  /** @type {Record<string, number> | undefined} */
  #durations

  capabilities() {
    return { reloadEnvironment: true }
  }

  async init() {
    this.#files = readdirSync('test', { recursive: true })
      .map((file) => `test/${file}`)
      .filter((file) => ofCore.test(file) || ofStore.test(file))
    for (const file of [SEED, ...this.#files]) await compile(resolve(file), this.#bodies)
  }

  /** @returns {Promise<DryRunResult>} */
  async dryRun() {
    const { tests, coverage } = await this.#run({ files: this.#files })
    writeFileSync(
      DURATIONS,
      JSON.stringify(Object.fromEntries(tests.map(({ id, timeSpentMs }) => [id, timeSpentMs]))),
    )
    return { status: DryRunStatus.Complete, tests, ...(coverage && { mutantCoverage: coverage }) }
  }

  /**
   * @param {MutantRunOptions} options
   * @returns {Promise<MutantRunResult>}
   */
  async mutantRun({ activeMutant, testFilter, hitLimit }) {
    /** @type {Record<string, number>} */
    this.#durations ??= JSON.parse(readFileSync(DURATIONS, 'utf8'))
    const durations = this.#durations ?? {}
    const ids = testFilter ?? Object.keys(durations)
    const its = activeMutant.fileName.includes('/src/core/') ? ofCore : ofStore
    const own = ids.filter((id) => its.test(id))
    /** @type {Map<string, number>} */
    const ofFiles = new Map()
    for (const id of own.length > 0 ? own : ids) {
      const file = id.slice(0, id.indexOf('#'))
      ofFiles.set(file, (ofFiles.get(file) ?? 0) + (durations[id] ?? 0))
    }
    // The quickest first: the first test that fails kills the mutant, and the others are not run.
    const files = [...ofFiles].sort(([, a], [, b]) => a - b).map(([file]) => file)
    const { tests, hung } = await this.#run({ files, ids: testFilter, mutant: activeMutant.id, hitLimit })
    if (hung !== undefined) return { status: MutantRunStatus.Timeout, reason: hung }
    const nrOfTests = tests.length
    for (const test of tests) {
      if (test.status !== TestStatus.Failed) continue
      return {
        status: MutantRunStatus.Killed,
        killedBy: [test.id],
        failureMessage: test.failureMessage,
        nrOfTests,
      }
    }
    return { status: MutantRunStatus.Survived, nrOfTests }
  }

  async dispose() {
    await this.#thread?.terminate()
  }

  /**
   * @param {Task} task
   * @returns {Promise<Outcome>}
   */
  #run(task) {
    this.#thread ??= new Worker(new URL('thread.mjs', import.meta.url), { workerData: this.#bodies })
    const thread = this.#thread
    return new Promise((resolve, reject) => {
      /** @type {NodeJS.Timeout | undefined} */
      let hanging
      const end = () => {
        clearTimeout(hanging)
        thread.off('message', hear).off('error', fail)
      }
      /** @param {Error} error */
      const fail = (error) => {
        end()
        this.#thread = undefined
        reject(error)
      }
      /** @param {Outcome | { id: string } | { error: Error }} message what came of it, or the test that begins */
      const hear = (message) => {
        clearTimeout(hanging)
        if ('tests' in message) {
          end()
          resolve(message)
        } else if ('error' in message) {
          fail(message.error)
        } else if (this.#durations !== undefined) {
          const { id } = message
          hanging = setTimeout(
            () => {
              end()
              this.#thread = undefined
              void thread.terminate()
              resolve({ tests: [], hung: id })
            },
            patience(this.#durations[id] ?? 0),
          )
        }
      }
      thread.on('message', hear).on('error', fail)
      thread.postMessage(task)
    })
  }
}

export const strykerPlugins = [{ kind: 'TestRunner', name: 'in-thread', injectableClass: InThread }]
