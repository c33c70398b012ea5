import { Mutex as AsyncMutex } from 'async-mutex'
import { Mutex } from 'tidemap/core'
import { type Candidate, expect } from '../harness.ts'
import { SIZES, timed, type Workload } from '../workload.ts'

export const mutexQueue: Workload = {
  title: 'N wait in line for a mutex; a turn',
  unit: 'ns',
  base: 'chain of promises',
  sizes: SIZES,
  targets: {},
  measure(size, quick) {
    /** `queue` lets everybody in, in order: each calls `turn` with its place in the line. */
    const queueing = (
      name: string,
      queue: (turn: (place: number) => void) => Promise<unknown>,
    ): Candidate => {
      let next = 0
      return {
        name,
        operations: size,
        async run(times) {
          for (let t = 0; t < times; t++) {
            next = 0
            await queue((place) => expect(place === next++, `${name}: the turn of ${place}`))
            expect(next === size, `${name}: ${next} turns`)
          }
        },
        check: () => expect(next === size, `${name}: ${next} turns`),
      }
    }
    const chain = queueing('chain of promises', (turn) => {
      let last = Promise.resolve()
      for (let place = 0; place < size; place++) last = last.then(() => turn(place))
      return last
    })
    const tidemap = queueing('Mutex', async (turn) => {
      const mutex = new Mutex()
      const first = await mutex.acquire()
      const all: Promise<void>[] = []
      for (let place = 0; place < size; place++) {
        all.push(
          mutex.acquire().then((lock) => {
            turn(place)
            lock.release()
          }),
        )
      }
      first.release()
      await Promise.all(all)
    })
    const asyncMutex = queueing('async-mutex', async (turn) => {
      const mutex = new AsyncMutex()
      const first = await mutex.acquire()
      const all: Promise<void>[] = []
      for (let place = 0; place < size; place++) {
        all.push(
          mutex.acquire().then((release) => {
            turn(place)
            release()
          }),
        )
      }
      first()
      await Promise.all(all)
    })
    return timed(this.base, [chain, tidemap, asyncMutex], quick)
  },
}
