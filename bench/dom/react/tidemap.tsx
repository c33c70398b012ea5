import { memo, type ReactNode } from 'react'
import { useKey, useKeys } from 'tidemap/react'
import type { Mount } from '../contender.ts'
import { createTidemapModel } from '../tidemap-model.ts'
import { rowMarkup, showShell } from './shell.tsx'

export const mount: Mount = (root, act) => {
  const model = createTidemapModel()
  const { rows, select, remove } = model

  function Rows(): ReactNode {
    return useKeys(rows).map((id) => <Row key={id} id={id} />)
  }

  const Row = memo(function Row({ id }: { id: number }): ReactNode {
    const row = useKey(rows, id)
    return row && rowMarkup({ id, ...row, select, remove })
  })

  showShell(root, act, <Rows />)
  return model
}
