// A text field typed into quickly in the middle of its text, while others write: no character may be lost, the caret may not jump, and
// what was typed may not be seen to be taken back. Real keys and a real input method, through the browser's own protocol.
import { userEvent as simulated } from '@testing-library/user-event'
import { createElement } from 'react'
import { createRoot } from 'react-dom/client'
import { bindInput } from 'tidemap/dom'
import { useKeyState } from 'tidemap/react'
import { createStore, type Store } from 'tidemap/store'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { cdp, userEvent } from 'vitest/browser'

const CHARACTERS = 'abcdefghijklmnopqrstuvwxyz012345'
const [START, END] = ['begin-', '-end']

type Texts = Store<string, string>

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** Puts a field bound to the key `text` into the page; returns what takes it away. */
const bindings: Record<string, (store: Texts) => () => void> = {
  'bindInput (plain DOM)'(store) {
    return bindInput(document.body.appendChild(document.createElement('input')), store, 'text')
  },
  'useKeyState (React)'(store) {
    const Field = () => {
      const [text, setText] = useKeyState(store, 'text')
      return createElement('input', {
        value: text ?? '',
        onChange: (event: { currentTarget: HTMLInputElement }) => setText(event.currentTarget.value),
      })
    }
    const root = createRoot(document.body.appendChild(document.createElement('div')))
    root.render(createElement(Field))
    return () => root.unmount()
  },
}

/** What writes again and again while the user types, until it is told to stop. */
const writers: Record<string, ((store: Texts) => Promise<unknown>)[]> = {
  'nobody else writes': [],
  'five writers are busy': ['a', 'b', 'c', 'd', 'e'].map(
    (key) => (store: Texts) =>
      store.update(key, async (text) => {
        await wait(1)
        return `${text?.length}`
      }),
  ),
  'long transactions hold another key, and the whole map': [
    (store) =>
      store.transaction(
        async (tx) => {
          await wait(200)
          tx.set('a', 'x')
        },
        { keys: ['a'] },
      ),
    (store) =>
      store.transaction(async (tx) => {
        await wait(200)
        tx.set('b', tx.get('text') ?? '')
      }),
  ],
  'a writer of the same key reads the text, waits, and writes it back': [
    (store) =>
      store.update('text', async (text) => {
        await wait(60)
        return text
      }),
  ],
  'a transaction over the same key reads the text, waits, and writes it back': [
    (store) =>
      store.transaction(async (tx) => {
        const text = tx.get('text') ?? ''
        await wait(60)
        tx.set('text', text)
      }),
  ],
}

const caretOf = (field: HTMLInputElement) => field.selectionStart

/** Ways to enter something in the middle; each returns what the text is to be, and where the caret. */
const ways: Record<string, (field: HTMLInputElement) => Promise<{ text: string; caret: number }>> = {
  async 'keys as fast as they come'() {
    await userEvent.keyboard(CHARACTERS)
    return { text: `${START}${CHARACTERS}${END}`, caret: START.length + CHARACTERS.length }
  },
  async 'a key every 15 ms'() {
    for (const character of CHARACTERS) {
      await cdp().send('Input.dispatchKeyEvent', { type: 'char', text: character })
      await wait(15)
    }
    return { text: `${START}${CHARACTERS}${END}`, caret: START.length + CHARACTERS.length }
  },
  async 'user-event'(field) {
    await simulated.type(field, CHARACTERS, { initialSelectionStart: START.length, delay: 0 })
    return { text: `${START}${CHARACTERS}${END}`, caret: START.length + CHARACTERS.length }
  },
  async 'edits and paste'() {
    await userEvent.keyboard('abcdef{Backspace}{Backspace}{ArrowLeft}{ArrowLeft}XY{Delete}')
    // what stands before the caret is cut, and pasted twice
    await userEvent.keyboard('{Shift>}{ArrowLeft}{ArrowLeft}{/Shift}')
    await userEvent.cut()
    await userEvent.paste()
    await userEvent.paste()
    await userEvent.keyboard('z')
    return { text: `${START}abXYXYzd${END}`, caret: START.length + 7 }
  },
  async 'an input method'(field) {
    const compose = (text: string) =>
      cdp().send('Input.imeSetComposition', { text, selectionStart: text.length, selectionEnd: text.length })
    for (const [steps, word] of [
      [['n', 'に', 'にh', 'にほ', 'にほn', 'にほん'], '日本'],
      [['g', 'ご'], '語'],
      [['w', 'を'], 'を'],
    ] as const) {
      const begun = vi.fn()
      field.addEventListener('compositionstart', begun, { once: true })
      for (const step of steps) await compose(step)
      expect(begun).toHaveBeenCalledTimes(1)
      await cdp().send('Input.insertText', { text: word })
    }
    return { text: `${START}日本語を${END}`, caret: START.length + 4 }
  },
}

const value = Object.getOwnPropertyDescriptor(
  HTMLInputElement.prototype,
  'value',
) as Required<PropertyDescriptor>
/** Texts that a script has put in the place of another one, in any field. */
let replaced: string[] = []

beforeEach(() => {
  Object.defineProperty(HTMLInputElement.prototype, 'value', {
    ...value,
    set(text: string) {
      if (value.get.call(this) !== text) replaced.push(`${value.get.call(this)} -> ${text}`)
      value.set.call(this, text)
    },
  })
})

afterEach(() => {
  Object.defineProperty(HTMLInputElement.prototype, 'value', value)
  document.body.replaceChildren()
})

const fast = ['keys as fast as they come', 'an input method']
const cases = Object.keys(writers).flatMap((writing, i) =>
  Object.keys(ways)
    .filter((way) => fast.includes(way) || i !== 1)
    .map((way) => [way, writing] as const),
)

describe.each(Object.keys(bindings))('%s keeps every character and the caret', (binding) => {
  test.each(cases)('typed by %s, while %s', async (way, writing) => {
    const errors: unknown[] = []
    const store = createStore<string, string>([['text', START + END]], {
      onError: (error) => errors.push(error),
    })
    const unbind = bindings[binding]!(store)
    const field = await vi.waitFor(() => {
      const found = document.querySelector('input')
      expect(found?.value).toBe(START + END)
      return found as HTMLInputElement
    })
    field.focus()
    field.setSelectionRange(START.length, START.length)
    replaced = []
    let isTyping = true
    let writes = 0
    const writing_ = writers[writing]!.map(async (write) => {
      while (isTyping) {
        await write(store)
        writes++
      }
    })

    const wanted = await ways[way]!(field)
    const shown = { text: field.value, caret: caretOf(field) }
    isTyping = false
    await Promise.all(writing_)
    await store.idle()
    await new Promise((resolve) => requestAnimationFrame(resolve))

    expect(shown).toEqual(wanted)
    expect({ text: field.value, caret: caretOf(field) }).toEqual(wanted)
    expect(store.confirmed.get('text')).toBe(wanted.text)
    // user-event is a script itself
    if (way !== 'user-event') expect(replaced).toEqual([])
    expect(writes > 0).toBe(writers[writing]!.length > 0)
    expect(errors).toEqual([])
    unbind()
  })
})

test('the check itself: a field whose writes wait unseen for their turn loses what is typed', async () => {
  const store = createStore([['text', START + END]])
  const waiting = {
    get view() {
      return store.view
    },
    subscribeKey: store.subscribeKey.bind(store),
    set: (key: string, text: string | PromiseLike<string>) => store.set(key, text, { optimistic: false }),
  }
  const field = document.body.appendChild(document.createElement('input'))
  bindInput(field, waiting, 'text')
  field.focus()
  field.setSelectionRange(START.length, START.length)
  const turn = { isOver: false }
  const writing = (async () => {
    while (!turn.isOver)
      await writers['a writer of the same key reads the text, waits, and writes it back']![0]!(store)
  })()
  replaced = []

  const wanted = await ways['a key every 15 ms']!(field)
  turn.isOver = true
  await writing
  await store.idle()

  expect(field.value).not.toBe(wanted.text)
  expect(replaced).not.toEqual([])
})
