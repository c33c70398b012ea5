import { useKey } from 'tidemap/react'
import { span } from '../format.ts'
import type { Monitor } from './monitor.ts'

export function Header({ monitor: { stores } }: { monitor: Monitor }) {
  const machine = useKey(stores.status, 'machine')
  const isConnected = useKey(stores.status, 'isConnected')
  return (
    <header>
      <h1>Process monitor</h1>
      <p className="machine">
        <span className="lamp" role="img" aria-label={connection(isConnected)} />
        <span data-total="machine">
          {machine ? `${machine.name}, ${machine.cores} cores, up ${span(machine.uptime)}` : 'Connecting …'}
        </span>
      </p>
    </header>
  )
}

function connection(isConnected: boolean | null): string {
  if (isConnected === null) return 'Not connected yet'
  return isConnected ? 'Connected' : 'Connection lost, trying again'
}
