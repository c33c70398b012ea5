import type { SortKey, Stores } from './stores.ts'

/** Sorts by the column, or the other way round where it is sorted by it already. */
export function sortBy({ settings }: Stores, by: SortKey): void {
  const isText = by === 'name' || by === 'user' || by === 'pid'
  // A recipe: the draft of the value may be changed in place.
  void settings.update('sort', (sort) => {
    sort.descending = sort.by === by ? !sort.descending : !isText
    sort.by = by
  })
}
