import { expect, test } from 'vitest'
import { Segment } from '../../src/core/segment.ts'
import { Vector, WIDTH } from '../../src/core/vector.ts'

/** Enough leaves for three levels of nodes below the root. */
const DEEP = WIDTH ** 4

test.each([0, 1, 2, 3])(
  'L2: a private copy changes nothing that others have, whoever wrote it (token %i)',
  (token) => {
    const vector = new Vector()
    vector.set(0, 'old', token)
    const segment = new Segment(vector)
    segment.append(0, 'new')

    const copy = segment.privateCopy(1)

    expect(copy.read(0, 0)).toBe('new')
    expect([segment.read(0, 0), segment.read(1, 0)]).toEqual(['old', 'new'])
  },
)

test('reads through all levels, and from the log what is there', () => {
  const vector = new Vector()
  for (let slot = 0; slot <= DEEP; slot += WIDTH) vector.set(slot, slot, 0)
  const segment = new Segment(vector)
  segment.append(DEEP, 'logged')

  const slots = [0, WIDTH, WIDTH ** 2 + WIDTH, WIDTH ** 3, DEEP - WIDTH, DEEP]

  expect(slots.map((slot) => segment.read(0, slot))).toEqual(slots)
  expect(slots.map((slot) => segment.leaf(0, slot)[0])).toEqual(slots)
  expect([segment.read(1, DEEP), segment.leaf(1, DEEP)[0]]).toEqual(['logged', 'logged'])
})
