import { inspect } from 'node:util'

/** Whether a promise is settled now, told without waiting for anything. */
export const isSettled = (promise: Promise<unknown>): boolean =>
  !/^Promise \{\s*<pending>/.test(inspect(promise, { depth: 0 }))

/** Until every microtask that is due has run: no clock, no timer. */
export const microtasks = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
