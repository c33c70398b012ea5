// A history falls into parts that have no key in common: those that operations connect belong together.
import type { Action, Entries, Operation } from '../support/serial-twin.ts'

export interface KeyedHistory {
  /** What each store had at the beginning. */
  readonly initial: readonly Entries[]
  readonly operations: readonly Operation[]
}

/** The keys that an action looks at or writes; nothing where that is the whole map. */
function keysOfAction(action: Action): readonly string[] | undefined {
  if ('key' in action) return [action.key]
  return action.do === 'setMany' ? action.entries.map(([key]) => key) : undefined
}

const WHOLE = '*'
const nameOf = (store: number, key: string): string => `${store}/${key}`

/** The parts of a history; operations without a step belong to none. */
export function components({ initial, operations }: KeyedHistory): KeyedHistory[] {
  const sets = new DisjointSets()
  const footprints = operations.map(({ steps }) =>
    steps.flatMap(({ store, action }) => (keysOfAction(action) ?? [WHOLE]).map((key) => nameOf(store, key))),
  )
  for (const names of footprints) for (const name of names) sets.join(names[0]!, name)
  for (const [store, entries] of initial.entries()) for (const [key] of entries) sets.find(nameOf(store, key))
  for (const store of initial.keys()) {
    const whole = nameOf(store, WHOLE)
    if (!sets.has(whole)) continue
    for (const name of sets.names()) if (name.startsWith(nameOf(store, ''))) sets.join(whole, name)
  }
  const parts = new Map<string, Operation[]>()
  for (const [i, names] of footprints.entries()) {
    const [name] = names
    if (name === undefined) continue
    const part = sets.find(name)
    const own = parts.get(part) ?? []
    own.push(operations[i]!)
    parts.set(part, own)
  }
  return [...parts].map(([part, own]) => ({
    initial: initial.map((entries, store) =>
      entries.filter(([key]) => sets.find(nameOf(store, key)) === part),
    ),
    operations: own,
  }))
}

/** Tarjan's union-find. */
class DisjointSets {
  readonly #parents: Map<string, string> = new Map()

  has(name: string): boolean {
    return this.#parents.has(name)
  }

  names(): string[] {
    return [...this.#parents.keys()]
  }

  find(name: string): string {
    let root = name
    for (let parent = this.#parents.get(root); parent !== undefined && parent !== root; ) {
      root = parent
      parent = this.#parents.get(root)
    }
    for (let next = name; next !== root; ) {
      const parent = this.#parents.get(next) ?? root
      this.#parents.set(next, root)
      next = parent
    }
    if (!this.#parents.has(root)) this.#parents.set(root, root)
    return root
  }

  join(a: string, b: string): void {
    this.#parents.set(this.find(a), this.find(b))
  }
}
