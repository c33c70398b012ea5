import { createStore as createWholeStore } from 'tidemap'
import { bindText } from 'tidemap/dom'
import { createStore } from 'tidemap/store'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { deferred } from '../support/deferred.ts'
import { countedController } from '../support/listener-count.ts'
import { countSubscriptions } from '../support/open-subscriptions.ts'

beforeEach(() => document.body.replaceChildren())

const element = (tag = 'p') => document.body.appendChild(document.createElement(tag))

describe.each([
  ['tidemap', createWholeStore],
  ['tidemap/store', createStore],
])('bindText with a store of %s', (_name, create) => {
  test('shows the value at once and follows it', async () => {
    const store = create<string, number>([['n', 1]])
    const node = element()

    bindText(node, store, 'n')
    expect(node.textContent).toBe('1')
    await store.set('n', 2)
    expect(node.textContent).toBe('2')
  })

  test('shows nothing for an absent key, then what is added, then nothing again', async () => {
    const store = create<string, string>()
    const node = element()
    node.textContent = 'from the server'

    bindText(node, store, 'n')
    expect(node.textContent).toBe('')
    await store.set('n', 'here')
    expect(node.textContent).toBe('here')
    await store.delete('n')
    expect(node.textContent).toBe('')
  })
})

describe('bindText', () => {
  test.each([
    [null, ''],
    [undefined, ''],
    [0, '0'],
    [false, 'false'],
    ['', ''],
  ])('shows %j as %j', (value, text) => {
    const node = element()
    bindText(node, createStore<string, unknown>([['n', value]]), 'n')
    expect(node.textContent).toBe(text)
  })

  test('shows a bigint by its digits', () => {
    const node = element()
    bindText(node, createStore([['n', 10n]]), 'n')
    expect(node.textContent).toBe('10')
  })

  test('what is bound as text is never parsed as HTML', async () => {
    const html = '<img src=x onerror="document.title = 1"><script>document.title = 2</script>'
    const store = createStore([['n', html]])
    const node = element()

    bindText(node, store, 'n')
    await store.set('n', `${html}!`)

    expect(node.children).toHaveLength(0)
    expect(node.textContent).toBe(`${html}!`)
    expect(document.title).toBe('')
  })

  test('keeps the text node, and leaves it alone where the text stays the same', () => {
    const store = createStore([['n', 1.1]])
    const node = element()
    const stop = bindText(node, store, 'n', (n) => Math.round(n ?? 0))
    const text = node.firstChild
    const observer = new MutationObserver(() => {})
    observer.observe(node, { characterData: true, childList: true, subtree: true })

    void store.set('n', 1.2)
    expect(observer.takeRecords()).toHaveLength(0)
    void store.set('n', 2)
    expect(observer.takeRecords()).toHaveLength(1)
    expect(node.firstChild).toBe(text)
    stop()
  })

  test('a text node can be bound among others', async () => {
    const store = createStore([['n', 'Ann']])
    const node = element()
    const name = document.createTextNode('')
    node.append('Hello ', name, '!')

    bindText(name, store, 'n')
    await store.set('n', 'Bob')

    expect(node.textContent).toBe('Hello Bob!')
  })

  test('an element with children gets the text in their place', () => {
    const node = element()
    node.innerHTML = '<b>a</b><i>b</i>'
    bindText(node, createStore([['n', 'x']]), 'n')
    expect(node.innerHTML).toBe('x')
  })

  test('writes once a promotion, however often a transaction sets the key', async () => {
    const store = createStore([['n', 0]])
    const format = vi.fn(String)
    bindText(element(), store, 'n', format)
    format.mockClear()

    await store.batch((tx) => {
      for (let n = 1; n <= 10; n++) tx.set('n', n)
    })

    expect(format.mock.calls).toEqual([[10]])
  })

  test('shows a pending write, and what is confirmed where it is taken back', async () => {
    const store = createStore([['n', 'old']])
    const node = element()
    bindText(node, store, 'n')
    const answer = deferred<string>()
    const running = store.update('n', () => answer.promise)
    const controller = new AbortController()

    const pending = store.set('n', 'pending', { signal: controller.signal })
    expect(node.textContent).toBe('pending')
    controller.abort()
    await expect(pending).rejects.toBe(controller.signal.reason)
    expect(node.textContent).toBe('old')
    answer.resolve('new')
    await running
    expect(node.textContent).toBe('new')
  })

  test('a format that throws is reported, keeps the text, harms nobody, and is tried again', async () => {
    const errors: unknown[] = []
    const store = createStore([['n', 1]], { onError: (error) => errors.push(error) })
    const [bad, good] = [element(), element()]
    const odd = new RangeError('odd')
    bindText(bad, store, 'n', (n = 0) => {
      if (n % 2 === 0) throw odd
      return n
    })
    bindText(good, store, 'n')

    await store.set('n', 2)
    expect([bad.textContent, good.textContent, errors]).toEqual(['1', '2', [odd]])
    await store.set('n', 3)
    expect(bad.textContent).toBe('3')
  })

  test('a format that throws the first time is reported to the platform, and the key is bound', async () => {
    const report = vi.fn()
    vi.stubGlobal('reportError', report)
    const store = createStore([['n', 1]])
    const node = element()
    const odd = new RangeError('odd')

    bindText(node, store, 'n', (n) => {
      if (n === 1) throw odd
      return n
    })
    await store.set('n', 2)

    expect(report.mock.calls).toEqual([[odd]])
    expect(node.textContent).toBe('2')
  })

  test('the text is not lost with the store: a disposed one keeps showing', () => {
    const store = createStore([['n', 1]])
    const before = element()
    bindText(before, store, 'n')
    store.dispose()
    const after = element()
    bindText(after, store, 'n')
    expect([before.textContent, after.textContent]).toEqual(['1', '1'])
  })
})

describe('the end of a binding', () => {
  test('is the function, any number of times', async () => {
    const store = createStore([['n', 1]])
    const count = countSubscriptions(store)
    const node = element()
    const stop = bindText(node, store, 'n')

    stop()
    stop()
    await store.set('n', 2)

    expect([node.textContent, count.open, count.made]).toEqual(['1', 0, 1])
  })

  test('is the end of a using block', async () => {
    const store = createStore([['n', 1]])
    const count = countSubscriptions(store)
    {
      using _stop = bindText(element(), store, 'n')
      expect(count.open).toBe(1)
    }
    expect(count.open).toBe(0)
  })

  test('is the abort of its signal, which keeps no listener', () => {
    const store = createStore([['n', 1]])
    const count = countSubscriptions(store)
    const [ended, aborted] = [countedController(), countedController()]
    const stop = bindText(element(), store, 'n', undefined, { signal: ended.signal })
    bindText(element(), store, 'n', undefined, { signal: aborted.signal })

    stop()
    expect([count.open, ended.listeners]).toEqual([1, 0])
    aborted.abort()
    expect([count.open, aborted.listeners]).toEqual([0, 0])
    ended.abort()
    stop()
  })

  test('comes before the beginning, where the signal has aborted: nothing is shown or subscribed', () => {
    const store = createStore([['n', 1]])
    const count = countSubscriptions(store)
    const node = element()
    node.textContent = 'as it was'

    const stop = bindText(node, store, 'n', undefined, { signal: AbortSignal.abort() })
    stop()

    expect([node.textContent, count.made]).toEqual(['as it was', 0])
  })
})
