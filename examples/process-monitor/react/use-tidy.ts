import { useEffect, useState } from 'react'
import type { Monitor } from './monitor.ts'

/** Tidies a note, and tells whether a writer of it is at work: also one that a row finds that was filtered out and comes back. */
export function useTidy(pid: number, { stores: { notes }, actions }: Monitor) {
  const [isTidying, setIsTidying] = useState(() => notes.isBusy(pid))
  const [failure, setFailure] = useState('')

  useEffect(() => {
    if (!isTidying) return
    let isHere = true
    const done = () => {
      if (isHere) setIsTidying(false)
    }
    const follow = async () => {
      // `load` waits for the writers that came before it, and for no others; what is typed meanwhile queues behind it.
      do await notes.load(pid)
      while (notes.isBusy(pid))
    }
    // It rejects where the page is going, and its stores with it.
    follow().then(done, done)
    return () => {
      isHere = false
    }
  }, [isTidying, notes, pid])

  const tidy = () => {
    setFailure('')
    actions.tidy(pid).catch((error) => setFailure(String(error)))
    setIsTidying(true)
  }
  return { isTidying, failure, tidy }
}
