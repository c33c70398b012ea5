import { act, cleanup, render } from '@testing-library/react'
import { userEvent } from '@testing-library/user-event'
import { type ComponentType, Fragment, memo, type ReactNode } from 'react'
import { ConcurrentProvider, useKey, useKeyState, useKeys } from 'tidemap/react'
import { afterEach } from 'vitest'
import { ErrorBoundary } from '../support/error-boundary.tsx'
import { describeAdapter, type Mounted, type TextStore } from './describe-adapter.ts'

afterEach(cleanup)

interface Shown {
  readonly store: TextStore
  readonly of: string
}

function Text({ store, of, format }: Shown & { readonly format: (value: string | undefined) => string }) {
  return <p>{format(useKey(store, of))}</p>
}

function Field({ store, of }: Shown) {
  const [text, setText] = useKeyState(store, of)
  return <input value={text ?? ''} onChange={(event) => setText(event.currentTarget.value)} />
}

function Row({ store, of, drawn }: Shown & { readonly drawn: (key: string) => void }) {
  drawn(of)
  return (
    <li>
      {of}={useKey(store, of)}
    </li>
  )
}

const MemoRow = memo(Row)

function List({ store, drawn }: { readonly store: TextStore; readonly drawn: (key: string) => void }) {
  return (
    <ul>
      {useKeys(store).map((key) => (
        <MemoRow key={key} store={store} of={key} drawn={drawn} />
      ))}
    </ul>
  )
}

async function mount(
  wrapper: ComponentType<{ children: ReactNode }>,
  store: TextStore,
  key: string,
  element: (store: TextStore, key: string) => ReactNode,
): Promise<Mounted> {
  const { container, rerender, unmount } = render(element(store, key), { wrapper })
  return {
    container,
    async show(nextStore, nextKey) {
      rerender(element(nextStore, nextKey))
    },
    async unmount() {
      unmount()
    },
  }
}

const surroundings: [string, ComponentType<{ children: ReactNode }>][] = [
  ['tidemap/react', Fragment],
  ['tidemap/react below a ConcurrentProvider', ConcurrentProvider],
]

for (const [name, around] of surroundings) {
  describeAdapter(name, {
    mountText: (store, key, format = (value) => value ?? '') =>
      mount(around, store, key, (from, of) => (
        <ErrorBoundary>
          <Text store={from} of={of} format={format} />
        </ErrorBoundary>
      )),
    mountInput: (store, key) => mount(around, store, key, (from, of) => <Field store={from} of={of} />),
    mountList: (store, drawn) => mount(around, store, '', (from) => <List store={from} drawn={drawn} />),
    act: (run) =>
      act(async () => {
        await run()
      }),
    async type(field, text, caret) {
      await userEvent.type(field, text, { initialSelectionStart: caret })
    },
  })
}
