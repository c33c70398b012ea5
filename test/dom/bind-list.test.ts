import { query } from 'tidemap/collection'
import { bindList, bindText } from 'tidemap/dom'
import { createStore, type Store } from 'tidemap/store'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { deferred } from '../support/deferred.ts'
import { countedController } from '../support/listener-count.ts'
import { countSubscriptions } from '../support/open-subscriptions.ts'

let list: HTMLElement

beforeEach(() => {
  document.body.replaceChildren()
  list = document.body.appendChild(document.createElement('ul'))
})

/** Rows with their key and value as text, and what was done to make them so. */
function rowsOf(store: Pick<Store<string, number>, 'view' | 'subscribe' | 'subscribeKeys'>) {
  const created: string[] = []
  const updated: string[] = []
  const stop = bindList(list, store, {
    create(value, key) {
      created.push(key)
      const item = document.createElement('li')
      item.textContent = key + value
      return item
    },
    update(item, value, key) {
      updated.push(key)
      item.textContent = key + value
    },
  })
  return { created, updated, stop }
}

const texts = () => Array.from(list.childNodes, (node) => node.textContent)
const itemOf = (text: string) => [...list.children].find((item) => item.textContent === text) as HTMLElement

/** The nodes that `act` puts into the list, in order: new ones, and those that were moved. */
function placedBy(act: () => void): (string | null)[] {
  const observer = new MutationObserver(() => {})
  observer.observe(list, { childList: true })
  act()
  return observer
    .takeRecords()
    .flatMap(({ addedNodes }) => Array.from(addedNodes, (node) => node.textContent))
}

const letters = (count: number): [string, number][] =>
  Array.from({ length: count }, (_, i) => [String.fromCodePoint(97 + i), i])

describe('bindList', () => {
  test('shows every entry in the order of the view, at once', () => {
    rowsOf(createStore(letters(3)))
    expect(texts()).toEqual(['a0', 'b1', 'c2'])
  })

  test.each([3, 26])('adds at the end, deletes, and updates one row alone, of %i', async (count) => {
    const store = createStore(letters(count))
    const { created, updated } = rowsOf(store)
    const b = itemOf('b1')
    created.length = 0

    expect(placedBy(() => void store.set('new', 1))).toEqual(['new1'])
    expect(placedBy(() => void store.set('b', 5))).toEqual([])
    expect(placedBy(() => void store.delete('a'))).toEqual([])

    expect(texts()).toEqual([...store].map(([key, value]) => key + value))
    expect([created, updated]).toEqual([['new'], ['b']])
    expect(itemOf('b5')).toBe(b)
  })

  test.each([3, 26])(
    'a key that is deleted and set again moves to the end, and its row with it, of %i',
    (count) => {
      const store = createStore(letters(count))
      const { created, updated } = rowsOf(store)
      created.length = 0
      const a = itemOf('a0')
      const again = (value: number) => () =>
        void store.batch((tx) => {
          tx.delete('a')
          tx.set('a', value)
        })

      expect(placedBy(again(0))).toEqual(['a0'])
      expect(placedBy(again(7))).toEqual([])

      expect(list.lastChild).toBe(a)
      expect(texts()).toEqual([...store].map(([key, value]) => key + value))
      expect([created, updated]).toEqual([[], ['a']])
    },
  )

  test('replace keeps the rows of the keys that stay, and moves no more of them than needed', () => {
    const store = createStore(letters(6))
    const { created } = rowsOf(store)
    const before = new Map(Array.from(list.children, (item) => [item.textContent, item]))
    created.length = 0

    const placed = placedBy(
      () =>
        void store.replace([
          ['c', 2],
          ['a', 0],
          ['x', 9],
          ['f', 5],
          ['d', 3],
          ['e', 4],
        ]),
    )

    expect(texts()).toEqual(['c2', 'a0', 'x9', 'f5', 'd3', 'e4'])
    expect(created).toEqual(['x'])
    expect(placed).toHaveLength(3) // the new one, one of c and a, and f
    for (const item of list.children)
      if (item.textContent !== 'x9') expect(before.get(item.textContent)).toBe(item)
  })

  test('two rows that change places are moved alone', () => {
    const entries = letters(20)
    const store = createStore(entries)
    rowsOf(store)
    const swapped = [...entries]
    ;[swapped[1], swapped[18]] = [swapped[18]!, swapped[1]!]
    expect(placedBy(() => void store.replace(swapped))).toHaveLength(2)
    expect(texts()).toEqual(swapped.map(([key, value]) => key + value))
  })

  test('where few change places, the rows between them stay, though to move one of these might be one move less', () => {
    const entries = letters(20)
    const store = createStore(entries)
    rowsOf(store)
    const [a, b, c, d, e, ...rest] = entries
    const exchanged = [d!, e!, c!, a!, b!, ...rest]

    const placed = placedBy(() => void store.replace(exchanged))

    expect(placed.sort()).toEqual(['a0', 'b1', 'd3', 'e4'])
    expect(texts()).toEqual(exchanged.map(([key, value]) => key + value))
  })

  test('an update costs the list nothing where rows bind their own keys', async () => {
    const store = createStore(letters(3))
    const create = vi.fn((_value: number, key: string, row: { defer(end: () => void): void }) => {
      const item = document.createElement('li')
      row.defer(bindText(item, store, key, (n) => `${key}${n}`))
      return item
    })
    const count = countSubscriptions(store)
    const listen = vi.spyOn(store, 'subscribe')
    bindList(list, store, { create })

    await store.set('b', 9)

    expect(texts()).toEqual(['a0', 'b9', 'c2'])
    expect(listen).not.toHaveBeenCalled()
    expect(create).toHaveBeenCalledTimes(3)
    expect(count.open).toBe(4)
    await store.delete('b')
    expect(count.open).toBe(3)
    await store.clear()
    expect(count.open).toBe(1)
  })

  test('looks at the keys that changed, never at all of them', async () => {
    const store = createStore(Array.from({ length: 1000 }, (_, i): [string, number] => [String(i), i]))
    rowsOf(store)
    const looks = ['keys', 'has', 'get', 'compare'].map((method) =>
      vi.spyOn(Object.getPrototypeOf(store.view), method),
    )
    await store.set('new', 1)
    await store.set('500', 5)
    await store.delete('600')
    await store.setMany([
      ['700', 7],
      ['newer', 2],
    ])
    expect(looks.reduce((sum, { mock }) => sum + mock.calls.length, 0)).toBeLessThan(100)
    expect(texts()).toEqual([...store].map(([key, value]) => key + value))
  })

  test('a transaction is shown as one step', () => {
    const store = createStore(letters(26))
    rowsOf(store)
    const placed = placedBy(
      () =>
        void store.batch((tx) => {
          tx.delete('c')
          tx.set('new', 1)
          tx.set('newer', 2)
          tx.delete('new')
        }),
    )
    expect(placed).toEqual(['newer2'])
    expect(texts()).toEqual([...store].map(([key, value]) => key + value))
  })

  test('thousands of rows come as one insertion and go as one', () => {
    const store = createStore<string, number>()
    rowsOf(store)
    const records = (act: () => void) => {
      const observer = new MutationObserver(() => {})
      observer.observe(list, { childList: true })
      act()
      return observer.takeRecords().length
    }
    const entries = Array.from({ length: 2000 }, (_, i): [string, number] => [String(i), i])

    expect(records(() => void store.setMany(entries))).toBe(1)
    expect(records(() => void store.setMany(entries.map(([key, n]) => [`${key}more`, n])))).toBe(1)
    expect(list.childNodes).toHaveLength(4000)
    expect(records(() => void store.clear())).toBe(1)
    expect(list.childNodes).toHaveLength(0)
  })

  test('leaves what else is in its parent alone', async () => {
    list.innerHTML = '<li>head</li>'
    const store = createStore(letters(2))
    rowsOf(store)
    expect(texts()).toEqual(['head', 'a0', 'b1'])
    await store.clear()
    expect(texts()).toEqual(['head'])
    await store.set('z', 1)
    expect(texts()).toEqual(['head', 'z1'])
  })

  test('shows pending writes, and takes back those that fail, each where it belongs', async () => {
    const store = createStore(letters(12))
    rowsOf(store)
    const answer = deferred()
    const shown = () => expect(texts()).toEqual([...store].map(([key, value]) => key + value))
    const running = store.transaction(async (tx) => {
      await answer.promise
      tx.set('slow', 1)
    })
    const [adding, deleting] = [new AbortController(), new AbortController()]
    const failed = [
      store.set('pending', 1, { signal: adding.signal }),
      store.delete('c', { signal: deleting.signal }),
    ].map((promise) => promise.catch(() => {}))
    const kept = store.set('later', 2)
    expect(texts().slice(-2)).toEqual(['pending1', 'later2'])
    shown()

    deleting.abort()
    expect(texts()[2]).toBe('c2')
    shown()
    adding.abort()
    shown()
    answer.resolve()
    await Promise.all([running, kept, ...failed])
    expect(texts().slice(-2)).toEqual(['slow1', 'later2'])
    shown()
  })

  test('shows one step a frame where the store publishes by frames', async () => {
    let promote = () => {}
    const store = createStore(letters(2), {
      promotion: (run) => {
        promote = run
      },
    })
    rowsOf(store)
    await store.set('c', 2)
    await store.delete('a')
    expect(texts()).toEqual(['a0', 'b1'])
    promote()
    expect(texts()).toEqual(['b1', 'c2'])
  })

  test('a row in which the user is at work stays where it is, if the others can move instead', async () => {
    const store = createStore(letters(5))
    bindList(list, store, {
      create(_value, key) {
        const field = document.createElement('input')
        field.value = `text of ${key}`
        return field
      },
    })
    const field = list.children[0] as HTMLInputElement
    field.focus()
    field.setSelectionRange(2, 4)
    const blurred = vi.fn()
    field.addEventListener('blur', blurred)

    await store.replace([...letters(5)].reverse())

    expect(Array.from(list.children, (one) => (one as HTMLInputElement).value.at(-1))).toEqual([...'edcba'])
    expect(document.activeElement).toBe(field)
    expect([field.selectionStart, field.selectionEnd]).toEqual([2, 4])
    expect(blurred).not.toHaveBeenCalled()
  })

  test('a row that has to move keeps the focus', async () => {
    const store = createStore(letters(20))
    bindList(list, store, { create: () => document.createElement('input') })
    const field = list.children[3] as HTMLInputElement
    field.focus()
    await store.batch((tx) => {
      tx.delete('d')
      tx.set('d', 3)
    })
    expect(list.lastChild).toBe(field)
    expect(document.activeElement).toBe(field)
  })
})

describe('code of the rows that throws', () => {
  test('in create harms no other row; the row is made of the next value', async () => {
    const report = vi.fn()
    vi.stubGlobal('reportError', report)
    const errors: unknown[] = []
    const store = createStore(letters(3), { onError: (error) => errors.push(error) })
    const ended: string[] = []
    bindList(list, store, {
      create(value, key, row) {
        row.defer(() => ended.push(key + value))
        if (value % 2 === 1) throw new RangeError(key)
        const item = document.createElement('li')
        item.textContent = key + value
        return item
      },
      update(item, value, key) {
        item.textContent = key + value
      },
    })
    expect(texts()).toEqual(['a0', '', 'c2'])
    expect(report.mock.calls).toEqual([[new RangeError('b')]])
    expect(ended).toEqual(['b1'])

    await store.set('d', 3)
    expect([texts(), errors]).toEqual([['a0', '', 'c2', ''], [new RangeError('d')]])
    await store.set('b', 4)
    await store.delete('d')
    expect(texts()).toEqual(['a0', 'b4', 'c2'])
    await store.delete('b')
    expect(ended).toEqual(['b1', 'd3', 'b4'])
  })

  test('in update is reported, all of it together, and the other rows are updated', async () => {
    const errors: unknown[] = []
    const store = createStore(letters(3), { onError: (error) => errors.push(error) })
    bindList(list, store, {
      create: (value) => document.createTextNode(String(value)),
      update(text, value) {
        if (value > 10) throw new RangeError(String(value))
        text.data = String(value)
      },
    })
    await store.setMany([
      ['a', 11],
      ['b', 5],
    ])
    expect([texts(), errors]).toEqual([['0', '5', '2'], [new RangeError('11')]])
    await store.setMany([
      ['a', 12],
      ['b', 6],
      ['c', 13],
    ])
    expect(texts()).toEqual(['0', '6', '2'])
    expect((errors[1] as AggregateError).errors).toEqual([new RangeError('12'), new RangeError('13')])
  })

  test('in what was deferred is reported, and the rest ends', async () => {
    const report = vi.fn()
    vi.stubGlobal('reportError', report)
    const store = createStore(letters(1))
    const ended: number[] = []
    bindList(list, store, {
      create(_value, _key, row) {
        row.defer(() => ended.push(1))
        row.defer(() => {
          throw new RangeError('2')
        })
        row.defer(() => ended.push(3))
        return document.createElement('li')
      },
    })
    await store.clear()
    expect(ended).toEqual([3, 1])
    expect(report.mock.calls).toEqual([[new RangeError('2')]])
  })
})

describe('rows that write', () => {
  test('while the first rows are made: the list ends as the store is', () => {
    const store = createStore(letters(3))
    bindList(list, store, {
      create(value, key) {
        if (key === 'a')
          void store.batch((tx) => [tx.delete('c'), tx.set('d', 3), tx.set('a', 10), tx.set('b', 11)])
        return document.createTextNode(key + value)
      },
      update(text, value, key) {
        text.data = key + value
      },
    })
    expect(texts()).toEqual(['a10', 'b11', 'd3'])
  })

  test('while rows are added in a round: the list ends as the store is', async () => {
    const store = createStore<string, number>()
    bindList(list, store, {
      create(value, key) {
        if (key.length < 4) void store.set(`${key}x`, value + 1)
        return document.createTextNode(key)
      },
    })
    await store.set('a', 1)
    expect(texts()).toEqual(['a', 'ax', 'axx', 'axxx'])
  })

  test('end the list in the middle: nothing is bound any more', async () => {
    const store = createStore(letters(1))
    const count = countSubscriptions(store)
    const ended: string[] = []
    const stop = bindList(list, store, {
      create(value, key, row) {
        if (key === 'y') stop()
        row.defer(() => ended.push(key))
        expect(row.signal.aborted).toBe(key === 'y')
        return document.createTextNode(key + value)
      },
    })
    await store.setMany([
      ['x', 1],
      ['y', 2],
      ['z', 3],
    ])
    expect(count.open).toBe(0)
    expect(ended.sort()).toEqual(['a', 'x', 'y'])
  })
})

describe('rows of a query', () => {
  async function heardAtTheEnd(bound: 'the query' | 'its store'): Promise<unknown[]> {
    const store = createStore(letters(3))
    const even = query(store, { where: (n) => n % 2 === 0 })
    const heard: unknown[] = []
    bindList(list, even, {
      create(_value, key, row) {
        const item = document.createElement('li')
        const text = (value: number | undefined) => {
          heard.push(value)
          return String(value)
        }
        row.defer(bindText(item, bound === 'the query' ? even : store, key, text))
        return item
      },
    })
    heard.length = 0
    await store.delete('c')
    expect(list.children).toHaveLength(1)
    return heard
  }

  test('that bind the query end before they would hear that their key has gone', async () => {
    expect(await heardAtTheEnd('the query')).toEqual([])
  })

  test('that bind its store hear it first: a query is told after the keys of its store', async () => {
    expect(await heardAtTheEnd('its store')).toEqual([undefined])
  })
})

describe('the end of a list', () => {
  test('ends what its rows have bound, and leaves the rows in the page', async () => {
    const store = createStore(letters(2))
    const count = countSubscriptions(store)
    const signals: AbortSignal[] = []
    const stop = bindList(list, store, {
      create(value, key, row) {
        signals.push(row.signal)
        return document.createTextNode(key + value)
      },
      update() {},
    })
    stop()
    stop()
    await store.set('c', 2)
    expect(texts()).toEqual(['a0', 'b1'])
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true])
    expect([count.open, count.made]).toEqual([0, 2])
  })

  test('is the abort of its signal, which keeps no listener; an aborted one shows nothing', () => {
    const store = createStore(letters(2))
    const count = countSubscriptions(store)
    const controller = countedController()
    const options = { create: () => document.createElement('li'), signal: controller.signal }
    bindList(list, store, options)
    expect(count.open).toBe(1)
    controller.abort()
    expect([count.open, controller.listeners]).toEqual([0, 0])
    list.replaceChildren()
    bindList(list, store, options)
    expect([texts(), count.made]).toEqual([[], 1])
  })

  test('of the store leaves the rows', () => {
    const store = createStore(letters(2))
    rowsOf(store)
    store.dispose()
    expect(texts()).toEqual(['a0', 'b1'])
  })
})
