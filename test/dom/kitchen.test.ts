// The kitchen without its server: the test answers each request when, and in the order in which, it wants.
import { setMaxListeners } from 'node:events'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { fireEvent, getByLabelText, getByRole, queryByRole, waitFor, within } from '@testing-library/dom'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { mountApp } from '../../examples/kitchen/app.ts'
import type { Dish } from '../../examples/kitchen/protocol.ts'
import { type Deferred, deferred } from '../support/deferred.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { FakePort } from '../support/fake-ports.ts'

setMaxListeners(100) // one signal ends all of the page, and Node takes more than ten listeners for a leak

const html = readFileSync(resolve(import.meta.dirname, '../../examples/kitchen/index.html'), 'utf8')

interface Call {
  readonly path: string
  readonly body: { readonly edit?: string; readonly name?: string }
  readonly signal: AbortSignal | undefined
  readonly answer: Deferred<Response>
}

function dishOf(id: number, change: Partial<Dish> = {}): Dish {
  return {
    id,
    name: `Dish ${id}`,
    kind: 'pot',
    minutes: 10 * id,
    portions: 0,
    version: 1,
    edits: [],
    ...change,
  }
}

let calls: Call[]
let clock: FakeClock
let focus: FakePort
let app: Disposable

beforeEach(() => {
  document.documentElement.innerHTML = html
  Element.prototype.scrollIntoView = vi.fn() // jsdom has no layout
  calls = []
  clock = new FakeClock()
  focus = new FakePort()
  let edits = 0
  app = mountApp(document.body, {
    clock,
    focus,
    newId: () => `edit ${++edits}`,
    fetch(path, init) {
      const answer = deferred<Response>()
      init.signal?.addEventListener('abort', () => answer.reject(init.signal?.reason))
      const body = typeof init.body === 'string' ? JSON.parse(init.body) : {}
      if (path === '/weather') return Promise.resolve(json({ latency: 0, jitter: 0, failures: 0 }))
      calls.push({ path, body, signal: init.signal ?? undefined, answer })
      return answer.promise
    },
  })
})

afterEach(() => app[Symbol.dispose]())

const json = (value: unknown) => new Response(JSON.stringify(value))

/** The oldest request of this path that is not answered yet. */
function take(path: string): Call {
  const index = calls.findIndex((call) => call.path === path)
  const [call] = index < 0 ? [] : calls.splice(index, 1)
  if (call === undefined) throw new Error(`Nobody asks for ${path}, but for ${calls.map((c) => c.path)}`)
  return call
}
const answer = (path: string, value: unknown) => take(path).answer.resolve(json(value))
const fail = (path: string) => take(path).answer.resolve(new Response('Dropped.', { status: 503 }))

const find = (selector: string) => {
  const found = document.querySelector<HTMLElement>(selector)
  if (!found) throw new Error(`There is no ${selector}`)
  return found
}
const textOf = (selector: string) => find(selector).textContent
const becomes = (selector: string, text: string) => waitFor(() => expect(textOf(selector)).toBe(text))
const button = (name: string) => getByRole<HTMLButtonElement>(document.body, 'button', { name })
const portions = (id: number) => textOf(`[data-dish="${id}"] .portions`)
const rows = () => [...document.querySelectorAll<HTMLElement>('.dish')].map((row) => row.dataset['dish'])
const log = () => [...document.querySelectorAll<HTMLElement>('.request')].map((line) => line.dataset['state'])

async function loadFirstPage(...dishes: Dish[]): Promise<void> {
  answer('/api/pages/1', { dishes, pages: 2, total: dishes.length * 2 })
  await becomes('#pages .status', 'success · idle')
}

describe('pages', () => {
  test('are loaded again, and shown meanwhile, when they are stale and somebody looks again', async () => {
    await loadFirstPage(dishOf(1))
    focus.switch(false)
    clock.advance(20_000)
    await becomes('#pages .status', 'success · idle · stale')
    expect(calls).toEqual([])

    focus.switch(true)
    await becomes('#pages .status', 'success · fetching · stale')
    expect(rows()).toEqual(['1'])
    answer('/api/pages/1', { dishes: [dishOf(1, { name: 'Newer', version: 2 })], pages: 2, total: 2 })
    await becomes('.open', 'Newer')
  })

  test('count their failures while they are tried again', async () => {
    fail('/api/pages/1')
    await becomes('#pages .status', 'pending · fetching · stale · 1 failed')
    clock.advance(500)
    await waitFor(() => fail('/api/pages/1'))
    await becomes('#pages .status', 'pending · fetching · stale · 2 failed')
    clock.advance(1000)
    await waitFor(() => fail('/api/pages/1'))
    await becomes('#pages .status', 'error · idle · stale · 3 failed')
    expect(textOf('#pages button')).toBe('Try again')
  })

  test('an answer that is older than what is known of a dish changes nothing (F47)', async () => {
    await loadFirstPage(dishOf(1, { name: 'New', version: 5 }))
    fireEvent.click(button('Reload page 1'))
    answer('/api/pages/1', { dishes: [dishOf(1, { name: 'Old', version: 4 })], pages: 2, total: 2 })
    await becomes('#pages .status', 'success · idle')
    expect(textOf('.open')).toBe('New')
  })
})

describe('edits', () => {
  const path = '/api/dishes/1/portions'
  const add = () => fireEvent.click(button('One more portion of Dish 1'))

  test('never count twice, though answers overtake each other and a page brings them too', async () => {
    await loadFirstPage(dishOf(1))
    add()
    add()
    await waitFor(() => expect(calls).toHaveLength(2))
    const [first, second] = [take(path), take(path)]
    expect(portions(1)).toBe('2')

    second.answer.resolve(json(dishOf(1, { portions: 2, version: 3, edits: ['edit 1', 'edit 2'] })))
    await waitFor(() => expect(log()).toEqual(['done', 'in flight', 'done']))
    expect(portions(1)).toBe('2')
    fireEvent.click(button('Reload page 1'))
    const both = dishOf(1, { portions: 2, version: 3, edits: ['edit 1', 'edit 2'] })
    answer('/api/pages/1', { dishes: [both], pages: 2, total: 2 })
    await becomes('#pages .status', 'success · idle')
    expect(portions(1)).toBe('2')

    first.answer.resolve(json(dishOf(1, { portions: 1, version: 2, edits: ['edit 1'] })))
    await becomes('[data-figure="dishes layers"]', '0')
    expect(portions(1)).toBe('2')
  })

  test('that fail in the middle are taken back alone, and tried again under the same name (F26)', async () => {
    await loadFirstPage(dishOf(1))
    for (let i = 0; i < 3; i += 1) add()
    await waitFor(() => expect(calls).toHaveLength(3))
    const [first, second, third] = [take(path), take(path), take(path)]
    second.answer.resolve(new Response('Dropped.', { status: 503 }))
    await becomes('.failure .text', 'One more portion of Dish 1 was taken back: Dropped.')
    expect(portions(1)).toBe('2')
    expect(find('.dish').hasAttribute('data-pending')).toBe(true)

    first.answer.resolve(json(dishOf(1, { portions: 1, version: 2, edits: ['edit 1'] })))
    third.answer.resolve(json(dishOf(1, { portions: 2, version: 3, edits: ['edit 1', 'edit 3'] })))
    await becomes('[data-figure="dishes layers"]', '0')
    expect(find('.dish').hasAttribute('data-pending')).toBe(false)
    expect(portions(1)).toBe('2')

    fireEvent.click(within(find('.failure')).getByRole('button', { name: 'Try again' }))
    expect(portions(1)).toBe('3')
    await waitFor(() => expect(take(path).body.edit).toBe('edit 2'))
  })
})

test('a name that is typed is kept for its dish while another one is open', async () => {
  await loadFirstPage(dishOf(1), dishOf(2))
  fireEvent.click(button('Dish 1'))
  const field = getByLabelText<HTMLInputElement>(document.body, 'Name of the dish')
  fireEvent.input(field, { target: { value: 'Half a na' } })
  fireEvent.click(button('Dish 2'))
  expect(field.value).toBe('Dish 2')
  fireEvent.click(button('Dish 1'))
  expect(field.value).toBe('Half a na')
})

describe('details', () => {
  test('are asked for once, by two panels and who points at them; the last one to go ends it (F48)', async () => {
    await loadFirstPage(dishOf(1), dishOf(2))
    fireEvent.pointerEnter(button('Dish 1'))
    fireEvent.focus(button('Dish 1')) // as a click does
    fireEvent.click(button('Dish 1'))
    expect(calls.map((call) => call.path)).toEqual(['/api/dishes/1'])
    fireEvent.pointerLeave(button('Dish 1'))
    const asked = take('/api/dishes/1')
    expect(asked.signal?.aborted).toBe(false)

    fireEvent.click(button('Dish 2'))
    expect(asked.signal?.aborted).toBe(true)
    await waitFor(() => expect(log()).toEqual(['in flight', 'aborted', 'done']))
    answer('/api/dishes/2', { dish: dishOf(2), steps: ['Stir.'], ingredients: ['egg', 'miso'] })
    await becomes('#recipe .lines', 'Stir.')
    await becomes('#shopping .lines', 'eggmiso')
  })
})

describe('the search', () => {
  const type = (value: string) =>
    fireEvent.input(getByLabelText(document.body, 'Search the book'), { target: { value } })

  test('shows no answer but the last one, though the server takes no notice of who has left (F47)', async () => {
    type('a')
    await waitFor(() => expect(calls).toHaveLength(2))
    const first = take('/api/search?q=a')
    type('ab')
    expect(first.signal?.aborted).toBe(true)
    answer('/api/search?q=ab', [{ id: 2, name: 'About' }])
    await becomes('#search-status', '1 found for “ab”')
    first.answer.resolve(json([{ id: 1, name: 'A' }]))
    await waitFor(() => expect(log()).toContain('aborted'))
    expect(textOf('#matches')).toBe('About')
  })

  test('emptied, it asks nobody', async () => {
    type('a')
    const asked = take('/api/search?q=a')
    type('')
    expect(asked.signal?.aborted).toBe(true)
    await becomes('#search-status', 'Searches the whole book, not only what is loaded.')
    expect(calls.map((call) => call.path)).toEqual(['/api/pages/1'])
    expect(queryByRole(find('.search'), 'button', { name: 'Try again' })).toBe(null)
  })
})

test('at its end it lets go of every request and timer', async () => {
  const asked = take('/api/pages/1')
  app[Symbol.dispose]()
  expect(asked.signal?.aborted).toBe(true)
  await waitFor(() => expect(clock.timers).toBe(0))
})
