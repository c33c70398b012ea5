// Used by the programs of docs.test.ts that show something: an empty page, by the names a browser gives it.
import { builtinEnvironments } from 'vitest/environments'

await builtinEnvironments.jsdom.setup(globalThis, {})

export const page = document
