// What goes wrong on purpose: every request waits a random while, so that answers come out of order, and some fail. Tests order instead
// what becomes of the next request of a path.
import { setTimeout } from 'node:timers/promises'

/** @import { Weather } from './protocol.ts' */
/** @typedef {{ path: string, does: 'hold' | 'fail' }} Plan */
/** @typedef {{ path: string, go: (fails: boolean) => void }} Held */

const CALM = { latency: 0, jitter: 0, failures: 0 }

export function createTrouble() {
  /** @type {Weather} */
  let weather = { latency: 300, jitter: 700, failures: 0.1 }
  /** @type {Plan[]} */
  let plans = []
  /** @type {Held[]} */
  const held = []
  /** Releases that wait for their request. @type {Held[]} */
  let awaited = []

  /** @template {{ path: string }} T @param {T[]} from @param {(item: T) => boolean} fits @returns {T | undefined} */
  function take(from, fits) {
    const index = from.findIndex(fits)
    return index < 0 ? undefined : from.splice(index, 1)[0]
  }

  /** @param {string} path @param {AbortSignal} signal @returns {Promise<boolean>} */
  function hold(path, signal) {
    return new Promise((resolve) => {
      const entry = { path, go: resolve }
      held.push(entry)
      signal.addEventListener('abort', () => {
        take(held, (other) => other === entry)
        resolve(true)
      })
      take(awaited, (release) => path.startsWith(release.path))?.go(true)
    })
  }

  return {
    get weather() {
      return weather
    },
    /** @param {Weather} next */
    set weather(next) {
      weather = next
    },
    reset() {
      weather = CALM
      plans = []
      awaited = []
      for (const { go } of held.splice(0)) go(true)
    },
    /** @param {'hold' | 'fail'} does @param {string} path @param {number} count */
    plan(does, path, count) {
      for (let i = 0; i < count; i += 1) plans.push({ path, does })
    },
    /** @param {string} path @param {boolean} fails */
    async release(path, fails) {
      const fits = (/** @type {Held} */ other) => other.path.startsWith(path)
      if (!held.some(fits)) await new Promise((resolve) => awaited.push({ path, go: resolve }))
      take(held, fits)?.go(fails)
    },
    /** Lets a request wait for as long as it has to. Resolves to whether it is to fail. @param {string} path @param {AbortSignal} signal */
    async strike(path, signal) {
      const plan = take(plans, (other) => path.startsWith(other.path))
      if (plan) return plan.does === 'fail' || hold(path, signal)
      const { latency, jitter, failures } = weather
      const ms = latency + Math.random() * jitter
      if (ms > 0) await setTimeout(ms, undefined, { signal })
      return Math.random() < failures
    },
  }
}
