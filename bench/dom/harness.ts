import type { Item, Model, Mount } from './contender.ts'
import { type OperationName, operationOf, type Shown } from './operations.ts'
import { renders } from './renders.ts'

/** What one run of an operation has taken. */
export interface Run {
  /** From the click until the DOM is right, before layout. */
  readonly milliseconds: number
  /** Rows rendered by React. */
  readonly rendered: number
}

/** Runs operations on one contender, and throws where the page does not show what it must. */
export class Harness {
  readonly #root: HTMLElement
  readonly #size: number
  readonly #model: Model
  #act = (): void => {}
  #shown: Shown = { items: [], selected: undefined }
  /** The element of each row that was shown last: a row that stays must keep it. */
  #elements: ReadonlyMap<number, Element> = new Map()
  #lastId = 0

  constructor(mount: Mount, root: HTMLElement, size: number) {
    this.#root = root
    this.#size = size
    this.#model = mount(root, () => this.#act())
  }

  async run(name: OperationName): Promise<Run> {
    await this.#prepare(name)
    const { result, act } = operationOf(name)
    const before = this.#shown
    const after = result(before, (times) => this.#make(times))
    const act0 = typeof act === 'function' ? () => act(this.#model, before, after) : undefined
    const place = typeof act === 'function' ? '#go' : `tr:nth-child(${act.row + 1}) ${act.button}`
    return this.#measure(place, act0, after)
  }

  async #prepare(name: OperationName): Promise<void> {
    const wanted = operationOf(name).from * this.#size
    const { items, selected } = this.#shown
    if (items.length !== wanted) {
      const next = { items: this.#make(operationOf(name).from), selected: undefined }
      await this.#measure('#go', () => this.#model.clear(), { items: [], selected: undefined })
      if (wanted > 0) await this.#measure('#go', () => this.#model.replace(next.items), next)
    }
    // so that one row gives its selection up: never the one that is selected next
    const other = this.#shown.items[2]?.id
    if (name === 'select' && selected !== other && other !== undefined) {
      await this.#measure('tr:nth-child(3) a', undefined, { ...this.#shown, selected: other })
    }
  }

  async #measure(place: string, act: (() => void) | undefined, after: Shown): Promise<Run> {
    const clicked = await this.#find(place)
    const isRight = this.#probe(after)
    this.#act = act ?? (() => {})
    ;(globalThis as { gc?: () => void }).gc?.()
    renders.count = 0
    const start = performance.now()
    clicked.click()
    for (let turn = 0; !isRight(); turn++) {
      if (turn > 1000) throw new Error('The page never shows what it must')
      if (turn < 20) await undefined
      else await nextTask()
    }
    const milliseconds = performance.now() - start
    await nextTask() // what a framework does afterwards, as removing what it has subscribed to
    this.#verify(after)
    return { milliseconds, rendered: renders.count }
  }

  /** What is shown for the first time may take a framework a moment. */
  async #find(place: string): Promise<HTMLElement> {
    for (let turn = 0; turn < 1000; turn++) {
      const found = this.#root.querySelector<HTMLElement>(place)
      if (found !== null) return found
      await nextTask()
    }
    throw new Error(`The page has no ${place}`)
  }

  /** Looks at the rows that tell the operations apart: cheap, because it is within the time measured. */
  #probe({ items, selected }: Shown): () => boolean {
    const rows = this.#root.querySelector('tbody')?.children
    const chosen = items.findIndex(({ id }) => id === selected)
    const lastTenth = Math.floor((items.length - 1) / 10) * 10
    const places = [1, items.length - 2, lastTenth, Math.max(chosen, 0)].filter((i) => items[i] !== undefined)
    return () =>
      rows?.length === items.length &&
      places.every((i) => showsItem(rows[i] as Element, items[i] as Item, i === chosen))
  }

  #verify(after: Shown): void {
    const rows = [...(this.#root.querySelector('tbody')?.children ?? [])]
    const wrong = rows.findIndex((row, i) => {
      const item = after.items[i]
      const before = item && this.#elements.get(item.id)
      return (
        item === undefined ||
        !showsItem(row, item, item.id === after.selected) ||
        (before !== undefined && before !== row)
      )
    })
    if (wrong >= 0 || rows.length !== after.items.length) {
      throw new Error(`Row ${wrong} of ${rows.length} is wrong: ${rows[wrong]?.outerHTML}`)
    }
    this.#shown = after
    this.#elements = new Map(rows.map((row, i) => [(after.items[i] as Item).id, row]))
  }

  #make(times: number): Item[] {
    return Array.from({ length: times * this.#size }, () => {
      const id = ++this.#lastId
      return { id, label: `row number ${id}` }
    })
  }
}

function showsItem(row: Element, { id, label }: Item, isSelected: boolean): boolean {
  const idCell = row.firstChild
  return (
    idCell?.textContent === String(id) &&
    idCell.nextSibling?.textContent === label &&
    (row.className === 'danger') === isSelected
  )
}

const nextTask = (): Promise<void> =>
  new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => {
      port1.close()
      resolve()
    }
    port2.postMessage(undefined)
  })
