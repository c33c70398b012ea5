// A closer look at one process. Slow for a reason: it watches the process for a while to see what it does in a second.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import systeminformation from 'systeminformation'

/** @import { Facts } from './protocol.ts' */

const watchMs = 1500

/**
 * @param {number} pid
 * @param {AbortSignal} signal Ends the watching.
 * @returns {Promise<Facts | undefined>} Nothing where the process is not there, or has ended meanwhile.
 */
export async function inspect(pid, signal) {
  const look = process.platform === 'linux' ? lookAtLinux : lookElsewhere
  const before = await look(pid)
  await setTimeout(watchMs, undefined, { signal })
  const after = await look(pid)
  if (!before || !after) return undefined

  const rates = Object.entries(after.counters).map(([name, count]) => {
    const perSecond = ((count - (before.counters[name] ?? count)) * 1000) / watchMs
    return /** @type {const} */ ([`${name} a second`, Math.round(perSecond).toLocaleString('en')])
  })
  return [...after.facts, ...rates]
}

/**
 * @typedef {object} Look
 * @property {Facts} facts
 * @property {Record<string, number>} counters What only grows: of two looks, the difference is a rate.
 */

/**
 * @param {number} pid
 * @returns {Promise<Look | undefined>}
 */
async function lookAtLinux(pid) {
  const folder = `/proc/${pid}`
  const status = fields(attempt(() => readFileSync(`${folder}/status`, 'utf8')))
  if (!status['Pid']) return undefined
  const io = fields(attempt(() => readFileSync(`${folder}/io`, 'utf8')))
  const count = (/** @type {string | undefined} */ text) => Number.parseInt(text ?? '0', 10)
  return {
    facts: [
      [
        'Command',
        attempt(() => readFileSync(`${folder}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()) || '–',
      ],
      ['Executable', attempt(() => readlinkSync(`${folder}/exe`)) ?? '–'],
      ['Folder', attempt(() => readlinkSync(`${folder}/cwd`)) ?? '–'],
      ['Parent', status['PPid'] ?? '–'],
      ['Open files', attempt(() => String(readdirSync(`${folder}/fd`).length)) ?? 'not ours to see'],
      [
        'Memory maps',
        attempt(() => String(readFileSync(`${folder}/maps`, 'utf8').split('\n').length - 1)) ?? '–',
      ],
      ['Memory at most', status['VmHWM'] ?? '–'],
    ],
    counters: {
      Waits: count(status['voluntary_ctxt_switches']),
      Interruptions: count(status['nonvoluntary_ctxt_switches']),
      ...(io['rchar'] && { 'Bytes read': count(io['rchar']), 'Bytes written': count(io['wchar']) }),
    },
  }
}

/**
 * @param {number} pid
 * @returns {Promise<Look | undefined>}
 */
async function lookElsewhere(pid) {
  const { list } = await systeminformation.processes()
  const found = list.find((process) => process.pid === pid)
  if (!found) return undefined
  return {
    facts: [
      ['Command', `${found.command} ${found.params}`],
      ['Executable', found.path || '–'],
      ['Parent', String(found.parentPid)],
      ['Started', found.started],
      ['Priority', String(found.priority)],
    ],
    counters: {},
  }
}

/** @param {string | undefined} text Lines of `name: value`. */
function fields(text = '') {
  /** @type {Record<string, string>} */
  const found = {}
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':')
    if (colon > 0) found[line.slice(0, colon)] = line.slice(colon + 1).trim()
  }
  return found
}

/**
 * What belongs to other users may be out of sight, and what has just ended is.
 *
 * @template T
 * @param {() => T} read
 */
function attempt(read) {
  try {
    return read()
  } catch {
    return undefined
  }
}
