/** The element that has the focus, if it is in one of the children of `parent`. */
export function focusIn(parent: Node): Element | undefined {
  const tree = parent.getRootNode()
  const active = 'activeElement' in tree ? (tree.activeElement as Element | null) : null
  return active !== null && active !== parent && parent.contains(active) ? active : undefined
}

/** The child of `parent` that `inside` is in. */
export function childWith(parent: Node, inside: Element | undefined): ChildNode | undefined {
  let node: Node | null | undefined = inside
  while (node?.parentNode && node.parentNode !== parent) node = node.parentNode
  return (node ?? undefined) as ChildNode | undefined
}

/** Where browsers can, a child is moved as it is, with its focus, its animations and what is loaded in it. */
export function move(parent: ParentNode & Node, child: ChildNode, before: Node | null): void {
  if ('moveBefore' in parent && child.parentNode === parent && child.isConnected)
    parent.moveBefore(child, before)
  else parent.insertBefore(child, before)
}

/** Gives the focus back to an element that has lost it by being moved. */
export function refocus(parent: Node, active: Element | undefined): void {
  if (active === undefined || focusIn(parent) === active || !parent.contains(active)) return
  if ('focus' in active && typeof active.focus === 'function') active.focus({ preventScroll: true })
}
