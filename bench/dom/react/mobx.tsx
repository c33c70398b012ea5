import { observer } from 'mobx-react-lite'
import type { ReactNode } from 'react'
import type { Mount } from '../contender.ts'
import { createMobxModel, type MobxRow } from '../mobx-model.ts'
import { rowMarkup, showShell } from './shell.tsx'

export const mount: Mount = (root, act) => {
  const model = createMobxModel()
  const { rows, select, remove } = model

  const Rows = observer(function Rows(): ReactNode {
    return rows.map((row) => <Row key={row.id} row={row} />)
  })

  const Row = observer(function Row({ row }: { row: MobxRow }): ReactNode {
    return rowMarkup({ id: row.id, label: row.label, isSelected: row.isSelected, select, remove })
  })

  showShell(root, act, <Rows />)
  return model
}
