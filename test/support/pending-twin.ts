// The slow, obvious twin of a store's layers: a list of pending writes, every one of them carried out again, over a copy of the confirmed
// state, whenever somebody looks.
import type { Transaction } from 'tidemap/store'

export type Op =
  | { readonly do: 'set' | 'add' | 'follow'; readonly key: string; readonly value: number }
  | { readonly do: 'delete' | 'need' | 'count'; readonly key: string }
  | { readonly do: 'clear' }
  | { readonly do: 'setMany' | 'replace'; readonly entries: readonly (readonly [string, number])[] }

export type Target = Pick<
  Transaction<string, number>,
  'size' | 'get' | 'has' | 'set' | 'delete' | 'clear' | 'setMany' | 'replace'
>

export const KEYS: readonly string[] = ['a', 'b', 'c']

/** What a recipe throws that does not find what it needs. */
export class Missing extends Error {}

export function perform(tx: Target, op: Op): void {
  switch (op.do) {
    case 'set':
      return tx.set(op.key, op.value)
    case 'add':
      return tx.set(op.key, (tx.get(op.key) ?? 0) + op.value)
    case 'follow': {
      // what it writes depends on what it finds; it looks at all keys, so that the keys it touches are always the same
      const there = KEYS.filter((key) => tx.has(key))
      return tx.set(there[op.value % there.length] ?? op.key, (tx.get(op.key) ?? 0) + 1)
    }
    case 'delete':
      return void tx.delete(op.key)
    case 'need':
      if (!tx.has(op.key)) throw new Missing(`no ${op.key}`)
      return
    case 'count':
      return tx.set(op.key, tx.size)
    case 'clear':
      return tx.clear()
    default:
      return tx[op.do](op.entries)
  }
}

export interface Pending {
  readonly ops: readonly Op[]
  /** The only keys it may touch. */
  readonly keys: readonly string[] | undefined
  /** Its place in the line; none while it waits for something else: then it lies over all that have one. */
  place: number | undefined
}

/** What is shown, and the keys laid over. */
export interface Shown {
  readonly entries: ReadonlyMap<string, number>
  readonly pending: ReadonlySet<string>
}

/** `writes` in the order of their calls. */
export function replay(confirmed: Iterable<readonly [string, number]>, writes: readonly Pending[]): Shown {
  let entries = new Map(confirmed)
  const below = [...entries.keys()]
  const pending = new Set<string>()
  let isClearing = false
  const inLine = writes.filter(({ place }) => place !== undefined)
  inLine.sort((a, b) => (a.place as number) - (b.place as number))
  for (const write of [...inLine, ...writes.filter(({ place }) => place === undefined)]) {
    const trial = trialOf(entries, write)
    if (trial === undefined) continue
    entries = trial.entries
    if (trial.isCleared) pending.clear()
    isClearing ||= trial.isCleared
    for (const key of [...trial.deleted, ...trial.written]) pending.add(key)
  }
  if (isClearing) for (const key of below) pending.add(key)
  return { entries, pending }
}

/** What comes of one write; nothing, where its recipe throws. */
function trialOf(entries: ReadonlyMap<string, number>, { ops, keys }: Pending): Trial | undefined {
  const trial = new Trial(entries, keys)
  try {
    for (const op of ops) perform(trial, op)
    return trial
  } catch {
    return undefined
  }
}

/** Whether a recipe would throw where this is shown. */
export const throwsOver = (entries: ReadonlyMap<string, number>, ops: readonly Op[]): boolean =>
  trialOf(entries, { ops, keys: undefined, place: undefined }) === undefined

class Trial implements Target {
  readonly entries: Map<string, number>
  readonly written: Set<string> = new Set()
  readonly deleted: Set<string> = new Set()
  isCleared = false
  readonly #keys: readonly string[] | undefined

  constructor(below: ReadonlyMap<string, number>, keys: readonly string[] | undefined) {
    this.entries = new Map(below)
    this.#keys = keys
  }

  get size(): number {
    this.#refuse(this.#keys !== undefined)
    return this.entries.size
  }

  get(key: string): number | undefined {
    this.#refuse(this.#keys?.includes(key) === false)
    return this.entries.get(key)
  }

  has(key: string): boolean {
    this.get(key)
    return this.entries.has(key)
  }

  set(key: string, value: number): void {
    this.get(key)
    this.entries.set(key, value)
    this.written.add(key)
  }

  delete(key: string): boolean {
    this.get(key)
    this.written.delete(key)
    this.deleted.add(key) // in vain or not: then it is pending too
    return this.entries.delete(key)
  }

  clear(): void {
    this.#refuse(this.#keys !== undefined)
    this.isCleared = true
    this.entries.clear()
    this.written.clear()
    this.deleted.clear()
  }

  setMany(entries: Iterable<readonly [string, number]>): void {
    for (const [key, value] of entries) this.set(key, value)
  }

  replace(entries: Iterable<readonly [string, number]>): void {
    this.clear()
    this.setMany(entries)
  }

  #refuse(isRefused: boolean): void {
    if (isRefused) throw new Error('a key that it did not declare')
  }
}
