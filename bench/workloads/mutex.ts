import { Mutex as AsyncMutex } from 'async-mutex'
import { Mutex } from 'tidemap/core'
import { type Candidate, expect } from '../harness.ts'
import { timed, type Workload } from '../workload.ts'

export const mutex: Workload = {
  title: 'lock and unlock a free mutex',
  unit: 'ns',
  base: 'async-mutex',
  sizes: [0],
  targets: { Mutex: 0.1 },
  measure(_, quick) {
    const counting = (
      name: string,
      loop: (times: number) => void | Promise<void>,
      count: () => number,
    ): Candidate => {
      let expected = 0
      return {
        name,
        run(times) {
          expected += times
          return loop(times)
        },
        check: () => expect(count() === expected, `${name}: ${count()} turns of ${expected}`),
      }
    }
    const acquire = (): Candidate => {
      const mutex = new Mutex()
      let turns = 0
      return counting(
        'Mutex',
        async (times) => {
          for (let i = 0; i < times; i++) {
            const lock = await mutex.acquire()
            turns++
            lock.release()
          }
        },
        () => turns,
      )
    }
    const run = (): Candidate => {
      const mutex = new Mutex()
      let turns = 0
      const turn = (): void => void turns++
      return counting(
        'Mutex.runExclusive',
        async (times) => {
          for (let i = 0; i < times; i++) await mutex.runExclusive(turn)
        },
        () => turns,
      )
    }
    const tryIt = (): Candidate => {
      const mutex = new Mutex()
      let turns = 0
      return counting(
        'Mutex.tryAcquire',
        (times) => {
          for (let i = 0; i < times; i++) {
            const lock = mutex.tryAcquire()
            turns++
            lock?.release()
          }
        },
        () => turns,
      )
    }
    const asyncMutex = (): Candidate => {
      const mutex = new AsyncMutex()
      let turns = 0
      return counting(
        'async-mutex',
        async (times) => {
          for (let i = 0; i < times; i++) {
            const release = await mutex.acquire()
            turns++
            release()
          }
        },
        () => turns,
      )
    }
    const asyncMutexRun = (): Candidate => {
      const mutex = new AsyncMutex()
      let turns = 0
      const turn = (): void => void turns++
      return counting(
        'async-mutex, runExclusive',
        async (times) => {
          for (let i = 0; i < times; i++) await mutex.runExclusive(turn)
        },
        () => turns,
      )
    }
    return timed(this.base, [asyncMutex(), acquire(), run(), tryIt(), asyncMutexRun()], quick)
  },
}
