// The tree against an array: B1-B3 as seen from outside.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { OrderStatisticTree } from '../../src/collection/order-statistic-tree.ts'

const items = <T>(tree: OrderStatisticTree<T>): T[] => {
  const all: T[] = []
  while (all.length < tree.size) all.push(...tree.chunkFrom(all.length))
  return all
}

type Edit = { readonly insert: boolean; readonly at: number; readonly times: number }

const edits = fc.array(fc.record({ insert: fc.boolean(), at: fc.nat(10_000), times: fc.nat(120) }), {
  minLength: 1,
  maxLength: 40,
})

test('holds what an array holds, at every edit, and every older tree what it held', () => {
  fc.assert(
    fc.property(fc.nat(200), edits, (size, program: Edit[]) => {
      let twin = Array.from({ length: size }, (_, i) => i)
      let tree = OrderStatisticTree.of(twin)
      const older = [{ tree, twin }]
      let next = size
      for (const { insert, at, times } of program) {
        for (let i = 0; i < times; i++) {
          if (insert) {
            const index = (at + i) % (twin.length + 1)
            twin = [...twin.slice(0, index), next, ...twin.slice(index)]
            tree = tree.inserted(index, next++)
          } else if (twin.length > 0) {
            const index = at % twin.length
            twin = [...twin.slice(0, index), ...twin.slice(index + 1)]
            tree = tree.removed(index)
          }
        }
        expect(items(tree)).toEqual(twin)
        expect(twin.map((_, i) => tree.at(i))).toEqual(twin)
        expect(tree.at(twin.length)).toBeUndefined()
        older.push({ tree, twin })
      }
      for (const one of older) expect(items(one.tree)).toEqual(one.twin)
    }),
    { numRuns: 60 },
  )
})

test('finds places in sorted order', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(100), { maxLength: 400 }), fc.nat(101), (numbers, probe) => {
      const sorted = [...numbers].sort((a, b) => a - b)
      const tree = OrderStatisticTree.of(sorted)
      expect(tree.countBefore((n) => n < probe)).toBe(sorted.filter((n) => n < probe).length)
    }),
  )
})

describe.each([1_000, 10_000, 100_000, 1_000_000])('with %i items', (size) => {
  // levels of at least 8 parts; at each a search reads 5 parts, and an edit copies a node and its neighbour
  const levels = Math.ceil(Math.log(size) / Math.log(8))
  const most = levels * 3 * 33

  test('an edit, a look and a search touch a few parts a level', () => {
    let tree = OrderStatisticTree.of(Array.from({ length: size }, (_, i) => i))
    for (let i = 0; i < 2000; i++) {
      const at = (i * 7919) % tree.size
      const removed = tree.removed(at)
      for (const act of [
        () => tree.removed(at),
        () => removed.inserted(at, at),
        () => tree.at(at),
        () => tree.countBefore((n) => n < at),
      ]) {
        const before = tree.touched
        act()
        expect(tree.touched - before).toBeGreaterThan(0)
        expect(tree.touched - before).toBeLessThanOrEqual(most)
      }
      tree = removed.inserted(at, at)
    }
  })
})
