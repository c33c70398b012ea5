// Random programs of those who want turns, carried out on the real ones and on a list of requests.
import fc from 'fast-check'
import type * as core from 'tidemap/core'
import type { AcquireOptions, Lock, Mutex } from 'tidemap/core'
import { expect } from 'vitest'
import { RequestList } from './request-list.ts'
import { isSettled, microtasks } from './settled.ts'

type Keys = readonly number[] | undefined

/** What both are. A Mutex has no keys: every request is for everything. */
interface Turns {
  readonly isLocked: boolean
  readonly waiting: number
  isKeyLocked(key: number): boolean
  tryAcquire(keys: Keys): Lock | undefined
  acquire(keys: Keys, options?: AcquireOptions): Promise<Lock>
  runExclusive<T>(keys: Keys, fn: () => T | PromiseLike<T>, options?: AcquireOptions): Promise<T>
}

const keyCount = 4
const everything = fc.constant<Keys>(undefined)
const someKeys = fc.array(fc.nat(keyCount - 1), { maxLength: 4 })
const fewOfTheMap = fc.oneof({ weight: 5, arbitrary: someKeys }, { weight: 1, arbitrary: everything })

/** All kinds of turns, made of these classes. */
export const kindsOf = ({ Mutex, KeyedMutex }: Pick<typeof core, 'Mutex' | 'KeyedMutex'>) => [
  { name: 'Mutex', make: () => mutexAsTurns(new Mutex()), keys: everything },
  { name: 'KeyedMutex', make: (): Turns => new KeyedMutex<number>(), keys: fewOfTheMap },
  {
    name: 'KeyedMutex, for one key',
    make: (): Turns => new KeyedMutex<number>(),
    keys: fc.constant<Keys>([0]),
  },
]

function mutexAsTurns(mutex: Mutex): Turns {
  return {
    get isLocked() {
      return mutex.isLocked
    },
    get waiting() {
      return mutex.waiting
    },
    isKeyLocked: () => mutex.isLocked,
    tryAcquire: () => mutex.tryAcquire(),
    acquire: (_, options) => mutex.acquire(options),
    runExclusive: (_, fn, options) => mutex.runExclusive(fn, options),
  }
}

type Step =
  | { readonly do: 'acquire' | 'try'; readonly keys: Keys }
  | { readonly do: 'acquire aborted'; readonly keys: Keys }
  | { readonly do: 'abort' | 'release' | 'release again'; readonly request: number }
  | { readonly do: 'pause' }

function stepsOf(keys: fc.Arbitrary<Keys>): fc.Arbitrary<Step> {
  const request = fc.nat(30)
  return fc.oneof(
    { weight: 8, arbitrary: fc.record({ do: fc.constant('acquire' as const), keys }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('try' as const), keys }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('acquire aborted' as const), keys }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('abort' as const), request }) },
    { weight: 7, arbitrary: fc.record({ do: fc.constant('release' as const), request }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('release again' as const), request }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('pause' as const) }) },
  )
}

interface Asked {
  readonly acquired: Promise<Lock>
  readonly controller: AbortController
  lock: Lock | undefined
}

/** One program, carried out on both; after every step, before anything else can run, they have to agree. */
class Comparison {
  readonly #turns: Turns
  readonly #twin = new RequestList()
  readonly #asked: Asked[] = []
  /** Requests that have not ended. */
  readonly #open = new Set<number>()

  constructor(turns: Turns) {
    this.#turns = turns
  }

  async do(step: Step): Promise<void> {
    switch (step.do) {
      case 'acquire': {
        const controller = new AbortController()
        this.#ask(step.keys, this.#turns.acquire(step.keys, { signal: controller.signal }), controller)
        break
      }
      case 'try': {
        const lock = this.#turns.tryAcquire(step.keys)
        expect(lock === undefined).toBe(this.#twin.wouldWait(step.keys))
        if (lock !== undefined) this.#ask(step.keys, Promise.resolve(lock), new AbortController(), lock)
        break
      }
      case 'acquire aborted': {
        const reason = {}
        const acquired = this.#turns.acquire(step.keys, { signal: AbortSignal.abort(reason) })
        await expect(acquired).rejects.toBe(reason)
        break
      }
      case 'abort':
        this.#abort(step.request)
        break
      case 'release':
        this.#release([...this.#open][step.request % this.#open.size])
        break
      case 'release again':
        this.#release(step.request % this.#asked.length)
        break
      case 'pause':
        await microtasks()
    }
    this.#agree()
  }

  /** Everybody lets go; nothing is kept. */
  async end(): Promise<void> {
    while (this.#open.size > 0) {
      await microtasks()
      const granted = [...this.#open].find((id) => this.#twin.isGranted(id))
      expect(granted).toBeDefined() // no deadlock
      this.#release(granted)
      this.#agree()
    }
    expect([this.#turns.isLocked, this.#turns.waiting]).toEqual([false, 0])
    const all = this.#turns.tryAcquire(undefined)
    expect(all).toBeDefined()
  }

  #ask(keys: Keys, acquired: Promise<Lock>, controller: AbortController, lock?: Lock): void {
    const id = this.#asked.length
    const asked: Asked = { acquired, controller, lock }
    this.#asked.push(asked)
    this.#open.add(id)
    this.#twin.add(id, keys)
    acquired.then(
      (lock) => {
        asked.lock = lock
      },
      () => {},
    )
  }

  #abort(request: number): void {
    const id = [...this.#open][request % this.#open.size]
    if (id === undefined) return
    const hadItsTurn = this.#twin.isGranted(id)
    this.#asked[id]?.controller.abort(id)
    if (hadItsTurn) return // no effect any more
    this.#twin.end(id)
    this.#open.delete(id)
  }

  /** Where the lock has not reached its owner yet, there is nobody who could release it. */
  #release(id: number | undefined): void {
    const lock = this.#asked[id ?? -1]?.lock
    if (id === undefined || lock === undefined) return
    lock.release()
    this.#twin.end(id)
    this.#open.delete(id)
  }

  #agree(): void {
    const turns = this.#turns
    const twin = this.#twin
    const granted = [...this.#open].filter((id) => isSettled(this.#asked[id]!.acquired))
    const expected = [...this.#open].filter((id) => twin.isGranted(id))
    expect(granted).toEqual(expected)
    expect([turns.isLocked, turns.waiting]).toEqual([twin.isLocked, twin.waiting])
    for (let key = 0; key < keyCount; key++) expect(turns.isKeyLocked(key)).toBe(twin.wouldWait([key]))
  }
}

/** Whether turns are given exactly as a list of requests says, whoever aborts or releases when; throws where they are not. */
export function agreesWithList(make: () => Turns, keys: fc.Arbitrary<Keys>) {
  const programs = fc.array(stepsOf(keys), { maxLength: 60, size: 'max' })
  return fc.asyncProperty(programs, async (program) => {
    const comparison = new Comparison(make())
    for (const step of program) await comparison.do(step)
    await comparison.end()
  })
}
