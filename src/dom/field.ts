/** The form controls that can be bound. `contenteditable` is none: it has no plain value, and its caret is a place in a tree. */
export type Field = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement

const isMultiple = (field: Field): field is HTMLSelectElement => field.type === 'select-multiple'

/** What a field says, in the type its kind suggests. An empty or half-typed number is `undefined`. */
export function readField(field: Field): unknown {
  if (isMultiple(field)) return Array.from(field.selectedOptions, (option) => option.value)
  if (field.type === 'checkbox') return (field as HTMLInputElement).checked
  if (field.type !== 'number' && field.type !== 'range') return field.value
  const number = (field as HTMLInputElement).valueAsNumber
  return Number.isNaN(number) ? undefined : number
}

/** A text that differs where what the field says differs. */
export function stateOf(field: Field): string {
  const isCheckable = field.type === 'checkbox' || field.type === 'radio'
  return isCheckable
    ? String((field as HTMLInputElement).checked)
    : String(isMultiple(field) ? readField(field) : field.value)
}

/** Makes a field show `value`; writes only where it shows another one. */
export function writeField(field: Field, value: unknown): void {
  if (isMultiple(field)) {
    const chosen = new Set(Array.isArray(value) ? value.map(String) : [])
    for (const option of field.options) {
      if (option.selected !== chosen.has(option.value)) option.selected = chosen.has(option.value)
    }
    return
  }
  if (field.type === 'checkbox') return setChecked(field as HTMLInputElement, Boolean(value))
  const text = value === null || value === undefined ? '' : String(value)
  if (field.type === 'radio')
    setChecked(field as HTMLInputElement, value !== undefined && text === field.value)
  else if (text !== field.value) setValue(field, text)
}

function setChecked(field: HTMLInputElement, checked: boolean): void {
  if (field.checked !== checked) field.checked = checked
}

/** Browsers put the caret at the end of a value that a script sets. Where the user is at work it stays between the same characters. */
function setValue(field: Field, text: string): void {
  const before = field.value
  const caret = 'selectionStart' in field && hasFocus(field) ? caretOf(field) : undefined
  field.value = text
  if (caret === undefined) return
  const { start, end, direction } = caret
  const moved = (place: number): number => placeAfter(before, caret.field.value, place)
  caret.field.setSelectionRange(moved(start), moved(end), direction)
}

/** Asked of the tree it is in: the document takes a shadow tree's host for the active one. */
function hasFocus(field: Field): boolean {
  const tree = field.getRootNode()
  return 'activeElement' in tree && tree.activeElement === field
}

/** Kinds without a text to select in (numbers, dates, …) have none. */
function caretOf(field: HTMLInputElement | HTMLTextAreaElement) {
  const { selectionStart: start, selectionEnd: end, selectionDirection } = field
  if (start === null || end === null) return undefined
  return { field, start, end, direction: selectionDirection ?? 'none' }
}

/** Where a place between two characters of `before` is in `after`: counted from the start or the end, whichever has not changed. */
function placeAfter(before: string, after: string, place: number): number {
  const most = Math.min(before.length, after.length)
  let prefix = 0
  while (prefix < most && before[prefix] === after[prefix]) prefix++
  if (place <= prefix) return place
  let suffix = 0
  while (suffix < most - prefix && before.at(-1 - suffix) === after.at(-1 - suffix)) suffix++
  if (place >= before.length - suffix) return place + after.length - before.length
  return Math.min(place, after.length)
}
