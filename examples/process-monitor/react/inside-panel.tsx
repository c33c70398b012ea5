import { useState } from 'react'
import { useKeyState } from 'tidemap/react'
import type { Pace } from '../stores.ts'
import type { Monitor } from './monitor.ts'
import { useFigures } from './use-figures.ts'

const lines = [
  ['read', 'keys in the view'],
  ['dirty', 'with keys not in read'],
  ['misses', 'loads sent on to dirty'],
  ['promotions', 'views so far'],
  ['views', 'a second'],
  ['changes', 'a second'],
  ['running', 'writers that have a turn'],
  ['waiting', 'waiting writers'],
  ['layers', 'shown, unconfirmed'],
] as const

const titles: Partial<Record<string, string>> = { changes: 'changed keys', waiting: 'queue' }

/** What the stores look like inside, twice a second. */
export function InsidePanel({ monitor, isInsideOpen }: { monitor: Monitor; isInsideOpen: boolean }) {
  const { processes, notes, inspections, settings } = monitor.stores
  const [isOpen, setIsOpen] = useState(isInsideOpen)
  const [pace, setPace] = useKeyState(settings, 'pace')
  const columns = {
    processes: useFigures(processes, isOpen),
    notes: useFigures(notes, isOpen),
    inspections: useFigures(inspections, isOpen),
  }
  return (
    <details id="inside" open={isOpen} onToggle={(event) => setIsOpen(event.currentTarget.open)}>
      <summary>Inside the stores</summary>
      <table>
        <thead>
          <tr>
            <th />
            {Object.keys(columns).map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {lines.map(([figure, meaning]) => (
            <tr key={figure} data-figure={figure}>
              <th scope="row">
                {titles[figure] ?? figure} <small>{meaning}</small>
              </th>
              {Object.entries(columns).map(([name, figures]) => (
                <td key={name} data-store={name}>
                  {figures[figure]}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <label>
        Publish the processes{' '}
        <select id="pace" value={pace} onChange={(event) => setPace(event.currentTarget.value as Pace)}>
          <option value="commit">at every commit</option>
          <option value="frame">once a frame</option>
          <option value="second">once a second</option>
        </select>
      </label>
    </details>
  )
}
