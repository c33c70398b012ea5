import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SyncMap } from '../../src/core/sync-map.ts'
import type { View } from '../../src/core/view.ts'
import { type Call, isLinearizable } from '../support/linearizable.ts'
import { isSettled, microtasks } from '../support/settled.ts'
import { shareOf } from '../support/share.ts'
import { SteppedRange } from '../support/stepped-range.ts'

type Entries = ReadonlyMap<number, number>

type Step = { readonly looks: boolean } & (
  | { readonly do: 'load' | 'loadAndDelete' | 'delete'; readonly key: number }
  | {
      readonly do: 'store' | 'swap' | 'loadOrStore' | 'commitOne'
      readonly key: number
      readonly value: number
    }
  | {
      readonly do: 'compareAndSwap' | 'compareAndDelete'
      readonly key: number
      readonly old: number
      readonly value: number
    }
  | {
      readonly do: 'apply' | 'commit'
      readonly deleted: readonly number[]
      readonly written: readonly number[]
      readonly value: number
    }
  | { readonly do: 'replace'; readonly written: readonly number[]; readonly value: number }
  | { readonly do: 'clear' | 'publish' | 'promote' | 'miss' | 'renew' | 'hold' | 'range' }
  | { readonly do: 'go on'; readonly range: number }
)

const key = fc.nat(6)
const value = fc.nat(2)
const keys = fc.uniqueArray(key, { maxLength: 4 })
const looks = fc.boolean()
const one = <const T extends string>(...names: T[]) => fc.constantFrom(...names)

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: one('load', 'loadAndDelete', 'delete'), key, looks }) },
  {
    weight: 10,
    arbitrary: fc.record({ do: one('store', 'swap', 'loadOrStore', 'commitOne'), key, value, looks }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: one('compareAndSwap', 'compareAndDelete'), key, old: value, value, looks }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ do: one('apply', 'commit'), deleted: keys, written: keys, value, looks }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('replace' as const), written: keys, value, looks }) },
  {
    weight: 5,
    arbitrary: fc.record({ do: one('publish', 'promote', 'miss', 'renew', 'hold', 'range'), looks }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('clear' as const), looks }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('go on' as const), range: fc.nat(3), looks }) },
)

/**
 * Two maps and a twin. One map commits in one step, the other carries out the steps it stands for: apply, then publish. The twin is a
 * Map for the newest state and a copy of it for the published one.
 */
class Run {
  readonly #map = new SyncMap<number, number>()
  readonly #inSteps = new SyncMap<number, number>()
  readonly #newest = new Map<number, number>()
  #published: Entries = new Map()
  readonly #held: { readonly view: View<number, number>; readonly twin: Entries }[] = []
  readonly #ranges: { readonly a: SteppedRange<number, number>; readonly b: SteppedRange<number, number> }[] =
    []

  async do(step: Step): Promise<void> {
    const map = this.#map
    const before = new Map(this.#newest)
    const promotions = map.promotions
    const view = step.looks ? map.view : undefined
    const states: Entries[] = [before]

    const result = this.#carryOut(step, map)
    expect(this.#carryOut(step, this.#inSteps)).toEqual(result)
    expect(this.#onTwin(step, states)).toEqual(result)

    const promoted = map.promotions !== promotions
    if (step.do === 'clear') this.#published = new Map()
    // Go counts the miss of a CompareAndDelete, and promotes, before it looks at the value
    else if (promoted && step.do === 'compareAndDelete') this.#published = before
    else if (promoted && step.do === 'apply')
      this.#published = states.find((state) => same(map.view, state)) ?? before
    else if (promoted) this.#published = new Map(this.#newest)

    if (view !== undefined) {
      expect(same(map.view, this.#published)).toBe(true)
      if (!promoted && !['clear', 'renew', 'range'].includes(step.do)) expect(map.view).toBe(view)
    }
    if (step.do === 'range' || step.do === 'go on') await microtasks()
    this.#agree()
  }

  async end(): Promise<void> {
    for (const { a, b } of this.#ranges) {
      const visited = await a.toEnd()
      expect(await b.toEnd()).toEqual(visited)
      expect(new Set(visited.map(([key]) => key)).size).toBe(visited.length)
    }
    for (const { view, twin } of this.#held) expect(same(view, twin)).toBe(true)
    this.#map.publishLocked()
    expect(same(this.#map.view, this.#newest)).toBe(true)
    expect(this.#map.inspect()).toMatchObject({ amended: false, dirty: null, misses: 0 })
    expect([...this.#map.inspect().read.keys()]).toEqual([...this.#newest.keys()])
  }

  #carryOut(step: Step, map: SyncMap<number, number>): unknown {
    switch (step.do) {
      case 'load':
        return map.loadLocked(step.key)
      case 'loadAndDelete':
        return map.loadAndDeleteLocked(step.key)
      case 'delete':
        return map.deleteLocked(step.key)
      case 'store':
        return map.storeLocked(step.key, step.value)
      case 'swap':
        return map.swapLocked(step.key, step.value)
      case 'loadOrStore':
        return map.loadOrStoreLocked(step.key, step.value)
      case 'compareAndSwap':
        return map.compareAndSwapLocked(step.key, step.old, step.value)
      case 'compareAndDelete':
        return map.compareAndDeleteLocked(step.key, step.old)
      case 'apply': {
        const { promotions } = map
        expect(map.applyLocked(...changesOf(step))).toBe(map.promotions !== promotions)
        return undefined
      }
      case 'commit': {
        const [deleted, written] = changesOf(step)
        if (map === this.#map) return map.commitLocked(deleted, written, deleted.size + written.size)
        map.applyLocked(deleted, written)
        return map.publishLocked()
      }
      case 'commitOne':
        if (map === this.#map) return map.commitOneLocked(step.key, step.value)
        map.storeLocked(step.key, step.value)
        return map.publishLocked()
      case 'replace':
        return map.replaceLocked(changesOf(step)[1])
      case 'clear':
        return map.clearLocked()
      case 'publish':
        return map.publishLocked()
      case 'promote':
        return map.promoteLocked()
      case 'miss':
        return void map.missLocked()
      case 'renew':
        return map.renewLocked()
      case 'hold':
        if (map === this.#map) this.#held.push({ view: map.view, twin: this.#published })
        return undefined
      case 'range':
        if (map === this.#map) {
          this.#ranges.push({ a: new SteppedRange(map), b: new SteppedRange(this.#inSteps) })
        }
        return undefined
      case 'go on': {
        const range = this.#ranges[step.range]
        if (map === this.#map) void range?.a.step()
        else void range?.b.step()
        return undefined
      }
    }
  }

  /** Notes every state it goes through. */
  #onTwin(step: Step, states: Entries[]): unknown {
    const twin = this.#newest
    const found = (key: number) => (twin.has(key) ? [twin.get(key), true] : [undefined, false])
    const note = () => void states.push(new Map(twin))
    switch (step.do) {
      case 'load':
        return found(step.key)
      case 'loadAndDelete':
      case 'delete': {
        const previous = found(step.key)
        twin.delete(step.key)
        return step.do === 'delete' ? undefined : previous
      }
      case 'store':
      case 'commitOne':
        twin.set(step.key, step.value)
        return undefined
      case 'swap': {
        const previous = found(step.key)
        twin.set(step.key, step.value)
        return previous
      }
      case 'loadOrStore':
        if (twin.has(step.key)) return found(step.key)
        twin.set(step.key, step.value)
        return [step.value, false]
      case 'compareAndSwap':
        if (!twin.has(step.key) || twin.get(step.key) !== step.old) return false
        twin.set(step.key, step.value)
        return true
      case 'compareAndDelete':
        return twin.get(step.key) === step.old && twin.delete(step.key)
      case 'apply':
      case 'commit': {
        const [deleted, written] = changesOf(step)
        for (const key of deleted) {
          twin.delete(key)
          note()
        }
        for (const [key, value] of written) {
          twin.set(key, value)
          note()
        }
        return undefined
      }
      case 'replace':
        twin.clear()
        for (const [key, value] of changesOf(step)[1]) twin.set(key, value)
        return undefined
      case 'clear':
        return twin.clear()
      default:
        return undefined
    }
  }

  #agree(): void {
    const map = this.#map
    const inside = map.inspect()
    expect(this.#inSteps.inspect()).toEqual(inside)
    expect(same(map.newest, this.#newest)).toBe(true)
    expect(map.size).toBe(this.#newest.size)
    for (let key = 0; key <= 7; key++) {
      expect([map.get(key), map.has(key)]).toEqual([this.#newest.get(key), this.#newest.has(key)])
    }
    // S1, S2, S4 as seen from outside
    const { read, amended, dirty, misses } = inside
    if (dirty === null) expect([amended, misses]).toEqual([false, 0])
    else if (!amended) expect(dirty.own.size).toBe(0)
    const states = [...read.values()].map(({ state }) => state)
    if (dirty === null) expect(states).not.toContain('expunged')
    for (const { a, b } of this.#ranges) expect(b.visited).toEqual(a.visited)
  }
}

function changesOf(step: { deleted?: readonly number[]; written: readonly number[]; value: number }) {
  const deleted: ReadonlySet<number> = new Set(step.deleted)
  const written: Entries = new Map(step.written.map((key, i) => [key, step.value + i]))
  return [deleted, written] as const
}

function same(view: View<number, number>, twin: Entries): boolean {
  return view.size === twin.size && [...view].join() === [...twin].join()
}

describe('the methods of whoever holds the mutex', () => {
  test('keep a Map and its last published copy, and a commit is the steps it stands for', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 50, size: 'max' }), async (program) => {
        const run = new Run()
        for (const step of program) await run.do(step)
        await run.end()
      }),
      { numRuns: shareOf(300) },
    )
  })
})

describe('F21: calls that run at the same time, clear among them', () => {
  interface Operation {
    readonly name: string
    readonly start: (map: SyncMap<number, number>) => Promise<unknown>
    readonly onTwin: (twin: Map<number, number>) => unknown
  }

  const operation: fc.Arbitrary<Operation> = fc
    .record({
      name: one(
        'load',
        'store',
        'loadOrStore',
        'loadAndDelete',
        'swap',
        'compareAndSwap',
        'compareAndDelete',
        'clear',
      ),
      key: fc.nat(1),
      old: value,
      value,
    })
    .map(({ name, key, old, value }) => {
      const found = (twin: Map<number, number>) =>
        twin.has(key) ? [twin.get(key), true] : [undefined, false]
      const operations: Record<typeof name, Omit<Operation, 'name'>> = {
        load: { start: (map) => map.load(key), onTwin: found },
        store: { start: (map) => map.store(key, value), onTwin: (twin) => void twin.set(key, value) },
        loadOrStore: {
          start: (map) => map.loadOrStore(key, value),
          onTwin: (twin) => {
            if (twin.has(key)) return found(twin)
            twin.set(key, value)
            return [value, false]
          },
        },
        loadAndDelete: {
          start: (map) => map.loadAndDelete(key),
          onTwin: (twin) => {
            const previous = found(twin)
            twin.delete(key)
            return previous
          },
        },
        swap: {
          start: (map) => map.swap(key, value),
          onTwin: (twin) => {
            const previous = found(twin)
            twin.set(key, value)
            return previous
          },
        },
        compareAndSwap: {
          start: (map) => map.compareAndSwap(key, old, value),
          onTwin: (twin) => twin.get(key) === old && twin.set(key, value) !== undefined,
        },
        compareAndDelete: {
          start: (map) => map.compareAndDelete(key, old),
          onTwin: (twin) => twin.get(key) === old && twin.delete(key),
        },
        clear: { start: (map) => map.clear(), onTwin: (twin) => twin.clear() },
      }
      return { name: `${name}(${key}, ${old}, ${value})`, ...operations[name] }
    })

  const callOf = (
    called: number,
    answered: number,
    operation: Operation,
    answer: unknown,
  ): Call<Entries> => ({
    called,
    answered,
    step: (state) => {
      const next = new Map(state)
      const right = operation.onTwin(next)
      return { next, isRight: JSON.stringify(right) === JSON.stringify(answer) }
    },
  })

  test('are explained by one order of all of them', async () => {
    const caller = fc.array(operation, { minLength: 1, maxLength: 3 })

    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(caller, { minLength: 2, maxLength: 4 }),
        fc.nat(3),
        async (s, callers, holders) => {
          const map = new SyncMap<number, number>([[0, 0]])
          const history: Call<Entries>[] = []
          let clock = 0
          const hold = async (i: number) => {
            await s.schedule(Promise.resolve(), `holder ${i} comes`)
            const lock = await map.mutex.acquire()
            await s.schedule(Promise.resolve(), `holder ${i} goes`)
            lock.release()
          }
          const callAll = async (operations: readonly Operation[], i: number) => {
            for (const operation of operations) {
              await s.schedule(Promise.resolve(), `${i}: ${operation.name}`)
              const called = clock++
              const answer = await operation.start(map)
              history.push(callOf(called, clock++, operation, answer))
            }
          }
          const all = [...callers.map(callAll), ...Array.from({ length: holders }, (_, i) => hold(i))]

          await s.waitIdle()
          await microtasks()

          expect(all.map(isSettled)).toEqual(all.map(() => true))
          expect(isLinearizable<Entries>(new Map([[0, 0]]), history)).toBe(true)
          expect([map.mutex.isLocked, map.mutex.waiting]).toEqual([false, 0])
        },
      ),
      { numRuns: shareOf(400) },
    )
  })

  test('are not explained where an answer is wrong, or right too late', () => {
    const load: Operation = { name: 'load', start: (map) => map.load(0), onTwin: (twin) => twin.has(0) }
    const clear: Operation = { name: 'clear', start: (map) => map.clear(), onTwin: (twin) => twin.clear() }
    const start: Entries = new Map([[0, 0]])

    expect(isLinearizable(start, [callOf(0, 3, clear, undefined), callOf(1, 2, load, true)])).toBe(true)
    expect(isLinearizable(start, [callOf(0, 3, clear, undefined), callOf(1, 2, load, false)])).toBe(true)
    expect(isLinearizable(start, [callOf(0, 1, clear, undefined), callOf(2, 3, load, true)])).toBe(false)
    expect(isLinearizable(start, [callOf(0, 1, load, false), callOf(2, 3, clear, undefined)])).toBe(false)
  })
})
