import { bindAttribute, bindInput, bindText, type FieldStore } from 'tidemap/dom'
import type { Edits } from './edits.ts'
import { find } from './find.ts'
import { inWords, statusOf } from './sources.ts'
import type { Method, Resources, Stores } from './stores.ts'

/** Two panels that know nothing of each other and ask for the same details: it is one request all the same. */
export function mountDetails(
  root: HTMLElement,
  stores: Stores,
  resources: Resources,
  edits: Edits,
  signal: AbortSignal,
): void {
  const recipe = find(root, '#recipe', HTMLElement)
  const shopping = find(root, '#shopping', HTMLElement)
  mountPanel(recipe, stores, resources, (method) => method.steps, signal)
  mountPanel(shopping, stores, resources, (method) => method.ingredients, signal)
  mountRename(recipe, stores, edits, signal)
}

function mountPanel(
  panel: HTMLElement,
  stores: Stores,
  { details }: Resources,
  linesOf: (method: Method) => readonly string[],
  signal: AbortSignal,
): void {
  const lines = find(panel, '.lines', HTMLElement)
  const again = find(panel, '.again', HTMLButtonElement)
  const statuses = statusOf(details)

  whileOpen(stores, signal, (id, options) => {
    const unwatch = details.watch(id)
    options.signal.addEventListener('abort', unwatch)
    bindText(find(panel, '.status', HTMLElement), statuses, id, inWords, options)
    bindText(find(panel, '.error', HTMLElement), statuses, id, (status) => messageOf(status?.error), options)
    bindAttribute(panel, 'data-status', statuses, id, (status) => status?.status, options)
    bindAttribute(panel, 'data-fetch', statuses, id, (status) => status?.fetchStatus, options)
    bindAttribute(panel, 'aria-busy', statuses, id, (status) => status?.fetchStatus === 'fetching', options)
    const show = () => {
      const method = stores.details.get(id)
      lines.replaceChildren(...(method === undefined ? [] : linesOf(method).map(lineOf)))
    }
    options.signal.addEventListener('abort', stores.details.subscribeKey(id, show))
    show()
    const tryAgain = () => {
      void details.refetch(id, options).catch(() => {})
      panel.focus({ preventScroll: true }) // the button goes
    }
    again.addEventListener('click', tryAgain, options)
    void details.load(id, options).catch(() => {}) // its status says it
  })
}

/** A name that is typed is a draft, until it is sent: then the dish itself shows it, at once. */
function mountRename(panel: HTMLElement, stores: Stores, edits: Edits, signal: AbortSignal): void {
  const { dishes, drafts } = stores
  const form = find(panel, 'form', HTMLFormElement)
  const field = find(form, 'input', HTMLInputElement)
  const nameOf = (id: number) => drafts.get(id) ?? dishes.get(id)?.name ?? ''

  /** The draft, else the name of the dish. */
  const names: FieldStore<number, string> = {
    view: { get: nameOf },
    set: (id, name) => drafts.set(id, name),
    subscribeKey(id, listener) {
      const stops = [drafts, dishes].map((store) => store.subscribeKey(id, () => listener(nameOf(id))))
      const stop = () => stops.forEach((each) => void each())
      return Object.assign(stop, { [Symbol.dispose]: stop })
    },
  }

  whileOpen(stores, signal, (id, options) => {
    bindText(find(panel, '.title', HTMLElement), dishes, id, (dish) => dish?.name, options)
    bindInput(field, names, id, options)
    const send = (event: Event) => {
      event.preventDefault()
      const name = field.value.trim()
      if (name !== '' && name !== dishes.get(id)?.name) edits.rename(id, name)
      void drafts.delete(id)
    }
    form.addEventListener('submit', send, options)
    panel.scrollIntoView({ block: 'nearest' }) // on a narrow screen it is above the list
  })
}

/** Calls `open` for the dish that is open, now and whenever it is another one; what that binds to the signal ends before. */
function whileOpen(
  { shown }: Stores,
  page: AbortSignal,
  open: (id: number, options: { readonly signal: AbortSignal }) => void,
): void {
  let ending = new AbortController()
  const show = () => {
    ending.abort()
    ending = new AbortController()
    const id = shown.get('open')
    if (id !== null) open(id, ending)
  }
  page.addEventListener('abort', () => ending.abort())
  shown.subscribeKey('open', show)
  show()
}

function lineOf(text: string): HTMLElement {
  const line = document.createElement('li')
  line.textContent = text
  return line
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : '')
