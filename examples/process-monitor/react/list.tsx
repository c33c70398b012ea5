import { type SyntheticEvent, useState } from 'react'
import { hold } from '../hold.ts'
import { moveBetweenRows } from '../move-between-rows.ts'
import { Columns } from './columns.tsx'
import type { Monitor } from './monitor.ts'
import { Row } from './row.tsx'

/** The list. The row under the pointer and the one with the focus keep their places when the order becomes another one. */
export function List({ monitor, order }: { monitor: Monitor; order: readonly number[] }) {
  const [hovered, setHovered] = useState<number | null>(null)
  const [focused, setFocused] = useState<number | null>(null)
  const [shown, setShown] = useState({ order, held: order })
  // Only a new order moves rows: when the pointer leaves, nothing jumps.
  if (shown.order !== order) {
    const inUse = new Set([hovered, focused].filter((pid) => pid !== null))
    setShown({ order, held: hold(order, shown.held, inUse) })
  }
  return (
    <main>
      <table className="list" aria-label="Processes">
        <Columns monitor={monitor} />
        <tbody
          className="rows"
          onMouseOver={(event) => setHovered(pidAt(event))}
          onMouseLeave={() => setHovered(null)}
          onFocus={(event) => setFocused(pidAt(event))}
          onBlur={() => setFocused(null)}
          onKeyDown={moveBetweenRows}
        >
          {shown.held.map((pid) => (
            <Row key={pid} pid={pid} monitor={monitor} />
          ))}
        </tbody>
      </table>
    </main>
  )
}

function pidAt({ target }: SyntheticEvent): number | null {
  const row = target instanceof Element ? target.closest<HTMLElement>('.row') : null
  return row ? Number(row.dataset['pid']) : null
}
