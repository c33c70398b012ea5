import { frozenCollection } from '../errors.ts'

const refuse = (): never => {
  throw frozenCollection()
}

/**
 * Deep-freezes plain data (objects, arrays, Map, Set), so that a mutation throws at its author. Everything else (class instances,
 * functions, DOM nodes, buffers) passes through untouched. Cycles are no harm; accessors are not called.
 *
 * What has been frozen once is remembered and not walked again: a value that shares most of its parts with the one before costs its
 * new parts only. For development: production does not pay for it.
 */
export class Freezer {
  readonly #done: WeakSet<object> = new WeakSet()

  freeze(value: unknown): void {
    const waiting: unknown[] = [value] // a stack of our own: data may be nested deeper than calls can be
    while (waiting.length > 0) {
      const next = waiting.pop()
      if (!isPlainData(next) || this.#done.has(next)) continue
      this.#done.add(next)
      if (next instanceof Map || next instanceof Set) {
        // one by one: spread as arguments they would overflow the stack
        next.forEach((member, key) => void waiting.push(key, member))
        for (const method of ['set', 'add', 'delete', 'clear']) {
          if (method in next && Object.isExtensible(next))
            Object.defineProperty(next, method, { value: refuse })
        }
      } else this.#pushProperties(next, waiting)
      Object.freeze(next)
    }
  }

  #pushProperties(value: object, waiting: unknown[]): void {
    for (const key of Reflect.ownKeys(value)) {
      waiting.push(Object.getOwnPropertyDescriptor(value, key)?.value) // an accessor's has none
    }
  }
}

function isPlainData(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  const prototype = Object.getPrototypeOf(value)
  if (Array.isArray(value)) return prototype?.constructor?.name === 'Array' // of this realm or another
  if (prototype === null) return !(Symbol.toStringTag in value) // a module namespace has one, and cannot be frozen
  if (prototype === Map.prototype || prototype === Set.prototype) return true
  // the root of a chain is Object.prototype, of this realm or another
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'hasOwnProperty')
}
