import { AsyncLocalStorage } from 'node:async_hooks'
import { describe, expect, test, vi } from 'vitest'
import { KeyedMutex } from '../../src/core/keyed-mutex.ts'
import type { Lock } from '../../src/core/mutex.ts'
import { countedController } from '../support/listener-count.ts'
import { isSettled, microtasks } from '../support/settled.ts'

const everything = undefined

function take(turns: KeyedMutex<string>, keys: readonly string[] | undefined): Lock {
  const lock = turns.tryAcquire(keys)
  if (lock === undefined) throw new Error(`${keys} should be free`)
  return lock
}

/** Asks for turns and notes the order in which they are given. */
class Requests {
  readonly turns = new KeyedMutex<string>()
  readonly granted: string[] = []
  readonly #locks = new Map<string, Lock>()

  ask(name: string, keys: readonly string[] | undefined, signal?: AbortSignal): Promise<void> {
    return this.turns.acquire(keys, { signal }).then((lock) => {
      this.granted.push(name)
      this.#locks.set(name, lock)
    })
  }

  /** Lets `name` go, and tells who has the turn now that had none before. */
  async release(name: string): Promise<string[]> {
    const before = this.granted.length
    this.#locks.get(name)?.release()
    await microtasks()
    return this.granted.slice(before)
  }
}

test('is locked while anybody has a turn, whichever', () => {
  const turns = new KeyedMutex<string>()
  const before = turns.isLocked
  const a = take(turns, ['a'])
  const withKey = turns.isLocked
  a.release()
  const all = take(turns, everything)
  const withAll = turns.isLocked
  all.release()

  expect([before, withKey, withAll, turns.isLocked]).toEqual([false, true, true, false])
})

describe('who conflicts waits, and who does not goes on', () => {
  test.each([
    [['a'], ['a'], true],
    [['a'], ['b'], false],
    [['a', 'b'], ['b', 'c'], true],
    [['a', 'b'], ['c', 'd'], false],
    [everything, ['a'], true],
    [['a'], everything, true],
    [everything, everything, true],
    [[], ['a'], false],
    [['a'], [], false],
    [[], [], false],
    [everything, [], true],
    [[], everything, true],
  ])('%j and %j: %j', (held, asked, conflict) => {
    const turns = new KeyedMutex<string>()
    const lock = take(turns, held)

    const other = turns.tryAcquire(asked)

    expect(other === undefined).toBe(conflict)
    lock.release()
    other?.release()
    expect(turns.isLocked).toBe(false)
    take(turns, everything)
  })

  test('a try for a key that is taken does not enter the line, which may be long', () => {
    const turns = new KeyedMutex<string>()
    const lock = take(turns, ['a'])
    const enter = vi.spyOn(turns, 'request')

    expect(turns.tryAcquire(['b', 'a'])).toBeUndefined()
    expect(enter).not.toHaveBeenCalled()

    lock.release()
    expect(turns.tryAcquire(['b', 'a'])).toBeDefined()
    expect(enter).toHaveBeenCalledOnce()
  })

  test('keys are told apart as in a Map', () => {
    const turns = new KeyedMutex<unknown>()
    turns.tryAcquire([Number.NaN, 0, '1', '__proto__', undefined])

    expect(turns.tryAcquire([Number.NaN])).toBeUndefined()
    expect(turns.tryAcquire([-0])).toBeUndefined()
    expect(turns.tryAcquire([undefined])).toBeUndefined()
    expect(turns.tryAcquire(['__proto__'])).toBeUndefined()
    expect(turns.tryAcquire([1, 'constructor', null])).toBeDefined()
  })

  test('the same key twice in one list is one', () => {
    const turns = new KeyedMutex<string>()
    const lock = take(turns, ['a', 'b', 'a', 'a'])

    const waiting = turns.acquire(['b', 'b'])
    lock.release()

    expect(isSettled(waiting)).toBe(true)
    expect([turns.isKeyLocked('a'), turns.isKeyLocked('b')]).toEqual([false, true])
  })

  test('whoever names a key twice does not wait for itself, though others were there before', () => {
    const turns = new KeyedMutex<string>()
    take(turns, ['x'])
    const b = take(turns, ['b'])
    const waiting = turns.acquire(['b', 'b'])

    b.release()

    expect(isSettled(waiting)).toBe(true)
  })

  test('a list that is changed after the call changes nothing', () => {
    const turns = new KeyedMutex<string>()
    const keys = ['a']
    const lock = take(turns, keys)

    keys[0] = 'b'

    expect([turns.isKeyLocked('a'), turns.isKeyLocked('b')]).toEqual([true, false])
    lock.release()
    expect(turns.isLocked).toBe(false)
  })

  test('what is no list of keys is refused, and nothing is kept of it', () => {
    const turns = new KeyedMutex<string>()
    const noList = 5 as unknown as string[]

    expect(() => turns.tryAcquire(noList)).toThrow(TypeError)
    expect(turns.isLocked).toBe(false)
    take(turns, ['a'])
    expect(() => turns.request(noList, () => {})).toThrow(TypeError)

    expect(turns.waiting).toBe(0)
  })

  test('isKeyLocked says whether a call would wait now, also behind somebody who waits for the whole map', () => {
    const turns = new KeyedMutex<string>()
    const none = turns.isKeyLocked('a')
    const a = take(turns, ['a'])
    const other = [turns.isKeyLocked('a'), turns.isKeyLocked('b')]
    void turns.acquire(everything)
    const behindEverything = [turns.isKeyLocked('a'), turns.isKeyLocked('b')]
    a.release()
    const inEverything = [turns.isKeyLocked('a'), turns.isKeyLocked('b')]

    expect(none).toBe(false)
    expect(other).toEqual([true, false])
    expect(behindEverything).toEqual([true, true])
    expect(inEverything).toEqual([true, true])
  })
})

describe('order', () => {
  test('of those who conflict is the order of their calls; who does not conflict overtakes', async () => {
    const requests = new Requests()
    void requests.ask('ab', ['a', 'b'])
    void requests.ask('bc', ['b', 'c'])
    void requests.ask('cd', ['c', 'd'])
    void requests.ask('e', ['e'])
    await microtasks()

    expect(requests.granted).toEqual(['ab', 'e'])
    expect(await requests.release('ab')).toEqual(['bc'])
    expect(await requests.release('e')).toEqual([])
    expect(await requests.release('bc')).toEqual(['cd'])
    expect(await requests.release('cd')).toEqual([])
    expect([requests.turns.isLocked, requests.turns.waiting]).toEqual([false, 0])
  })

  test('K3: whoever comes after one who waits for the whole map waits behind it, whatever its key', async () => {
    const requests = new Requests()
    void requests.ask('a', ['a'])
    void requests.ask('all', everything)
    void requests.ask('b', ['b'])
    void requests.ask('c', ['c'])
    await microtasks()

    expect(requests.granted).toEqual(['a'])
    expect(await requests.release('a')).toEqual(['all'])
    expect(await requests.release('all')).toEqual(['b', 'c'])
  })

  test('K2: when one who waits for the whole map leaves, those behind it move up, and only they who may go on do', async () => {
    const requests = new Requests()
    const controller = new AbortController()
    void requests.ask('a', ['a'])
    const all = requests.ask('all', everything, controller.signal)
    void requests.ask('a again', ['a'])
    void requests.ask('b', ['b'])
    void requests.ask('b again', ['b'])
    await microtasks()
    const before = [...requests.granted]

    controller.abort('left')
    await expect(all).rejects.toBe('left')
    await microtasks()

    expect(before).toEqual(['a'])
    expect(requests.granted).toEqual(['a', 'b'])
    expect(await requests.release('a')).toEqual(['a again'])
    expect(await requests.release('b')).toEqual(['b again'])
    await requests.release('a again')
    await requests.release('b again')
    expect([requests.turns.isLocked, requests.turns.waiting]).toEqual([false, 0])
  })

  test('K2: when one who waits for the whole map leaves, the next who does still waits for those before it', async () => {
    const requests = new Requests()
    const controller = new AbortController()
    void requests.ask('a', ['a'])
    const first = requests.ask('all', everything, controller.signal)
    void requests.ask('all again', everything)
    void requests.ask('b', ['b'])

    controller.abort('left')
    await expect(first).rejects.toBe('left')
    await microtasks()

    expect(requests.granted).toEqual(['a'])
    expect(await requests.release('a')).toEqual(['all again'])
    expect(await requests.release('all again')).toEqual(['b'])
  })

  test('F5: the second and third of four waiters of a key abort, the others are served in order', async () => {
    const requests = new Requests()
    const controller = new AbortController()
    void requests.ask('1', ['a'])
    const second = requests.ask('2', ['a'], controller.signal)
    const third = requests.ask('3', ['b', 'a'], controller.signal)
    void requests.ask('4', ['a', 'b'])
    await microtasks()

    controller.abort('left')

    await expect(second).rejects.toBe('left')
    await expect(third).rejects.toBe('left')
    expect(requests.turns.waiting).toBe(1)
    expect(await requests.release('1')).toEqual(['4'])
  })

  test('several keys are taken at one time: opposite orders do not lock each other out', async () => {
    const turns = new KeyedMutex<string>()
    const log: string[] = []
    const use = (name: string, keys: readonly string[]) =>
      turns.runExclusive(keys, async () => {
        await microtasks()
        log.push(name)
      })

    await Promise.all([use('ab', ['a', 'b']), use('ba', ['b', 'a']), use('abc', ['c', 'b', 'a'])])

    expect(log).toEqual(['ab', 'ba', 'abc'])
  })
})

describe('abort', () => {
  test('before the call takes nothing, though the turn is free', async () => {
    const turns = new KeyedMutex<string>()

    await expect(turns.acquire(['a'], { signal: AbortSignal.abort('before') })).rejects.toBe('before')
    await expect(turns.acquire(everything, { signal: AbortSignal.abort('before') })).rejects.toBe('before')

    expect([turns.isLocked, turns.waiting]).toEqual([false, 0])
  })

  test('F6: of the only waiter, then a release: all is free at once', async () => {
    const turns = new KeyedMutex<string>()
    const lock = take(turns, ['a'])
    const controller = new AbortController()
    const waiting = turns.acquire(['a', 'b'], { signal: controller.signal })

    controller.abort('too late')
    const left = [turns.waiting, turns.isKeyLocked('b')]
    lock.release()

    expect(left).toEqual([0, false])
    expect(turns.isLocked).toBe(false)
    await expect(waiting).rejects.toBe('too late')
  })

  test('F4: just before the hand-over passes the turn on; just after it has no effect', async () => {
    const turns = new KeyedMutex<string>()
    const before = new AbortController()
    const after = new AbortController()
    const lock = take(turns, ['a'])
    const first = turns.acquire(['a'], { signal: before.signal })
    const second = turns.acquire(['a'], { signal: after.signal })

    before.abort('before')
    lock.release()
    after.abort('after')

    await expect(first).rejects.toBe('before')
    const granted = await second
    expect(turns.isKeyLocked('a')).toBe(true)
    granted.release()
    expect(turns.isLocked).toBe(false)
  })

  test('F7: and grant in one tick have one outcome, and no listener stays', async () => {
    const turns = new KeyedMutex<string>()
    const controllers = [countedController(), countedController()]
    const lock = take(turns, ['a'])
    const waiting = controllers.map(({ signal }) => turns.acquire(['a'], { signal }))

    controllers[0]?.abort('left')
    lock.release()
    controllers[1]?.abort('too late')

    const outcomes = await Promise.allSettled(waiting)
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled'])
    expect(controllers.map(({ listeners }) => listeners)).toEqual([0, 0])
  })

  test('leaves no listener on a long-lived signal, and adds none where nobody waits', async () => {
    const turns = new KeyedMutex<string>()
    const controller = countedController()
    const { signal } = controller
    const first = await turns.acquire(['a'], { signal })
    const withoutWaiting = controller.everAdded
    const waiting = [['a'], everything, ['a', 'b']].map((keys) => turns.acquire(keys, { signal }))
    const whileWaiting = controller.listeners

    first.release()
    for (const acquired of waiting) (await acquired).release()
    await turns.runExclusive(['a'], () => undefined, { signal })

    expect([withoutWaiting, whileWaiting, controller.listeners]).toEqual([0, 3, 0])
    expect(turns.isLocked).toBe(false)
  })

  test('F12: every waiter is rejected with the reason of its own signal, untouched', async () => {
    const turns = new KeyedMutex<string>()
    take(turns, ['a'])
    const reasons = [new Error('one'), 'two', null, 0]

    const outcomes = await Promise.allSettled(
      reasons.map((reason) => {
        const controller = new AbortController()
        const acquired = turns.acquire(['a'], { signal: controller.signal })
        controller.abort(reason)
        return acquired
      }),
    )

    const rejections = outcomes.map((outcome) => outcome.status === 'rejected' && outcome.reason)
    for (const [i, reason] of reasons.entries()) expect(rejections[i]).toBe(reason)
  })
})

describe('release', () => {
  test('F2: a second one, at once or after the hand-over, does nothing', async () => {
    const turns = new KeyedMutex<string>()
    const lock = take(turns, ['a'])
    const next = turns.acquire(['a'])
    const last = turns.acquire(['a'])

    lock.release()
    lock.release()
    const held = await next
    lock.release()
    lock[Symbol.dispose]()

    expect(isSettled(last)).toBe(false)
    expect(turns.isKeyLocked('a')).toBe(true)
    held.release()
    expect(isSettled(last)).toBe(true)
  })

  test('F3, F10: only the lock can do it, and nobody can wait without taking a turn', () => {
    const turns = new KeyedMutex<string>()

    expect('release' in turns).toBe(false)
    expect('waitForUnlock' in turns).toBe(false)
  })

  test('happens at the end of a block by `using`', () => {
    const turns = new KeyedMutex<string>()
    const inside = () => {
      using _lock = turns.tryAcquire(['a'])
      return turns.isKeyLocked('a')
    }

    expect([inside(), turns.isLocked]).toEqual([true, false])
  })

  test('hands the turn over before it returns', () => {
    const turns = new KeyedMutex<string>()
    const lock = take(turns, everything)
    const waiting = [turns.acquire(['a']), turns.acquire(['b'])]

    lock.release()

    expect(waiting.map(isSettled)).toEqual([true, true])
    expect([turns.isKeyLocked('a'), turns.isKeyLocked('c'), turns.waiting]).toEqual([true, false, 0])
  })
})

describe('runExclusive', () => {
  test('takes options without a signal', async () => {
    expect(await new KeyedMutex().runExclusive(['a'], () => 1, {})).toBe(1)
  })

  test('calls the function before it returns where nobody conflicts', () => {
    const turns = new KeyedMutex<string>()
    take(turns, ['b'])
    let calls = 0

    void turns.runExclusive(['a'], () => calls++)

    expect(calls).toBe(1)
  })

  test.each([
    ['an error', new Error('thrown')],
    ['undefined', undefined],
  ])('F1: whose function throws %s rejects with the same and has released', async (_, reason) => {
    const turns = new KeyedMutex<string>()
    const thrower = () => {
      throw reason
    }

    await expect(turns.runExclusive(['a'], thrower)).rejects.toBe(reason)
    await expect(turns.runExclusive(everything, async () => thrower())).rejects.toBe(reason)
    expect(await turns.runExclusive(['a'], async () => 'next')).toBe('next')

    expect(turns.isLocked).toBe(false)
  })

  test('never calls the function where the signal was aborted before or while it waited', async () => {
    const turns = new KeyedMutex<string>()
    const lock = take(turns, ['a'])
    const fn = vi.fn()
    const controller = new AbortController()
    const waiting = turns.runExclusive(['a'], fn, { signal: controller.signal })
    const before = turns.runExclusive(['b'], fn, { signal: AbortSignal.abort('before') })

    controller.abort('waiting')
    lock.release()

    await expect(waiting).rejects.toBe('waiting')
    await expect(before).rejects.toBe('before')
    expect(fn).not.toHaveBeenCalled()
    expect(turns.isLocked).toBe(false)
  })

  test('F8, F9: is not re-entrant: what a holder calls takes a turn like everybody', async () => {
    const turns = new KeyedMutex<string>()
    const log: string[] = []
    let sibling: Promise<unknown> | undefined

    await turns.runExclusive(['a'], async () => {
      sibling = turns.runExclusive(['a'], () => log.push('sibling'))
      await turns.runExclusive(['b'], () => log.push('another key'))
      log.push('holder')
    })
    await sibling

    expect(log).toEqual(['another key', 'holder', 'sibling'])
  })

  test('F14: runs the function in the asynchronous context of its caller', async () => {
    const context = new AsyncLocalStorage<string>()
    const turns = new KeyedMutex<string>()
    const lock = context.run('holder', () => take(turns, everything))

    const ran = ['one', 'two'].map((name) =>
      context.run(name, () => turns.runExclusive([name], () => context.getStore())),
    )
    context.run('releaser', () => lock.release())

    expect(await Promise.all(ran)).toEqual(['one', 'two'])
  })
})

describe('request', () => {
  test('calls back before it returns where nobody conflicts, and in the release that hands over where somebody does', () => {
    const turns = new KeyedMutex<string>()
    const log: string[] = []

    const first = turns.request(['a'], () => log.push('first'))
    log.push('asked')
    turns.request(['a'], () => log.push('second'))
    log.push('asked again')
    first.release()
    log.push('released')

    expect(log).toEqual(['first', 'asked', 'asked again', 'second', 'released'])
  })

  test('gives the same lock to the caller and to the callback', () => {
    const turns = new KeyedMutex<string>()
    const given: Lock[] = []

    const first = turns.request(['a'], (lock) => given.push(lock))
    const second = turns.request(['a'], (lock) => given.push(lock))
    first.release()

    expect(given).toEqual([first, second])
    expect(given[1]).toBe(second)
  })

  test('released before it was granted leaves the line and is never called back', () => {
    const turns = new KeyedMutex<string>()
    const onGrant = vi.fn()
    const lock = take(turns, ['a'])

    const place = turns.request(['a', 'b'], onGrant)
    place.release()
    place.release()

    expect([turns.waiting, turns.isKeyLocked('b')]).toEqual([0, false])
    lock.release()
    expect(onGrant).not.toHaveBeenCalled()
    expect(turns.isLocked).toBe(false)
  })

  // A callback runs in the middle of somebody's release: it may use the mutex itself
  test('whose callback releases at once hands everything over, through every phase', () => {
    const turns = new KeyedMutex<string>()
    const order: string[] = []
    const lock = take(turns, ['a', 'b', 'c'])
    const passing = (name: string, keys: readonly string[] | undefined) =>
      turns.request(keys, (lock) => {
        order.push(name)
        lock.release()
      })

    passing('a', ['a'])
    passing('b', ['b'])
    passing('bc', ['b', 'c'])
    passing('all', everything)
    passing('d', ['d'])
    passing('all again', everything)
    passing('e', ['e'])
    lock.release()

    expect([...order].sort()).toEqual(['a', 'b', 'bc', 'all', 'd', 'all again', 'e'].sort())
    expect(order.indexOf('b')).toBeLessThan(order.indexOf('bc'))
    expect(order.slice(-4)).toEqual(['all', 'd', 'all again', 'e'])
    expect([turns.isLocked, turns.waiting]).toEqual([false, 0])
    expect(turns.tryAcquire(everything)).toBeDefined()
  })

  test('whose callback asks again is served behind those who wait', () => {
    const turns = new KeyedMutex<string>()
    const order: string[] = []
    const lock = take(turns, ['a', 'b'])
    turns.request(['a'], (lock) => {
      order.push('a')
      turns.request(['b'], (lock) => {
        order.push('b, asked for later')
        lock.release()
      })
      lock.release()
    })
    turns.request(['b'], (lock) => {
      order.push('b')
      lock.release()
    })

    lock.release()

    expect(order).toEqual(['a', 'b', 'b, asked for later'])
    expect([turns.isLocked, turns.waiting]).toEqual([false, 0])
  })

  test('whose callback sends another one away, which got its turn in the same release, never sees that one run', () => {
    const turns = new KeyedMutex<string>()
    const onGrant = vi.fn()
    const lock = take(turns, ['a', 'b'])
    let other: Lock | undefined
    turns.request(['a'], () => other?.release())
    other = turns.request(['b'], onGrant)

    lock.release()

    expect(onGrant).not.toHaveBeenCalled()
    expect([turns.isKeyLocked('a'), turns.isKeyLocked('b'), turns.waiting]).toEqual([true, false, 0])
  })

  test('hands down a line of any length without recursion', () => {
    const turns = new KeyedMutex<string>()
    const lock = take(turns, ['a'])
    let served = 0
    for (let i = 0; i < 100_000; i++) {
      turns.request(['a'], (lock) => {
        served++
        lock.release()
      })
    }

    lock.release()

    expect([served, turns.isLocked, turns.waiting]).toEqual([100_000, false, 0])
  })

  test('whose callback throws loses nobody their turn', () => {
    const turns = new KeyedMutex<string>()
    const granted: string[] = []
    const lock = take(turns, everything)
    const thrower = turns.request(['a'], () => {
      throw new Error('mine')
    })
    const others = ['b', 'c'].map((key) => turns.request([key], () => granted.push(key)))

    expect(() => lock.release()).toThrow('mine')

    expect(granted).toEqual(['b', 'c'])
    for (const held of [thrower, ...others]) held.release()
    expect([turns.isLocked, turns.waiting]).toEqual([false, 0])
  })
})
