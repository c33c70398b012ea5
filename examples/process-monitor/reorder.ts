/**
 * Puts the children of `parent` into the wanted order with as few moves as possible, and without moving `still`: an element that is
 * moved loses its focus and its caret. Returns the number of moves.
 */
export function reorder(parent: Element, wanted: readonly Element[], still: Element | null): number {
  const places = new Map([...parent.children].map((child, place) => [child, place]))
  const stillPlace = still && places.get(still)
  const stillIndex = still ? wanted.indexOf(still) : -1

  // Those that may stay where they are: new ones may not, nor may those that change from one side of `still` to the other.
  const candidates = wanted.filter((element, index) => {
    const place = places.get(element)
    if (place === undefined) return false
    return (
      stillIndex < 0 ||
      stillPlace == null ||
      index === stillIndex ||
      index < stillIndex === place < stillPlace
    )
  })
  const staying = new Set(longestRise(candidates, (element) => places.get(element) ?? 0))

  let moves = 0
  let next: Element | null = null
  for (const element of [...wanted].reverse()) {
    if (!staying.has(element)) {
      parent.insertBefore(element, next)
      moves += 1
    }
    next = element
  }
  return moves
}

/** A longest subsequence in which `rank` rises (patience sorting). */
function longestRise<T>(items: readonly T[], rank: (item: T) => number): T[] {
  /** The end of the best subsequence of each length found so far: the one with the lowest rank. */
  const ends: { item: T; before: Link<T> }[] = []
  for (const item of items) {
    let low = 0
    let high = ends.length
    while (low < high) {
      const middle = (low + high) >> 1
      const end = ends[middle]
      if (end && rank(end.item) < rank(item)) low = middle + 1
      else high = middle
    }
    ends[low] = { item, before: ends[low - 1] }
  }
  const found: T[] = []
  for (let link: Link<T> = ends.at(-1); link; link = link.before) found.push(link.item)
  return found.reverse()
}

type Link<T> = { readonly item: T; readonly before: Link<T> } | undefined
