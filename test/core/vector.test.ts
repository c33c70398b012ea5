import { describe, expect, test } from 'vitest'
import {
  ABSENT,
  differingSlots,
  EMPTY_NODE,
  leafAt,
  type Node,
  Vector,
  WIDTH,
} from '../../src/core/vector.ts'

/** So many slots fit below a root of 1,024 nodes; one more puts a level in between. */
const ONE_LEVEL = 1024 * WIDTH
const TWO_LEVELS = ONE_LEVEL * WIDTH

/** A vector in which the first slot of every leaf up to `last` has itself as its content. */
function filled(last: number): Vector {
  const vector = new Vector()
  for (let slot = 0; slot <= last; slot += WIDTH) vector.set(slot, slot, 0)
  return vector
}

const contentAt = ({ root, shift }: { root: Node[]; shift: number }, slot: number) =>
  leafAt(root, shift, slot)[slot % WIDTH]

const taken = ({ root, shift }: Vector) => ({ root, shift })

type Taken = ReturnType<typeof taken>

function differences(a: Taken, b: Taken): number[] {
  const slots: number[] = []
  differingSlots(a, b, (slot) => slots.push(slot))
  return slots.sort((x, y) => x - y)
}

const sizes = [0, 1, ONE_LEVEL - WIDTH, ONE_LEVEL, ONE_LEVEL + 40 * WIDTH, TWO_LEVELS - WIDTH, TWO_LEVELS]

describe.each(sizes)('a vector up to slot %i', (last) => {
  const lastLeaf = last - (last % WIDTH)

  test('has what was set, and nothing where nothing was', () => {
    const vector = filled(last)

    for (let slot = 0; slot <= last; slot += WIDTH) expect(contentAt(vector, slot)).toBe(slot)
    expect(contentAt(vector, lastLeaf + 1)).toBe(ABSENT)
    expect(contentAt(vector, lastLeaf + WIDTH)).toBe(ABSENT)
    expect(contentAt(vector, lastLeaf + 2 * ONE_LEVEL)).toBe(ABSENT)
  })

  test('keeps every root that was taken as it was, whoever writes then', () => {
    const vector = filled(last)
    const before = taken(vector)

    for (const token of [1, 2, 3]) {
      const older = taken(vector)
      vector.set(0, `by ${token}`, token)
      vector.set(lastLeaf, `last by ${token}`, token)
      vector.set(lastLeaf + WIDTH, `behind by ${token}`, token)
      expect(contentAt(older, 0)).not.toBe(contentAt(vector, 0))
      expect(contentAt(older, lastLeaf)).not.toBe(contentAt(vector, lastLeaf))
      expect(contentAt(older, lastLeaf + WIDTH)).not.toBe(contentAt(vector, lastLeaf + WIDTH))
    }

    expect([contentAt(before, 0), contentAt(before, lastLeaf)]).toEqual([0, lastLeaf])
    expect(contentAt(before, lastLeaf + WIDTH)).toBe(ABSENT)
  })

  test('tells which slots two roots differ in, whatever lies between them', () => {
    const vector = filled(last)
    const before = taken(vector)
    const empty = taken(new Vector())

    vector.set(1, 'second', 1)
    vector.set(lastLeaf + 2, 'third of the last', 1)
    const near = taken(vector)
    for (let slot = lastLeaf + WIDTH; slot <= lastLeaf + ONE_LEVEL; slot += WIDTH) vector.set(slot, slot, 2)
    const far = taken(vector)

    const nearby = [...new Set([1, lastLeaf + 2])]
    const behind = Array.from({ length: 1024 }, (_, i) => lastLeaf + (i + 1) * WIDTH)
    expect(differences(before, before)).toEqual([])
    expect(differences(before, near)).toEqual(nearby)
    expect(differences(near, before)).toEqual(nearby)
    expect(differences(near, far)).toEqual(behind)
    expect(differences(far, before)).toEqual([...nearby, ...behind])
    expect(differences(empty, before)).toEqual(differences(before, empty))
    expect(differences(empty, before)).toHaveLength(lastLeaf / WIDTH + 1)
  })
})

describe('the work of a write', () => {
  const touched = (vector: Vector, write: () => void) => {
    const before = vector.touched
    write()
    return vector.touched - before
  }

  test.each([
    ['in one level', ONE_LEVEL - WIDTH, 1024 + WIDTH + 1],
    ['in two', ONE_LEVEL, 33 + 2 * WIDTH + 1],
    ['in two, with the widest root', TWO_LEVELS - WIDTH, 1024 + 2 * WIDTH + 1],
    ['in three', TWO_LEVELS, 33 + 3 * WIDTH + 1],
  ])('%s is the root and its path, and for its writer the second time the slot alone', (_, last, path) => {
    const vector = filled(last)

    const first = touched(vector, () => vector.set(7, 'a', 1))
    const second = touched(vector, () => vector.set(8, 'b', 1))
    const byAnother = touched(vector, () => vector.set(7, 'c', 2))

    expect([first, second, byAnother]).toEqual([path, 1, path])
  })

  test('that puts a level in is that of moving the root once more', () => {
    const vector = filled(ONE_LEVEL - WIDTH)

    const raising = touched(vector, () => vector.set(ONE_LEVEL, 'a', 1))

    expect(raising).toBe(1024 + 2 * WIDTH + 1)
  })

  test('a comparison never looks into a node that both have', () => {
    const untouchable: Node = new Proxy(EMPTY_NODE, {
      get() {
        throw new Error('looked into a shared node')
      },
    })
    const parent = [...EMPTY_NODE.slice(0, 31), untouchable]

    const among = differences({ root: [untouchable], shift: 5 }, { root: [untouchable], shift: 5 })
    const below = differences({ root: [parent], shift: 10 }, { root: [[...parent]], shift: 10 })

    expect([among, below]).toEqual([[], []])
  })
})
