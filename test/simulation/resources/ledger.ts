// What happened to the keys of a resource, and which of it never may: told from outside, by requests, commits and calls alone.
import { KEYS, type ResourceProgram } from './resource-program.ts'

/** One request that the server got. */
export interface Request {
  readonly keys: readonly string[]
  readonly signal: AbortSignal
  /** Logical time. */
  readonly asked: number
  /** When the first request of the same run was made. */
  readonly began: number
  /** How many of the same run had failed before it. */
  readonly attempt: number
  isOver: boolean
  endedAt: number
  /** Logical time; nothing, where it has not been. */
  answered: number | undefined
  error: unknown
}

interface Content {
  readonly value: string | undefined
  /** Logical time from which on it was there. */
  readonly since: number
  readonly at: number
}

interface KeyRecord {
  readonly contents: Content[]
  readonly requests: Request[]
  /** No request from before this moment may store anything: somebody wrote the key, or asked for a newer load. */
  barrier: number
  /** When somebody called a `set` or `delete`: each has its place in the line of the key from then on. */
  readonly writes: number[]
  /** When a delete was called: who waited then may get what was never stored. */
  deleted: number
  openDeletes: number
  /** When it was last invalidated. */
  invalidated: number
  /** By the clock: when somebody last used it. */
  usedAt: number
  watchers: number
  ears: number
  /** Since when. Who waited when the key was deleted waits for a load of his own, which stores nothing. */
  readonly waiting: Set<number>
  /** When somebody last asked for it who waits for ever; nothing, where what he asked for has come. */
  wantedAt: number | undefined
  /** How many wait for ever now, that are not in `waiting`. */
  openWants: number
  /** Whether its resource has ended. */
  isDisposed: boolean
}

export class Ledger {
  readonly faults: string[] = []
  readonly keys: ReadonlyMap<string, KeyRecord>
  readonly #program: ResourceProgram
  readonly #clock: { now(): number }
  readonly #values: Map<string, Request> = new Map()
  readonly #delays: { readonly at: number; readonly part: number }[] = []
  /** Logical time. */
  #time = 0
  /** Whether a port was ever switched: then requests may wait for it. */
  hasSwitched = false

  constructor(program: ResourceProgram, clock: { now(): number }) {
    this.#program = program
    this.#clock = clock
    this.keys = new Map(
      KEYS.map((key) => [
        key,
        {
          contents: [{ value: undefined, since: -1, at: 0 }],
          requests: [],
          barrier: -1,
          writes: [],
          deleted: -1,
          openDeletes: 0,
          invalidated: -1,
          usedAt: 0,
          watchers: 0,
          ears: 0,
          waiting: new Set(),
          wantedAt: undefined,
          openWants: 0,
          isDisposed: false,
        },
      ]),
    )
  }

  of(key: string): KeyRecord {
    return this.keys.get(key)!
  }

  /** Whether the key has what was loaded, and not what somebody has written. */
  isLoaded(value: string | undefined): boolean {
    return value !== undefined && this.#values.has(value)
  }

  /** Whether all has ended that could load anything. */
  get isOver(): boolean {
    return [...this.keys.values()].every(({ isDisposed }) => isDisposed)
  }

  tick(): number {
    return this.#time++
  }

  fault(what: string): void {
    this.faults.push(what)
  }

  /** Whether somebody waits for a value that is to be stored. */
  isAwaited(key: string): boolean {
    const { waiting, deleted } = this.of(key)
    return [...waiting].some((since) => since > deleted)
  }

  use(key: string): void {
    this.of(key).usedAt = this.#clock.now()
  }

  /** Somebody asks for it who cannot leave: what loads it goes on until it has it. */
  wantForEver(key: string): void {
    this.of(key).wantedAt = this.tick()
  }

  /** At rest: who asked for it for ever has got it, as far as one can know. */
  #forgetWants(): void {
    for (const record of this.keys.values()) {
      const { requests, deleted, openWants, wantedAt } = record
      // after a delete the load may go on in silence, for those who had waited; and who waits for the network makes no request
      if (wantedAt === undefined || deleted > wantedAt || openWants > 0 || this.hasSwitched) continue
      if (requests.every((request) => !this.#mayGoOn(request))) record.wantedAt = undefined
    }
  }

  /** Whether it is under way, or waits for another attempt. */
  #mayGoOn({ keys, signal, isOver, error, attempt }: Request): boolean {
    if (!isOver) return !signal.aborted
    const isLast = error !== undefined && attempt === this.#attemptsBefore(keys, signal).length - 1
    return isLast && !signal.aborted && attempt < this.#program.retry
  }

  /** What was asked for before now may store nothing any more. */
  bar(key: string): void {
    this.of(key).barrier = this.tick()
  }

  noteRandom(part: number): number {
    this.#delays.push({ at: this.#clock.now(), part })
    return part
  }

  ask(keys: readonly string[], signal: AbortSignal): Request {
    const now = this.#clock.now()
    const before = this.#attemptsBefore(keys, signal)
    const last = before.at(-1)
    const asked = this.tick()
    const request: Request = {
      keys,
      signal,
      asked,
      began: before[0]?.asked ?? asked,
      attempt: before.length,
      isOver: false,
      endedAt: 0,
      answered: undefined,
      error: undefined,
    }
    if (keys.some((key) => this.of(key).isDisposed)) this.fault('a request after the end')
    if (signal.aborted) this.fault('a request that is given up already')
    if (before.length > this.#program.retry) this.fault(`attempt ${before.length} of ${keys}`)
    if (last !== undefined) this.#checkDelay(last, now)
    for (const key of keys) {
      this.of(key).requests.push(request)
      if (this.#isUse(request, key)) this.use(key)
    }
    return request
  }

  /** Another attempt for those alone who waited when the key was deleted is no use of the key; of a batch nobody can tell. */
  #isUse({ began }: Request, key: string): boolean {
    const { barrier, deleted } = this.of(key)
    return began > Math.max(barrier, deleted) && (!this.#program.isBatched || deleted < 0)
  }

  /** A run keeps its signal; a batch has one of its own. */
  #attemptsBefore(keys: readonly string[], signal: AbortSignal): readonly Request[] {
    if (this.#program.isBatched) return []
    return this.of(keys[0]!).requests.filter((request) => request.signal === signal)
  }

  /** Exponential backoff with full jitter: a part of 1 s, 2 s, 4 s. */
  #checkDelay({ isOver, endedAt, attempt }: Request, now: number): void {
    if (!isOver) this.fault('another attempt beside the one before')
    const waited = now - endedAt
    const ends = this.#delays
      .filter(({ at }) => at === endedAt)
      .map(({ part }) => part * Math.min(1000 * 2 ** attempt, 30_000))
    const isRight = this.hasSwitched
      ? ends.some((delay) => waited >= delay - 1e-6)
      : ends.some((delay) => Math.abs(waited - delay) < 1e-6)
    if (!isRight) this.fault(`another attempt after ${waited} ms, not ${ends}`)
  }

  answer(request: Request, value: string): void {
    this.#values.set(value, request)
    request.answered ??= this.tick()
    this.#end(request)
  }

  fail(request: Request, error: unknown): void {
    request.error = error
    this.#end(request)
  }

  #end(request: Request): void {
    request.isOver = true
    request.endedAt = this.#clock.now()
    for (const key of request.keys) if (!request.signal.aborted && this.#isUse(request, key)) this.use(key)
  }

  /** What is confirmed has changed. With frames it was committed some time ago, which nobody has seen. */
  changed(key: string, value: string | undefined, isPending: boolean): void {
    const record = this.of(key)
    const { value: previous } = record.contents.at(-1)!
    const request = value === undefined ? undefined : this.#values.get(value)
    if (this.#program.promotion === 'commit') {
      if (request !== undefined) this.#checkStored(key, request)
      else if (value !== undefined || record.openDeletes > 0) record.barrier = this.tick()
      else this.#checkCollected(key, previous, isPending)
    }
    record.contents.push({ value, since: this.tick(), at: this.#clock.now() })
  }

  /** The generation rule: only the newest request, and only if nothing came after it. */
  #checkStored(key: string, request: Request): void {
    const { requests, barrier, writes, isDisposed } = this.of(key)
    if (request.began < barrier) this.fault(`a late answer was stored in ${key}`)
    const { began, answered = began } = request
    if (writes.some((called) => began < called && called < answered))
      this.fault(`an answer overtook a write of ${key} that had its turn before it`)
    const hasNewer = requests.some(({ began }) => began > request.began)
    if (hasNewer && !this.#program.isBatched) this.fault(`an answer overtook a newer request of ${key}`)
    if (request.signal.aborted) this.fault(`what was given up was stored in ${key}`)
    if (isDisposed) this.fault(`${key} was stored after the end`)
  }

  #checkCollected(key: string, value: string | undefined, isPending: boolean): void {
    const { usedAt, watchers, ears } = this.of(key)
    if (!this.isLoaded(value)) this.fault(`${value}, written by others, was thrown away`)
    if (isPending) this.fault(`${key} was forgotten below a pending write`)
    if (watchers + ears > 0 || this.isAwaited(key)) this.fault(`${key} was forgotten while in use`)
    if (this.#clock.now() - usedAt < this.#program.gcTime) this.fault(`${key} was forgotten too soon`)
  }

  /** Whether a caller of the time from `called` on may be given this. */
  checkGiven(key: string, value: unknown, called: number, isRefetch: boolean): void {
    const { contents, deleted } = this.of(key)
    const request = this.#values.get(value as string)
    if (isRefetch && request !== undefined && request.asked < called && !this.#program.isBatched)
      this.fault(`a refetch of ${key} gave what had been loaded before it`)
    const wasThere = contents.some((one, i) => {
      const until = contents[i + 1]?.since ?? Number.POSITIVE_INFINITY
      return one.value === value && until > called
    })
    const isOrphan = request?.keys.includes(key) === true && deleted > called
    const isUnseen = this.#program.promotion === 'frames' && String(value).startsWith(key)
    if (!wasThere && !isOrphan && !isUnseen) this.fault(`${value} was given for ${key}, which never was it`)
  }

  /** Whether a request of this key has failed with it, for good, and not because it was given up: that is nobody's failure. */
  hasFailed(key: string, error: unknown): boolean {
    const { retry, isBatched } = this.#program
    return this.of(key).requests.some(
      (one) =>
        one.error === error &&
        error !== undefined &&
        !(one.signal.aborted && error === one.signal.reason) &&
        (isBatched || one.attempt === retry),
    )
  }

  /** At rest: at most one request of a key is under way, but for those whose key was deleted, and none for nobody. */
  checkRequests(): void {
    this.#forgetWants()
    for (const [key, record] of this.keys) {
      const { requests, barrier, deleted, watchers, waiting, wantedAt, isDisposed } = record
      const underWay = requests.filter(({ isOver, signal }) => !isOver && !signal.aborted)
      const current = underWay.filter(({ began }) => began > Math.max(barrier, deleted))
      // a load that waited for the network when the key was deleted asks when that is back, for those who wait for it
      const mayBeLate = this.hasSwitched && deleted >= 0
      if (current.length > 1 && !mayBeLate && !this.#program.isBatched)
        this.fault(`${current.length} requests of ${key} at one time`)
      const isFree = watchers === 0 && waiting.size === 0 && wantedAt === undefined
      if (isFree && underWay.length > 0 && !this.#program.isBatched) this.fault(`${key} is loaded for nobody`)
      if (isDisposed && underWay.length > 0) this.fault(`${key} is loaded after the end`)
    }
  }

  /** When all is over and nobody uses anything any more. */
  checkEnd(): void {
    for (const [key, { contents, isDisposed }] of this.keys) {
      if (!isDisposed && this.isLoaded(contents.at(-1)?.value)) this.fault(`${key} was never forgotten`)
    }
  }
}
