import { type Profiler, Session } from 'node:inspector/promises'

/**
 * Counts the blocks of code (function bodies, turns of a loop, branches) that run, by V8's precise coverage: exact, and the same on every
 * machine. What a built-in does inside is one step. Only code that is compiled after the start is counted: import it dynamically.
 */
export class BlockCounts {
  readonly #session: Session

  static async start(): Promise<BlockCounts> {
    const session = new Session()
    session.connect()
    await session.post('Profiler.enable')
    await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })
    return new BlockCounts(session)
  }

  private constructor(session: Session) {
    this.#session = session
  }

  /** How many blocks of the files whose path ends with one of `files` run until `action` has settled. */
  async of(files: readonly string[], action: () => unknown): Promise<number> {
    await this.#session.post('Profiler.takePreciseCoverage') // counts from zero
    await action()
    const { result } = await this.#session.post('Profiler.takePreciseCoverage')
    return sum(result.filter(({ url }) => files.some((file) => url.endsWith(file))).flatMap(countsOf))
  }

  stop(): void {
    this.#session.disconnect()
  }
}

const countsOf = ({ functions }: Profiler.ScriptCoverage) =>
  functions.flatMap(({ ranges }) => ranges.map(({ count }) => count))

const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0)
