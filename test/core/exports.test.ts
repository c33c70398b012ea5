import { expect, test } from 'vitest'

// Imported in the test, so that what fails while it is loaded fails the test, which is how `npm run mutate` knows of it.
test('the core loads by itself and has the names that are documented', async () => {
  const core = await import('../../src/core/index.ts')

  expect(Object.keys(core).sort()).toEqual([
    'KeyedMutex',
    'Mutex',
    'SyncMap',
    'TidemapError',
    'VersionedMap',
    'View',
  ])
})
