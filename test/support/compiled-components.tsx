// Components as an application writes them: compiler.test.tsx runs the React Compiler over this file and tests what comes out.
import { memo, useState } from 'react'
import { useEntry, useKey, useKeyState, useKeys, usePending, useView } from 'tidemap/react'
import type { Store } from 'tidemap/store'

type Notes = Store<string, string>

export function Row({ store, id }: { store: Notes; id: string }) {
  const text = useKey(store, id)
  const [, isThere] = useEntry(store, id)
  return <li>{isThere ? text : 'gone'}</li>
}

const MemoRow = memo(Row)

export function List({ store }: { store: Notes }) {
  const keys = useKeys(store)
  return (
    <ul>
      {keys.map((id) => (
        <MemoRow key={id} store={store} id={id} />
      ))}
    </ul>
  )
}

export function Summary({ store, prefix }: { store: Notes; prefix: string }) {
  const longest = useView(store, (view) => Math.max(0, ...[...view.values()].map(({ length }) => length)))
  const view = useView(store)
  return (
    <p>
      {prefix} {view.size} notes, a is {view.get('a')}, longest {longest}
      {usePending(store) ? ', saving' : ''}
    </p>
  )
}

export function Field({ store, id }: { store: Notes; id: string }) {
  const [text = '', setText] = useKeyState(store, id)
  return <input value={text} onChange={(event) => setText(event.currentTarget.value)} />
}

/** What the rules of React forbid: the compiler keeps the first answer of an object that changes. */
export function ReadsTheStore({ store }: { store: Notes }) {
  const [renders, again] = useState(0)
  const text = store.get('a')
  return (
    <button type="button" onClick={() => again(renders + 1)}>
      {text}
    </button>
  )
}
