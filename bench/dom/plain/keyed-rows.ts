/** What a keyed list has to know of a row: its node, and how to end what it has subscribed to. */
interface KeptRow {
  readonly element: HTMLElement
  end(): void
}

/**
 * Keeps the rows of a `tbody` in step with a list, for the contenders that have no list of their own: what is the same at both ends is
 * skipped, two that changed places are exchanged, the rest goes by key.
 */
export function createKeyedRows<T extends { readonly id: number }>(
  body: HTMLElement,
  make: (item: T) => KeptRow,
): (items: readonly T[]) => void {
  const rows = new Map<number, KeptRow>()
  let shown: readonly T[] = []

  const elementOf = (item: T | undefined) => (item && rows.get(item.id)?.element) ?? null
  function add(items: readonly T[], before: Node | null): void {
    if (items.length === 0) return
    const fragment = document.createDocumentFragment()
    for (const item of items) {
      const row = make(item)
      rows.set(item.id, row)
      fragment.append(row.element)
    }
    body.insertBefore(fragment, before)
  }
  function drop(item: T): void {
    const row = rows.get(item.id)
    rows.delete(item.id)
    row?.element.remove()
    row?.end()
  }

  return (items) => {
    const old = shown
    shown = items
    const isKept = new Set(items.map(({ id }) => id))
    if (!old.some(({ id }) => isKept.has(id))) {
      body.textContent = ''
      for (const row of rows.values()) row.end()
      rows.clear()
      return add(items, null)
    }
    const kept = old.filter((item) => isKept.has(item.id) || drop(item))
    let start = 0
    let oldEnd = kept.length
    let end = items.length
    const isSame = (i: number, j: number) => kept[i]?.id === items[j]?.id
    while (start < oldEnd && start < end && isSame(start, start)) start++
    while (oldEnd > start && end > start && isSame(oldEnd - 1, end - 1)) {
      oldEnd--
      end--
    }
    const behind = elementOf(items[end])
    if (start === oldEnd) return add(items.slice(start, end), behind)
    if (oldEnd - start === end - start && isSame(start, end - 1) && isSame(oldEnd - 1, start)) {
      const first = elementOf(kept[start]) as HTMLElement
      const next = first.nextSibling
      body.insertBefore(first, behind)
      body.insertBefore(elementOf(items[start]) as HTMLElement, next)
      start++
      end--
    }
    for (let before = elementOf(items[end]), i = end - 1; i >= start; i--) {
      const item = items[i] as T
      if (!rows.has(item.id)) add([item], before)
      else if (elementOf(item)?.nextSibling !== before) body.insertBefore(elementOf(item) as Node, before)
      before = elementOf(item)
    }
  }
}
