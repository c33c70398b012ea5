import { createStore } from 'tidemap'
import { expect, test } from 'vitest'

const frame = () => new Promise((resolve) => requestAnimationFrame(resolve))

test('with requestAnimationFrame as promotion, a thousand writes are one view in the next frame', async () => {
  const store = createStore<number, number>([], { promotion: requestAnimationFrame })
  const sizes: number[] = []
  store.subscribe((view) => sizes.push(view.size))
  const before = store.view

  for (let i = 0; i < 1000; i++) void store.set(i, i)
  const shownAtOnce = store.view
  const loaded = await store.load(999)
  await frame()

  expect(shownAtOnce).toBe(before)
  expect(loaded).toEqual([999, true])
  expect(sizes).toEqual([1000])
  expect(store.view.get(999)).toBe(999)
})

test('DOM nodes are stored as they are, in frozen data too', async () => {
  const store = createStore<string, { readonly node: HTMLElement }>()
  const node = document.createElement('p')

  await store.set('row', { node })
  node.textContent = 'still mine to change'

  expect(store.get('row')?.node).toBe(node)
  expect(() => Object.assign(store.get('row') as object, { node: null })).toThrow(TypeError)
})

test('iterators of a view have the helpers that the engine gives to those of a Map', () => {
  const store = createStore([
    ['a', 1],
    ['b', 2],
  ])

  const helpers = Object.getOwnPropertyNames(Object.getPrototypeOf(Object.getPrototypeOf(new Map().keys())))
  const keys = store.view.keys()

  expect(helpers.length).toBeGreaterThan(0)
  expect(helpers.filter((name) => !(name in keys))).toEqual([])
})

test('an error of a listener reaches reportError and nobody else', async () => {
  const store = createStore([['a', 1]])
  const reported = new Promise<ErrorEvent>((resolve) => {
    window.addEventListener('error', resolve, { once: true })
    window.addEventListener('error', (event) => event.preventDefault(), { once: true })
  })
  const seen: unknown[] = []
  store.subscribeKey('a', () => {
    throw new Error('a faulty listener')
  })
  store.subscribeKey('a', (value) => seen.push(value))

  await store.set('a', 2)

  expect(seen).toEqual([2])
  expect((await reported).message).toContain('a faulty listener')
})
