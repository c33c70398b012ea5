/** What a text field needs of a store: any store with texts has it. */
interface TextStore<K> {
  get(key: K): string | undefined
  set(key: K, text: string): Promise<void>
  subscribeKey(key: K, listener: () => void): () => void
}

/**
 * A text field and a key of a store, bound both ways.
 *
 * What is typed is in the store before the event ends, even while an async writer holds the turn of the key: the store lays it over
 * as pending and confirms it later, in order. So the store never contradicts the field that is being typed into, and the field is
 * written to only when somebody else has changed the text.
 */
export function bindText<K>(field: HTMLInputElement, store: TextStore<K>, key: K): () => void {
  let isComposing = false

  const write = () => void store.set(key, field.value)

  const show = () => {
    // Not the value that the listener is given: in a round that is still going on, the store may already be further.
    const text = store.get(key) ?? ''
    // An input method's composition would break off; what it ends with is written afterwards.
    if (text === field.value || isComposing) return
    const { selectionStart, selectionEnd } = field
    field.value = text
    if (field.ownerDocument.activeElement === field) field.setSelectionRange(selectionStart, selectionEnd)
  }

  const compose = (event: Event) => {
    isComposing = event.type === 'compositionstart'
    if (!isComposing) write()
  }

  const listeners = new AbortController()
  const { signal } = listeners
  field.addEventListener('input', write, { signal })
  field.addEventListener('compositionstart', compose, { signal })
  field.addEventListener('compositionend', compose, { signal })
  const unsubscribe = store.subscribeKey(key, show)
  show()

  return () => {
    listeners.abort()
    unsubscribe()
  }
}
