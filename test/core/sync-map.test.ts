// What the recorded traces of Go (../conformance) cannot hold: views, undefined, waiting, async callbacks, the Locked methods.
import { describe, expect, expectTypeOf, test } from 'vitest'
import { Mutex } from '../../src/core/mutex.ts'
import { SyncMap } from '../../src/core/sync-map.ts'
import { NativeWork } from '../support/native-work.ts'
import { isSettled, microtasks } from '../support/settled.ts'
import { SteppedRange } from '../support/stepped-range.ts'

/** `a: 1, b: 2` in read, and no dirty. */
const readMap = () =>
  new SyncMap<string, number>([
    ['a', 1],
    ['b', 2],
  ])

/** The same, with `c: 3` only in dirty. */
function amendedMap() {
  const map = readMap()
  map.storeLocked('c', 3)
  return map
}

describe('view', () => {
  test('stays the picture of read at the last promotion while entries change in place', async () => {
    const map = readMap()
    const before = map.view

    await map.store('a', 10)
    await map.delete('b')
    await map.compareAndSwap('a', 10, 11)

    expect(map.view).toBe(before)
    expect([...map.view]).toEqual([
      ['a', 1],
      ['b', 2],
    ])
    expect([...map.newest]).toEqual([['a', 11]])
    expect(await map.load('a')).toEqual([11, true])
  })

  test('is a new one after a promotion, and the old one stays as it was', async () => {
    const map = readMap()
    const before = map.view
    await map.store('a', 10)
    await map.store('c', 3)

    await map.range(() => false)

    expect(map.promotions).toBe(1)
    expect(map.view).not.toBe(before)
    expect([...map.view]).toEqual([
      ['a', 10],
      ['b', 2],
      ['c', 3],
    ])
    expect([...before]).toEqual([
      ['a', 1],
      ['b', 2],
    ])
  })

  test('is a new one after as many misses as dirty has keys', async () => {
    const map = amendedMap()
    const before = map.view

    await map.load('c')
    await map.load('x')
    const stillBefore = map.view
    await map.load('c')

    expect(stillBefore).toBe(before)
    expect([...map.view.keys()]).toEqual(['a', 'b', 'c'])
  })

  test('is empty at once after clear, and the old one stays as it was', async () => {
    const map = amendedMap()
    const before = map.view

    await map.clear()

    expect([...map.view]).toEqual([])
    expect([...before.keys()]).toEqual(['a', 'b'])
    expect(map.promotions).toBe(0)
  })

  test('is empty at once after clear also where all that was there had been replaced by nothing', async () => {
    const map = readMap()
    map.replaceLocked(new Map())

    await map.clear()

    expect([...map.view]).toEqual([])
  })

  test('is one step behind, never half a step: what a deletion takes back with a value set again', async () => {
    const map = readMap()
    await map.delete('a')
    await map.store('a', 5)
    await map.store('c', 3)

    await map.range(() => false)

    expect([...map.view]).toEqual([
      ['b', 2],
      ['a', 5],
      ['c', 3],
    ])
  })
})

describe('results', () => {
  test('F20: undefined is a value, told from an absent one by the second part', async () => {
    const map = new SyncMap<string, undefined>()

    expect(await map.load('a')).toEqual([undefined, false])
    expect(await map.loadOrStore('a', undefined)).toEqual([undefined, false])
    expect(await map.load('a')).toEqual([undefined, true])
    expect(await map.loadOrStore('a', undefined)).toEqual([undefined, true])
    expect(await map.swap('a', undefined)).toEqual([undefined, true])
    expect(await map.loadAndDelete('a')).toEqual([undefined, true])
    expect(await map.loadAndDelete('a')).toEqual([undefined, false])
    expect([map.has('a'), map.get('a'), map.size]).toEqual([false, undefined, 0])
  })

  test('F18: comparing with an absent key is false, whatever is expected', async () => {
    const map = new SyncMap<string, number | undefined>()

    expect(await map.compareAndSwap('a', undefined, 1)).toBe(false)
    expect(await map.compareAndDelete('a', undefined)).toBe(false)
    expect(map.size).toBe(0)
  })

  test('F18: so it is for keys that are deleted, expunged, or deleted in dirty only', async () => {
    const map = new SyncMap<string, number | undefined>([
      ['nil', 1],
      ['expunged', 1],
    ])
    await map.delete('expunged')
    await map.store('own', 1)
    await map.delete('nil')
    await map.compareAndDelete('own', 1)

    for (const key of ['nil', 'expunged', 'own']) {
      expect(await map.compareAndSwap(key, undefined, 1)).toBe(false)
      expect(await map.compareAndDelete(key, undefined)).toBe(false)
    }
    expect(map.size).toBe(0)
  })

  test('a stored undefined can be compared and swapped', async () => {
    const map = new SyncMap<string, number | undefined>([['a', undefined]])

    expect(await map.compareAndSwap('a', 1, 2)).toBe(false)
    expect(await map.compareAndSwap('a', undefined, 2)).toBe(true)
    expect(await map.load('a')).toEqual([2, true])
  })

  test('values are compared by Object.is', async () => {
    const map = new SyncMap<string, number>([
      ['nan', Number.NaN],
      ['zero', 0],
    ])

    expect(await map.compareAndSwap('zero', -0, 1)).toBe(false)
    expect(await map.compareAndDelete('zero', -0)).toBe(false)
    expect(await map.compareAndSwap('nan', Number.NaN, 1)).toBe(true)
  })

  test('tuples narrow: where ok is true, there is a value', async () => {
    const map = readMap()

    const found = await map.load('a')
    const previous = await map.swap('a', 5)
    const stored = await map.loadOrStore('a', 6)

    if (found[1]) expectTypeOf(found[0]).toEqualTypeOf<number>()
    else expectTypeOf(found[0]).toEqualTypeOf<undefined>()
    const [value, loaded] = previous
    if (loaded) expectTypeOf(value).toEqualTypeOf<number>()
    expectTypeOf(stored).toEqualTypeOf<[actual: number, loaded: boolean]>()
    expect([found, previous, stored]).toEqual([
      [1, true],
      [1, true],
      [5, true],
    ])
  })

  test('F19: keys that are special elsewhere are plain keys', async () => {
    const map = new SyncMap<unknown, number>()
    const keys = ['__proto__', 'constructor', Number.NaN, '', Symbol('s'), {}, undefined, null]
    for (const [i, key] of keys.entries()) await map.store(key, i)
    await map.range(() => true)
    for (const key of keys) await map.delete(key)
    for (const [i, key] of keys.entries()) await map.store(key, i + 10)

    expect(await Promise.all(keys.map((key) => map.load(key)))).toEqual(keys.map((_, i) => [i + 10, true]))
    expect(await map.load({})).toEqual([undefined, false])
  })
})

describe('F16: a deleted key', () => {
  test('that is stored again while it is expunged has its new value, once', async () => {
    const map = readMap()
    await map.delete('a')
    await map.store('c', 3)
    expect(map.inspect().read.get('a')).toEqual({ state: 'expunged' })

    await map.store('a', 10)
    await map.range(() => true)

    expect([...map.view]).toEqual([
      ['b', 2],
      ['c', 3],
      ['a', 10],
    ])
    expect(map.inspect().dirty).toBeNull()
  })

  test('that is expunged does not rise again by a promotion', async () => {
    const map = readMap()
    await map.delete('a')
    await map.store('c', 3)

    await map.range(() => true)

    expect(await map.load('a')).toEqual([undefined, false])
    expect([...map.view.keys()]).toEqual(['b', 'c'])
    expect([...map.inspect().read.keys()]).toEqual(['b', 'c'])
  })

  test('does not rise again in an iteration that began before it was deleted', async () => {
    const map = readMap()
    const range = new SteppedRange(map)
    await map.delete('b')
    await map.store('c', 3) // expunges b
    await map.range(() => true) // forgets b
    await map.store('b', 20)

    const visited = await range.toEnd()

    expect(visited).toEqual([['a', 1]])
    expect(await map.load('b')).toEqual([20, true])
  })

  test('does not rise again in an iteration under way either, where a commit has forgotten it', async () => {
    const map = amendedMap()
    map.publishLocked()
    const range = new SteppedRange(map)
    map.storeLocked('d', 4)
    map.deleteLocked('b') // in dirty, and so not expunged
    map.publishLocked()
    map.storeLocked('b', 20)

    const visited = await range.toEnd()

    expect(visited).toEqual([
      ['a', 1],
      ['c', 3],
    ])
  })
})

describe('waiting', () => {
  test('a call that needs no turn does not wait for the holder of the mutex', async () => {
    const map = amendedMap()
    const lock = map.mutex.tryAcquire()

    const calls = [
      map.load('a'),
      map.store('a', 2),
      map.swap('b', 3),
      map.delete('b'),
      map.loadOrStore('b', 4),
    ]

    expect(calls.map(isSettled)).toEqual([true, true, true, true, true])
    lock?.release()
    expect([...map.newest]).toEqual([
      ['a', 2],
      ['c', 3],
      ['b', 4],
    ])
  })

  test('calls that need a turn take it in the order in which they were made', async () => {
    const map = amendedMap()
    const lock = map.mutex.tryAcquire()
    const order: string[] = []
    const calls = [
      map.load('x').then(() => order.push('load')),
      map.store('x', 1).then(() => order.push('store')),
      map.clear().then(() => order.push('clear')),
      map.loadOrStore('y', 2).then(() => order.push('loadOrStore')),
      map.range(() => order.push('range')),
    ]
    await microtasks()
    const before = [...order]

    lock?.release()
    await Promise.all(calls)

    expect(before).toEqual([])
    expect(order).toEqual(['load', 'store', 'clear', 'loadOrStore', 'range'])
    expect([...map.newest]).toEqual([['y', 2]])
    expect(map.mutex.isLocked).toBe(false)
  })

  test('the mutex can be given, so that somebody else takes turns with the map', async () => {
    const mutex = new Mutex()
    const map = new SyncMap<string, number>(null, { mutex })
    const lock = await mutex.acquire()

    const stored = map.store('a', 1)
    const waiting = mutex.waiting
    lock.release()
    await stored

    expect(map.mutex).toBe(mutex)
    expect(waiting).toBe(1)
  })
})

describe('range', () => {
  test('visits in the order of a Map, and stops at false', async () => {
    const map = amendedMap()
    const visited: unknown[] = []

    await map.range((value, key) => {
      visited.push([key, value])
      return key !== 'b'
    })

    expect(visited).toEqual([
      ['a', 1],
      ['b', 2],
    ])
  })

  test.each([[undefined], [0], [null], [''], [true]])(
    'goes on where the callback returns %j',
    async (result) => {
      const map = readMap()
      let count = 0

      await map.range(() => {
        count++
        return result
      })

      expect(count).toBe(2)
    },
  )

  test('awaits an async callback before it goes on, and stops at a promise of false', async () => {
    const map = amendedMap()
    const log: string[] = []

    await map.range(async (_, key) => {
      log.push(`begin ${key}`)
      await microtasks()
      log.push(`end ${key}`)
      return key !== 'b'
    })

    expect(log).toEqual(['begin a', 'end a', 'begin b', 'end b'])
  })

  test('a callback that throws or rejects ends it with that very error, and the map goes on', async () => {
    const map = amendedMap()
    const reason = new Error('enough')
    let calls = 0

    const thrown = map.range(() => {
      calls++
      throw reason
    })
    const rejected = map.range(async () => {
      calls++
      throw reason
    })

    await expect(thrown).rejects.toBe(reason)
    await expect(rejected).rejects.toBe(reason)
    expect(calls).toBe(2)
    expect(map.mutex.isLocked).toBe(false)
    await map.store('d', 4)
    expect(map.has('d')).toBe(true)
  })

  test('F17: sees each key once with its value of that moment, and none that came later', async () => {
    const map = readMap()
    const range = new SteppedRange(map)
    await map.store('b', 20)
    await map.store('c', 3)
    await map.range(() => true)

    const visited = await range.toEnd()

    expect(visited).toEqual([
      ['a', 1],
      ['b', 20],
    ])
  })

  test('goes on with the old entries after a clear, as they were then', async () => {
    const map = readMap()
    const range = new SteppedRange(map)
    await map.store('b', 20)
    await map.clear()
    await map.store('b', 30)

    const visited = await range.toEnd()

    expect(visited).toEqual([
      ['a', 1],
      ['b', 20],
    ])
  })

  test('visits a key that was deleted when it began and has a value again when its turn comes', async () => {
    const map = readMap()
    await map.delete('a')
    const range = new SteppedRange(map)
    await map.store('a', 10)

    const visited = await range.toEnd()

    expect(visited).toEqual([
      ['b', 2],
      ['a', 10],
    ])
  })

  test('goes on with the old entries after a clear also where the same keys come and go again', async () => {
    const map = readMap()
    const range = new SteppedRange(map)
    await map.clear()
    await map.store('b', 30)
    map.publishLocked()
    await map.delete('b')
    map.publishLocked()

    const visited = await range.toEnd()

    expect(visited).toEqual([
      ['a', 1],
      ['b', 2],
    ])
  })

  test('visits a key that is deleted and then brought back by a commit, as by a store', async () => {
    const map = readMap()
    const range = new SteppedRange(map)
    map.deleteLocked('b')
    map.commitOneLocked('b', 20)

    const visited = await range.toEnd()

    expect(visited).toEqual([
      ['a', 1],
      ['b', 20],
    ])
  })

  test('leaves nothing behind when it has ended, stopped or thrown', async () => {
    const map = readMap()
    for (let i = 0; i < 100; i++) {
      await map.range(() => true)
      await map.range(() => false)
      await map.range(() => Promise.reject(i)).catch(() => {})
    }
    map.deleteLocked('a')

    const work = NativeWork.of(() => map.publishLocked())

    expect(work).toBeLessThan(10)
  })

  test('holds no turn: its callback may call anything, also range', async () => {
    const map = amendedMap()
    const inner: string[] = []

    await map.range(async (_, key) => {
      await map.store(`${key}+`, 0)
      await map.range((_, key) => void inner.push(key))
    })

    expect(inner).toHaveLength(4 + 5 + 6)
  })

  // commitLocked writes past the marks, but an iteration under way has to be told as by the steps it stands for
  test('does not visit a key that two commits took away and brought back', async () => {
    const visitedAfter = async (commit: (map: SyncMap<string, number>) => void) => {
      const map = readMap()
      const range = new SteppedRange(map)
      commit(map)
      return range.toEnd()
    }

    const inSteps = await visitedAfter((map) => {
      map.applyLocked(new Set(['b']), new Map())
      map.publishLocked()
      map.applyLocked(new Set(), new Map([['b', 20]]))
      map.publishLocked()
    })
    const byCommits = await visitedAfter((map) => {
      map.commitLocked(new Set(['b']), new Map(), 1)
      map.commitLocked(new Set(), new Map([['b', 20]]), 1)
    })
    const byOneKey = await visitedAfter((map) => {
      map.commitLocked(new Set(['b']), new Map(), 1)
      map.commitOneLocked('b', 20)
    })

    expect(inSteps).toEqual([['a', 1]])
    expect(byCommits).toEqual(inSteps)
    expect(byOneKey).toEqual(inSteps)
  })
})

describe('the methods of whoever holds the mutex', () => {
  test('commitLocked publishes deletions and writes as one new view', () => {
    const map = readMap()
    const before = map.view

    map.commitLocked(new Set(['a', 'x']), new Map([['c', 3]]), 3)

    expect([...map.view]).toEqual([
      ['b', 2],
      ['c', 3],
    ])
    expect(map.view.changesSince(before)).toHaveLength(2)
    expect(map.inspect()).toMatchObject({ amended: false, dirty: null, misses: 0 })
    expect(map.promotions).toBe(1)
  })

  test('publishLocked publishes all that is committed and forgets what was deleted', async () => {
    const map = amendedMap()
    await map.delete('a')
    await map.store('b', 20)

    map.publishLocked()

    expect([...map.view]).toEqual([
      ['b', 20],
      ['c', 3],
    ])
    expect([...map.inspect().read]).toEqual([
      ['b', { state: 'value', value: 20 }],
      ['c', { state: 'value', value: 3 }],
    ])
    expect(map.inspect()).toMatchObject({ amended: false, dirty: null, misses: 0 })
  })

  test('replaceLocked is seen by load at once and by views when it is published', async () => {
    const map = amendedMap()
    const before = map.view

    map.replaceLocked(new Map([['z', 26]]))
    const inside = map.inspect()
    const unpublished = map.view
    const found = [await map.load('z'), await map.load('a')]

    expect(inside.read).toEqual(new Map())
    expect(inside.dirty?.own).toEqual(new Map([['z', { state: 'value', value: 26 }]]))
    expect(inside.amended).toBe(true)
    expect(unpublished).toBe(before)
    expect(found).toEqual([
      [26, true],
      [undefined, false],
    ])
    map.publishLocked()
    expect([...map.view]).toEqual([['z', 26]])
    expect([...before.keys()]).toEqual(['a', 'b'])
  })

  test('replaceLocked by nothing leaves nothing, and no dirty', () => {
    const map = readMap()
    const before = map.view

    map.replaceLocked(new Map())

    expect(map.inspect()).toEqual({ read: new Map(), amended: false, dirty: null, misses: 0 })
    expect([map.size, map.view]).toEqual([0, before])
  })

  test('clearLocked of what is clear already is no change', () => {
    const map = new SyncMap<string, number>()
    const before = map.view

    map.clearLocked()

    expect(map.view).toBe(before)
  })

  test('clearLocked forgets what is there also where as many entries are deleted as live', () => {
    const map = readMap()
    map.deleteLocked('a')
    map.storeLocked('c', 3)
    map.deleteLocked('b')
    map.promoteLocked()

    map.clearLocked()

    expect([map.size, map.inspect().read.size]).toEqual([0, 0])
  })

  test('applyLocked of keys that read has publishes nothing by itself', () => {
    const map = readMap()
    const before = map.view

    map.applyLocked(new Set(['a']), new Map([['b', 20]]))

    expect(map.view).toBe(before)
    expect(map.promotions).toBe(0)
    expect([...map.newest]).toEqual([['b', 20]])
  })

  test('a commit is one promotion, whatever was in dirty and however many misses its deletions are', () => {
    const map = amendedMap()
    map.deleteLocked('b')

    map.commitLocked(new Set(['x', 'y', 'z', 'c']), new Map([['d', 4]]), 5)
    map.storeLocked('e', 5)
    map.commitOneLocked('a', 10)

    expect(map.promotions).toBe(2)
    expect([...map.view]).toEqual([
      ['a', 10],
      ['d', 4],
      ['e', 5],
    ])
    expect(map.inspect()).toMatchObject({ amended: false, dirty: null, misses: 0 })
    expect([...map.inspect().read.keys()]).toEqual(['a', 'd', 'e'])
  })

  test('missLocked tells whether it has promoted, countMissLocked never does', () => {
    const map = amendedMap()

    const told = [map.missLocked(), map.missLocked(), map.missLocked()]
    map.storeLocked('d', 4)
    for (let i = 0; i < 5; i++) map.countMissLocked()

    expect(told).toEqual([false, false, true])
    expect(map.promotions).toBe(1)
    expect(map.inspect().misses).toBe(5)
  })

  test('applyLocked promotes, where its misses ask for it, after the whole batch: no view has half of it', () => {
    const map = amendedMap()
    const { promotions } = map

    map.applyLocked(
      new Set(['x', 'y', 'z', 'b']),
      new Map([
        ['a', 10],
        ['c', 3],
      ]),
    )

    expect([...map.view]).toEqual([
      ['a', 10],
      ['c', 3],
    ])
    expect(map.promotions).toBe(promotions + 1)
    expect(map.inspect()).toMatchObject({ amended: false, misses: 0 })
  })

  test('renewLocked makes another view of the same contents with a later version', () => {
    const map = readMap()
    const before = map.view

    map.renewLocked()
    const between = map.nextVersionLocked()

    expect(map.view).not.toBe(before)
    expect(map.view.version).toBeGreaterThan(before.version)
    expect(between).toBeGreaterThan(before.version)
    expect([...map.view]).toEqual([...before])
  })
})
