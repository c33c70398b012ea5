import type { Resource } from 'tidemap/resource'
import { createStore } from 'tidemap/store'
import type { Edit } from './edits.ts'
import type { Details, Dish, Match, Weather } from './protocol.ts'

export type Stores = ReturnType<typeof createStores>

/** What a page of the list is made of: the dishes themselves are entities, in a store of their own. */
export interface PageOfIds {
  readonly ids: readonly number[]
  readonly pages: number
  readonly total: number
}

/** How a dish is made: what its details have beside the dish itself. */
export type Method = Omit<Details, 'dish'>

/** One line of the log. */
export interface Request {
  readonly id: number
  readonly what: string
  readonly state: 'in flight' | 'done' | 'failed' | 'aborted'
  /** Milliseconds, once it is over. */
  readonly took: number | null
}

/** An edit that has been taken back, and why. */
export interface Failure {
  readonly edit: Edit
  readonly reason: string
}

export interface Settings extends Weather {
  readonly offline: boolean
}

/** What was asked for last, and what came of it. `found` is never older than what it replaces. */
export interface Search {
  readonly text: string
  readonly found: { readonly text: string; readonly matches: readonly Match[] }
  readonly failed: { readonly text: string; readonly reason: string } | null
}

export interface Shown {
  readonly open: number | null
  readonly sort: 'menu' | 'name' | 'minutes' | 'portions'
  readonly kind: string
}

export function createStores() {
  return {
    /** Each dish once, however many pages, answers and edits it is in. */
    dishes: createStore<number, Dish>(),
    pages: createStore<number, PageOfIds>(),
    /** The numbers of the pages that are shown, in the order in which they were asked for. */
    wanted: createStore<number, 'page'>([[1, 'page']]),
    details: createStore<number, Method>(),
    /** Names that are being typed and not sent yet. */
    drafts: createStore<number, string>(),
    failures: createStore<string, Failure>(),
    requests: createStore<number, Request>(),
    settings: createStore<Settings>({ latency: 0, jitter: 0, failures: 0, offline: false }),
    search: createStore<Search>({ text: '', found: { text: '', matches: [] }, failed: null }),
    shown: createStore<Shown>({ open: null, sort: 'menu', kind: '' }),
  }
}

export interface Resources {
  readonly pages: Resource<number, PageOfIds>
  readonly details: Resource<number, Method>
}
