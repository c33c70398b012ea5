// The queues of both mutexes: draining is linear, leaving costs the same wherever one stands. Steps of our code are counted; its
// built-ins are `get`, `set` and `delete` of a Map and `push` of an array, which cost the same for any size.
import { afterAll, describe, expect, test } from 'vitest'
import type { Lock } from '../../src/core/mutex.ts'
import { BlockCounts } from '../support/block-counts.ts'

const blocks = await BlockCounts.start()
afterAll(() => blocks.stop())
const { Mutex } = await import('../../src/core/mutex.ts')
const { KeyedMutex } = await import('../../src/core/keyed-mutex.ts')

const code = ['mutex', 'keyed-mutex', 'turns', 'list'].map((name) => `/src/core/${name}.ts`)

interface Line {
  acquire(options?: { readonly signal: AbortSignal }): Promise<Lock>
}

const lines: readonly { name: string; make: () => Line }[] = [
  { name: 'Mutex', make: () => new Mutex() },
  { name: 'KeyedMutex, one key', make: () => keyed(() => ['a']) },
  { name: 'KeyedMutex, three keys of each waiter', make: () => keyed((i) => ['a', `${i % 5}`, i]) },
  {
    name: 'KeyedMutex, every tenth for the whole map',
    make: () => keyed((i) => (i % 10 === 9 ? undefined : ['a'])),
  },
]

function keyed(keysOf: (i: number) => readonly unknown[] | undefined): Line {
  const turns = new KeyedMutex<unknown>()
  let calls = 0
  return { acquire: (options) => turns.acquire(keysOf(calls++), options) }
}

/** Whoever comes first holds the lock; the others wait, and each lets go as soon as it has its turn. */
async function drain(line: Line, count: number): Promise<number> {
  let served = 0
  const serve = (lock: Lock) => {
    served++
    lock.release()
  }
  await Promise.all(Array.from({ length: count }, () => line.acquire().then(serve)))
  return served
}

describe.each(lines)('$name', ({ make }) => {
  test('F11: 160,000 waiters take as many steps each as a thousand do', async () => {
    await drain(make(), 1000)
    const few = await blocks.of(code, () => drain(make(), 1000))
    let served = 0

    const many = await blocks.of(code, async () => {
      served = await drain(make(), 160_000)
    })

    expect(served).toBe(160_000)
    expect(few).toBeGreaterThan(1000)
    expect(many / 160_000).toBeLessThanOrEqual(1.05 * (few / 1000))
  })

  test.each([0, 0.5, 1])(
    'an abort takes as many steps among 5,000 waiters as among 20 (at %d of the line)',
    async (place) => {
      const leaving = async (count: number) => {
        const line = make()
        const controllers = Array.from({ length: count }, () => new AbortController())
        const held = line.acquire()
        const waiting = controllers.map(({ signal }) => line.acquire({ signal }))
        const one = Math.round(place * (count - 2)) // never at a multiple of ten: nobody who waits for the whole map

        const steps = await blocks.of(code, () => controllers[one]!.abort('left'))

        const rest = Promise.allSettled(waiting)
        for (const controller of controllers) controller.abort()
        await Promise.all([rest, held])
        return steps
      }

      await leaving(20)
      const few = await leaving(20)
      const many = await leaving(5_000)

      expect(few).toBeGreaterThan(0)
      expect(many).toBeLessThanOrEqual(2 * few + 10) // a walk through the line would take thousands
    },
  )
})

test.each([
  ['oldest first', (controllers: AbortController[]) => controllers],
  ['newest first', (controllers: AbortController[]) => controllers.reverse()],
])(
  'K2: waiters for the whole map that leave %s take as many steps each among 5,000 as among 50',
  async (_order, inOrder) => {
    const leaving = async (count: number) => {
      const turns = new KeyedMutex<number>()
      const held = await turns.acquire([0])
      const controllers = Array.from({ length: count }, () => new AbortController())
      const waiting = controllers.flatMap(({ signal }, i) => [
        turns.acquire(undefined, { signal }),
        turns.acquire([i]),
      ])
      const settled = Promise.allSettled(waiting.map((lock) => lock.then((turn) => turn.release())))

      const steps = await blocks.of(code, () => {
        for (const controller of inOrder(controllers)) controller.abort('left')
      })

      held.release()
      await settled
      expect(turns.isLocked).toBe(false)
      return steps
    }

    await leaving(50)
    const few = await leaving(50)
    const many = await leaving(5000)

    expect(few).toBeGreaterThan(50)
    expect(many / 5000).toBeLessThanOrEqual(1.1 * (few / 50))
  },
)

describe('the count itself', () => {
  // the one code that is counted here is this file's own
  const own = ['/test/core/queue-work.test.ts']

  function lookAtAll(length: number): number {
    let looks = 0
    for (let i = 0; i < length; i++) if (i % 2 === 0) looks++
    return looks
  }

  test('sees every turn of a loop, so that a walk through the queue would not go unseen', async () => {
    const few = await blocks.of(own, () => lookAtAll(1000))
    const many = await blocks.of(own, () => lookAtAll(100_000))

    expect(many - few).toBeGreaterThanOrEqual(99_000)
  })

  test('sees nothing of other files', async () => {
    expect(await blocks.of(code, () => lookAtAll(1000))).toBe(0)
  })
})
