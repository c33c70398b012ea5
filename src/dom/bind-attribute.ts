import type { Unsubscribe } from '../index.ts'
import { type BindOptions, until } from './lifetime.ts'
import { attempt } from './report.ts'
import type { KeySource, ObjectKeySource } from './source.ts'

/** What an attribute can be set to; `null`, `undefined` and `false` take it away, `true` sets it without a value. */
export type AttributeValue = string | number | bigint | boolean | null | undefined

/**
 * Sets an attribute of an element to the value of a key, now and whenever it changes.
 *
 * When to use: `class`, `title`, `disabled`, `aria-*`, `data-*`, `href`, … When not: for what is typed or checked, whose attribute says
 * only how the field began, see {@link bindInput}.
 *
 * `null`, `undefined`, `false` and an absent key take the attribute away, `true` sets it to `''`. In `aria-*`, where a missing attribute
 * and `false` say different things, `true` and `false` are written as words.
 *
 * Values are data, never code. `on…` and `srcdoc` are refused with a TypeError at the call: use `addEventListener`. A `javascript:`
 * address in `href`, `src`, `action`, `formaction`, `data` or `xlink:href` is not set: the attribute goes, a TypeError is reported. Which
 * other addresses are fit to follow is for the application to say.
 *
 * Costs one listener of the key and nothing when other keys change. What `format` throws is reported (to the store's `onError`; the
 * first time, to the platform's `reportError`), the attribute stays as it is, and the next value is tried again.
 *
 * @param format makes the attribute's value of the key's; `undefined` stands for an absent key too
 * @param options `signal`: ends the binding when it aborts; aborted already, nothing is bound
 * @returns a function that ends the binding; also `Disposable`. The attribute stays.
 * @example
 * ```ts
 * import { createStore } from 'tidemap/store'
 * import { bindAttribute } from 'tidemap/dom'
 *
 * const store = createStore({ isSaving: false, theme: 'dark' })
 * const button = document.createElement('button')
 * bindAttribute(button, 'disabled', store, 'isSaving')
 * bindAttribute(button, 'class', store, 'theme', (theme) => `button ${theme}`)
 * button.outerHTML // => '<button class="button dark"></button>'
 * await store.set('isSaving', true)
 * button.disabled // => true
 * ```
 */
export function bindAttribute<T extends object, P extends keyof T>(
  element: Element,
  name: string,
  store: ObjectKeySource<T>,
  key: P,
  format?: ((value: T[P]) => AttributeValue) | undefined,
  options?: BindOptions,
): Unsubscribe
export function bindAttribute<K, V>(
  element: Element,
  name: string,
  store: KeySource<K, V>,
  key: NoInfer<K>,
  format?: ((value: V | undefined) => AttributeValue) | undefined,
  options?: BindOptions,
): Unsubscribe
export function bindAttribute<K, V>(
  element: Element,
  name: string,
  store: KeySource<K, V>,
  key: NoInfer<K>,
  format?: ((value: V | undefined) => AttributeValue) | undefined,
  options?: BindOptions,
): Unsubscribe {
  refuseCode(name)
  const show = (value: V | undefined): void => {
    setAttribute(element, name, format === undefined ? value : format(value))
  }
  return until(options?.signal, () => {
    const stop = store.subscribeKey(key, show)
    attempt(() => show(store.view.get(key)))
    return stop
  })
}

function setAttribute(element: Element, name: string, value: unknown): void {
  const text = attributeText(name, value)
  if (text === element.getAttribute(name)) return
  if (text === null) return element.removeAttribute(name)
  if (ADDRESSES.test(name) && isScript(text)) {
    element.removeAttribute(name)
    throw new TypeError(`A javascript: address is not set as ${name}: it would run as code.`)
  }
  element.setAttribute(name, text)
}

/** The attribute's text, or `null` where there is to be none. */
function attributeText(name: string, value: unknown): string | null {
  if (value === null || value === undefined) return null
  if (typeof value !== 'boolean' || /^aria-/i.test(name)) return String(value)
  return value ? '' : null
}

const ADDRESSES = /^(href|src|action|formaction|data|xlink:href)$/i

/** As browsers read an address: control characters and blanks before it, and line breaks in it, count for nothing. */
const isScript = (address: string): boolean => /^javascript:/i.test(address.replace(/[^!-\uffff]/g, ''))

function refuseCode(name: string): void {
  if (/^on|^srcdoc$/i.test(name)) {
    throw new TypeError(`The attribute ${name} is code or HTML, and values are neither: it cannot be bound.`)
  }
}
