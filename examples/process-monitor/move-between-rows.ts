/** The arrow keys go to the same control in the row above or below. */
export function moveBetweenRows(event: Pick<KeyboardEvent, 'key' | 'target' | 'preventDefault'>): void {
  const { key, target } = event
  if (!(target instanceof HTMLElement) || (key !== 'ArrowUp' && key !== 'ArrowDown')) return
  const row = target.closest('.row')
  const neighbour = key === 'ArrowUp' ? row?.previousElementSibling : row?.nextElementSibling
  const control = neighbour?.querySelector<HTMLElement>(`.${target.className}`)
  if (!control) return
  event.preventDefault()
  control.focus()
}
