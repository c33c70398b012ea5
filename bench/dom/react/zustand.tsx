import { memo, type ReactNode } from 'react'
import { useStore } from 'zustand'
import type { Mount } from '../contender.ts'
import { createZustandModel } from '../zustand-model.ts'
import { rowMarkup, showShell } from './shell.tsx'

export const mount: Mount = (root, act) => {
  const model = createZustandModel()
  const { store, select, remove } = model

  function Rows(): ReactNode {
    return useStore(store, ({ ids }) => ids).map((id) => <Row key={id} id={id} />)
  }

  const Row = memo(function Row({ id }: { id: number }): ReactNode {
    const label = useStore(store, ({ labels }) => labels.get(id)) ?? ''
    const isSelected = useStore(store, ({ selected }) => selected === id)
    return rowMarkup({ id, label, isSelected, select, remove })
  })

  showShell(root, act, <Rows />)
  return model
}
