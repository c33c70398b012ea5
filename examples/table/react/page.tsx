import { memo, type ReactNode } from 'react'
import { createRoot } from 'react-dom/client'
import { useKey, useKeys, useView } from 'tidemap/react'
import { moveByKey } from '../keyboard.ts'
import { formatCount, type Meter } from '../meter.ts'
import { operations } from '../operations.ts'
import type { Table } from '../table.ts'
import { Row } from './row.tsx'

interface PageProps {
  readonly table: Table
  readonly meter: Meter
}

export function showPage(root: HTMLElement, table: Table, meter: Meter): void {
  createRoot(root).render(<Page table={table} meter={meter} />)
}

function Page({ table, meter }: PageProps): ReactNode {
  return (
    <>
      <div className="operations">
        {operations.map(({ text, run }) => (
          <button key={text} type="button" onClick={() => meter.measure(text, () => run(table))}>
            {text}
          </button>
        ))}
      </div>
      <Status table={table} meter={meter} />
      <section
        className="sheet"
        aria-label="Rows"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard, and from here the rows
        tabIndex={0}
        onKeyDown={(event) => moveByKey(event, event.currentTarget)}
      >
        {/* biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a table whose rows can be selected is a grid */}
        <table role="grid">
          <thead>
            <tr>
              <th className="id">Id</th>
              <th>Label</th>
              <th className="end">Remove</th>
            </tr>
          </thead>
          <Rows table={table} meter={meter} />
        </table>
      </section>
    </>
  )
}

/** Renders again when rows come, go or move; a changed label is the business of its row. */
const Rows = memo(function Rows({ table, meter }: PageProps): ReactNode {
  const ids = useKeys(table.rows)
  return (
    <tbody>
      {ids.map((id) => (
        <Row key={id} id={id} table={table} meter={meter} />
      ))}
    </tbody>
  )
})

function Status({ table, meter }: PageProps): ReactNode {
  const size = useView(table.rows, (view) => view.size)
  const operation = useKey(meter.facts, 'operation')
  const milliseconds = useKey(meter.facts, 'milliseconds')
  const drawn = useKey(meter.facts, 'drawn')
  return (
    <output className="status">
      <span>
        <b className="size">{formatCount(size)}</b> rows
      </span>
      <span className="facts" hidden={operation === ''}>
        <span className="operation">{operation}</span>:{' '}
        <b className="milliseconds">{formatCount(milliseconds)}</b> ms,{' '}
        <b className="drawn">{formatCount(drawn)}</b> drawn
      </span>
    </output>
  )
}
