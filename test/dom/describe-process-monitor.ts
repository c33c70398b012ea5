// What every process monitor does, on a feed of our own, without a server. The pages differ in what draws them only.
import { configure, fireEvent, getByLabelText, getByRole, waitFor, within } from '@testing-library/dom'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Ports } from '../../examples/process-monitor/ports.ts'
import type { Facts, Machine, Process, Sample } from '../../examples/process-monitor/protocol.ts'
import type { Stores } from '../../examples/process-monitor/stores.ts'

/** A process monitor to be tested. */
export interface MonitorPage {
  readonly html: string
  mount(ports: Ports): { readonly stores: Stores; dispose(): void }
  /** Draws what has been told and not drawn yet. */
  settle(): void
  /** Whether the page itself moves the nodes of rows. React moves more of them, and gives the focus back. */
  readonly movesNodes: boolean
}

const machine: Machine = {
  name: 'test',
  cores: 2,
  busy: 0.25,
  load: [0.5, 0.4, 0.3],
  memoryTotal: 1000,
  memoryUsed: 300,
  uptime: 60,
  hasThreads: true,
}

function processOf(pid: number, change: Partial<Process> = {}): Process {
  return {
    pid,
    owner: null,
    name: `process-${pid}`,
    command: `/bin/process-${pid}`,
    user: 'root',
    state: 'sleeping',
    threads: 2,
    cpu: 0,
    memory: 1024 * pid,
    time: pid,
    ...change,
  }
}

/** A server that says and answers what the test wants, when it wants. */
function createServer(settle: () => void) {
  const calls: { threads: boolean; stopped: boolean }[] = []
  const inspections: { pid: number; signal: AbortSignal; answer: Deferred<Facts> }[] = []
  const notes: { note: string; answer: Deferred<string> }[] = []
  let emit: (sample: Sample) => void = () => {}
  let connect: (is: boolean) => void = () => {}

  const ports: Ports = {
    listen(threads, onSample, onConnected) {
      const call = { threads, stopped: false }
      calls.push(call)
      emit = onSample
      connect = onConnected
      connect(true)
      return () => {
        call.stopped = true
      }
    },
    inspect(pid, signal) {
      const answer = withResolvers<Facts>()
      inspections.push({ pid, signal, answer })
      return answer.promise
    },
    tidy(note) {
      const answer = withResolvers<string>()
      notes.push({ note, answer })
      return answer.promise
    },
  }
  return {
    ports,
    calls,
    inspections,
    notes,
    connect(is: boolean) {
      connect(is)
      settle()
    },
    full(...changed: Process[]) {
      emit({ full: true, changed, gone: [], machine })
      settle()
    },
    sample(changed: Process[], gone: number[] = []) {
      emit({ full: false, changed, gone, machine })
      settle()
    },
  }
}

interface Deferred<T> {
  promise: Promise<T>
  resolve: (value: T) => void
  reject: (reason: unknown) => void
}

/** `Promise.withResolvers`, which Node 20 does not have. */
function withResolvers<T>(): Deferred<T> {
  let resolve!: (value: T) => void
  let reject!: (reason: unknown) => void
  const promise = new Promise<T>((res, rej) => {
    resolve = res
    reject = rej
  })
  return { promise, resolve, reject }
}

export function describeProcessMonitor({ html, mount, settle, movesNodes }: MonitorPage): void {
  let server: ReturnType<typeof createServer>
  let app: ReturnType<MonitorPage['mount']>

  beforeEach(() => {
    document.documentElement.innerHTML = html
    configure({
      eventWrapper(fire) {
        fire()
        settle()
      },
    })
    server = createServer(settle)
    app = mount(server.ports)
  })

  afterEach(() => app.dispose())

  const rows = () => [...document.querySelectorAll<HTMLElement>('.row')]
  const pids = () => rows().map((row) => Number(row.dataset['pid']))
  const row = (pid: number) => {
    const found = rows().find(({ dataset }) => dataset['pid'] === String(pid))
    if (!found) throw new Error(`There is no row ${pid}`)
    return found
  }
  const text = (pid: number, cell: string) => row(pid).querySelector(`.${cell}`)?.textContent
  const draws = () =>
    Object.fromEntries(rows().map(({ dataset }) => [dataset['pid'], Number(dataset['draws'])]))
  const total = (name: string) => document.querySelector(`[data-total=${name}]`)?.textContent
  const button = (name: string | RegExp) => getByRole<HTMLButtonElement>(document.body, 'button', { name })
  const note = (pid: number) => getByLabelText<HTMLInputElement>(row(pid), `Note on ${pid}`)

  /** One key at the caret, as a browser does it. */
  function typeCharacter(field: HTMLInputElement, character: string): void {
    const caret = field.selectionStart ?? field.value.length
    field.setRangeText(character, caret, field.selectionEnd ?? caret, 'end')
    fireEvent.input(field)
  }

  describe('rows', () => {
    test('a full sample fills the list, the busiest process first', () => {
      server.full(processOf(1), processOf(2, { cpu: 12.34 }), processOf(3, { cpu: 3 }))

      expect(pids()).toEqual([2, 3, 1])
      expect(text(2, 'process')).toBe('process-2')
      expect(text(2, 'percent')).toBe('12.3')
      expect(text(3, 'memory')).toBe('3.0 KiB')
      expect(document.querySelector('.count')?.textContent).toBe('3 of 3')
    })

    test('a row is drawn when its own process changes, and no other row is', () => {
      server.full(...Array.from({ length: 100 }, (_, index) => processOf(index + 1)))
      const before = draws()

      server.sample([processOf(50, { cpu: 1 })])

      expect(draws()).toEqual({ ...before, 50: 2 })
    })

    test('a sample that says again what is known draws nothing', () => {
      server.full(processOf(1), processOf(2))
      const { version } = app.stores.processes.view

      server.full(processOf(1), processOf(2))

      expect(draws()).toEqual({ 1: 1, 2: 1 })
      expect(app.stores.processes.view.version).toBe(version)
    })

    test('one sample is one promotion, whatever is in it', () => {
      server.full(processOf(1), processOf(2), processOf(3))
      const views = vi.fn()
      app.stores.processes.subscribe(views)

      server.sample([processOf(1, { cpu: 5 }), processOf(4), processOf(5)], [2])

      expect(views).toHaveBeenCalledTimes(1)
      expect(pids()).toEqual([1, 3, 4, 5])
    })

    test('who ends leaves, and its row hears no more', () => {
      server.full(processOf(1), processOf(2))
      const element = row(1)

      server.sample([], [1])
      server.sample([processOf(1, { name: 'another' })])

      expect(pids()).toEqual([1, 2])
      expect(row(1)).not.toBe(element)
      expect(element.querySelector('.process')?.textContent).toBe('process-1')
    })

    test('names go in as text', () => {
      server.full(processOf(1, { name: '<img src=x onerror=alert(1)>' }))
      expect(text(1, 'process')).toBe('<img src=x onerror=alert(1)>')
      expect(row(1).querySelector('img')).toBeNull()
    })
  })

  describe('the list', () => {
    test('is sorted by the column that is clicked, and the other way round at the second click', () => {
      server.full(processOf(2, { name: 'b' }), processOf(1, { name: 'c' }), processOf(3, { name: 'a' }))

      fireEvent.click(button('Name'))
      expect(pids()).toEqual([3, 2, 1])
      expect(getByRole(document.body, 'columnheader', { name: 'Name' }).ariaSort).toBe('ascending')
      fireEvent.click(button('Name'))
      expect(pids()).toEqual([1, 2, 3])
      fireEvent.click(button('Memory'))
      expect(pids()).toEqual([3, 2, 1])
      expect(getByRole(document.body, 'columnheader', { name: 'Name' }).ariaSort).toBe('none')
    })

    test('shows what the filter finds, and what comes to fit it later', () => {
      server.full(processOf(1), processOf(2, { user: 'ann' }), processOf(3))

      fireEvent.input(getByLabelText(document.body, 'Filter'), { target: { value: 'ann' } })
      expect(pids()).toEqual([2])
      server.sample([processOf(3, { user: 'ann' })])
      expect(pids()).toEqual([2, 3])
      fireEvent.input(getByLabelText(document.body, 'Filter'), { target: { value: '' } })
      expect(pids()).toEqual([1, 2, 3])
    })

    const runningNumbers = (length: number) => Array.from({ length }, (_, index) => index + 1)

    /** The rows that are taken out of the list while `change` goes on, if only to be put in elsewhere. */
    const movedBy = (change: () => void): Set<Node> => {
      const observer = new MutationObserver(() => {})
      observer.observe(document.querySelector('.rows') as Element, { childList: true })
      change()
      return new Set(observer.takeRecords().flatMap(({ removedNodes }) => [...removedNodes]))
    }

    /** The row in use keeps its place, the fifth, although it belongs at the end now: 6 goes past it, and 1 down the list. */
    const overtakeRow5 = () => {
      server.full(...runningNumbers(20).map((pid) => processOf(pid, { cpu: 21 - pid })))
      note(5).focus()
      return movedBy(() => server.sample([processOf(5, { cpu: 0 }), processOf(1, { cpu: 4.5 })]))
    }

    const turnRoundRow3 = () => {
      const all = (sign: number) => runningNumbers(5).map((pid) => processOf(pid, { cpu: 50 + sign * pid }))
      server.full(...all(-1))
      note(3).focus()
      return movedBy(() => server.sample(all(1)))
    }

    test('keeps the place of the row with the focus, and its focus', () => {
      overtakeRow5()
      expect(pids()).toEqual([2, 3, 4, 6, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 1, 17, 18, 19, 20])
      expect(document.activeElement).toBe(note(5))
    })

    test('turns round about the row with the focus', () => {
      turnRoundRow3()
      expect(pids()).toEqual([5, 4, 3, 2, 1])
      expect(document.activeElement).toBe(note(3))
    })

    test.runIf(movesNodes)('moves no more nodes than it must, and never the one with the focus', () => {
      expect(overtakeRow5()).toEqual(new Set([row(6), row(1)]))
    })

    test.runIf(movesNodes)('never moves the node with the focus when all others turn round about it', () => {
      expect(turnRoundRow3()).not.toContain(row(3))
    })

    test('the arrow keys go from note to note', () => {
      server.full(processOf(1), processOf(2))
      note(1).focus()
      fireEvent.keyDown(note(1), { key: 'ArrowDown' })
      expect(document.activeElement).toBe(note(2))
      fireEvent.keyDown(note(2), { key: 'ArrowUp' })
      expect(document.activeElement).toBe(note(1))
    })

    test('the switch for threads asks for another feed and starts anew', () => {
      server.full(processOf(1), processOf(2))
      fireEvent.click(getByRole(document.body, 'checkbox', { name: 'Threads' }))

      expect(server.calls).toEqual([
        { threads: false, stopped: true },
        { threads: true, stopped: false },
      ])
      expect(pids()).toEqual([])
      server.full(processOf(1), processOf(7, { owner: 1, name: 'worker', memory: 0 }))
      expect(pids()).toEqual([1, 7])
      expect(text(7, 'memory')).toBe('')
    })
  })

  describe('totals', () => {
    test('are derived from the processes', () => {
      server.full(processOf(1, { cpu: 10, state: 'running' }), processOf(2, { cpu: 5.5 }))
      expect(total('processes')).toBe('2')
      expect(total('running')).toBe('1 running, 4 threads')
      expect(total('cpu')).toBe('15.5 %')
      expect(total('memory')).toBe('3.0 KiB')

      server.sample([processOf(3, { cpu: 1 })], [1])
      expect(total('processes')).toBe('2')
      expect(total('cpu')).toBe('6.5 %')
    })

    test('tell whether the server is there', () => {
      server.connect(false)
      expect(getByRole(document.body, 'img').ariaLabel).toBe('Connection lost, trying again')
      server.connect(true)
      expect(getByRole(document.body, 'img').ariaLabel).toBe('Connected')
    })

    test('tell what the machine says', () => {
      server.full()
      expect(total('load')).toBe('0.50')
      expect(total('busy')).toBe('25.0 % of 2 cores')
      expect(total('machine')).toBe('test, 2 cores, up 1 min')
    })
  })

  describe('frozen', () => {
    test('the page shows the old view while the store goes on, and the new one afterwards', () => {
      server.full(processOf(1, { cpu: 1 }), processOf(2), processOf(3))
      fireEvent.click(button('Freeze'))
      const before = draws()

      server.sample([processOf(1, { cpu: 99 }), processOf(4)], [2])

      expect(pids()).toEqual([1, 2, 3])
      expect(text(1, 'percent')).toBe('1.0')
      expect(total('cpu')).toBe('1.0 %')
      expect(draws()).toEqual(before)
      expect([...app.stores.processes.keys()]).toEqual([1, 3, 4])

      fireEvent.click(button('Freeze'))
      expect(pids()).toEqual([1, 3, 4])
      expect(text(1, 'percent')).toBe('99.0')
      expect(total('cpu')).toBe('99.0 %')
      // Only what differs between the two views is drawn.
      expect(draws()).toEqual({ 1: 2, 3: 1, 4: 1 })
    })

    test('an old view can be sorted and filtered like any other', () => {
      server.full(processOf(1, { name: 'b' }), processOf(2, { name: 'a' }))
      fireEvent.click(button('Freeze'))
      server.sample([], [1, 2])

      fireEvent.click(button('Name'))
      expect(pids()).toEqual([2, 1])
      fireEvent.input(getByLabelText(document.body, 'Filter'), { target: { value: 'process-1' } })
      expect(pids()).toEqual([1])
    })

    test('the slider goes back to any view of the last minute, and to now', () => {
      server.full(processOf(1))
      server.sample([processOf(1, { cpu: 1 }), processOf(2)])
      server.sample([processOf(1, { cpu: 2 })], [2])
      const slider = getByLabelText<HTMLInputElement>(document.body, 'Moment shown')
      const goTo = (value: number) => fireEvent.input(slider, { target: { value: String(value) } })

      goTo(Number(slider.max) - 2)
      expect(text(1, 'percent')).toBe('1.0')
      expect(pids()).toEqual([1, 2])
      goTo(Number(slider.max) - 3)
      expect(text(1, 'percent')).toBe('0.0')
      expect(pids()).toEqual([1])
      goTo(Number(slider.max))
      expect(text(1, 'percent')).toBe('2.0')
      expect(button('Freeze').ariaPressed).toBe('false')
    })
  })

  describe('a note', () => {
    test('keeps every character and the caret while samples arrive and a writer of the note is at work', async () => {
      server.full(processOf(1), processOf(2))
      const field = note(1)
      field.focus()
      for (const character of 'before after') typeCharacter(field, character)
      fireEvent.click(button('Tidy the note on 1'))
      expect(server.notes).toHaveLength(1)
      expect(server.notes[0]?.note).toBe('before after')
      field.setSelectionRange(6, 6)

      for (const [index, character] of [...' 0123456789abcdef'].entries()) {
        typeCharacter(field, character)
        server.sample([processOf(1, { cpu: index }), processOf(100 + index)])
        expect(field.value).toBe(`before${' 0123456789abcdef'.slice(0, index + 1)} after`)
        expect(field.selectionStart).toBe(6 + index + 1)
        expect(app.stores.notes.get(1)).toBe(field.value)
        expect(app.stores.notes.confirmed.get(1)).toBe('before after')
      }
      expect(row(1).querySelector('.note')?.classList.contains('pending')).toBe(true)

      server.notes[0]?.answer.resolve('Before after.')
      await app.stores.notes.idle()
      await waitFor(() => expect(row(1).querySelector('.note')?.classList.contains('pending')).toBe(false))

      // What was typed later is later in the order of the writers: it wins.
      expect(field.value).toBe('before 0123456789abcdef after')
      expect(field.selectionStart).toBe(23)
      expect(app.stores.notes.confirmed.get(1)).toBe('before 0123456789abcdef after')
      expect(document.activeElement).toBe(field)
    })

    test('shows what the writer made of it when nobody typed', async () => {
      server.full(processOf(1))
      typeCharacter(note(1), 'x')
      fireEvent.click(button('Tidy the note on 1'))
      expect(button('Tidy the note on 1').ariaBusy).toBe('true')

      server.notes[0]?.answer.resolve('X.')
      await waitFor(() => expect(note(1).value).toBe('X.'))
      await waitFor(() => expect(button('Tidy the note on 1').ariaBusy).toBe('false'))
    })

    test('keeps the text when tidying fails', async () => {
      server.full(processOf(1))
      typeCharacter(note(1), 'x')
      fireEvent.click(button('Tidy the note on 1'))
      typeCharacter(note(1), 'y')

      server.notes[0]?.answer.reject(new Error('no connection'))
      await waitFor(() => expect(button('Tidy the note on 1').title).toContain('no connection'))
      expect(note(1).value).toBe('xy')
      expect(app.stores.notes.confirmed.get(1)).toBe('xy')
    })

    test('a second click on Tidy while one runs asks nobody', async () => {
      server.full(processOf(1))
      typeCharacter(note(1), 'x')
      fireEvent.click(button('Tidy the note on 1'))
      fireEvent.click(button('Tidy the note on 1'))
      expect(server.notes).toHaveLength(1)
      server.notes[0]?.answer.resolve('X.')
      await waitFor(() => expect(note(1).value).toBe('X.'))
    })

    test('is not broken off by a writer while an input method composes', async () => {
      server.full(processOf(1))
      const field = note(1)
      typeCharacter(field, 'x')
      fireEvent.click(button('Tidy the note on 1'))
      server.notes[0]?.answer.resolve('X.')
      fireEvent.compositionStart(field)
      await app.stores.notes.idle()
      expect(field.value).toBe('x')

      typeCharacter(field, '漢')
      fireEvent.compositionEnd(field)
      expect(field.value).toBe('x漢')
      expect(app.stores.notes.get(1)).toBe('x漢')
    })

    test('keeps the row of a process that has ended, until it is removed', () => {
      server.full(processOf(1), processOf(2))
      typeCharacter(note(1), 'x')

      server.sample([], [1, 2])
      expect(pids()).toEqual([1])
      expect(row(1).dataset['state']).toBe('ended')
      expect(total('processes')).toBe('0')
      fireEvent.click(button('Remove 1'))
      expect(pids()).toEqual([])
      expect(app.stores.notes.has(1)).toBe(false)
    })

    test('does not pass to another process of the same number', () => {
      server.full(processOf(1))
      typeCharacter(note(1), 'x')
      server.sample([], [1])
      server.sample([processOf(1, { name: 'another' })])
      expect(text(1, 'process')).toBe('another')
      expect(note(1).value).toBe('')
    })
  })

  describe('the action', () => {
    test('is pending until the answer is there, while everything else goes on', async () => {
      server.full(processOf(1), processOf(2))
      fireEvent.click(button('Inspect 1'))
      expect(row(1).ariaBusy).toBe('true')
      expect(button('Stop 1').textContent).toBe('Stop')
      await waitFor(() => expect(server.inspections).toHaveLength(1))

      server.sample([processOf(1, { cpu: 7 }), processOf(2, { cpu: 8 })])
      expect(text(1, 'percent')).toBe('7.0')
      expect(text(2, 'percent')).toBe('8.0')

      server.inspections[0]?.answer.resolve([['Open files', '12']])
      await waitFor(() => expect(text(1, 'details')).toBe('Open files 12'))
      expect(row(1).ariaBusy).toBe('false')
      fireEvent.click(button('Close 1'))
      expect(row(1).querySelector<HTMLElement>('.details')?.hidden).toBe(true)
      expect(button('Inspect 1').textContent).toBe('Inspect')
    })

    test('is stopped by an abort, which leaves nothing behind', async () => {
      server.full(processOf(1))
      fireEvent.click(button('Inspect 1'))
      await waitFor(() => expect(server.inspections).toHaveLength(1))

      fireEvent.click(button('Stop 1'))

      await waitFor(() => expect(button('Inspect 1').textContent).toBe('Inspect'))
      expect(server.inspections[0]?.signal.aborted).toBe(true)
      expect(app.stores.inspections.has(1)).toBe(false)
      expect(app.stores.inspections.isBusy()).toBe(false)
      // An answer that comes after all is nobody's.
      server.inspections[0]?.answer.resolve([['Open files', '12']])
      await app.stores.inspections.idle()
      expect(app.stores.inspections.has(1)).toBe(false)
    })

    test('runs for several rows at a time, and each ends by itself', async () => {
      server.full(processOf(1), processOf(2))
      fireEvent.click(button('Inspect 1'))
      fireEvent.click(button('Inspect 2'))
      await waitFor(() => expect(server.inspections).toHaveLength(2))
      expect(app.stores.inspections.inspect().running).toBe(2)

      server.inspections[1]?.answer.resolve([['a', 'b']])
      await waitFor(() => expect(row(2).ariaBusy).toBe('false'))
      expect(row(1).ariaBusy).toBe('true')
      fireEvent.click(button('Stop 1'))
      await waitFor(() => expect(row(1).ariaBusy).toBe('false'))
    })

    test('shows why it failed', async () => {
      server.full(processOf(1))
      fireEvent.click(button('Inspect 1'))
      await waitFor(() => expect(server.inspections).toHaveLength(1))
      server.inspections[0]?.answer.reject(new Error('There is no process 1 any more.'))
      await waitFor(() => expect(text(1, 'details')).toBe('There is no process 1 any more.'))
      expect(button('Close 1').textContent).toBe('Close')
    })

    test.each([
      ['an answer', (answer: Deferred<Facts>) => answer.resolve([['a', 'b']])],
      ['a failure', (answer: Deferred<Facts>) => answer.reject(new Error('gone'))],
    ])('leaves nothing behind where the process ends before %s', async (_name, settle) => {
      server.full(processOf(1))
      fireEvent.click(button('Inspect 1'))
      await waitFor(() => expect(server.inspections).toHaveLength(1))
      server.sample([], [1])
      settle(server.inspections[0]?.answer as Deferred<Facts>)
      await app.stores.inspections.idle()
      await Promise.resolve()
      expect([...app.stores.inspections]).toEqual([])
    })

    test('a row that is filtered out and comes back still shows it', async () => {
      server.full(processOf(1))
      fireEvent.click(button('Inspect 1'))
      const filter = getByLabelText(document.body, 'Filter')
      fireEvent.input(filter, { target: { value: 'nothing' } })
      fireEvent.input(filter, { target: { value: '' } })
      expect(row(1).ariaBusy).toBe('true')
      fireEvent.click(button('Stop 1'))
      await waitFor(() => expect(row(1).ariaBusy).toBe('false'))
    })
  })

  describe('the panel', () => {
    test('shows the inside of the stores', async () => {
      const panel = document.querySelector<HTMLDetailsElement>('#inside')
      const figure = (name: string, store = 'processes') =>
        panel?.querySelector(`[data-figure=${name}] [data-store=${store}]`)?.textContent
      server.full(processOf(1), processOf(2))
      server.sample([processOf(2, { cpu: 1 })])
      typeCharacter(note(1), 'x')
      fireEvent.click(button('Tidy the note on 1'))
      typeCharacter(note(1), 'y')

      if (panel) panel.open = true
      await waitFor(() => expect(figure('read')).toBe('2'))
      expect(figure('promotions')).toBe('2')
      expect(figure('running', 'notes')).toBe('1')
      expect(figure('layers', 'notes')).toBe('1')
      await waitFor(() => expect(figure('views')).toBe('2'), { timeout: 2000 })
      expect(figure('changes')).toBe('3')
      server.notes[0]?.answer.resolve('X.')
      await waitFor(() => expect(figure('layers', 'notes')).toBe('0'), { timeout: 2000 })
    })

    test('lets the processes be published later: committed, found by load, and not yet on the page', async () => {
      server.full(processOf(1))
      fireEvent.change(getByLabelText(document.body, /Publish/), { target: { value: 'second' } })
      const { processes } = app.stores

      server.sample([processOf(2)])
      expect(pids()).toEqual([1])
      expect(processes.inspect().dirty?.own.has(2)).toBe(true)
      expect(await processes.load(2)).toEqual([processOf(2), true])
      await waitFor(() => expect(pids()).toEqual([1, 2]), { timeout: 3000 })
    })
  })

  test('dispose stops the feed, the rows and the stores', async () => {
    server.full(processOf(1))
    const element = row(1)
    app.dispose()
    expect(server.calls).toEqual([{ threads: false, stopped: true }])
    expect(within(document.body).queryByLabelText('Note on 1')).toBeNull()
    fireEvent.input(within(element).getByLabelText('Note on 1'), { target: { value: 'x' } })
    expect(app.stores.notes.has(1)).toBe(false)
    await expect(app.stores.notes.set(1, 'x')).rejects.toMatchObject({ code: 'STORE_DISPOSED' })
  })
}
