import { find, setText } from './find.ts'
import { bytes, percent, span } from './format.ts'
import type { Stores } from './stores.ts'
import { isSameTotals, type Totals, totalsOf } from './totals-of.ts'

/** The figures above the list: those of the processes derived from their view, those of the machine as the server says. */
export function mountTotals(root: HTMLElement, { processes, settings, status }: Stores): () => void {
  const place = (name: string) => find(root, `[data-total=${name}]`, HTMLElement)
  const meter = (name: string) => find(root, `[data-meter=${name}]`, HTMLElement)

  const lamp = find(root, '.lamp', HTMLElement)

  const paint = ({ processes, running, threads, cpu, memory }: Totals) => {
    setText(place('processes'), String(processes))
    setText(place('running'), `${running} running, ${threads} threads`)
    setText(place('cpu'), `${percent(cpu)} %`)
    setText(place('memory'), bytes(memory))
  }

  const paintMachine = () => {
    const machine = status.get('machine')
    if (!machine) return
    const { name, cores, busy, load, memoryTotal, memoryUsed, uptime } = machine
    setText(place('machine'), `${name}, ${cores} cores, up ${span(uptime)}`)
    setText(place('busy'), `${percent(busy * 100)} % of ${cores} cores`)
    meter('busy').style.setProperty('--share', String(busy))
    setText(place('used'), `${bytes(memoryUsed)} of ${bytes(memoryTotal)} in use`)
    meter('used').style.setProperty('--share', String(memoryUsed / memoryTotal))
    const [one = 0, five = 0, fifteen = 0] = load
    setText(place('load'), one.toFixed(2))
    setText(place('loads'), `${five.toFixed(2)} in 5 min, ${fifteen.toFixed(2)} in 15`)
  }

  // Computed once per promotion, however many listen; told only where a figure is another.
  const totals = processes.select(totalsOf, isSameTotals)
  const subscriptions = [
    totals.subscribe((now) => {
      if (!settings.get('frozen')) paint(now)
    }),
    settings.subscribeKey('frozen', (moment) => paint(moment ? totalsOf(moment.view) : totals.value)),
    status.subscribeKey('machine', paintMachine),
    status.subscribeKey('isConnected', (isConnected) => {
      root.classList.toggle('disconnected', isConnected === false)
      lamp.setAttribute('aria-label', isConnected ? 'Connected' : 'Connection lost, trying again')
    }),
  ]
  paint(totals.value)
  return () => {
    for (const unsubscribe of subscriptions) unsubscribe()
  }
}
