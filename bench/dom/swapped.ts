/** The list with its second and its last but one changing places. */
export function swapped<T>(list: Iterable<T>): T[] {
  const result = [...list]
  const last = result.length - 2
  const second = result[1] as T
  result[1] = result[last] as T
  result[last] = second
  return result
}
