import { useKey, useKeyState } from 'tidemap/react'
import type { Monitor } from './monitor.ts'
import { Switch } from './switch.tsx'
import { TextField } from './text-field.tsx'

/** Filter and switches: each control is bound to one key of the settings. */
export function Tools({ monitor: { stores }, count }: { monitor: Monitor; count: string }) {
  const { settings, status } = stores
  const [filter, setFilter] = useKeyState(settings, 'filter')
  const [hasThreads, setHasThreads] = useKeyState(settings, 'threads')
  const [showsDraws, setShowsDraws] = useKeyState(settings, 'showsDraws')
  const machine = useKey(status, 'machine')
  return (
    <section className="tools" aria-label="List settings">
      <TextField
        id="filter"
        type="search"
        placeholder="Filter by name, user, pid …"
        aria-label="Filter"
        value={filter}
        onText={setFilter}
      />
      <Switch
        label="Threads"
        isOn={hasThreads}
        isDisabled={machine?.hasThreads === false}
        onSwitch={setHasThreads}
      />
      <Switch label="Flash redraws" isOn={showsDraws} onSwitch={setShowsDraws} />
      <p className="small">
        <span className="count">{count}</span> rows
      </p>
    </section>
  )
}
