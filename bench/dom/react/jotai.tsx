import { useAtomValue } from 'jotai'
import { memo, type ReactNode } from 'react'
import type { Mount } from '../contender.ts'
import { createJotaiModel, type JotaiRow } from '../jotai-model.ts'
import { rowMarkup, showShell } from './shell.tsx'

export const mount: Mount = (root, act) => {
  const model = createJotaiModel()
  const { store, rows, select, remove } = model
  const from = { store }

  function Rows(): ReactNode {
    return useAtomValue(rows, from).map((row) => <Row key={row.id} row={row} />)
  }

  const Row = memo(function Row({ row }: { row: JotaiRow }): ReactNode {
    const label = useAtomValue(row.label, from)
    const isSelected = useAtomValue(row.isSelected, from)
    return rowMarkup({ id: row.id, label, isSelected, select, remove })
  })

  showShell(root, act, <Rows />)
  return model
}
