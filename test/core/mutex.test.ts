import { AsyncLocalStorage } from 'node:async_hooks'
import { describe, expect, test, vi } from 'vitest'
import { type Lock, Mutex } from '../../src/core/mutex.ts'
import { countedController } from '../support/listener-count.ts'
import { isSettled, microtasks } from '../support/settled.ts'

/** A mutex that is held, and its holder's lock. */
function heldMutex() {
  const mutex = new Mutex()
  const lock = mutex.tryAcquire()
  if (lock === undefined) throw new Error('a new mutex is free')
  return { mutex, lock }
}

describe('tryAcquire', () => {
  test('gets the lock where the mutex is free, and nothing where it is held', () => {
    const mutex = new Mutex()

    const first = mutex.tryAcquire()
    const second = mutex.tryAcquire()

    expect(first).toBeDefined()
    expect(second).toBeUndefined()
    expect(mutex.isLocked).toBe(true)
    first?.release()
    expect(mutex.isLocked).toBe(false)
  })

  test('M1: does not barge in between a release and the next holder', async () => {
    const { mutex, lock } = heldMutex()
    const waiting = mutex.acquire()

    lock.release()
    const barging = mutex.tryAcquire()

    expect(barging).toBeUndefined()
    expect(mutex.isLocked).toBe(true)
    const next = await waiting
    next.release()
    expect(mutex.isLocked).toBe(false)
  })
})

describe('acquire', () => {
  test('is settled when it returns where the mutex is free', () => {
    const mutex = new Mutex()

    const acquired = mutex.acquire()

    expect(isSettled(acquired)).toBe(true)
    expect([mutex.isLocked, mutex.waiting]).toEqual([true, 0])
  })

  test('M2: grants in the order of the calls, over all methods', async () => {
    const { mutex, lock } = heldMutex()
    const order: string[] = []
    const enter = (name: string) => (lock: Lock) => {
      order.push(name)
      lock.release()
    }

    const all = [
      mutex.acquire().then(enter('acquire 1')),
      mutex.runExclusive(() => order.push('run 2')),
      mutex.acquire().then(enter('acquire 3')),
      mutex.runExclusive(async () => {
        await microtasks()
        order.push('run 4')
      }),
      mutex.acquire().then(enter('acquire 5')),
    ]
    expect(mutex.waiting).toBe(5)
    lock.release()
    await Promise.all(all)

    expect(order).toEqual(['acquire 1', 'run 2', 'acquire 3', 'run 4', 'acquire 5'])
    expect([mutex.isLocked, mutex.waiting]).toEqual([false, 0])
  })

  test('takes nothing where the signal has been aborted before, though the mutex is free', async () => {
    const mutex = new Mutex()
    const reason = { why: 'a reason need not be an Error' }

    const acquired = mutex.acquire({ signal: AbortSignal.abort(reason) })

    await expect(acquired).rejects.toBe(reason)
    expect([mutex.isLocked, mutex.waiting]).toEqual([false, 0])
  })

  test('F6: whose only waiter has aborted is free at once when it is released', async () => {
    const { mutex, lock } = heldMutex()
    const controller = new AbortController()
    const waiting = mutex.acquire({ signal: controller.signal })

    controller.abort('too late')
    const left = mutex.waiting
    lock.release()

    expect(left).toBe(0)
    expect(mutex.isLocked).toBe(false)
    expect(mutex.tryAcquire()).toBeDefined()
    await expect(waiting).rejects.toBe('too late')
  })

  test('F4: an abort just before the hand-over lets the lock pass to the next', async () => {
    const { mutex, lock } = heldMutex()
    const controller = new AbortController()
    const first = mutex.acquire({ signal: controller.signal })
    const second = mutex.acquire()

    controller.abort('left')
    lock.release()

    await expect(first).rejects.toBe('left')
    const granted = await second
    granted.release()
    expect(mutex.isLocked).toBe(false)
  })

  test('F4: an abort just after the hand-over has no effect: the lock is there, and its holder passes it on', async () => {
    const { mutex, lock } = heldMutex()
    const controller = new AbortController()
    const first = mutex.acquire({ signal: controller.signal })
    const second = mutex.acquire()

    lock.release()
    controller.abort('left')

    const granted = await first
    expect(isSettled(second)).toBe(false)
    granted.release()
    const last = await second
    last.release()
    expect(mutex.isLocked).toBe(false)
  })

  test('F5: the second and third of four waiters abort, the first and fourth are served in order', async () => {
    const { mutex, lock } = heldMutex()
    const controllers = [0, 1, 2, 3].map(() => new AbortController())
    const order: number[] = []
    const waiting = controllers.map(({ signal }, i) =>
      mutex.acquire({ signal }).then((lock) => {
        order.push(i)
        lock.release()
      }),
    )

    controllers[1]?.abort()
    controllers[2]?.abort()
    lock.release()
    const outcomes = await Promise.allSettled(waiting)

    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled'])
    expect(order).toEqual([0, 3])
    expect(mutex.isLocked).toBe(false)
  })

  test.each([
    ['the first', [0]],
    ['the last', [2]],
    ['the first and the last', [0, 2]],
    ['all, from the last to the first', [2, 1, 0]],
  ])(
    'M2: %s of three waiters leave the queue, and who comes then is served after those who stay',
    async (_, leaving) => {
      const { mutex, lock } = heldMutex()
      const controllers = [0, 1, 2].map(() => new AbortController())
      const order: number[] = []
      const enter = (i: number) => (lock: Lock) => {
        order.push(i)
        lock.release()
      }
      const waiting = controllers.map(({ signal }, i) => mutex.acquire({ signal }).then(enter(i)))

      for (const i of leaving) controllers[i]?.abort()
      const left = mutex.waiting
      const late = mutex.acquire().then(enter(3))
      lock.release()
      await Promise.allSettled([...waiting, late])

      expect(left).toBe(3 - leaving.length)
      expect(order).toEqual([0, 1, 2, 3].filter((i) => !leaving.includes(i)))
    },
  )

  test.each([
    ['the release comes first', ['release', 'abort'], 'granted'],
    ['the abort comes first', ['abort', 'release'], 'aborted'],
  ])('F7: an abort and a grant in one tick have one outcome: %s', async (_, steps, expected) => {
    const { mutex, lock } = heldMutex()
    const controller = countedController()
    const outcome = mutex.acquire({ signal: controller.signal }).then(
      (lock) => {
        lock.release()
        return 'granted'
      },
      () => 'aborted',
    )

    for (const step of steps) {
      if (step === 'abort') controller.abort()
      else lock.release()
    }

    expect(await outcome).toBe(expected)
    expect([mutex.isLocked, mutex.waiting, controller.listeners]).toEqual([false, 0, 0])
  })

  test('F12: every waiter is rejected with the reason of its own signal, untouched', async () => {
    const { mutex } = heldMutex()
    const reasons = [new Error('one'), undefined, 'three', null]
    const waiting = reasons.map((reason) => {
      const controller = new AbortController()
      const acquired = mutex.acquire({ signal: controller.signal })
      controller.abort(reason)
      return { acquired, signal: controller.signal }
    })

    for (const { acquired, signal } of waiting) await expect(acquired).rejects.toBe(signal.reason)

    const outcomes = await Promise.allSettled(waiting.map(({ acquired }) => acquired))
    const fresh = outcomes.map((outcome) => outcome.status === 'rejected' && outcome.reason)
    expect(fresh[0]).toBe(reasons[0])
    expect(fresh[1]).toBeInstanceOf(DOMException)
  })

  test('F13: the queue has no limit that anybody could hit unawares', async () => {
    const { mutex, lock } = heldMutex()
    let served = 0
    const waiting = Array.from({ length: 20_000 }, () => mutex.runExclusive(() => served++))

    const most = mutex.waiting
    lock.release()
    await Promise.all(waiting)

    expect([most, served, mutex.waiting, mutex.isLocked]).toEqual([20_000, 20_000, 0, false])
  })

  test('leaves no listener on a long-lived signal, and adds none where it need not wait', async () => {
    const mutex = new Mutex()
    const controller = countedController()
    const { signal } = controller
    const first = await mutex.acquire({ signal })
    const withoutWaiting = controller.everAdded
    const waiting = [1, 2, 3].map(() => mutex.acquire({ signal }))
    const whileWaiting = controller.listeners

    first.release()
    for (const acquired of waiting) (await acquired).release()
    await mutex.runExclusive(() => undefined, { signal })

    expect([withoutWaiting, whileWaiting, controller.listeners]).toEqual([0, 3, 0])
  })
})

describe('release', () => {
  test('F2: a second one in the same tick does nothing', async () => {
    const { mutex, lock } = heldMutex()
    const first = mutex.acquire()
    const second = mutex.acquire()

    lock.release()
    lock.release()
    await first

    expect(isSettled(second)).toBe(false)
    expect([mutex.isLocked, mutex.waiting]).toEqual([true, 1])
  })

  test('F2: a second one after the hand-over does not take the lock from its new holder', async () => {
    const { mutex, lock } = heldMutex()
    const next = mutex.acquire()
    lock.release()
    const held = await next

    lock.release()

    expect(mutex.isLocked).toBe(true)
    expect(mutex.tryAcquire()).toBeUndefined()
    held.release()
    expect(mutex.isLocked).toBe(false)
  })

  test('F2: an old lock is dead also where the mutex has been taken again', () => {
    const { mutex, lock } = heldMutex()
    lock.release()
    const other = mutex.tryAcquire()

    lock.release()
    lock[Symbol.dispose]()

    expect(other).toBeDefined()
    expect(mutex.isLocked).toBe(true)
  })

  test('F3: only the lock can do it: the mutex itself has no such method', () => {
    expect('release' in new Mutex()).toBe(false)
    expect('cancel' in new Mutex()).toBe(false)
  })

  test('F10: there is no waiting for a free mutex without taking it', () => {
    expect('waitForUnlock' in new Mutex()).toBe(false)
  })

  test('happens at the end of a block by `using`, on every way out of it', () => {
    const mutex = new Mutex()
    const insideAndOut: boolean[] = []
    const leave = (how: 'return' | 'throw') => {
      using lock = mutex.tryAcquire()
      insideAndOut.push(lock !== undefined && mutex.isLocked)
      if (how === 'throw') throw new Error('out')
    }

    leave('return')
    insideAndOut.push(mutex.isLocked)
    expect(() => leave('throw')).toThrow('out')
    insideAndOut.push(mutex.isLocked)

    expect(insideAndOut).toEqual([true, false, true, false])
  })
})

describe('runExclusive', () => {
  test('takes options without a signal', async () => {
    expect(await new Mutex().runExclusive(() => 1, {})).toBe(1)
  })

  test('calls the function before it returns where the mutex is free', () => {
    const mutex = new Mutex()
    let calls = 0

    void mutex.runExclusive(() => calls++)

    expect(calls).toBe(1)
  })

  test('settles as the function does, and is free then', async () => {
    const mutex = new Mutex()

    expect(await mutex.runExclusive(() => 1)).toBe(1)
    expect(await mutex.runExclusive(async () => 2)).toBe(2)
    expect(mutex.isLocked).toBe(false)
  })

  test.each([
    ['throws an error', new Error('thrown')],
    ['throws undefined', undefined],
    ['throws null', null],
  ])('F1: whose function %s rejects with the same and has released', async (_, reason) => {
    const mutex = new Mutex()
    const thrower = () => {
      throw reason
    }

    await expect(mutex.runExclusive(thrower)).rejects.toBe(reason)
    await expect(mutex.runExclusive(async () => thrower())).rejects.toBe(reason)
    const { lock } = { lock: mutex.tryAcquire() }
    const waiting = mutex.runExclusive(thrower)
    lock?.release()
    await expect(waiting).rejects.toBe(reason)

    expect([mutex.isLocked, mutex.waiting]).toEqual([false, 0])
  })

  test('F1: a failing holder does not poison the next', async () => {
    const mutex = new Mutex()
    const failing = mutex.runExclusive(async () => {
      await microtasks()
      throw new Error('mine')
    })
    const next = mutex.runExclusive(() => 'yours')

    await expect(failing).rejects.toThrow('mine')
    expect(await next).toBe('yours')
  })

  test('S1: holds the lock until a thenable has settled, not only a promise', async () => {
    const mutex = new Mutex()
    let settle: (value: string) => void = () => {}
    const thenable = {
      // biome-ignore lint/suspicious/noThenProperty: a thenable is what is tested
      then: (resolve: (value: string) => void) => {
        settle = resolve
      },
    } as PromiseLike<string>

    const running = mutex.runExclusive(() => thenable)
    await microtasks()
    const whileItRuns = mutex.isLocked
    settle('done')

    expect(await running).toBe('done')
    expect(whileItRuns).toBe(true)
    expect(mutex.isLocked).toBe(false)
  })

  test('never calls the function where the signal was aborted before or while it waited', async () => {
    const { mutex, lock } = heldMutex()
    const fn = vi.fn()
    const controller = new AbortController()
    const before = mutex.runExclusive(fn, { signal: AbortSignal.abort('before') })
    const waiting = mutex.runExclusive(fn, { signal: controller.signal })

    controller.abort('waiting')
    lock.release()

    await expect(before).rejects.toBe('before')
    await expect(waiting).rejects.toBe('waiting')
    const free = mutex.runExclusive(fn, { signal: AbortSignal.abort('free') })
    await expect(free).rejects.toBe('free')
    expect(fn).not.toHaveBeenCalled()
    expect(mutex.isLocked).toBe(false)
  })

  test('leaves a function that runs to itself when the signal aborts', async () => {
    const mutex = new Mutex()
    const controller = new AbortController()

    const running = mutex.runExclusive(
      async () => {
        await microtasks()
        return 'done'
      },
      { signal: controller.signal },
    )
    controller.abort()

    expect(mutex.isLocked).toBe(true)
    expect(await running).toBe('done')
  })

  test('F8: is not re-entrant: a holder that asks again waits for itself, and can leave by its signal', async () => {
    const mutex = new Mutex()
    const controller = new AbortController()

    const outer = mutex.runExclusive(async () => {
      const inner = mutex.runExclusive(() => 'never', { signal: controller.signal })
      await microtasks()
      const waiting = mutex.waiting
      controller.abort('would wait for ever')
      return [waiting, await inner.catch((reason: unknown) => reason)]
    })

    expect(await outer).toEqual([1, 'would wait for ever'])
    expect(mutex.isLocked).toBe(false)
  })

  test('F9: what a holder calls beside it takes a turn like everybody: the right to go on is the lock, not the context', async () => {
    const mutex = new Mutex()
    const log: string[] = []
    let sibling: Promise<unknown> | undefined

    await mutex.runExclusive(async () => {
      sibling = mutex.runExclusive(() => log.push('sibling'))
      await microtasks()
      log.push('holder')
    })
    await sibling

    expect(log).toEqual(['holder', 'sibling'])
  })

  test('F14: runs the function in the asynchronous context of its caller, waiting or not', async () => {
    const context = new AsyncLocalStorage<string>()
    const mutex = new Mutex()
    const lock = context.run('holder', () => mutex.tryAcquire())

    const ran = ['one', 'two'].map((name) =>
      context.run(name, () => mutex.runExclusive(() => context.getStore())),
    )
    const acquired = context.run('three', async () => {
      const lock = await mutex.acquire()
      lock.release()
      return context.getStore()
    })
    context.run('releaser', () => lock?.release())

    expect(await Promise.all([...ran, acquired])).toEqual(['one', 'two', 'three'])
    const free = context.run('four', () => mutex.runExclusive(() => context.getStore()))
    expect(await free).toBe('four')
  })
})
