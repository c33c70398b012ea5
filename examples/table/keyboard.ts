/** What both an event of the DOM and one of React have. */
interface Pressed {
  readonly key: string
  readonly target: EventTarget
  preventDefault(): void
}

const PAGE = 15

/** Arrow keys, Home, End and the page keys go through the rows; Enter and the space bar select one, Delete removes it. */
export function moveByKey(event: Pressed, sheet: HTMLElement): void {
  const row = (event.target as Element).closest<HTMLElement>('tbody tr')
  if (row !== null && (event.key === 'Delete' || event.key === 'Backspace')) return remove(row, sheet)
  if (row === event.target && row !== null && (event.key === 'Enter' || event.key === ' ')) {
    event.preventDefault()
    row.querySelector<HTMLElement>('.label')?.click()
    return
  }
  const next = event.key === 'Escape' && row !== null ? sheet : destination(event.key, row, sheet)
  if (next === undefined) return
  event.preventDefault()
  next.focus()
}

function destination(key: string, row: HTMLElement | null, sheet: HTMLElement): HTMLElement | undefined {
  const rows = sheet.querySelector('tbody')?.children
  if (rows === undefined || rows.length === 0) return undefined
  const last = rows.length - 1
  const from = row ?? sheet.querySelector('[aria-selected=true]')
  const index = from === null ? -1 : [...rows].indexOf(from)
  const to = new Map([
    ['ArrowDown', row === null && index >= 0 ? index : index + 1],
    ['ArrowUp', index - 1],
    ['PageDown', index + PAGE],
    ['PageUp', index - PAGE],
    ['Home', 0],
    ['End', last],
  ]).get(key)
  if (to === undefined) return undefined
  return rows[Math.min(Math.max(to, 0), last)] as HTMLElement
}

/** The focus goes first: with its row it would get lost. */
function remove(row: HTMLElement, sheet: HTMLElement): void {
  const next = row.nextElementSibling ?? row.previousElementSibling ?? sheet
  ;(next as HTMLElement).focus()
  row.querySelector<HTMLElement>('.remove')?.click()
}
