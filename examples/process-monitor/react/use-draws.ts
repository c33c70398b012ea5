import { type RefObject, useLayoutEffect, useRef } from 'react'
import type { Stores } from '../stores.ts'

/** Counts how often the row has rendered, on its element, and lights it up where the user wants to see that. */
export function useDraws(settings: Stores['settings']): RefObject<HTMLTableRowElement | null> {
  const element = useRef<HTMLTableRowElement>(null)
  const draws = useRef(0)
  // Without dependencies: after every render.
  useLayoutEffect(() => {
    const row = element.current
    if (!row) return
    draws.current += 1
    row.dataset['draws'] = String(draws.current)
    if (draws.current > 1 && settings.get('showsDraws'))
      row.animate([{ backgroundColor: 'var(--drawn)' }, {}], 600)
  })
  return element
}
