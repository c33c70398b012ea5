interface Link<T> {
  readonly item: T
  readonly rank: number
  readonly before: Link<T> | undefined
}

/**
 * The items of a longest subsequence in which the ranks rise: those that may stay where they are while the others move. O(n log n).
 *
 * Source: patience sorting.
 */
export function longestRise<T>(items: readonly T[], rankOf: (item: T) => number): Set<T> {
  /** The end of the best subsequence of each length so far: the one with the lowest rank. */
  const ends: Link<T>[] = []
  for (const item of items) {
    const rank = rankOf(item)
    const last = ends.at(-1)
    // most of an order stays as it is: no search where an item just follows
    let low = last !== undefined && last.rank < rank ? ends.length : 0
    let high = ends.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((ends[middle] as Link<T>).rank < rank) low = middle + 1
      else high = middle
    }
    ends[low] = { item, rank, before: ends[low - 1] }
  }
  const found = new Set<T>()
  for (let link = ends.at(-1); link !== undefined; link = link.before) found.add(link.item)
  return found
}
