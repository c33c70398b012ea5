// Mutex and KeyedMutex against a list of requests: M1-M3, K1-K4, and with them F2 and F4-F7.
import fc from 'fast-check'
import * as core from 'tidemap/core'
import { describe, expect, test } from 'vitest'
import { conflict } from '../support/request-list.ts'
import { isSettled, microtasks } from '../support/settled.ts'
import { shareOf } from '../support/share.ts'
import { agreesWithList, kindsOf } from '../support/turns-program.ts'

describe.each(kindsOf(core))('$name', ({ make, keys }) => {
  test('gives turns exactly as a list of requests says, whoever aborts or releases when', async () => {
    await fc.assert(agreesWithList(make, keys), { numRuns: shareOf(150) })
  })

  test('runs bodies one at a time and in order where they conflict, in whatever order everything happens', async () => {
    const worker = fc.record({
      keys,
      outcome: fc.constantFrom('returns', 'throws', 'rejects'),
      pauses: fc.nat(2),
      aborts: fc.boolean(),
    })

    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(worker, { minLength: 2, maxLength: 8 }),
        async (s, workers) => {
          const turns = make()
          const requested: number[] = []
          const started = new Set<number>()
          const ended = new Set<number>()
          const wrong: string[] = []
          const keysOf = (i: number) => workers[i]!.keys && new Set(workers[i]!.keys)

          const begin = (i: number) => {
            started.add(i)
            for (const earlier of requested.slice(0, requested.indexOf(i))) {
              if (conflict(keysOf(earlier), keysOf(i)) && !ended.has(earlier))
                wrong.push(`${i} overtakes ${earlier}`)
            }
            for (const other of started) {
              if (other === i || ended.has(other) || !conflict(keysOf(other), keysOf(i))) continue
              wrong.push(`${i} runs beside ${other}`)
            }
          }
          const goOn = async (i: number) => {
            for (let pause = 0; pause < workers[i]!.pauses; pause++) {
              await s.schedule(Promise.resolve(), `${i} goes on`)
            }
            ended.add(i)
            if (workers[i]!.outcome === 'rejects') throw i
            return i
          }
          const work = async (i: number) => {
            const { keys, outcome, aborts } = workers[i]!
            const controller = new AbortController()
            await s.schedule(Promise.resolve(), `${i} asks`)
            const abort = () => {
              if (!started.has(i)) ended.add(i)
              controller.abort('aborted')
            }
            if (aborts) void s.schedule(Promise.resolve(), `${i} aborts`).then(abort)
            requested.push(i)
            const body = () => {
              begin(i)
              if (outcome !== 'throws') return goOn(i)
              ended.add(i)
              throw i
            }
            const result = await turns
              .runExclusive(keys, body, { signal: controller.signal })
              .catch((reason: unknown) => `rejected: ${reason}`)
            const expected = !started.has(i)
              ? 'rejected: aborted'
              : outcome === 'returns'
                ? i
                : `rejected: ${i}`
            if (result !== expected) wrong.push(`${i} ends with ${result}`)
          }
          const all = workers.map((_, i) => work(i))

          await s.waitIdle()
          await microtasks()

          expect(wrong).toEqual([])
          expect(all.map(isSettled)).toEqual(all.map(() => true)) // no lost wake-up, no deadlock
          expect([turns.isLocked, turns.waiting]).toEqual([false, 0])
        },
      ),
      { numRuns: shareOf(300) },
    )
  })
})
