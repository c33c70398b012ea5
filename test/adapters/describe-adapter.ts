import type { Store } from 'tidemap/store'
import { createStore } from 'tidemap/store'
import { describe, expect, test, vi } from 'vitest'
import { deferred } from '../support/deferred.ts'
import { countSubscriptions } from '../support/open-subscriptions.ts'

export type TextStore = Store<string, string | undefined>

/** Something of a store that is in the page. */
export interface Mounted {
  readonly container: HTMLElement
  /** Shows another store or key in the same place. */
  readonly show: (store: TextStore, key: string) => Promise<void>
  readonly unmount: () => Promise<void>
}

/** What a binding brings to the suite: how it puts things into a page, and when it has shown what was done. */
export interface AdapterHarness {
  /** One key as the text of an element, as `format` has it (by itself: nothing for `undefined`). */
  mountText(store: TextStore, key: string, format?: (value: string | undefined) => string): Promise<Mounted>
  /** A row with the text `key=value` for each entry, in the order of the view; `drawn` is called whenever a row is drawn. */
  mountList(store: TextStore, drawn: (key: string) => void): Promise<Omit<Mounted, 'show'>>
  /** An `<input>` bound both ways. */
  mountInput(store: TextStore, key: string): Promise<Mounted>
  /** Does it; resolves when the page shows it. */
  act(run: () => unknown): Promise<void>
  /** As a user: puts the caret somewhere into the text of a field, and types. */
  type(field: HTMLInputElement, text: string, caret: number): Promise<void>
}

/**
 * What every binding of tidemap to a framework or a page must do, whatever its ways: a new binding passes this suite before it is one.
 *
 * To add one: a file beside this one makes a harness, with the same components as its users would write, and calls this function.
 */
export function describeAdapter(name: string, harness: AdapterHarness): void {
  const { act } = harness
  const textOf = ({ container }: { container: HTMLElement }) => container.textContent
  const rowsOf = ({ container }: { container: HTMLElement }) =>
    Array.from(container.querySelectorAll('li'), (row) => row.textContent)
  const fieldOf = ({ container }: { container: HTMLElement }) =>
    container.querySelector('input') as HTMLInputElement
  const entriesOf = (store: TextStore) => [...store].map(([key, value]) => `${key}=${value}`)
  const texts = (entries: readonly (readonly [string, string | undefined])[], options = {}): TextStore =>
    createStore<string, string | undefined>(entries, options)

  describe(`${name}: a key`, () => {
    test('is shown at once, and follows writes', async () => {
      const store = texts([['k', 'a']])
      const text = await harness.mountText(store, 'k')
      expect(textOf(text)).toBe('a')
      await act(() => store.set('k', 'b'))
      expect(textOf(text)).toBe('b')
      await act(() => store.update('k', async (value) => `${value}c`))
      expect(textOf(text)).toBe('bc')
    })

    test('may be missing, come, go, and come again', async () => {
      const store = texts([])
      const text = await harness.mountText(store, 'k')
      expect(textOf(text)).toBe('')
      await act(() => store.set('k', 'here'))
      expect(textOf(text)).toBe('here')
      await act(() => store.delete('k'))
      expect(textOf(text)).toBe('')
      await act(() => store.set('k', 'again'))
      expect(textOf(text)).toBe('again')
    })

    test('may have the value undefined, which shows as absent does', async () => {
      const store = texts([['k', undefined]])
      const text = await harness.mountText(store, 'k', (value) => value ?? 'nothing')
      expect(textOf(text)).toBe('nothing')
      await act(() => store.set('k', 'a'))
      await act(() => store.set('k', undefined))
      expect(textOf(text)).toBe('nothing')
      await act(() => store.delete('k'))
      expect(textOf(text)).toBe('nothing')
    })

    test('is shown once a promotion, however often a transaction writes it', async () => {
      const store = texts([['k', '0']])
      const format = vi.fn((value: string | undefined) => value ?? '')
      const text = await harness.mountText(store, 'k', format)
      format.mockClear()
      await act(() =>
        store.batch((tx) => {
          for (let n = 1; n <= 10; n++) tx.set('k', String(n))
        }),
      )
      expect(textOf(text)).toBe('10')
      expect(format.mock.calls).toEqual([['10']])
    })

    test('costs nothing when other keys change, or when it is set to what it is', async () => {
      const store = texts([['k', 'a']])
      const format = vi.fn((value: string | undefined) => value ?? '')
      await harness.mountText(store, 'k', format)
      format.mockClear()
      await act(() => Promise.all([store.set('other', 'x'), store.delete('other'), store.set('k', 'a')]))
      expect(format).not.toHaveBeenCalled()
    })

    test('is text, never HTML', async () => {
      const html = '<img src=x onerror="document.title = 1"><b>bold</b>'
      const store = texts([['k', html]])
      const text = await harness.mountText(store, 'k')
      await act(() => store.set('k', `${html}!`))
      expect(textOf(text)).toBe(`${html}!`)
      expect(text.container.querySelector('img, b')).toBeNull()
    })

    test('can become another one, or one of another store, and leaves nothing behind', async () => {
      const [first, second] = [
        texts([
          ['k', 'a'],
          ['other', 'b'],
        ]),
        texts([['k', 'c']]),
      ]
      const counts = [countSubscriptions(first), countSubscriptions(second)]
      const text = await harness.mountText(first, 'k')
      await text.show(first, 'other')
      expect(textOf(text)).toBe('b')
      await text.show(second, 'k')
      expect(textOf(text)).toBe('c')
      expect(counts[0]?.open).toBe(0)
      await act(() => Promise.all([first.set('k', 'x'), second.set('k', 'd')]))
      expect(textOf(text)).toBe('d')
      await text.unmount()
      expect(counts[1]?.open).toBe(0)
    })

    test('is not listened to any more when it has gone from the page', async () => {
      const store = texts([['k', 'a']])
      const count = countSubscriptions(store)
      const format = vi.fn((value: string | undefined) => value ?? '')
      const text = await harness.mountText(store, 'k', format)
      expect(count.open).toBeGreaterThan(0)
      await text.unmount()
      format.mockClear()
      expect(count.open).toBe(0)
      await act(() => store.set('k', 'b'))
      expect(format).not.toHaveBeenCalled()
    })

    test('written in a listener ends as the store is', async () => {
      const store = texts([['k', '0']])
      store.subscribeKey('k', (value) => {
        if (Number(value) < 3) void store.set('k', String(Number(value) + 1))
      })
      const text = await harness.mountText(store, 'k')
      await act(() => store.set('k', '1'))
      expect(textOf(text)).toBe('3')
    })

    test('shows a write that is pending, and what is confirmed when it is taken back', async () => {
      const store = texts([['k', 'old']])
      const text = await harness.mountText(store, 'k')
      const answer = deferred<string>()
      const running = store.update('k', () => answer.promise)
      const controller = new AbortController()
      await act(() => void store.set('k', 'pending', { signal: controller.signal }).catch(() => {}))
      expect(textOf(text)).toBe('pending')
      await act(() => controller.abort())
      expect(textOf(text)).toBe('old')
      await act(async () => {
        answer.resolve('new')
        await running
      })
      expect(textOf(text)).toBe('new')
    })

    test('is shown when the store publishes, where that is by frames', async () => {
      let promote = () => {}
      const store = texts([['k', 'a']], {
        promotion: (run: () => void) => {
          promote = run
        },
      })
      const text = await harness.mountText(store, 'k')
      await act(() => store.set('k', 'b'))
      expect(textOf(text)).toBe('a')
      await act(() => promote())
      expect(textOf(text)).toBe('b')
    })

    test('is shown as it was when its store has been disposed, also for the first time', async () => {
      const store = texts([['k', 'a']])
      const before = await harness.mountText(store, 'k')
      await act(() => store.dispose())
      const after = await harness.mountText(store, 'k')
      expect([textOf(before), textOf(after)]).toEqual(['a', 'a'])
      await before.unmount()
    })

    test('that cannot be shown takes nothing else from the page, and fails no writer', async () => {
      vi.spyOn(console, 'error').mockImplementation(() => {})
      vi.stubGlobal('reportError', () => {})
      const store = texts([['k', 'good']], { onError: () => {} })
      await harness.mountText(store, 'k', (value) => {
        if (value === 'bad') throw new RangeError(value)
        return value ?? ''
      })
      const other = await harness.mountText(store, 'k')
      await act(() => expect(store.set('k', 'bad')).resolves.toBeUndefined())
      expect(textOf(other)).toBe('bad')
      await act(() => store.set('k', 'better'))
      expect(textOf(other)).toBe('better')
    })

    test('and another of the same transaction change at the same time', async () => {
      const store = texts([
        ['from', '10'],
        ['to', '0'],
      ])
      const both = [await harness.mountText(store, 'from'), await harness.mountText(store, 'to')]
      const sums = new Set<number>()
      const observer = new MutationObserver(() => {
        sums.add(both.reduce((sum, text) => sum + Number(textOf(text)), 0))
      })
      for (const { container } of both)
        observer.observe(container, { childList: true, characterData: true, subtree: true })
      await act(() =>
        store.transaction(async (tx) => {
          tx.set('from', '6')
          await Promise.resolve()
          tx.set('to', '4')
        }),
      )
      await Promise.resolve()
      observer.disconnect()
      expect(both.map(textOf)).toEqual(['6', '4'])
      expect([...sums]).toEqual([10])
    })
  })

  describe(`${name}: a list`, () => {
    const abc: [string, string][] = [
      ['a', '1'],
      ['b', '2'],
      ['c', '3'],
    ]

    test('shows every entry in order, and follows what comes, goes, and moves', async () => {
      const store = texts(abc)
      const list = await harness.mountList(store, () => {})
      const step = async (run: () => unknown) => {
        await act(run)
        expect(rowsOf(list)).toEqual(entriesOf(store))
      }
      expect(rowsOf(list)).toEqual(['a=1', 'b=2', 'c=3'])
      await step(() => store.set('d', '4'))
      await step(() => store.delete('b'))
      await step(() => store.set('b', '5'))
      await step(() => store.batch((tx) => [tx.delete('a'), tx.set('a', '1')]))
      await step(() => store.replace([...store].reverse()))
      await step(() => store.clear())
      await step(() => store.setMany(abc))
    })

    test('draws the row alone whose value has changed', async () => {
      const store = texts(abc)
      const drawn: string[] = []
      await harness.mountList(store, (key) => drawn.push(key))
      drawn.length = 0
      await act(() => store.set('b', '9'))
      expect(drawn).toEqual(['b'])
      await act(() => store.delete('a'))
      expect(drawn).toEqual(['b'])
      await act(() => store.replace([...store].reverse()))
      expect(drawn).toEqual(['b'])
      await act(() => store.set('d', '4'))
      expect(drawn).toEqual(['b', 'd'])
    })

    test('keeps the elements of the rows that stay', async () => {
      const store = texts(abc)
      const list = await harness.mountList(store, () => {})
      const rows = [...list.container.querySelectorAll('li')]
      await act(() => store.replace([abc[2]!, abc[0]!, ['x', '0']]))
      expect([...list.container.querySelectorAll('li')].slice(0, 2)).toEqual([rows[2], rows[0]])
    })

    test('shows pending entries, and takes back those that fail', async () => {
      const store = texts(abc)
      const list = await harness.mountList(store, () => {})
      const answer = deferred()
      const running = store.transaction(() => answer.promise)
      const controller = new AbortController()
      await act(() => {
        for (const write of [
          store.set('d', '4', { signal: controller.signal }),
          store.delete('a', { signal: controller.signal }),
        ])
          write.catch(() => {})
      })
      expect(rowsOf(list)).toEqual(['b=2', 'c=3', 'd=4'])
      await act(() => controller.abort())
      expect(rowsOf(list)).toEqual(['a=1', 'b=2', 'c=3'])
      await act(async () => {
        answer.resolve()
        await running
      })
    })

    test('is not listened to any more when it has gone from the page, nor are its rows', async () => {
      const store = texts(abc)
      const count = countSubscriptions(store)
      const list = await harness.mountList(store, () => {})
      const open = count.open
      await act(() => store.delete('a'))
      expect(count.open).toBeLessThanOrEqual(open)
      await list.unmount()
      expect(count.open).toBe(0)
    })
  })

  describe(`${name}: a text field`, () => {
    test('shows the text, sets what is typed, and shows what others set', async () => {
      const store = texts([['k', 'ab']])
      const input = await harness.mountInput(store, 'k')
      const field = fieldOf(input)
      expect(field.value).toBe('ab')
      await harness.type(field, 'XYZ', 1)
      expect([field.value, store.get('k'), field.selectionStart]).toEqual(['aXYZb', 'aXYZb', 4])
      await act(() => store.set('k', 'others'))
      expect(field.value).toBe('others')
    })

    test('loses no character while an async writer reads the text, waits, and writes it back', async () => {
      const store = texts([['k', 'ab']])
      const input = await harness.mountInput(store, 'k')
      const field = fieldOf(input)
      const answer = deferred()
      const running = store.update('k', async (text) => {
        await answer.promise
        return text
      })
      await harness.type(field, 'XYZ', 1)
      expect([field.value, field.selectionStart]).toEqual(['aXYZb', 4])
      await act(async () => {
        answer.resolve()
        await running
        await store.idle()
      })
      expect([field.value, field.selectionStart, store.confirmed.get('k')]).toEqual(['aXYZb', 4, 'aXYZb'])
    })

    test('leaves nothing behind', async () => {
      const store = texts([['k', 'ab']])
      const count = countSubscriptions(store)
      const input = await harness.mountInput(store, 'k')
      await input.show(store, 'other')
      await input.unmount()
      expect(count.open).toBe(0)
    })
  })
}
