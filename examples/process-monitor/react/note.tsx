import { memo } from 'react'
import { useKeyState, usePending } from 'tidemap/react'
import type { Monitor } from './monitor.ts'
import { TextField } from './text-field.tsx'
import { useTidy } from './use-tidy.ts'

/** The note of a row: a text field, and a button that has a slow service tidy the text while one types on. */
export const Note = memo(function Note({ pid, monitor }: { pid: number; monitor: Monitor }) {
  const { notes } = monitor.stores
  const [text = '', setText] = useKeyState(notes, pid)
  // Pending: what the field shows is laid over what is confirmed.
  const isPending = usePending(notes, pid)
  const { isTidying, failure, tidy } = useTidy(pid, monitor)
  return (
    <td className={isPending ? 'note pending' : 'note'}>
      <TextField
        className="text"
        type="text"
        placeholder="Note"
        maxLength={200}
        aria-label={`Note on ${pid}`}
        value={text}
        onText={setText}
      />
      <button
        className="tidy"
        type="button"
        title={failure}
        aria-label={`Tidy the note on ${pid}`}
        aria-busy={isTidying}
        onClick={tidy}
      >
        Tidy
      </button>
    </td>
  )
})
