import { bindAttribute } from 'tidemap/dom'
import { createStore } from 'tidemap/store'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { countSubscriptions } from '../support/open-subscriptions.ts'

beforeEach(() => document.body.replaceChildren())

const element = (tag = 'a') => document.body.appendChild(document.createElement(tag))

describe('bindAttribute', () => {
  test.each([
    ['title', 'text', 'text'],
    ['title', '', ''],
    ['tabindex', 0, '0'],
    ['hidden', true, ''],
    ['hidden', false, null],
    ['title', null, null],
    ['title', undefined, null],
    ['aria-expanded', true, 'true'],
    ['aria-expanded', false, 'false'],
    ['aria-label', null, null],
    ['data-on', false, null],
    ['class', 'a b', 'a b'],
  ])('sets %s to %j as %j, whatever was there', (name, value, attribute) => {
    const node = element()
    node.setAttribute(name, 'before')
    bindAttribute(node, name, createStore<string, unknown>([['k', value]]), 'k')
    expect(node.getAttribute(name)).toBe(attribute)
  })

  test('follows the key, also when it comes and goes', async () => {
    const store = createStore<string, string>()
    const node = element()
    bindAttribute(node, 'title', store, 'k', (text) => text?.toUpperCase())

    expect(node.hasAttribute('title')).toBe(false)
    await store.set('k', 'a')
    expect(node.title).toBe('A')
    await store.set('k', 'b')
    expect(node.title).toBe('B')
    await store.delete('k')
    expect(node.hasAttribute('title')).toBe(false)
  })

  test('is not written where it stays the same', () => {
    const store = createStore([['k', 1]])
    const node = element()
    bindAttribute(node, 'class', store, 'k', () => 'row')
    const observer = new MutationObserver(() => {})
    observer.observe(node, { attributes: true })
    void store.set('k', 2)
    expect(observer.takeRecords()).toEqual([])
  })

  test('a value cannot end the attribute or become a tag', () => {
    const node = element()
    bindAttribute(node, 'title', createStore([['k', '"><img src=x onerror=1>']]), 'k')
    expect(node.attributes).toHaveLength(1)
    expect(node.children).toHaveLength(0)
  })

  test.each(['onclick', 'onERROR', 'srcdoc', 'SrcDoc'])('%s is refused, and nothing is bound', (name) => {
    const store = createStore([['k', 'x']])
    const count = countSubscriptions(store)
    expect(() => bindAttribute(element(), name, store, 'k')).toThrow(TypeError)
    expect(count.made).toBe(0)
  })

  test.each([
    ['href', 'javascript:alert(1)'],
    ['href', ' \n\u0001JavaScript:alert(1)'],
    ['HREF', 'java\tscr\nipt:alert(1)'],
    ['xlink:href', 'javascript:alert(1)'],
    ['src', 'javascript:alert(1)'],
    ['formaction', 'javascript:alert(1)'],
  ])('%s does not get the address %j: it goes, and that is reported', async (name, address) => {
    const errors: unknown[] = []
    const store = createStore([['k', '/safe']], { onError: (error) => errors.push(error) })
    const node = element()
    bindAttribute(node, name, store, 'k')
    expect(node.getAttribute(name)).toBe('/safe')

    await store.set('k', address)

    expect(node.hasAttribute(name)).toBe(false)
    expect(errors).toEqual([expect.any(TypeError)])
  })

  test.each([
    ['href', '/javascript:x'],
    ['href', 'https://example.org/?q=javascript:x'],
    ['title', 'javascript: the good parts'],
  ])('%s may be %j', (name, text) => {
    const node = element()
    bindAttribute(node, name, createStore([['k', text]]), 'k')
    expect(node.getAttribute(name)).toBe(text)
  })

  test('a format that throws keeps the attribute and is reported, the first time too', async () => {
    const report = vi.fn()
    vi.stubGlobal('reportError', report)
    const errors: unknown[] = []
    const store = createStore([['k', 'bad']], { onError: (error) => errors.push(error) })
    const node = element()
    bindAttribute(node, 'title', store, 'k', (text) => {
      if (text === 'bad') throw new RangeError(text)
      return text
    })
    await store.set('k', 'good')
    await store.set('k', 'bad')

    expect(node.title).toBe('good')
    expect(report).toHaveBeenCalledTimes(1)
    expect(errors).toEqual([new RangeError('bad')])
  })

  test('ends by its function, its signal, or before it begins', async () => {
    const store = createStore([['k', 1]])
    const count = countSubscriptions(store)
    const node = element()
    const controller = new AbortController()
    const stop = bindAttribute(node, 'title', store, 'k')
    bindAttribute(node, 'lang', store, 'k', undefined, { signal: controller.signal })
    stop()
    controller.abort()
    bindAttribute(node, 'dir', store, 'k', undefined, { signal: controller.signal })
    await store.set('k', 2)

    expect(node.outerHTML).toBe('<a title="1" lang="1"></a>')
    expect([count.open, count.made]).toEqual([0, 2])
  })
})
