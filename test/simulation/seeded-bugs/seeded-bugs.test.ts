// A wrong line in a copy of our own code, many times: each is caught by the check that is named beside it, or this fails. So does a patch
// that no longer applies: then its line has changed, and the bug has to be thought of anew.
import { afterAll, describe, expect, test } from 'vitest'
import { unhandledRejections } from '../../support/unhandled-rejections.ts'
import { type CheckName, checks } from './checks.ts'
import { commitBugs } from './commit-bugs.ts'
import { directedBugs } from './directed-bugs.ts'
import { patchedProduct } from './patched-product.ts'
import { resourceBugs } from './resource-bugs.ts'
import { simulatedBugs } from './simulated-bugs.ts'
import { turnBugs } from './turn-bugs.ts'
import { viewBugs } from './view-bugs.ts'

const bugs = [...turnBugs, ...commitBugs, ...viewBugs, ...resourceBugs, ...simulatedBugs, ...directedBugs]

const begin = performance.now()
const caught = new Map<string, number>()

describe('a copy without a bug', () => {
  test.each(Object.entries(checks))('passes %s', { timeout: 120_000 }, async (_name, check) => {
    expect(await check(await patchedProduct())).toBeUndefined()
  })
})

describe('a copy with a bug is caught:', () => {
  test.each(bugs.map((bug) => [bug.what, bug.caughtBy, bug] as const))(
    '%s, by %s',
    { timeout: 120_000 },
    async (_what, caughtBy, bug) => {
      const product = await patchedProduct(bug)
      let failure: string | undefined

      await unhandledRejections(async () => {
        failure = await checks[caughtBy](product)
      })

      expect(failure).toBeDefined()
      caught.set(caughtBy, (caught.get(caughtBy) ?? 0) + 1)
    },
  )

  test('these are at least 40, and every check catches one', () => {
    expect(new Set(bugs.map(({ what }) => what)).size).toBe(bugs.length)
    expect(bugs.length).toBeGreaterThanOrEqual(40)
    const names = Object.keys(checks) as CheckName[]
    expect(names.filter((name) => !bugs.some(({ caughtBy }) => caughtBy === name))).toEqual([])
  })
})

afterAll(() => {
  const total = [...caught.values()].reduce((sum, count) => sum + count, 0)
  const seconds = ((performance.now() - begin) / 1000).toFixed(1)
  const by = [...caught].map(([name, count]) => `${count} by ${name}`).join(', ')
  console.info(`seeded bugs: ${total} of ${bugs.length} caught in ${seconds} s: ${by}`)
})
