import { dirname, resolve } from 'node:path'

/** Gives every mutant the same random programs. */
export const SEED = 'test/support/fixed-seed.ts'

/**
 * The file that `from` imports as `name`, if it is one of ours.
 * @param {string} name
 * @param {string} from
 */
export function fileOf(name, from) {
  if (name.startsWith('.')) return resolve(dirname(from), name)
  const entry = /^tidemap(?:\/(\w+))?$/.exec(name)
  return entry === null ? undefined : resolve('src', entry[1] ?? '', 'index.ts')
}
