/**
 * The places in `ranks` of a longest subsequence that rises: what may stay where it is while the rest moves. O(n log n).
 *
 * Source: patience sorting. In arrays of numbers: with an object a rank it took three times as long.
 */
export function longestRise(ranks: readonly number[]): number[] {
  /** Where the best subsequence of each length so far ends: the one with the lowest rank. */
  const ends: number[] = []
  /** The place before each in the best subsequence that ends with it. */
  const before: number[] = []
  for (let i = 0; i < ranks.length; i++) {
    const rank = ranks[i] as number
    const last = ends[ends.length - 1]
    // most of an order stays as it is: no search where an item just follows
    let low = last !== undefined && (ranks[last] as number) < rank ? ends.length : 0
    let high = ends.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((ranks[ends[middle] as number] as number) < rank) low = middle + 1
      else high = middle
    }
    before.push(low === 0 ? -1 : (ends[low - 1] as number))
    ends[low] = i
  }
  for (let length = ends.length - 1; length > 0; length--)
    ends[length - 1] = before[ends[length] as number] as number
  return ends
}
