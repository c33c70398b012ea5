import type { ReactNode } from 'react'
import { useKey } from 'tidemap/react'
import { Header } from './header.tsx'
import { InsidePanel } from './inside-panel.tsx'
import type { Monitor } from './monitor.ts'
import { Processes } from './processes.tsx'
import { Timeline } from './timeline.tsx'
import { Totals } from './totals.tsx'

export function Page({ monitor, isInsideOpen }: { monitor: Monitor; isInsideOpen: boolean }) {
  return (
    <Frame monitor={monitor}>
      <Header monitor={monitor} />
      <Totals monitor={monitor} />
      <Timeline monitor={monitor} />
      <Processes monitor={monitor} />
      <InsidePanel monitor={monitor} isInsideOpen={isInsideOpen} />
    </Frame>
  )
}

/** The colours of the whole page. What is in it comes as children, so it does not render again with the frame. */
function Frame({ monitor, children }: { monitor: Monitor; children: ReactNode }) {
  const isFrozen = useKey(monitor.stores.settings, 'frozen') !== null
  const isConnected = useKey(monitor.stores.status, 'isConnected')
  const classes = ['page', isFrozen && 'frozen', isConnected === false && 'disconnected']
  return <div className={classes.filter(Boolean).join(' ')}>{children}</div>
}
