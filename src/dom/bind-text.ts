import type { Unsubscribe } from '../index.ts'
import { type BindOptions, until } from './lifetime.ts'
import { attempt } from './report.ts'
import type { KeySource, ObjectKeySource } from './source.ts'

/** What can be shown as text: as `String` has it, nothing where it is `null` or `undefined`. */
export type Text = string | number | bigint | boolean | null | undefined

/**
 * Shows the value of a key as the text of a node, now and whenever it changes.
 *
 * When to use: for any text of a page. When not: for a field that is typed into, see {@link bindInput}.
 *
 * The text is never parsed as HTML: a value `<img onerror=…>` is shown as these characters. The node is written to only where the text
 * is another one; its text node stays the same, so a selection in it does not get lost. An absent key and a stored `undefined` show
 * nothing, or what `format` makes of `undefined`.
 *
 * Costs one listener of the key and nothing when other keys change. What `format` throws is reported (to the store's `onError`; the
 * first time, to the platform's `reportError`), the node keeps its text, and the next value is tried again.
 *
 * @param node an element or a text node. All that an element has inside becomes the text.
 * @param format makes the text of the value; `undefined` stands for an absent key too. Default: `String`, nothing for `null` and
 * `undefined`
 * @param options `signal`: ends the binding when it aborts; aborted already, nothing is bound
 * @returns a function that ends the binding; also `Disposable`. The text stays.
 * @example
 * ```ts
 * import { createStore } from 'tidemap/store'
 * import { bindText } from 'tidemap/dom'
 *
 * const store = createStore({ name: 'Ann', unread: 3 })
 * const heading = document.createElement('h1')
 * const badge = document.createElement('span')
 * bindText(heading, store, 'name')
 * const stop = bindText(badge, store, 'unread', (count) => (count > 0 ? `${count} new` : ''))
 * await store.set('name', '<b>Bob</b>')
 * heading.outerHTML // => '<h1>&lt;b&gt;Bob&lt;/b&gt;</h1>'
 * badge.textContent // => '3 new'
 * stop()
 * ```
 */
export function bindText<T extends object, P extends keyof T>(
  node: Node,
  store: ObjectKeySource<T>,
  key: P,
  format?: ((value: T[P]) => Text) | undefined,
  options?: BindOptions,
): Unsubscribe
export function bindText<K, V>(
  node: Node,
  store: KeySource<K, V>,
  key: NoInfer<K>,
  format?: ((value: V | undefined) => Text) | undefined,
  options?: BindOptions,
): Unsubscribe
export function bindText<K, V>(
  node: Node,
  store: KeySource<K, V>,
  key: NoInfer<K>,
  format?: ((value: V | undefined) => Text) | undefined,
  options?: BindOptions,
): Unsubscribe {
  const show = (value: V | undefined): void => {
    setText(node, textOf(format === undefined ? value : format(value)))
  }
  return until(options?.signal, () => {
    const stop = store.subscribeKey(key, show)
    attempt(() => show(store.view.get(key)))
    return stop
  })
}

const textOf = (value: unknown): string => (value === null || value === undefined ? '' : String(value))

/** The text node that is there is written to: a new one would cost more, and take the user's selection along. */
function setText(node: Node, text: string): void {
  const only = node.firstChild !== null && node.firstChild === node.lastChild ? node.firstChild : node
  if (only.nodeType !== Node.TEXT_NODE) node.textContent = text
  else if (only.nodeValue !== text) only.nodeValue = text
}
