import { memo, type ReactNode, useEffect } from 'react'
import { useKey } from 'tidemap/react'
import type { Meter } from '../meter.ts'
import { removeRow, selectRow, type Table } from '../table.ts'

interface RowProps {
  readonly id: number
  readonly table: Table
  readonly meter: Meter
}

/** Renders again when its own label or its own selection has changed, and for no other row. */
export const Row = memo(function Row({ id, table, meter }: RowProps): ReactNode {
  const { label, isSelected } = useKey(table.rows, id) ?? {}
  useEffect(() => meter.draw())
  return (
    <tr tabIndex={-1} aria-selected={isSelected}>
      <td className="id">{id}</td>
      <td>
        <button
          type="button"
          className="label"
          tabIndex={-1}
          onClick={() => meter.measure('Select', () => selectRow(table, id))}
        >
          {label}
        </button>
      </td>
      <td className="end">
        <button
          type="button"
          className="remove"
          tabIndex={-1}
          aria-label={`Remove ${id}`}
          onClick={() => meter.measure('Remove', () => removeRow(table, id))}
        >
          ×
        </button>
      </td>
    </tr>
  )
})
