/** The element that the page is known to have. */
export function find<E extends Element>(root: ParentNode, selector: string, type: abstract new () => E): E {
  const found = root.querySelector(selector)
  if (!(found instanceof type)) throw new Error(`index.html has no ${type.name} at ${selector}`)
  return found
}
