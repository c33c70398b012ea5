/** What the server tells the page. Types only: the server is plain JavaScript and names them in its comments. */

export type ProcessState = 'running' | 'sleeping' | 'waiting' | 'idle' | 'stopped' | 'zombie' | 'ended'

/** One row. Where threads are shown, each is a row of its own. */
export interface Process {
  /** The key of the row: a process's id, or a thread's. The kernel gives both from one row of numbers. */
  readonly pid: number
  /** Of a thread, the process it belongs to; of a process, null. */
  readonly owner: number | null
  readonly name: string
  readonly command: string
  readonly user: string
  readonly state: ProcessState
  readonly threads: number
  /** Percent of one core, over the last second. */
  readonly cpu: number
  /** Resident bytes; 0 for a thread, its process has them. */
  readonly memory: number
  /** Seconds of processor time since it started. */
  readonly time: number
}

export interface Machine {
  readonly name: string
  readonly cores: number
  /** How busy all cores together are, 0 to 1. */
  readonly busy: number
  readonly load: readonly number[]
  readonly memoryTotal: number
  readonly memoryUsed: number
  readonly uptime: number
  /** Whether this system's processes can be shown thread by thread. */
  readonly hasThreads: boolean
}

/** What has changed since the last sample. The first one on a connection is full: who is not in it is gone. */
export interface Sample {
  readonly full: boolean
  readonly changed: readonly Process[]
  readonly gone: readonly number[]
  readonly machine: Machine
}

/** What an inspection found: lines of a name and a text. */
export type Facts = readonly (readonly [name: string, text: string])[]
