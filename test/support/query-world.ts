import { type Collection, query } from 'tidemap/collection'
import { createStore, type View } from 'tidemap/store'
import { expect } from 'vitest'
import { type HeldTurn, holdTurn } from './held-turn.ts'

/** What rows are: few ranks, so that many are equal; each made once, so that rows are told apart by identity. */
export interface Item {
  readonly rank: number
  readonly isOn: boolean
}

export interface QuerySpec {
  readonly where: 'all' | 'on' | 'low' | 'even keys'
  readonly orderBy: 'none' | 'rank' | 'rank descending' | 'key' | 'nothing is before anything'
  readonly offset: number
  readonly limit: number | undefined
  /** Over the store, or over an earlier query. */
  readonly over: number
}

export type Step =
  | { readonly do: 'set' | 'touch' | 'later'; readonly key: number; readonly rank: number }
  | { readonly do: 'delete' | 'move' | 'hold'; readonly key: number }
  | { readonly do: 'batch' | 'replace'; readonly keys: readonly number[]; readonly rank: number }
  | { readonly do: 'clear' | 'hold all' | 'release' | 'churn' }
  | {
      readonly do: 'answer' | 'read' | 'keep' | 'listen' | 'leave'
      readonly query: number
      readonly key: number
    }

type Entries = readonly (readonly [number, Item])[]

const wheres: Record<QuerySpec['where'], ((item: Item, key: number) => boolean) | undefined> = {
  all: undefined,
  on: (item) => item.isOn,
  low: (item) => item.rank < 2,
  'even keys': (_item, key) => key % 2 === 0,
}

const orders: Record<QuerySpec['orderBy'], ((a: Item, b: Item, x: number, y: number) => number) | undefined> =
  {
    none: undefined,
    rank: (a, b) => a.rank - b.rank,
    'rank descending': (a, b) => b.rank - a.rank,
    key: (_a, _b, x, y) => x - y,
    'nothing is before anything': () => Number.NaN,
  }

/** The slow obvious twin. */
function expected({ where, orderBy, offset, limit }: QuerySpec, entries: Entries): Entries {
  const matches = wheres[where]
  const order = orders[orderBy]
  const rows = entries.filter(([key, item]) => matches === undefined || matches(item, key))
  if (order !== undefined) rows.sort(([x, a], [y, b]) => order(a, b, x, y))
  return rows.slice(offset, limit === undefined ? undefined : offset + limit)
}

const isSame = (a: Entries, b: Entries): boolean =>
  a.length === b.length && a.every(([key, item], i) => key === b[i]?.[0] && item === b[i]?.[1])

const probes = Array.from({ length: 25 }, (_, i) => i - 1)

/** How often what makes it interesting has happened. */
export interface Seen {
  rounds: number
  moves: number
  layered: number
  windows: number
  nested: number
}

/** A store, queries over it, listeners, and the twin of each. */
export class QueryWorld {
  readonly #store
  readonly #specs: readonly QuerySpec[]
  readonly #queries: Collection<number, Item>[] = []
  readonly #held: HeldTurn[] = []
  readonly #writes: Promise<unknown>[] = []
  readonly #kept: { readonly view: View<number, Item>; readonly entries: Entries }[] = []
  readonly #ears: { stop: () => void; told: View<number, Item> }[][] = []
  readonly #calls: number[]
  readonly #seen: Seen
  #rounds = 0
  #written = 0
  #answers: number[] = []
  readonly #errors: unknown[] = []

  constructor(specs: readonly QuerySpec[], size: number, isWatched: boolean, seen: Seen) {
    const entries = Array.from(
      { length: size },
      (_, key) => [key, { rank: key % 5, isOn: key % 3 > 0 }] as const,
    )
    this.#store = createStore<number, Item>(entries, { onError: (error) => this.#errors.push(error) })
    this.#specs = specs
    this.#seen = seen
    this.#calls = specs.map(() => 0)
    for (const { where, orderBy, offset, limit, over } of specs) {
      const source = this.#queries[over] ?? this.#store
      const options = { where: wheres[where], orderBy: orders[orderBy], offset, limit }
      this.#queries.push(query(source, options))
      this.#ears.push([])
    }
    // in the middle of every round, before and after those of the queries
    if (isWatched) this.#store.subscribe(() => this.#check())
  }

  async step(step: Step): Promise<void> {
    const before = this.#specs.map((_, i) => this.#twin(i))
    const calls = [...this.#calls]
    const rounds = this.#rounds
    const isAnswered = this.#answers.length > 0
    const stop = this.#store.subscribe(() => this.#rounds++)
    await this.#do(step)
    stop()
    const isSingle = this.#rounds - rounds === 1 && !isAnswered && step.do !== 'listen' && step.do !== 'leave'
    this.#specs.forEach((_, i) => {
      if (!isSingle) return
      const times = isSame(before[i] as Entries, this.#twin(i)) ? 0 : 1
      const heard = (this.#calls[i] as number) - (calls[i] as number)
      expect(heard, `calls of listeners of query ${i}`).toBe(times * (this.#ears[i] as unknown[]).length)
    })
    expect(this.#errors).toEqual([])
    for (const { view, entries } of this.#kept) expect(isSame([...view], entries), 'a kept view').toBe(true)
    if (step.do === 'read') this.#check()
  }

  async end(): Promise<void> {
    for (const turn of this.#held.splice(0)) await turn.release()
    await Promise.all(this.#writes)
    this.#check()
    for (const [i, ears] of this.#ears.entries()) {
      for (const { told } of ears) expect(told === this.#queries[i]?.view, 'the last view told').toBe(true)
    }
    expect(this.#errors).toEqual([])
  }

  #twin(i: number): Entries {
    const spec = this.#specs[i] as QuerySpec
    return expected(spec, spec.over < i && spec.over >= 0 ? this.#twin(spec.over) : [...this.#store.view])
  }

  /** Every query shows what its twin shows, by each way of reading. */
  #check(): void {
    if (this.#store.view !== this.#store.confirmed) this.#seen.layered++
    this.#queries.forEach((one, i) => {
      const twin = this.#twin(i)
      const { view } = one
      if (twin.length > 0 && this.#specs[i]?.limit !== undefined) this.#seen.windows++
      const found = new Map(twin)
      const [first, second] = twin
      const isRight =
        isSame([...view], twin) &&
        isSame([...one], twin) &&
        view.size === twin.length &&
        view === one.view &&
        [...view.keys()].every((key, at) => key === twin[at]?.[0]) &&
        [...view.values()].every((item, at) => item === twin[at]?.[1]) &&
        probes.every((key) => view.has(key) === found.has(key) && view.get(key) === found.get(key)) &&
        (first === undefined ||
          second === undefined ||
          (view.compare(first[0], second[0]) < 0 && view.compare(second[0], first[0]) > 0))
      if (isRight) return
      // said at length only where something is wrong: this runs in every round
      expect([...view], `query ${i}: ${JSON.stringify(this.#specs[i])}`).toEqual(twin)
      expect.unreachable(`query ${i} reads otherwise by key, by identity or by place`)
    })
  }

  #item(rank: number): Item {
    return { rank: rank % 5, isOn: rank % 3 > 0 }
  }

  async #do(step: Step): Promise<void> {
    const store = this.#store
    switch (step.do) {
      case 'set':
        return this.#write(store.set(step.key, this.#item(step.rank)))
      case 'touch': {
        const item = store.get(step.key)
        return item === undefined ? undefined : this.#write(store.set(step.key, { ...item }))
      }
      case 'later':
        return this.#write(store.set(step.key, Promise.resolve(this.#item(step.rank))))
      case 'delete':
        return this.#write(store.delete(step.key))
      case 'move': // deleted and set again with the very same value: only its place changes
        return this.#write(
          store.batch((tx) => {
            const item = tx.get(step.key)
            if (item !== undefined && tx.delete(step.key)) tx.set(step.key, item)
          }),
        )
      case 'batch':
        return this.#write(
          store.batch((tx) => {
            step.keys.forEach((key, i) => {
              const item = tx.get(key)
              if ((key + step.rank + i) % 3 > 0) tx.set(key, this.#item(step.rank + i))
              else if (tx.delete(key) && i % 2 === 0 && item !== undefined) tx.set(key, item)
            })
          }),
        )
      case 'replace':
        return this.#write(
          store.replace(
            step.keys.map((key, i) => [key, store.get(key) ?? this.#item(step.rank + i)] as const),
          ),
        )
      case 'clear':
        return this.#write(store.clear())
      case 'churn': // so many dead slots that the store's map is compacted
        for (let i = 0; i < 40; i++) {
          this.#write(store.set(23, this.#item(i)))
          this.#write(store.delete(23))
        }
        return
      case 'hold':
        this.#held.push(holdTurn(store, [step.key], (tx) => void tx.set(step.key, this.#item(step.key))))
        return
      case 'hold all':
        this.#held.push(holdTurn(store))
        return
      case 'release':
        await this.#held.shift()?.release()
        return
      case 'answer':
        this.#answers.push(step.query, step.key)
        return
      case 'read':
        return
      case 'keep': {
        const view = this.#queries[step.query % this.#queries.length]?.view
        if (view !== undefined) this.#kept.push({ view, entries: [...view] })
        return
      }
      case 'listen':
        return this.#listen(step.query % this.#queries.length)
      case 'leave':
        this.#ears[step.query % this.#queries.length]?.shift()?.stop()
    }
  }

  #write(write: Promise<unknown>): void {
    this.#writes.push(write)
  }

  #listen(i: number): void {
    const one = this.#queries[i] as Collection<number, Item>
    const ear = { stop: () => {}, told: one.view }
    const keys = new Map<number, Item>(one.view)
    let order = [...one.view.keys()]
    const stops = [
      one.subscribe((view, previous, changes) => {
        this.#calls[i] = (this.#calls[i] as number) + 1
        this.#seen.rounds++
        expect(previous === ear.told, 'the view told before').toBe(true)
        expect(view === previous).toBe(false)
        expect(view.version).toBeGreaterThan(previous.version)
        const byKey = (a: { key: number }, b: { key: number }) => a.key - b.key
        expect([...changes].sort(byKey)).toEqual(view.changesSince(previous).sort(byKey))
        if (changes.length === 0) this.#seen.moves++
        expect([...keys].sort(), 'what listeners of keys heard').toEqual([...view].sort())
        expect(order, 'what listeners of membership heard').toEqual([...view.keys()])
        ear.told = view
        this.#answer(i)
      }),
      one.subscribeKeys((view, previous) => {
        expect([...view.keys()]).not.toEqual([...previous.keys()])
        order = [...view.keys()]
      }),
      ...Array.from({ length: 24 }, (_, key) =>
        one.subscribeKey(key, (value, previous, change) => {
          expect(keys.get(key) === previous && change.value === value).toBe(true)
          if (change.type === 'delete') keys.delete(key)
          else keys.set(key, change.value)
        }),
      ),
    ]
    ear.stop = () => {
      for (const stop of stops) stop()
    }
    this.#ears[i]?.push(ear)
  }

  /** A listener that writes. */
  #answer(i: number): void {
    const at = this.#answers.findIndex(
      (value, index) => index % 2 === 0 && value % this.#queries.length === i,
    )
    if (at < 0) return
    const [, key = 0] = this.#answers.splice(at, 2)
    this.#seen.nested++
    this.#write(this.#store.set(key, this.#item(this.#written++)))
    this.#check()
  }
}
