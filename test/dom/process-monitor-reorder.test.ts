import fc from 'fast-check'
import { expect, test } from 'vitest'
import { reorder } from '../../examples/process-monitor/reorder.ts'

const order = fc.shuffledSubarray(Array.from({ length: 12 }, (_, index) => index))

test('the order becomes the wanted one, with as few moves as there can be, and the still element stays', () => {
  fc.assert(
    fc.property(order, order, fc.nat(), (before, wanted, choice) => {
      const elements = Array.from({ length: 12 }, () => document.createElement('p'))
      const elementsOf = (places: number[]) => places.map((place) => elements[place] as Element)
      const parent = document.createElement('div')
      parent.append(...elementsOf(before.filter((place) => wanted.includes(place))))
      const children = [...parent.children]
      const still = children[choice % (children.length + 1)] ?? null
      const observer = new MutationObserver(() => {})
      observer.observe(parent, { childList: true })

      const moves = reorder(parent, elementsOf(wanted), still)

      const removed = observer.takeRecords().flatMap(({ removedNodes }) => [...removedNodes])
      expect([...parent.children]).toEqual(elementsOf(wanted))
      expect(removed).not.toContain(still)
      expect(moves).toBe(
        wanted.length -
          longestRise(
            wanted,
            children.map((child) => elements.indexOf(child as HTMLParagraphElement)),
            still ? elements.indexOf(still as HTMLParagraphElement) : undefined,
          ),
      )
    }),
  )
})

/** By trying everything: the longest subsequence of `wanted` in the order of `before` that has `still` in it. */
function longestRise(wanted: number[], before: number[], still: number | undefined): number {
  const places = wanted.map((element) => before.indexOf(element))
  const stillPlace = still === undefined ? undefined : before.indexOf(still)
  let best = 0
  const visit = (index: number, last: number, length: number, hasStill: boolean): void => {
    if (hasStill) best = Math.max(best, length)
    for (let next = index; next < places.length; next += 1) {
      const place = places[next] ?? -1
      if (place > last) visit(next + 1, place, length + 1, hasStill || place === stillPlace)
    }
  }
  visit(0, -1, 0, stillPlace === undefined)
  return best
}
