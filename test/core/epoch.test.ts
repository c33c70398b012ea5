import { expect, test } from 'vitest'
import { Epoch } from '../../src/core/epoch.ts'

// The engine grows a Map when its entries are a power of two, in one step: what a test cannot see, but which write does it can be told.
test.each([7, 10, 14, 17].map((power) => 2 ** power))(
  'with %i keys the index has grown some writes ago, so that no write waits for two Maps',
  (full) => {
    const epoch = new Epoch<number>()

    for (let key = 0; key < full; key++) epoch.push(key, false)

    const strangers = epoch.index.size - full
    expect(strangers).toBeGreaterThan(0)
    expect(strangers).toBeLessThanOrEqual(full / 100)
  },
)
