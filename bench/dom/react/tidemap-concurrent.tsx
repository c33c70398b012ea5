import { ConcurrentProvider } from 'tidemap/react'
import type { Mount } from '../contender.ts'
import { createTidemapModel } from '../tidemap-model.ts'
import { showShell } from './shell.tsx'
import { rowsOf } from './tidemap.tsx'

/** What the provider costs where there is no transition. */
export const mount: Mount = (root, act) => {
  const model = createTidemapModel()
  const Rows = rowsOf(model)
  showShell(
    root,
    act,
    <ConcurrentProvider>
      <Rows />
    </ConcurrentProvider>,
  )
  return model
}
