import * as withDrafts from 'tidemap'
import { bindAttribute, bindInput, bindText } from 'tidemap/dom'
import { createStore, type Unsubscribe } from 'tidemap/store'
import { describe, expectTypeOf, test } from 'vitest'

interface Session {
  user: { readonly name: string } | null
  theme: 'dark' | 'light'
  visits: number
  note?: string | undefined
}

declare const node: HTMLElement
declare const input: HTMLInputElement
const session: Session = { user: null, theme: 'dark', visits: 0 }

describe('a binding', () => {
  const shape = createStore(session)
  const drafts = withDrafts.createStore(session)
  const numbers = createStore([['a', 1]])
  const more = withDrafts.createStore([['a', 1]])

  test('gives format the type of the property', () => {
    bindText(node, shape, 'visits', (visits) => {
      expectTypeOf(visits).toEqualTypeOf<number>()
      return visits
    })
    bindAttribute(node, 'title', drafts, 'user', (user) => {
      expectTypeOf(user).toEqualTypeOf<Session['user']>()
      return user?.name
    })
    bindInput(input, drafts, 'theme', {
      format: (theme) => {
        expectTypeOf(theme).toEqualTypeOf<'dark' | 'light'>()
        return theme
      },
      parse: (text, field) => {
        expectTypeOf(field).toEqualTypeOf<HTMLInputElement>()
        return text === 'dark' ? 'dark' : 'light'
      },
    })
    bindText(node, shape, 'note')
  })

  test('gives format the value or nothing, of a store of entries', () => {
    for (const store of [numbers, more]) {
      bindText(node, store, 'a', (value) => {
        expectTypeOf(value).toEqualTypeOf<number | undefined>()
        return value
      })
    }
    bindInput(input, numbers, 'a', { parse: Number })
    bindInput(input, more, 'a', { parse: Number })
  })

  test('refuses keys and values that do not fit', () => {
    // @ts-expect-error no such key
    bindText(node, shape, 'nothing')
    // @ts-expect-error a key of another type
    bindText(node, numbers, 1)
    // @ts-expect-error a text for a number
    bindInput(input, numbers, 'a', { parse: (text) => text })
    // @ts-expect-error an object is no text
    bindText(node, shape, 'user', (user) => user)
    // @ts-expect-error an attribute has no list
    bindAttribute(node, 'class', shape, 'theme', (theme) => [theme])
  })

  test('gives back what ends it', () => {
    expectTypeOf(
      bindText(node, shape, 'theme', undefined, { signal: AbortSignal.abort() }),
    ).toEqualTypeOf<Unsubscribe>()
    expectTypeOf(bindInput(input, shape, 'theme')).toEqualTypeOf<Unsubscribe>()
  })
})
