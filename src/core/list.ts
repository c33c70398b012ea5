/**
 * A node of a doubly linked list that its first node stands for: the `previous` of the first is the last. So a list needs no object of
 * its own, and any node can leave in O(1), also while the list is being walked: one that has left keeps its `next`, which leads back
 * into the list.
 */
export interface ListNode<N> {
  /** Of a node that is in no list: itself. */
  previous: N
  next: N | undefined
}

/** The first of the list that `first` stands for, with a new `node` at its end. */
export function append<N extends ListNode<N>>(first: N | undefined, node: N): N {
  if (first === undefined) return node
  node.previous = first.previous
  first.previous.next = node
  first.previous = node
  return first
}

/** The first of the list that `first` stands for, without `node`, which is in it. */
export function without<N extends ListNode<N>>(first: N | undefined, node: N): N | undefined {
  const { previous, next } = node
  const left = node === first ? next : first
  if (node !== first) previous.next = next
  if (next !== undefined) next.previous = previous
  else if (left !== undefined) left.previous = previous
  return left
}
