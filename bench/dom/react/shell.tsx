import type { ReactNode } from 'react'
import { createRoot } from 'react-dom/client'
import { renders } from '../renders.ts'

/** What all React contenders show around their rows. */
export function showShell(root: HTMLElement, act: () => void, rows: ReactNode): void {
  createRoot(root).render(
    <>
      <button type="button" id="go" onClick={act}>
        Go
      </button>
      <table>
        <tbody>{rows}</tbody>
      </table>
    </>,
  )
}

interface RowMarkup {
  readonly id: number
  readonly label: string
  readonly isSelected: boolean
  readonly select: (id: number) => void
  readonly remove: (id: number) => void
}

/** A function, not a component: each contender's row is one component, and this its markup. */
export function rowMarkup({ id, label, isSelected, select, remove }: RowMarkup): ReactNode {
  renders.count++
  return (
    <tr className={isSelected ? 'danger' : undefined}>
      <td>{id}</td>
      <td>
        {/* biome-ignore-start lint/a11y: the markup of js-framework-benchmark */}
        <a onClick={() => select(id)}>{label}</a>
        {/* biome-ignore-end lint/a11y: until here */}
      </td>
      <td>
        <button type="button" onClick={() => remove(id)}>
          ×
        </button>
      </td>
    </tr>
  )
}
