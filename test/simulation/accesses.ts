// What an operation read of others and left behind, key by key: the view that a dependency graph has of it.
import type { Content, Operation } from '../support/serial-twin.ts'

/** A value that is written once only tells who wrote it; `undefined`: the key was absent. */
export type Version = Content

export interface Accesses {
  /** What it was told of keys that it had not written itself. */
  readonly reads: ReadonlyMap<string, Version>
  /** What it left behind. */
  readonly writes: ReadonlyMap<string, Version>
  /** What it wrote and wrote over itself. */
  readonly intermediate: readonly (readonly [string, Version])[]
  /** Where it was told something else of a key than what it had been told or had written. */
  readonly contradiction: string | undefined
}

export const nameOfKey = (store: number, key: string): string => `${store}/${key}`

export function accessesOf({ steps }: Operation): Accesses {
  const reads = new Map<string, Version>()
  const writes = new Map<string, Version>()
  const intermediate: (readonly [string, Version])[] = []
  let contradiction: string | undefined

  const read = (name: string, version: Version): void => {
    const known = writes.has(name) ? writes : reads
    if (!known.has(name)) reads.set(name, version)
    else if (known.get(name) !== version)
      contradiction ??= `${name} is ${known.get(name)} and then ${version}`
  }
  const write = (name: string, version: Version): void => {
    if (writes.has(name)) intermediate.push([name, writes.get(name)])
    writes.set(name, version)
  }

  for (const { store, action, result } of steps) {
    if (action.do === 'entries') {
      for (const [key, version] of result as [string, Version][]) read(nameOfKey(store, key), version)
      continue
    }
    if (action.do === 'setMany') {
      for (const [key, version] of action.entries) write(nameOfKey(store, key), version)
      continue
    }
    if (!('key' in action)) continue
    const name = nameOfKey(store, action.key)
    switch (action.do) {
      case 'get':
        read(name, result as Version)
        break
      case 'load':
        read(name, (result as [Version])[0])
        break
      case 'set':
        write(name, action.value)
        break
      case 'swap':
        read(name, (result as [Version])[0])
        write(name, action.value)
        break
      case 'loadAndDelete':
        read(name, (result as [Version])[0])
        if (result !== undefined && (result as [Version, boolean])[1]) write(name, undefined)
        break
      case 'loadOrStore':
        if ((result as [Version, boolean])[1]) read(name, (result as [Version])[0])
        else {
          read(name, undefined)
          write(name, action.value)
        }
        break
      case 'compareAndSwap':
        if (result !== true) break
        read(name, action.old)
        write(name, action.value)
        break
      case 'compareAndDelete':
        if (result !== true) break
        read(name, action.old)
        write(name, undefined)
        break
      case 'delete':
        if (result === true) write(name, undefined)
        else read(name, undefined)
        break
      default:
    }
  }
  return { reads, writes, intermediate, contradiction }
}
