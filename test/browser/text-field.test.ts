import { createStore, type Store } from 'tidemap'
import { afterEach, describe, expect, test } from 'vitest'
import { userEvent } from 'vitest/browser'
import { deferred } from '../support/deferred.ts'

const TEXT = 'the quick brown fox'

/** A text field bound to a key by hand, as an application would: what is typed is set, what is shown is written back. */
function boundField(store: Store<string, string>): { field: HTMLInputElement; writesBack: () => number } {
  const field = document.body.appendChild(document.createElement('input'))
  let writesBack = 0
  field.value = store.get('note') ?? ''
  field.addEventListener('input', () => void store.set('note', field.value))
  store.subscribeKey('note', (value = '') => {
    if (value === field.value) return
    writesBack++
    field.value = value
  })
  return { field, writesBack: () => writesBack }
}

afterEach(() => document.body.replaceChildren())

describe('a text field bound to a key keeps every character and the caret, typed into in the middle', () => {
  test('while nobody else writes', async () => {
    const store = createStore([['note', 'ab']])
    const { field, writesBack } = boundField(store)
    field.focus()
    field.setSelectionRange(1, 1)

    await userEvent.keyboard(TEXT)

    expect(field.value).toBe(`a${TEXT}b`)
    expect(field.selectionStart).toBe(1 + TEXT.length)
    expect(store.confirmed.get('note')).toBe(`a${TEXT}b`)
    expect(writesBack()).toBe(0)
  })

  test('while an async writer of the same key holds its turn, and after it has written', async () => {
    const store = createStore([['note', 'ab']])
    const { field, writesBack } = boundField(store)
    const answer = deferred<string>()
    const tidying = store.update('note', () => answer.promise)
    field.focus()
    field.setSelectionRange(1, 1)

    await userEvent.keyboard(TEXT)
    const shownMeanwhile = field.value
    answer.resolve('TIDIED')
    await tidying
    await store.idle()

    expect(shownMeanwhile).toBe(`a${TEXT}b`)
    expect(field.value).toBe(`a${TEXT}b`)
    expect(field.selectionStart).toBe(1 + TEXT.length)
    expect(store.confirmed.get('note')).toBe(`a${TEXT}b`)
    expect(writesBack()).toBe(0)
  })

  test('while short async writers of the same key and whole-map transactions come one after the other', async () => {
    const store = createStore([
      ['note', 'ab'],
      ['other', ''],
    ])
    const { field, writesBack } = boundField(store)
    let isTyping = true
    const writing = (async () => {
      while (isTyping) {
        await store.update('note', async (text) => {
          await new Promise((resolve) => requestAnimationFrame(resolve))
          return text
        })
        await store.transaction(async (tx) => {
          await new Promise((resolve) => requestAnimationFrame(resolve))
          tx.set('other', tx.get('note') ?? '')
        })
      }
    })()
    field.focus()
    field.setSelectionRange(1, 1)

    await userEvent.keyboard(TEXT)
    isTyping = false
    await writing
    await store.idle()

    expect(field.value).toBe(`a${TEXT}b`)
    expect(field.selectionStart).toBe(1 + TEXT.length)
    expect(store.confirmed.get('note')).toBe(`a${TEXT}b`)
    expect(writesBack()).toBe(0)
  })
})

test('the same field bound with optimistic: false shows nothing before the turn comes: the layer is what keeps the text', async () => {
  const store = createStore([['note', 'ab']])
  const answer = deferred<string>()
  const tidying = store.update('note', () => answer.promise)

  const typing = store.set('note', 'abc', { optimistic: false })
  const shownMeanwhile = store.get('note')
  answer.resolve('TIDIED')
  await Promise.all([tidying, typing])

  expect(shownMeanwhile).toBe('ab')
  expect(store.get('note')).toBe('abc')
})
