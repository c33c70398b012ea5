const methods = ['get', 'has', 'set', 'add', 'delete', 'forEach', 'keys', 'values', 'entries'] as const

/**
 * Counts the work that is done by native collections while it is on: every call of a method of a Map or Set, every entry that an
 * iteration, a spread or a copy of one visits, every element of an array that is copied by `slice`. What a structure says about its own
 * work is one thing; this is said by nobody. What the engine does inside one call (growing, clearing) is not seen.
 */
export class NativeWork {
  #count = 0
  readonly #undo: (() => void)[] = []

  static of(action: () => void): number {
    const work = new NativeWork()
    try {
      action()
    } finally {
      work.stop()
    }
    return work.count
  }

  constructor() {
    const iterators = [new Map().keys(), new Set().keys()].map((iterator) => Object.getPrototypeOf(iterator))
    for (const prototype of [Map.prototype, Set.prototype]) {
      for (const name of [...methods, Symbol.iterator]) this.#watch(prototype, name)
    }
    for (const iterator of iterators) this.#watch(iterator, 'next')
    this.#watch(Array.prototype, 'slice')
    this.#count = 0
  }

  get count(): number {
    return this.#count
  }

  stop(): void {
    for (const undo of this.#undo.reverse()) undo()
    this.#undo.length = 0
  }

  #watch(owner: object, name: PropertyKey): void {
    const descriptor = Object.getOwnPropertyDescriptor(owner, name)
    const original: unknown = descriptor?.value
    if (descriptor === undefined || typeof original !== 'function') return
    this.#undo.push(() => Object.defineProperty(owner, name, descriptor))
    const add = (work: number) => {
      this.#count += work
    }
    function watched(this: unknown, ...args: unknown[]): unknown {
      const result: unknown = Reflect.apply(original as (...args: unknown[]) => unknown, this, args)
      if (name === 'slice') add((result as unknown[]).length)
      else add(name === 'forEach' ? (this as Set<unknown>).size : 1)
      return result
    }
    Object.defineProperty(owner, name, { ...descriptor, value: watched })
  }
}
