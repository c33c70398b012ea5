import { lazy, StrictMode, Suspense, useLayoutEffect } from 'react'
import type { Contender } from './contender.ts'
import { App, COMPONENTS, FirstReaders, Page, pause, SLOW_MS, TaskApp } from './page.tsx'

/** One promise about concurrent rendering. `run` throws where a library does not keep it; 'n/a' where it cannot be asked. */
export interface Check {
  readonly id: string
  readonly level: 1 | 2 | 3 | 'other' | 'suspense'
  readonly title: string
  run(contender: Contender): Promise<'n/a' | void>
}

function expectSo(isSo: boolean, otherwise: string): void {
  if (!isSo) throw new Error(otherwise)
}

async function withPage<T>(run: (page: Page) => Promise<T>): Promise<T> {
  const page = new Page()
  try {
    return await run(page)
  } finally {
    page.remove()
  }
}

/** A page with the application on it, ready. */
const withApp = (contender: Contender, run: (page: Page) => Promise<void>): Promise<void> =>
  withPage(async (page) => {
    page.render(<App page={page} instance={contender.make()} />)
    await page.until('rendered', () => page.text('.main') === '0')
    await run(page)
  })

const show = async (page: Page, mode: 'counters' | 'deferred'): Promise<void> => {
  page.handles.transition(() => page.handles.show(mode))
  await page.until('shown', () => page.counts.length === COMPONENTS + 1)
  await page.untilQuiet()
}

const all = (page: Page, count: number): boolean =>
  page.counts.length === COMPONENTS + 1 && page.counts.every((text) => text === String(count))

const expectWhole = (page: Page): void =>
  expectSo(page.torn.length === 0, `torn ${page.torn.length} times, first: ${page.torn[0]}`)

async function update(page: Page, mode: 'counters' | 'deferred'): Promise<void> {
  await show(page, mode)
  for (let i = 0; i < 5; i++) {
    const { writers, transition } = page.handles
    page.click(() => (mode === 'counters' ? transition(() => writers.increment()) : writers.increment()))
    await pause(30)
  }
  await page.until('all are 5', () => all(page, 5))
}

async function mount(page: Page, mode: 'counters' | 'deferred'): Promise<void> {
  const timer = setInterval(() => page.handles.writers.increment(), 20)
  await pause(30)
  page.handles.transition(() => page.handles.show(mode))
  await pause(600)
  clearInterval(timer)
  await page.until(
    'all agree',
    () => page.counts.length === COMPONENTS + 1 && new Set(page.counts).size === 1,
  )
  await page.untilQuiet()
  expectSo(new Set(page.counts).size === 1, `they disagree again: ${page.counts.join(' ')}`)
  expectSo(page.text('.main') !== '0', 'nothing was written')
}

/** The first readers of a store come in a transition, which is sliced, while a timer writes. */
const first =
  (mode: 'counters' | 'deferred'): Check['run'] =>
  (contender) =>
    withPage(async (page) => {
      page.render(<FirstReaders page={page} instance={contender.make()} />)
      await page.until('ready', () => page.handles !== undefined)
      await page.untilQuiet()
      let written = 0
      const timer = setInterval(() => {
        written++
        page.handles.writers.increment()
      }, 20)
      page.handles.transition(() => page.handles.show(mode))
      await pause(600)
      clearInterval(timer)
      await page.until(
        'all have what was written',
        () => page.counts.length === COMPONENTS && page.counts.every((text) => text === String(written)),
      )
      await page.untilQuiet()
      expectWhole(page)
    })

type Journey = (page: Page) => Promise<void>
const finallyWhole =
  (journey: Journey): Check['run'] =>
  (contender) =>
    withApp(contender, journey)

const alwaysWhole =
  (journey: Journey): Check['run'] =>
  (contender) =>
    withApp(contender, async (page) => {
      await journey(page)
      expectWhole(page)
    })

/** The longest time for which a timer could not run, ms. */
async function longestBlock(during: () => Promise<void>): Promise<number> {
  let longest = 0
  let last = performance.now()
  const timer = setInterval(() => {
    const now = performance.now()
    longest = Math.max(longest, now - last)
    last = now
  }, 1)
  await during()
  longest = Math.max(longest, performance.now() - last)
  clearInterval(timer)
  return longest
}

/** A transition of increment under way: two of them are written, nothing of it is on the screen. */
async function pendingTransition(page: Page): Promise<void> {
  await show(page, 'counters')
  page.click(() => page.handles.writers.increment())
  await page.until('all are 1', () => all(page, 1))
  await page.untilQuiet()
  for (let i = 0; i < 2; i++) {
    const { transition, writers } = page.handles
    page.click(() => transition(() => writers.increment()))
  }
  await pause(30)
}

export const checks: readonly Check[] = [
  {
    id: 'T1',
    level: 1,
    title: 'update in a transition: all agree finally',
    run: finallyWhole((page) => update(page, 'counters')),
  },
  {
    id: 'T2',
    level: 1,
    title: 'mount in a transition while a timer writes: all agree finally',
    run: finallyWhole((page) => mount(page, 'counters')),
  },
  {
    id: 'D7',
    level: 1,
    title: 'update through useDeferredValue: all agree finally',
    run: finallyWhole((page) => update(page, 'deferred')),
  },
  {
    id: 'D8',
    level: 1,
    title: 'mount through useDeferredValue while a timer writes: all agree finally',
    run: finallyWhole((page) => mount(page, 'deferred')),
  },
  {
    id: 'T3',
    level: 2,
    title: 'update in a transition: never torn',
    run: alwaysWhole((page) => update(page, 'counters')),
  },
  {
    id: 'T4',
    level: 2,
    title: 'mount in a transition while a timer writes: never torn',
    run: alwaysWhole((page) => mount(page, 'counters')),
  },
  {
    id: 'D9',
    level: 2,
    title: 'update through useDeferredValue: never torn',
    run: alwaysWhole((page) => update(page, 'deferred')),
  },
  {
    id: 'D10',
    level: 2,
    title: 'mount through useDeferredValue while a timer writes: never torn',
    run: alwaysWhole((page) => mount(page, 'deferred')),
  },
  {
    id: 'X1',
    level: 2,
    title: 'a write half way through a sliced mount: never torn',
    run: alwaysWhole(async (page) => {
      page.middle.render = () => void setTimeout(() => page.handles.writers.increment())
      page.handles.transition(() => page.handles.show('counters'))
      await page.until('all are 1', () => all(page, 1))
    }),
  },
  {
    id: 'X1t',
    level: 2,
    title: 'a write in a transition half way through a sliced mount: never torn',
    run: alwaysWhole(async (page) => {
      const { transition, writers } = page.handles
      page.middle.render = () => void setTimeout(() => transition(() => writers.increment()))
      transition(() => page.handles.show('counters'))
      await page.until('all are 1', () => all(page, 1))
    }),
  },
  {
    id: 'X2',
    level: 2,
    title: 'a write in a layout effect: never torn',
    run: alwaysWhole(async (page) => {
      page.middle.layout = () => page.handles.writers.increment()
      page.handles.transition(() => page.handles.show('counters'))
      await page.until('all are 1', () => all(page, 1))
    }),
  },
  {
    id: 'X7',
    level: 2,
    title: 'what mounts urgently while a transition is pending: never torn',
    run: alwaysWhole(async (page) => {
      await pendingTransition(page)
      page.click(() => page.handles.setPanel(true))
      await page.until(
        'all are 3',
        () => page.counts.length === COMPONENTS + 2 && page.counts.every((text) => text === '3'),
      )
    }),
  },
  {
    id: 'X8',
    level: 2,
    title: 'the first readers mount in a transition while a timer writes: never torn',
    run: first('counters'),
  },
  {
    id: 'X9',
    level: 2,
    title: 'the first readers mount through useDeferredValue while a timer writes: never torn',
    run: first('deferred'),
  },
  {
    id: 'T5',
    level: 3,
    title: 'rendering a transition can be interrupted',
    run: (contender) =>
      withApp(contender, async (page) => {
        await show(page, 'counters')
        const blocks: number[] = []
        // the best of some: what else runs on the machine only adds
        for (let turn = 1; turn <= 3; turn++) {
          const block = await longestBlock(async () => {
            page.handles.transition(() => page.handles.writers.increment())
            await page.until('all have it', () => all(page, turn))
          })
          blocks.push(Math.round(block))
        }
        expectSo(Math.min(...blocks) < (COMPONENTS * SLOW_MS) / 2, `input waits for ${blocks.join(', ')} ms`)
      }),
  },
  {
    id: 'T6a',
    level: 3,
    title: 'the old state stays while a transition is pending',
    run: (contender) =>
      withApp(contender, async (page) => {
        await pendingTransition(page)
        const texts = new Set(page.counts)
        expectSo(page.text('.pending') === 'pending', 'the transition does not pend')
        expectSo(texts.size === 1 && texts.has('1'), `it shows ${[...texts]}`)
        await page.until('all are 3', () => all(page, 3))
      }),
  },
  {
    id: 'T6b',
    level: 3,
    title: 'an urgent write is rebased under a pending transition',
    run: (contender) =>
      withApp(contender, async (page) => {
        await pendingTransition(page)
        page.click(() => page.handles.writers.double())
        await page.until('all are 6', () => all(page, 6))
        expectSo(page.frames.includes('2'), `it showed ${page.frames.join(', ')}, and 1 doubled never`)
        expectSo(!page.frames.includes('3'), 'the transition was shown before its time')
        expectWhole(page)
      }),
  },
  {
    id: 'T6c',
    level: 3,
    title: 'an urgent write of another key is shown under a pending transition, without it',
    run: (contender) =>
      withApp(contender, async (page) => {
        await pendingTransition(page)
        page.click(() => page.handles.writers.setOther(7))
        await page.until('the other is shown', () => page.text('.other') === '7')
        expectSo(page.text('.main') === '1', `the transition is shown before its time: ${page.text('.main')}`)
        await page.until('all are 3', () => all(page, 3))
        expectSo(page.text('.other') === '7', 'the other is lost')
        expectWhole(page)
      }),
  },
  {
    id: 'X3',
    level: 'other',
    title: 'StrictMode: works, and once unmounted nothing is subscribed',
    run: (contender) =>
      withPage(async (page) => {
        const instance = contender.make()
        page.render(
          <StrictMode>
            <App page={page} instance={instance} />
          </StrictMode>,
        )
        await page.until('rendered', () => page.text('.main') === '0')
        page.handles.show('counters')
        await page.until('shown', () => all(page, 0))
        page.click(() => page.handles.writers.increment())
        await page.until('all are 1', () => all(page, 1))
        if (instance.subscribers === undefined) return 'n/a'
        expectSo(instance.subscribers() > 0, 'nobody is counted')
        page.end()
        await pause(50)
        expectSo(instance.subscribers() === 0, `${instance.subscribers()} stay subscribed`)
      }),
  },
  {
    id: 'X4',
    level: 'other',
    title: 'what comes back from a hidden Activity never shows what was before',
    run: (contender) =>
      withApp(contender, async (page) => {
        await show(page, 'counters')
        page.click(() => page.handles.setVisible(false))
        await page.until('hidden', () => page.counts.length === 1)
        page.click(() => page.handles.writers.increment())
        await page.until('written', () => page.text('.main') === '1')
        page.click(() => page.handles.setVisible(true))
        await page.until('all are 1', () => all(page, 1))
        await page.untilQuiet()
        expectSo(all(page, 1), 'it is stale for good')
        expectWhole(page)
      }),
  },
  {
    id: 'X5',
    level: 'other',
    title: '100 writes in one task are shown once',
    run: (contender) =>
      withApp(contender, async (page) => {
        await show(page, 'counters')
        page.renders = 0
        for (let i = 0; i < 100; i++) page.handles.writers.increment()
        await page.until('all are 100', () => all(page, 100))
        await page.untilQuiet()
        expectSo(page.renders === 1, `it rendered ${page.renders} times`)
        expectWhole(page)
      }),
  },
  {
    id: 'X6',
    level: 'other',
    title: 'a boundary that hydrates after the store has changed makes no mismatch',
    run: (contender) =>
      withPage(async (page) => {
        let arrive = (_: { default: typeof Now }): void => {}
        const instance = contender.make(5)
        const served = contender.make(5)
        const Now = ({ of }: { of: typeof instance }) => <p className="late">{of.useCount()}</p>
        const Late = lazy(() => new Promise<{ default: typeof Now }>((resolve) => (arrive = resolve)))
        const app = (of: typeof instance, Part: typeof Now | typeof Late) => (
          <of.Root>
            <Shell page={page} instance={of} />
            <Suspense fallback={<p className="late">waiting</p>}>
              <Part of={of} />
            </Suspense>
          </of.Root>
        )
        page.hydrate(app(served, Now), app(instance, Late))
        const late = page.element.querySelector('.late')
        await page.until('hydrated', () => page.handles !== undefined)
        page.click(() => page.handles.writers.increment())
        await page.until('written', () => page.text('.main') === '6')
        expectSo(page.text('.late') === '5', 'the late boundary changed before it was there')
        arrive({ default: Now })
        await page.until('the late boundary follows', () => page.text('.late') === '6')
        expectSo(page.errors.length === 0, `mismatch: ${page.errors[0]}`)
        expectSo(page.element.querySelector('.late') === late, 'the late boundary was thrown away')
      }),
  },
  {
    id: 'S1',
    level: 'suspense',
    title: 'a promise in the store: the fallback, then the value',
    run: (contender) =>
      withTask(contender, async (page) => {
        expectSo(page.frames.includes('waiting'), 'no fallback was shown')
      }),
  },
  {
    id: 'S2',
    level: 'suspense',
    title: 'refreshed in a transition: the old content stays until the new is there',
    run: (contender) =>
      withTask(contender, async (page) => {
        page.frames.length = 0
        const { transition, writers } = page.handles
        page.click(() => transition(() => writers.setTask(later('second'))))
        await page.until('second', () => page.text('.main') === 'second')
        expectSo(!page.frames.includes('waiting'), 'the old content was thrown away for the fallback')
      }),
  },
  {
    id: 'S3',
    level: 'suspense',
    title: 'a rejection reaches the error boundary',
    run: (contender) =>
      withTask(contender, async (page) => {
        page.click(() => page.handles.writers.setTask(failing()))
        await page.until('the error', () => page.text('.main') === 'Error: no luck')
      }),
  },
  {
    id: 'S4',
    level: 'suspense',
    title: 'another try after an error shows its value',
    run: (contender) =>
      withTask(contender, async (page) => {
        page.click(() => page.handles.writers.setTask(failing()))
        await page.until('the error', () => page.text('.main') === 'Error: no luck')
        page.click(() => {
          page.handles.writers.setTask(later('second'))
          page.retry()
        })
        await page.until('second', () => page.text('.main') === 'second')
      }),
  },
]

function Shell({ page, instance }: { page: Page; instance: ReturnType<Contender['make']> }) {
  const writers = instance.useWriters()
  useLayoutEffect(() => {
    const no = () => {}
    page.handles = { writers, show: no, transition: no, setVisible: no, setPanel: no }
  })
  return (
    <>
      <button type="button">click</button>
      <p className="main">{instance.useCount()}</p>
    </>
  )
}

const later = (value: string) => ({ promise: pause(60).then(() => value) })

const failing = () => {
  const promise = pause(20).then((): string => {
    throw new Error('no luck')
  })
  promise.catch(() => {})
  return { promise }
}

const withTask = (contender: Contender, run: (page: Page) => Promise<void>): Promise<void> =>
  withPage(async (page) => {
    page.render(<TaskApp page={page} instance={contender.make()} />)
    await page.until('ready', () => page.handles !== undefined && page.text('.main') === 'none')
    page.frames.length = 0
    page.click(() => page.handles.writers.setTask(later('first')))
    await page.until('first', () => page.text('.main') === 'first')
    await run(page)
  })
