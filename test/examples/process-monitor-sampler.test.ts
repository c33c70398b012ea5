import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Process, Sample } from '../../examples/process-monitor/protocol.ts'
import { createSampler } from '../../examples/process-monitor/sampler.mjs'

const processOf = (pid: number, cpu = 0): Process => ({
  pid,
  owner: null,
  name: `process-${pid}`,
  command: '',
  user: 'root',
  state: 'sleeping',
  threads: 1,
  cpu,
  memory: 0,
  time: 0,
})

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

function setUp() {
  let processes: Process[] = []
  const read = vi.fn(async () => new Map(processes.map((process) => [process.pid, process])))
  const sampler = createSampler(read, { period: 100, hasThreads: true })
  const listen = () => {
    const samples: Pick<Sample, 'full' | 'changed' | 'gone'>[] = []
    const stop = sampler.listen(({ full, changed, gone }) =>
      samples.push({ full, changed: [...changed], gone }),
    )
    return { samples, stop }
  }
  const become = async (...next: Process[]) => {
    processes = next
    await vi.advanceTimersByTimeAsync(100)
  }
  return { read, listen, become }
}

test('the first sample is full, those after it tell the difference', async () => {
  const { listen, become } = setUp()
  const { samples } = listen()
  await become(processOf(1), processOf(2))
  await become(processOf(1), processOf(2, 5), processOf(3))
  await become(processOf(3))

  expect(samples).toEqual([
    { full: true, changed: [], gone: [] },
    { full: false, changed: [processOf(1), processOf(2)], gone: [] },
    { full: false, changed: [processOf(2, 5), processOf(3)], gone: [] },
    { full: false, changed: [], gone: [1, 2] },
  ])
})

test('who comes later begins with a full sample too', async () => {
  const { listen, become } = setUp()
  listen()
  await become(processOf(1))
  const { samples } = listen()
  await become(processOf(1), processOf(2))
  await become(processOf(1, 1), processOf(2))

  expect(samples).toEqual([
    { full: true, changed: [processOf(1), processOf(2)], gone: [] },
    { full: false, changed: [processOf(1, 1)], gone: [] },
  ])
})

test('nothing is read while nobody listens', async () => {
  const { read, listen, become } = setUp()
  const { stop } = listen()
  await become()
  stop()
  await become()
  const reads = read.mock.calls.length
  await become(processOf(1))
  await become(processOf(1))
  expect(read).toHaveBeenCalledTimes(reads)

  const { samples } = listen()
  await become(processOf(1))
  expect(samples[0]).toEqual({ full: true, changed: [processOf(1)], gone: [] })
})
