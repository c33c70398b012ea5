import { useKey, useView } from 'tidemap/react'
import { bytes, percent } from '../format.ts'
import { isSameTotals, totalsOf } from '../totals-of.ts'
import { Meter } from './meter.tsx'
import type { Monitor } from './monitor.ts'

/** The figures above the list: those of the processes derived from their view, those of the machine as the server says. */
export function Totals({ monitor: { stores, onScreen } }: { monitor: Monitor }) {
  // Renders again where a figure is another; that of a frozen view is the same function on it.
  const { processes, running, threads, cpu, memory } = useView(onScreen, totalsOf, isSameTotals)
  const machine = useKey(stores.status, 'machine')
  const [one = 0, five = 0, fifteen = 0] = machine?.load ?? []
  return (
    <section className="totals" aria-label="Totals">
      <div className="total">
        <h2>Processes</h2>
        <p className="figure" data-total="processes">
          {processes}
        </p>
        <p className="small" data-total="running">{`${running} running, ${threads} threads`}</p>
      </div>
      <div className="total">
        <h2>
          CPU <small>sum of the rows</small>
        </h2>
        <p className="figure" data-total="cpu">{`${percent(cpu)} %`}</p>
        <p className="small" data-total="busy">
          {machine ? `${percent(machine.busy * 100)} % of ${machine.cores} cores` : '\u00a0'}
        </p>
        <Meter share={machine?.busy ?? 0} />
      </div>
      <div className="total">
        <h2>
          Memory <small>sum of the rows</small>
        </h2>
        <p className="figure" data-total="memory">
          {bytes(memory)}
        </p>
        <p className="small" data-total="used">
          {machine ? `${bytes(machine.memoryUsed)} of ${bytes(machine.memoryTotal)} in use` : '\u00a0'}
        </p>
        <Meter share={machine ? machine.memoryUsed / machine.memoryTotal : 0} />
      </div>
      <div className="total">
        <h2>Load</h2>
        <p className="figure" data-total="load">
          {machine ? one.toFixed(2) : '–'}
        </p>
        <p className="small" data-total="loads">
          {machine ? `${five.toFixed(2)} in 5 min, ${fifteen.toFixed(2)} in 15` : '\u00a0'}
        </p>
      </div>
    </section>
  )
}
