/** Every pair, also of two that are the same, and every triple of different ones. */
export function groupsOf(names: readonly string[]): { pairs: string[][]; triples: string[][] } {
  const pairs = names.flatMap((first, i) => names.slice(i).map((second) => [first, second]))
  const triples = pairs.flatMap(([first, second]) =>
    first === second ? [] : names.slice(names.indexOf(second!) + 1).map((third) => [first!, second!, third]),
  )
  return { pairs, triples }
}
