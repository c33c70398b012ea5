/** The arrow keys go to the control of the same kind above or below; of `kinds`, those that the focused one matches. */
export function moveByArrows(root: HTMLElement, kinds: readonly string[], signal: AbortSignal): void {
  const move = (event: KeyboardEvent) => {
    const { key, target } = event
    if (!(target instanceof HTMLElement) || (key !== 'ArrowUp' && key !== 'ArrowDown')) return
    const kind = kinds.find((selector) => target.matches(selector))
    if (kind === undefined) return
    const controls = [...root.querySelectorAll<HTMLElement>(kind)]
    const next = controls[controls.indexOf(target) + (key === 'ArrowUp' ? -1 : 1)]
    if (next === undefined) return
    event.preventDefault()
    next.focus()
  }
  root.addEventListener('keydown', move, { signal })
}
