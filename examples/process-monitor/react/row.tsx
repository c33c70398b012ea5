import { memo } from 'react'
import { useKey } from 'tidemap/react'
import { bytes, percent, processorTime } from '../format.ts'
import { act, actionFor } from '../row-action.ts'
import { Details } from './details.tsx'
import type { Monitor } from './monitor.ts'
import { Note } from './note.tsx'
import { shareStyle } from './share.ts'
import { useDraws } from './use-draws.ts'

/** One row. It reads its own key: it renders when its own process changes, and at no other time. */
export const Row = memo(function Row({ pid, monitor }: { pid: number; monitor: Monitor }) {
  const { stores, actions, onScreen } = monitor
  const process = useKey(onScreen, pid)
  const inspection = useKey(stores.inspections, pid)
  const element = useDraws(stores.settings)
  if (!process) return null

  const isThread = process.owner !== null
  const classes = ['row', process.cpu < 0.05 && 'at-rest', isThread && 'thread']
  const action = actionFor(process, inspection)
  return (
    <tr
      ref={element}
      className={classes.filter(Boolean).join(' ')}
      data-pid={pid}
      data-state={process.state}
      aria-busy={inspection?.status === 'running'}
    >
      <td className="name">
        <span className="process" title={process.state}>
          {process.name}
        </span>
        <span className="command" title={process.command}>
          {process.command}
        </span>
      </td>
      <td className="pid">{pid}</td>
      <td className="user">{process.user}</td>
      <td className="threads">{isThread ? '' : process.threads}</td>
      <td className="cpu">
        <span className="bar" style={shareStyle(Math.min(process.cpu / 100, 1))} />
        <span className="percent">{percent(process.cpu)}</span>
      </td>
      <td className="memory">{process.memory > 0 ? bytes(process.memory) : ''}</td>
      <td className="time">{processorTime(process.time)}</td>
      <Note pid={pid} monitor={monitor} />
      <td className="action">
        <button
          className="act"
          type="button"
          aria-label={`${action} ${pid}`}
          onClick={() => act(pid, stores, actions)}
        >
          {action}
        </button>
      </td>
      <Details inspection={inspection} />
    </tr>
  )
})
