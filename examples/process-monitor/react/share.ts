import type { CSSProperties } from 'react'

/** How full a bar is, 0 to 1: the style sheet draws it. */
export function shareStyle(share: number): CSSProperties {
  return { ['--share' as string]: share }
}
