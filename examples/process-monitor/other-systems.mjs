// macOS, Windows and others: processes from systeminformation. Slower than /proc, so there are fewer samples a second.
import systeminformation from 'systeminformation'

/** @import { Process, ProcessState } from './protocol.ts' */

/** @type {Record<string, ProcessState>} */
const states = {
  running: 'running',
  sleeping: 'sleeping',
  blocked: 'waiting',
  stopped: 'stopped',
  zombie: 'zombie',
}

/** @returns {() => Promise<Map<number, Process>>} */
export function otherProcesses() {
  return async () => {
    const { list } = await systeminformation.processes()
    return new Map(
      list.map((found) => [
        found.pid,
        {
          pid: found.pid,
          owner: null,
          name: found.name,
          command: `${found.command} ${found.params}`.trim().slice(0, 200),
          user: found.user,
          state: states[found.state] ?? 'sleeping',
          threads: 1,
          cpu: Math.round(found.cpu * 10) / 10,
          memory: found.memRss * 1024,
          time: 0,
        },
      ]),
    )
  }
}
