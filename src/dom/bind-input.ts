import type { Unsubscribe } from '../index.ts'
import { type Field, readField, stateOf, writeField } from './field.ts'
import { type BindOptions, endsOnce, until } from './lifetime.ts'
import { attempt } from './report.ts'
import type { FieldStore, ObjectFieldStore } from './source.ts'

export interface InputOptions<V, F extends Field> extends BindOptions {
  /**
   * Makes the value of what is in the field. What it throws is reported as any event listener's is, and the store keeps its value.
   * Default: `checked` of a checkbox, the number of a `number` or `range` (`undefined` where there is none), the chosen values of a
   * `select multiple`, else the text.
   */
  readonly parse?: ((text: string, field: F) => V) | undefined
  /** Makes what the field shows: whether it is checked for a checkbox, the chosen values for a `select multiple`, else the text. */
  readonly format?:
    | ((value: V) => string | number | boolean | readonly string[] | null | undefined)
    | undefined
}

/**
 * Binds a form field and a key to each other: what the user enters is set, what is set is shown.
 *
 * When to use: text fields, text areas, checkboxes, radio buttons (each of a group bound to the same key), selects. When not: for a file
 * field, which no script may fill, and for `contenteditable`.
 *
 * Made for typing. What is typed is in the store when the input event ends, also while an async writer holds the turn of the key: it is
 * shown as a pending write and confirmed in its turn, after that writer, so no character is lost. The field is written to only where the
 * store says something else than was typed: then it is shown at once, also in a field that has the focus, and the caret stays between the
 * same characters. While an input method composes, the store gets the text of every input event as the browser gives it, and the field is
 * left alone: what others set meanwhile is shown when the composition ends, unless it was typed over.
 *
 * Where `format(parse(text))` is not the text itself (`1.` for a number), the field keeps what was typed until its `change` event, when
 * the user leaves it; then it shows what `format` says. After a `reset` of its form the store has what the field has.
 *
 * What `format` throws is reported (to the store's `onError`; the first time, to the platform's `reportError`), and the field stays as it
 * is. An absent key shows an empty field.
 *
 * @param options `parse`, `format`; `signal`: ends the binding when it aborts; aborted already, nothing is bound
 * @returns a function that ends the binding; also `Disposable`. The field keeps what it shows.
 * @example
 * ```ts
 * import { createStore } from 'tidemap/store'
 * import { bindInput } from 'tidemap/dom'
 *
 * const store = createStore({ note: 'hello', age: 30 })
 * const note = document.createElement('textarea')
 * const age = document.createElement('input')
 * bindInput(note, store, 'note')
 * bindInput(age, store, 'age', { parse: (text) => Number.parseInt(text, 10) })
 * note.value // => 'hello'
 * age.value = '31' // as the user would
 * age.dispatchEvent(new Event('input', { bubbles: true }))
 * store.get('age') // => 31
 * ```
 */
export function bindInput<F extends Field, T extends object, P extends keyof T>(
  field: F,
  store: ObjectFieldStore<T>,
  key: P,
  options?: InputOptions<T[P], F>,
): Unsubscribe
export function bindInput<F extends Field, K, V>(
  field: F,
  store: FieldStore<K, V>,
  key: NoInfer<K>,
  options?: InputOptions<V, F>,
): Unsubscribe
export function bindInput<F extends Field, K, V>(
  field: F,
  store: FieldStore<K, V>,
  key: NoInfer<K>,
  options: InputOptions<V, F> = {},
): Unsubscribe {
  if (field.type === 'file') throw new TypeError('A file field cannot be bound: no script may fill it.')
  return until(options.signal, () => {
    const binding = new InputBinding(field, store, key, options)
    return endsOnce(binding.start())
  })
}

const EVENTS = ['input', 'change', 'compositionstart', 'compositionend'] as const

/**
 * A field and a key.
 *
 * Invariants: I1 between an input event and the next `change`, a field whose text means what the store says is not written to. I2 nor is
 * one that is being composed in. I3 what is written to the field is read from the store then, never taken from a round: the store may be
 * further already. I4 a write of ours that is not published yet (stores that publish by frames) is not taken for a change by others.
 */
class InputBinding<F extends Field, K, V> implements EventListenerObject {
  readonly #field: F
  readonly #store: FieldStore<K, V>
  readonly #key: K
  readonly #options: InputOptions<V, F>
  #isComposing = false
  /** I2: what the store said while composing is still to be shown. */
  #isBehind = false
  /** I1 */
  #isTyped = false
  #typed: V | undefined
  /** What the field says, as far as this binding has read or written it. */
  #known = ''
  #isOpen = true

  constructor(field: F, store: FieldStore<K, V>, key: K, options: InputOptions<V, F>) {
    this.#field = field
    this.#store = store
    this.#key = key
    this.#options = options
  }

  /** Returns what ends it. */
  start(): () => void {
    const field = this.#field
    // a clone of a template's content belongs to a document without a window until it is put into the page
    const page = field.ownerDocument.defaultView === null ? document : field.ownerDocument
    const form = field.form ?? page
    for (const event of EVENTS) field.addEventListener(event, this)
    form.addEventListener('reset', this)
    const stop = this.#store.subscribeKey(this.#key, () => this.#show())
    attempt(() => this.#show())
    return () => {
      this.#isOpen = false
      stop()
      for (const event of EVENTS) field.removeEventListener(event, this)
      form.removeEventListener('reset', this)
    }
  }

  handleEvent(event: Event): void {
    switch (event.type) {
      case 'input':
        return this.#write()
      case 'change':
        return this.#settle()
      case 'compositionstart':
        this.#isComposing = true
        return
      case 'compositionend':
        this.#isComposing = false
        this.#catchUp()
        if (this.#isBehind) this.#show()
        return
      case 'reset':
        // the fields change after all listeners have been called, and only if none of them prevents it
        if (event.target === this.#field.form) setTimeout(() => this.#catchUp())
    }
  }

  /** For changes that come without an input event: by some tools, some input methods, and a reset. */
  #catchUp(): void {
    if (this.#isOpen && stateOf(this.#field) !== this.#known) this.#write()
  }

  #write(): void {
    const field = this.#field
    this.#known = stateOf(field)
    if (field.type === 'radio' && !(field as HTMLInputElement).checked) return // the one that is checked says it
    const { parse } = this.#options
    const value = parse === undefined ? (readField(field) as V) : parse(field.value, field)
    this.#typed = value
    this.#isTyped = true
    this.#isBehind = false
    void this.#store.set(this.#key, value)
  }

  /** The user has done with the field: what was typed is shown as `format` has it. */
  #settle(): void {
    this.#catchUp()
    if (!this.#isTyped) return
    this.#isTyped = false
    if (Object.is(this.#store.view.get(this.#key), this.#typed)) this.#show() // I4
  }

  #show(): void {
    const value = this.#store.view.get(this.#key)
    if (this.#isTyped && Object.is(value, this.#typed)) return // I1
    this.#isBehind = this.#isComposing
    if (this.#isComposing) return // I2
    this.#isTyped = false
    const { format } = this.#options
    writeField(this.#field, format === undefined ? value : format(value as V))
    this.#known = stateOf(this.#field)
  }
}
