/** The order, but the rows in use keep the places they have in what is shown: nobody likes a moving target. */
export function hold(
  order: readonly number[],
  shown: readonly number[],
  inUse: ReadonlySet<number>,
): number[] {
  const held = order.filter((pid) => !inUse.has(pid))
  const present = new Set(order)
  for (const [place, pid] of shown.entries()) {
    if (inUse.has(pid) && present.has(pid)) held.splice(place, 0, pid)
  }
  return held
}
