// The bench of the table quotes no contender that shows anything wrong; here it is told before somebody runs it.
import { readdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test, vi } from 'vitest'
import type { Mount } from '../../bench/dom/contender.ts'
import { Harness } from '../../bench/dom/harness.ts'
import { type OperationName, operations } from '../../bench/dom/operations.ts'

const directory = resolve(import.meta.dirname, '../../bench/dom')
const contenders = ['plain', 'react'].flatMap((kind) =>
  readdirSync(resolve(directory, kind))
    .filter((file) => !file.startsWith('shell') && !file.startsWith('keyed-rows'))
    .map((file) => `${kind}/${file}`),
)
const names = Object.keys(operations) as OperationName[]

test('every contender is found', () => {
  expect(contenders.length).toBe(13)
})

test.each(contenders)('%s does all operations right, twice', async (path) => {
  vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', false)
  const root = document.createElement('div')
  document.body.replaceChildren(root)
  const { mount } = (await import(resolve(directory, path))) as { mount: Mount }
  const harness = new Harness(mount, root, 40)

  const rendered: Record<string, number> = {}
  for (const name of [...names, ...names]) rendered[name] = (await harness.run(name)).rendered

  // below the provider, rows that have come with a write render once more with the next one
  if (!path.startsWith('react') || path.includes('concurrent')) return
  const { 'update 10th': update, select, swap, remove } = rendered
  expect({ update, select, swap, remove }).toEqual({ update: 4, select: 2, swap: 0, remove: 0 })
})

test('a contender that shows anything wrong is found out', async () => {
  const { mount } = await import('../../bench/dom/plain/by-hand.ts')
  const forgetful: Mount = (root, act) => ({ ...mount(root, act), swap: () => {} })
  const harness = new Harness(forgetful, document.createElement('div'), 40)
  await expect(harness.run('swap')).rejects.toThrow('never shows')
})
