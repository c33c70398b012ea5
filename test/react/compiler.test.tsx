import { readFileSync } from 'node:fs'
import { transformSync } from '@babel/core'
import { act, cleanup, render, screen } from '@testing-library/react'
import { userEvent } from '@testing-library/user-event'
import compiler from 'babel-plugin-react-compiler'
import * as react from 'react'
import * as runtime from 'react/compiler-runtime'
import * as jsx from 'react/jsx-runtime'
import * as tidemapReact from 'tidemap/react'
import { createStore } from 'tidemap/store'
import ts from 'typescript'
import { afterEach, describe, expect, test } from 'vitest'
import type * as Components from '../support/compiled-components.tsx'

const file = 'test/support/compiled-components.tsx'
const modules: Record<string, unknown> = {
  react,
  'react/compiler-runtime': runtime,
  'react/jsx-runtime': jsx,
  'tidemap/react': tidemapReact,
}

/** The components as the React Compiler makes them; a component that it gives up on is an error. */
function compiledComponents(): { code: string; components: typeof Components } {
  const compiled = transformSync(readFileSync(file, 'utf8'), {
    filename: file,
    babelrc: false,
    configFile: false,
    parserOpts: { plugins: ['jsx', 'typescript'] },
    plugins: [[compiler, { panicThreshold: 'all_errors' }]],
  })
  const code = compiled?.code ?? ''
  const { outputText } = ts.transpileModule(code, {
    compilerOptions: {
      jsx: ts.JsxEmit.ReactJSX,
      module: ts.ModuleKind.CommonJS,
      target: ts.ScriptTarget.ES2022,
    },
  })
  const exports = {}
  new Function('require', 'exports', outputText)((name: string) => modules[name], exports)
  return { code, components: exports as typeof Components }
}

const { code, components } = compiledComponents()
const { Field, List, ReadsTheStore, Summary } = components

afterEach(cleanup)
const shown = () => document.body.textContent

test('the compiler has compiled every component', () => {
  expect(code.match(/_c\(\d+\)/g)?.length).toBe(5)
})

describe('what the React Compiler makes of components', () => {
  const notes = () =>
    createStore([
      ['a', 'one'],
      ['b', 'three'],
    ])

  test('follows keys, membership and selections', async () => {
    const store = notes()
    render(
      <>
        <List store={store} />
        <Summary store={store} prefix="Now" />
      </>,
    )
    expect(shown()).toBe('onethreeNow 2 notes, a is one, longest 5')

    await act(() => store.set('a', 'eleven'))
    expect(shown()).toBe('eleventhreeNow 2 notes, a is eleven, longest 6')

    await act(() => store.delete('b'))
    await act(() => store.set('c', 'x'))
    expect(shown()).toBe('elevenxNow 2 notes, a is eleven, longest 6')
  })

  test('follows another store in the same render', () => {
    const { rerender } = render(<Summary store={notes()} prefix="First" />)

    rerender(<Summary store={createStore([['a', 'other']])} prefix="Second" />)

    expect(shown()).toBe('Second 1 notes, a is other, longest 5')
  })

  test('keeps what is typed, and the caret', async () => {
    const store = notes()
    render(<Field store={store} id="a" />)
    const input = screen.getByRole<HTMLInputElement>('textbox')

    await userEvent.type(input, 'xyz', { initialSelectionStart: 1, initialSelectionEnd: 1 })

    expect(input.value).toBe('oxyzne')
    expect(input.selectionStart).toBe(4)
    expect(store.get('a')).toBe('oxyzne')
  })

  test('is stale where a component reads the store itself in render: which is why hooks return values and views', async () => {
    const store = notes()
    render(<ReadsTheStore store={store} />)
    await store.set('a', 'changed')

    await userEvent.click(screen.getByRole('button'))

    expect(shown()).toBe('one')
  })
})
