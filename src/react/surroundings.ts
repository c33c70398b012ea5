import { type Context, createContext, useContext } from 'react'
import type { Absent, Reading, Served, Wanted } from './reading.ts'
import type { Source } from './source.ts'
import { synchronous } from './synchronous.ts'

/** What the providers above a component tell the hooks in it. Which `reading` it is never changes for a component that is there. */
export interface Surroundings {
  readonly reading: Reading
  readonly served: Served
}

export const SurroundingsContext: Context<Surroundings> = /* @__PURE__ */ createContext<Surroundings>({
  reading: synchronous,
  served: /* @__PURE__ */ new Map(),
})

export function useFound<K, V>(source: Source<K, V>, key: K): V | Absent {
  const { reading, served } = useContext(SurroundingsContext)
  return reading.useFound(source, key, served)
}

export function useSelected<K, V, R>(source: Source<K, V>, wanted: Wanted<K, V, R>): R {
  const { reading, served } = useContext(SurroundingsContext)
  return reading.useSelected(source, wanted, served)
}
