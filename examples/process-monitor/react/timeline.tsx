import { useKey } from 'tidemap/react'
import { chartOf, describeMoment, historyLength, placeOf, showMoment, toggleFrozen } from '../history.ts'
import type { Monitor } from './monitor.ts'

/** Freeze, and the minute before now. */
export function Timeline({ monitor: { stores } }: { monitor: Monitor }) {
  const frozen = useKey(stores.settings, 'frozen')
  const history = useKey(stores.status, 'history')
  const { line, area } = chartOf(history)
  const text = describeMoment(frozen, history)
  return (
    <section className="timeline" aria-label="Time">
      <button
        type="button"
        className="freeze"
        aria-pressed={frozen !== null}
        onClick={() => toggleFrozen(stores)}
      >
        Freeze
      </button>
      <div className="track">
        <svg className="chart" viewBox="0 0 240 100" preserveAspectRatio="none" aria-hidden="true">
          <polygon points={area} />
          <polyline points={line} />
        </svg>
        <input
          className="moment"
          type="range"
          min="0"
          max={historyLength}
          aria-label="Moment shown"
          aria-valuetext={text}
          value={placeOf(frozen, history)}
          onChange={(event) => showMoment(stores, event.currentTarget.valueAsNumber)}
        />
      </div>
      <p className="small shows">
        Shows <output className="when">{text}</output>
      </p>
    </section>
  )
}
