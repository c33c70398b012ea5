import { useSignals } from '@preact/signals-react/runtime'
import { memo, type ReactNode } from 'react'
import type { Mount } from '../contender.ts'
import { createSignalsModel, type SignalRow } from '../signals-model.ts'
import { rowMarkup, showShell } from './shell.tsx'

/** Written as its compiler writes it. */
export const mount: Mount = (root, act) => {
  const model = createSignalsModel()
  const { rows, select, remove } = model

  function Rows(): ReactNode {
    const effect = useSignals(1)
    try {
      return rows.value.map((row) => <Row key={row.id} row={row} />)
    } finally {
      effect.f()
    }
  }

  const Row = memo(function Row({ row }: { row: SignalRow }): ReactNode {
    const effect = useSignals(1)
    try {
      return rowMarkup({
        id: row.id,
        label: row.label.value,
        isSelected: row.isSelected.value,
        select,
        remove,
      })
    } finally {
      effect.f()
    }
  })

  showShell(root, act, <Rows />)
  return model
}
