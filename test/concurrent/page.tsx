import {
  Activity,
  Component,
  memo,
  type ReactNode,
  StrictMode,
  Suspense,
  use,
  useDeferredValue,
  useLayoutEffect,
  useState,
  useTransition,
} from 'react'
import { createRoot, hydrateRoot, type Root } from 'react-dom/client'
import { renderToString } from 'react-dom/server'
import type { Instance, Writers } from './contender.ts'

/** How many slow components there are, and for how many ms each of them holds the thread when it renders. */
export const COMPONENTS = 50
export const SLOW_MS = 4

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

type Mode = 'none' | 'counters' | 'deferred'

/** What a check can do to the page from outside of React. */
interface Handles {
  writers: Writers
  show(mode: Mode): void
  transition(action: () => void): void
  setVisible(isVisible: boolean): void
  setPanel(isOpen: boolean): void
}

/** Where a check steps in: called by the slow component in the middle, the one time. */
interface Middle {
  render?: (() => void) | undefined
  layout?: (() => void) | undefined
}

/** One page with one store in it, and everything that was on the screen at the end of a task. */
export class Page {
  readonly element: HTMLElement = document.body.appendChild(document.createElement('main'))
  /** What disagreed at the end of a task that changed the DOM. */
  readonly torn: string[] = []
  /** Every different text of the page's `.main` at the end of a task. */
  readonly frames: string[] = []
  readonly errors: unknown[] = []
  readonly middle: Middle = {}
  handles!: Handles
  renders = 0
  retry: () => void = () => {}
  #root: Root | undefined
  readonly #observer = new MutationObserver(() => void this.#look())

  constructor() {
    this.#observer.observe(this.element, {
      subtree: true,
      childList: true,
      characterData: true,
      attributes: true,
    })
  }

  render(element: ReactNode): void {
    this.#root = createRoot(this.element, { onUncaughtError: (error) => this.errors.push(error) })
    this.#root.render(element)
  }

  /** Renders `served` as a server would, then hydrates `element` over it. */
  hydrate(served: ReactNode, element: ReactNode): void {
    this.element.innerHTML = renderToString(served)
    const onRecoverableError = (error: unknown): void => void this.errors.push(error)
    this.#root = hydrateRoot(this.element, element, { onRecoverableError })
  }

  end(): void {
    this.#root?.unmount()
    this.#root = undefined
  }

  remove(): void {
    this.end()
    this.#observer.disconnect()
    this.element.remove()
  }

  /** What can be seen of it: what suspends again stays in the DOM, hidden, beside its fallback. */
  text(selector: string): string {
    const all = [...this.element.querySelectorAll<HTMLElement>(selector)]
    return all.find(({ style }) => style.display !== 'none')?.textContent ?? ''
  }

  /** All texts of the slow components that can be seen. */
  get counts(): string[] {
    const all = [...this.element.querySelectorAll<HTMLElement>('.count')]
    return all.filter((count) => count.style.display !== 'none').map((count) => count.textContent)
  }

  /** A click as a user makes it: React gives what it sets off the priority of input. */
  click(action: () => void): void {
    const button = this.element.querySelector('button')
    button?.addEventListener('click', action, { once: true })
    button?.click()
  }

  async until(what: string, isSo: () => boolean, ms = 8000): Promise<void> {
    const end = performance.now() + ms
    while (!isSo()) {
      if (performance.now() > end) throw new Error(`never: ${what} (it is ${this.element.textContent})`)
      await pause(5)
    }
  }

  /** Until nothing has changed for a while and all agree. */
  async untilQuiet(): Promise<void> {
    for (let text = '', still = 0; still < 6; ) {
      await pause(25)
      const now = this.element.innerHTML
      still = now === text ? still + 1 : 0
      text = now
    }
  }

  /** At the end of the task: React has flushed what its microtasks hold by then. */
  async #look(): Promise<void> {
    for (let turn = 0; turn < 20; turn++) await undefined
    const texts = this.counts
    if (new Set(texts).size > 1) this.torn.push(texts.join(' '))
    const main = this.text('.main')
    if (this.frames.at(-1) !== main) this.frames.push(main)
  }
}

function slowly(): void {
  const end = performance.now() + SLOW_MS
  while (performance.now() < end);
}

/** The application that all checks use: the one of dai-shi's suite, with handles for what it does not ask. */
export function App({ page, instance }: { page: Page; instance: Instance }) {
  return (
    <instance.Root>
      <Main page={page} instance={instance} />
    </instance.Root>
  )
}

function Main({ page, instance }: { page: Page; instance: Instance }) {
  const count = instance.useCount()
  const deferred = useDeferredValue(count)
  const writers = instance.useWriters()
  const [mode, show] = useState<Mode>('none')
  const [isVisible, setVisible] = useState(true)
  const [isOpen, setPanel] = useState(false)
  const [isPending, startTransition] = useTransition()
  useLayoutEffect(() => {
    page.handles = { writers, show, transition: startTransition, setVisible, setPanel }
  })
  const ids = Array.from({ length: COMPONENTS }, (_, id) => id)
  const shown = mode === 'deferred' ? deferred : count
  return (
    <>
      <button type="button">click</button>
      <i className="pending">{isPending ? 'pending' : ''}</i>
      <p className="main count">{shown}</p>
      <Other instance={instance} />
      {isOpen && <Panel instance={instance} />}
      <Activity mode={isVisible ? 'visible' : 'hidden'}>
        {mode === 'counters' && ids.map((id) => <Counter key={id} id={id} page={page} instance={instance} />)}
        {mode === 'deferred' && ids.map((id) => <Deferred key={id} instance={instance} />)}
      </Activity>
    </>
  )
}

const Other = memo(({ instance }: { instance: Instance }) => <i className="other">{instance.useOther()}</i>)
const Panel = ({ instance }: { instance: Instance }) => <p className="panel count">{instance.useCount()}</p>

const Counter = memo(({ id, page, instance }: { id: number; page: Page; instance: Instance }) => {
  const count = instance.useCount()
  slowly()
  const isMiddle = id === COMPONENTS / 2
  if (isMiddle) {
    page.renders++
    const { render } = page.middle
    page.middle.render = undefined
    render?.()
  }
  useLayoutEffect(() => {
    if (!isMiddle) return
    const { layout } = page.middle
    page.middle.layout = undefined
    layout?.()
  })
  return <p className="count">{count}</p>
})

const Deferred = memo(({ instance }: { instance: Instance }) => {
  const count = useDeferredValue(instance.useCount())
  slowly()
  return <p className="count">{count}</p>
})

/** Nobody reads the store when the slow components come: whoever has taken the writers has gone. */
export function FirstReaders({ page, instance }: { page: Page; instance: Instance }) {
  return (
    <instance.Root>
      <Gate page={page} instance={instance} />
    </instance.Root>
  )
}

function Gate({ page, instance }: { page: Page; instance: Instance }) {
  const [mode, show] = useState<Mode>('none')
  const [isReady, setReady] = useState(false)
  const [, startTransition] = useTransition()
  const take = (writers: Writers): void => {
    const no = () => {}
    page.handles = { writers, show, transition: startTransition, setVisible: no, setPanel: no }
    setReady(true)
  }
  const ids = Array.from({ length: COMPONENTS }, (_, id) => id)
  return (
    <>
      {!isReady && <Writing instance={instance} take={take} />}
      {mode === 'counters' && ids.map((id) => <Counter key={id} id={id} page={page} instance={instance} />)}
      {mode === 'deferred' && ids.map((id) => <Deferred key={id} instance={instance} />)}
    </>
  )
}

function Writing({ instance, take }: { instance: Instance; take: (writers: Writers) => void }) {
  const writers = instance.useWriters()
  useLayoutEffect(() => take(writers))
  return null
}

/** What a task in the store becomes, what stands for it meanwhile, and what it fails with. */
export function TaskApp({ page, instance }: { page: Page; instance: Instance }) {
  return (
    <StrictMode>
      <instance.Root>
        <TaskHandles page={page} instance={instance} />
        <Boundary page={page}>
          <Suspense fallback={<p className="main">waiting</p>}>
            <TaskValue instance={instance} />
          </Suspense>
        </Boundary>
      </instance.Root>
    </StrictMode>
  )
}

function TaskHandles({ page, instance }: { page: Page; instance: Instance }) {
  const writers = instance.useWriters()
  const [, startTransition] = useTransition()
  useLayoutEffect(() => {
    const no = () => {}
    page.handles = { writers, show: no, transition: startTransition, setVisible: no, setPanel: no }
  })
  return <button type="button">click</button>
}

const TaskValue = ({ instance }: { instance: Instance }) => (
  <p className="main">{use(instance.useTask().promise)}</p>
)

class Boundary extends Component<{ page: Page; children: ReactNode }, { error: unknown }> {
  override state: { error: unknown } = { error: undefined }

  static getDerivedStateFromError(error: unknown) {
    return { error }
  }

  override render(): ReactNode {
    this.props.page.retry = () => this.setState({ error: undefined })
    return this.state.error === undefined ? (
      this.props.children
    ) : (
      <p className="main">{String(this.state.error)}</p>
    )
  }
}
