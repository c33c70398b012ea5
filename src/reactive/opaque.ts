/** A part of a value that drafts cannot cover: a recipe that changes it, changes it in place. */
export interface Opaque {
  readonly isUnchanged: () => boolean
  readonly restore: () => void
}

/**
 * The class instances and Dates inside a value, as they are now. Immer hands them to recipes as they are, so a change to one would
 * survive every rollback (immer's own tests call it undefined behaviour); in development this finds it and takes it back. Only across
 * the synchronous part of a recipe: after an await the change may be anybody's.
 */
export function opaqueParts(value: unknown): Opaque[] {
  const found: Opaque[] = []
  const seen = new Set<object>()
  const waiting: unknown[] = [value]
  while (waiting.length > 0) {
    const next = waiting.pop()
    if (typeof next !== 'object' || next === null || seen.has(next)) continue
    seen.add(next)
    if (ArrayBuffer.isView(next)) continue // too large to keep a copy of
    if (next instanceof Date) found.push(opaqueDate(next))
    // one by one: spread as arguments they would overflow the stack
    else if (next instanceof Map || next instanceof Set)
      next.forEach((part, key) => void waiting.push(key, part))
    else if (Array.isArray(next) || isPlain(next)) for (const part of Object.values(next)) waiting.push(part)
    else found.push(opaqueInstance(next))
  }
  return found
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

function opaqueDate(date: Date): Opaque {
  const time = date.getTime()
  return { isUnchanged: () => Object.is(date.getTime(), time), restore: () => void date.setTime(time) }
}

/** Its own data properties; what it keeps in private fields nobody can see. */
function opaqueInstance(instance: object): Opaque {
  const before = Object.entries(instance)
  return {
    isUnchanged: () => {
      const now = Object.entries(instance)
      return (
        now.length === before.length &&
        now.every(([key, value], i) => key === before[i]?.[0] && Object.is(value, before[i]?.[1]))
      )
    },
    restore: () => {
      const values = new Map(before)
      for (const key of Object.keys(instance)) if (!values.has(key)) Reflect.deleteProperty(instance, key)
      for (const [key, value] of before) {
        if (!Object.is(Reflect.get(instance, key), value)) Reflect.set(instance, key, value)
      }
    },
  }
}
