import type { Actions } from './actions.ts'
import { find, setText } from './find.ts'
import { bytes, percent, processorTime } from './format.ts'
import { mountNote } from './note.ts'
import type { Process } from './protocol.ts'
import { act, actionFor } from './row-action.ts'
import type { Inspection, ProcessView, Stores } from './stores.ts'

export interface Row {
  readonly element: HTMLElement
  /** Shows the process as it is in this view. */
  paint(view: ProcessView): void
  dispose(): void
}

/** One row. It subscribes to its own key: it is drawn when its own process changes, and at no other time. */
export function createRow(pid: number, template: HTMLTemplateElement, stores: Stores, actions: Actions): Row {
  const { processes, inspections, settings } = stores
  const element = find(template.content, '.row', HTMLElement).cloneNode(true) as HTMLElement
  const cell = (name: string) => find(element, `.${name}`, HTMLElement)
  const [name, command, user, threads] = [cell('process'), cell('command'), cell('user'), cell('threads')]
  const [cpu, bar, memory, time] = [cell('percent'), cell('bar'), cell('memory'), cell('time')]
  const details = cell('details')
  const button = find(element, '.action button', HTMLButtonElement)
  element.dataset['pid'] = String(pid)
  setText(cell('pid'), String(pid))
  let draws = 0

  const paint = (process: Process) => {
    setText(name, process.name)
    setText(command, process.command)
    command.title = process.command
    setText(user, process.user)
    setText(threads, process.owner === null ? String(process.threads) : '')
    setText(cpu, percent(process.cpu))
    bar.style.setProperty('--share', String(Math.min(process.cpu / 100, 1)))
    setText(memory, process.memory > 0 ? bytes(process.memory) : '')
    setText(time, processorTime(process.time))
    name.title = process.state
    element.dataset['state'] = process.state
    element.classList.toggle('at-rest', process.cpu < 0.05)
    element.classList.toggle('thread', process.owner !== null)
    draws += 1
    element.dataset['draws'] = String(draws)
    if (draws > 1 && settings.get('showsDraws'))
      element.animate([{ backgroundColor: 'var(--drawn)' }, {}], 600)
    paintAction()
  }

  const paintInspection = () => {
    const inspection = inspections.get(pid)
    const isRunning = inspection?.status === 'running'
    element.setAttribute('aria-busy', String(isRunning))
    details.hidden = !inspection || isRunning
    details.replaceChildren(...describe(inspection))
    paintAction()
  }

  const paintAction = () => {
    const label = actionFor(processes.get(pid), inspections.get(pid))
    setText(button, label)
    button.setAttribute('aria-label', `${label} ${pid}`)
  }

  const click = () => act(pid, stores, actions)

  button.addEventListener('click', click)
  const disposals = [
    processes.subscribeKey(pid, (process) => {
      // Frozen, the row keeps what it shows, while the store goes on.
      if (process && !settings.get('frozen')) paint(process)
    }),
    inspections.subscribeKey(pid, paintInspection),
    mountNote(cell('note'), pid, stores, actions),
  ]
  paintInspection()

  return {
    element,
    paint(view) {
      const process = view.get(pid)
      if (process) paint(process)
    },
    dispose() {
      button.removeEventListener('click', click)
      for (const dispose of disposals) dispose()
      element.remove()
    },
  }
}

function describe(inspection: Inspection | undefined): HTMLElement[] {
  if (inspection?.status === 'failed') return [elementWith('p', inspection.message)]
  if (inspection?.status !== 'done') return []
  return inspection.facts.map(([name, text]) => elementWith('p', elementWith('b', name), ' ', text))
}

/** Text goes in as text: a process can be called `<img>`. */
function elementWith(tag: string, ...content: (string | Node)[]): HTMLElement {
  const element = document.createElement(tag)
  element.append(...content)
  return element
}
