import { memo, type ReactNode } from 'react'
import { useKey, useKeys } from 'tidemap/react'
import type { Mount } from '../contender.ts'
import { createTidemapModel, type TidemapModel } from '../tidemap-model.ts'
import { rowMarkup, showShell } from './shell.tsx'

export const mount: Mount = (root, act) => {
  const model = createTidemapModel()
  const Rows = rowsOf(model)
  showShell(root, act, <Rows />)
  return model
}

export function rowsOf({ rows, select, remove }: TidemapModel) {
  const Row = memo(function Row({ id }: { id: number }): ReactNode {
    const row = useKey(rows, id)
    if (row === undefined) return
    const { label, isSelected } = row
    return rowMarkup({ id, label, isSelected, select, remove })
  })

  return function Rows(): ReactNode {
    return useKeys(rows).map((id) => <Row key={id} id={id} />)
  }
}
