import { useEffect, useState } from 'react'
import { bufferTime } from 'rxjs'
import type { Store } from 'tidemap'
import { figuresOf } from '../figures.ts'

type Figures = ReturnType<typeof figuresOf>

/** What a store looks like inside, while somebody looks, and how much it tells. */
export function useFigures<V>(
  store: Store<number, V>,
  isLookedAt: boolean,
): Partial<Figures> & { views: number; changes: number } {
  const [figures, setFigures] = useState<Figures>()
  const [perSecond, setPerSecond] = useState({ views: 0, changes: 0 })

  useEffect(() => {
    if (!isLookedAt) return
    const look = () => setFigures(figuresOf(store))
    look()
    const timer = setInterval(look, 500)
    return () => clearInterval(timer)
  }, [store, isLookedAt])

  useEffect(() => {
    // Every promotion is one emission, so a second's worth of them is the views a second.
    const subscription = store.changes$
      .pipe(bufferTime(1000))
      .subscribe((rounds) => setPerSecond({ views: rounds.length, changes: rounds.flat().length }))
    return () => subscription.unsubscribe()
  }, [store])

  return { ...figures, ...perSecond }
}
