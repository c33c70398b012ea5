import { userEvent } from '@testing-library/user-event'
import { bindInput, bindList, bindText } from 'tidemap/dom'
import { afterEach } from 'vitest'
import { describeAdapter, type Mounted, type TextStore } from './describe-adapter.ts'

afterEach(() => document.body.replaceChildren())

/** An element in the page that shows a key of a store, and another one afterwards. */
async function mount(
  tag: 'p' | 'input',
  store: TextStore,
  key: string,
  bind: (element: HTMLElement, store: TextStore, key: string) => () => void,
): Promise<Mounted> {
  const container = document.body.appendChild(document.createElement('div'))
  const element = container.appendChild(document.createElement(tag))
  let stop = bind(element, store, key)
  return {
    container,
    async show(nextStore, nextKey) {
      stop()
      stop = bind(element, nextStore, nextKey)
    },
    async unmount() {
      stop()
      container.remove()
    },
  }
}

describeAdapter('tidemap/dom', {
  mountText: (store, key, format) =>
    mount('p', store, key, (node, from, at) => bindText(node, from, at, format)),
  mountInput: (store, key) =>
    mount('input', store, key, (node, from, at) => bindInput(node as HTMLInputElement, from, at)),
  async mountList(store, drawn) {
    const container = document.body.appendChild(document.createElement('ul'))
    const stop = bindList(container, store, {
      create(_value, key, row) {
        const item = document.createElement('li')
        const show = (value: string | undefined) => {
          drawn(key)
          return `${key}=${value}`
        }
        row.defer(bindText(item, store, key, show))
        return item
      },
    })
    return {
      container,
      async unmount() {
        stop()
        container.remove()
      },
    }
  },
  async act(run) {
    await run()
  },
  async type(field, text, caret) {
    await userEvent.type(field, text, { initialSelectionStart: caret })
  },
})
