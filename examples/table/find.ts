/** The element that index.html is known to have. */
export function find<E extends HTMLElement = HTMLElement>(root: ParentNode, selector: string): E {
  const found = root.querySelector<E>(selector)
  if (found === null) throw new Error(`index.html has no ${selector}`)
  return found
}
