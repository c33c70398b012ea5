import type { ComponentType, ReactNode } from 'react'

export interface Task {
  readonly promise: Promise<string>
}

export interface Writers {
  increment(): void
  double(): void
  setOther(n: number): void
  setTask(task: Task): void
}

/** A store of its own, with a count, another number and a task in it, and how a library uses it in React. */
export interface Instance {
  readonly Root: ComponentType<{ children: ReactNode }>
  useCount(): number
  useOther(): number
  useTask(): Task
  useWriters(): Writers
  /** How many subscriptions are open; undefined where the library does not tell. */
  subscribers?(): number
}

export interface Contender {
  readonly name: string
  make(count?: number): Instance
}

export const noTask: Task = { promise: Promise.resolve('none') }
