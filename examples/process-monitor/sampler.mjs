// From readings to differences: who is new or has changed, and who is gone.
import os from 'node:os'

/** @import { Machine, Process, Sample } from './protocol.ts' */

/**
 * Reads the machine while somebody listens, and tells each listener only what has changed since it last heard.
 *
 * @param {() => Promise<Map<number, Process>>} read
 * @param {{ period: number, hasThreads: boolean }} options Milliseconds from the end of one reading to the next.
 */
export function createSampler(read, { period, hasThreads }) {
  /** Each listener, and whether it has had its first, full sample. */
  const listeners = /** @type {Map<(sample: Sample) => void, boolean>} */ (new Map())
  const readMachine = machineReader(hasThreads)
  let latest = /** @type {Map<number, Process>} */ (new Map())
  let isRunning = false

  async function run() {
    isRunning = true
    while (listeners.size > 0) {
      const previous = latest
      latest = await read()
      const machine = readMachine()
      const changed = [...latest.values()].filter((process) => !isSame(process, previous.get(process.pid)))
      const gone = [...previous.keys()].filter((pid) => !latest.has(pid))
      for (const [listener, isTold] of listeners) {
        if (isTold) listener({ full: false, changed, gone, machine })
        else listener({ full: true, changed: [...latest.values()], gone: [], machine })
        listeners.set(listener, true)
      }
      await new Promise((resolve) => setTimeout(resolve, period))
    }
    isRunning = false
  }

  return {
    /**
     * @param {(sample: Sample) => void} listener
     * @returns {() => void} Stops listening.
     */
    listen(listener) {
      listeners.set(listener, false)
      if (!isRunning) void run()
      return () => listeners.delete(listener)
    },
  }
}

/**
 * @param {Process} a
 * @param {Process | undefined} b
 */
function isSame(a, b) {
  return JSON.stringify(a) === JSON.stringify(b)
}

/** @param {boolean} hasThreads */
function machineReader(hasThreads) {
  let before = processorTimes()

  /** @returns {Machine} */
  return () => {
    const now = processorTimes()
    const all = now.all - before.all
    const busy = all > 0 ? 1 - (now.idle - before.idle) / all : 0
    // The kernel counts in hundredths of a second: over less than one second the share would jump about.
    if (all > 1000 * os.cpus().length) before = now
    return {
      name: os.hostname(),
      cores: os.cpus().length,
      busy,
      load: os.loadavg(),
      memoryTotal: os.totalmem(),
      memoryUsed: os.totalmem() - os.freemem(),
      uptime: os.uptime(),
      hasThreads,
    }
  }
}

/** Milliseconds since the start of the machine, all cores together. */
function processorTimes() {
  const times = os.cpus().map((core) => core.times)
  const idle = times.reduce((sum, time) => sum + time.idle, 0)
  const all = times.reduce((sum, { user, nice, sys, idle, irq }) => sum + user + nice + sys + idle + irq, 0)
  return { idle, all }
}
