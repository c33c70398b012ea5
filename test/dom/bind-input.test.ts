import { fireEvent } from '@testing-library/dom'
import { userEvent } from '@testing-library/user-event'
import { bindInput } from 'tidemap/dom'
import { createStore } from 'tidemap/store'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { deferred } from '../support/deferred.ts'
import { countedController } from '../support/listener-count.ts'
import { countSubscriptions } from '../support/open-subscriptions.ts'

beforeEach(() => document.body.replaceChildren())

function inPage<T extends Element>(html: string): T {
  document.body.insertAdjacentHTML('beforeend', html)
  return document.body.lastElementChild as T
}

const input = (type = 'text') => inPage<HTMLInputElement>(`<input type="${type}">`)

/** How often a field's value is written to by a script. */
function countWrites(field: HTMLInputElement): { readonly writes: number } {
  const { get, set } = Object.getOwnPropertyDescriptor(
    HTMLInputElement.prototype,
    'value',
  ) as Required<PropertyDescriptor>
  const count = { writes: 0 }
  Object.defineProperty(field, 'value', {
    get: () => get.call(field),
    set(value) {
      count.writes++
      set.call(field, value)
    },
  })
  return count
}

describe('each kind of field, both ways', () => {
  test.each([
    ['text', '<input>'],
    ['textarea', '<textarea></textarea>'],
    ['search', '<input type="search">'],
    ['password', '<input type="password">'],
    ['hidden', '<input type="hidden">'],
  ])('%s has the text', async (_kind, html) => {
    const store = createStore([['k', 'a']])
    const field = inPage<HTMLInputElement>(html)
    bindInput(field, store, 'k')
    expect(field.value).toBe('a')

    fireEvent.input(field, { target: { value: 'ab' } })
    expect(store.get('k')).toBe('ab')
    await store.set('k', 'abc')
    expect(field.value).toBe('abc')
    await store.delete('k')
    expect(field.value).toBe('')
  })

  test('number has a number, and undefined where it is empty', async () => {
    const store = createStore<string, number | undefined>([['k', 1]])
    const field = input('number')
    bindInput(field, store, 'k')
    expect(field.value).toBe('1')

    fireEvent.input(field, { target: { value: '2.5' } })
    expect(store.get('k')).toBe(2.5)
    fireEvent.input(field, { target: { value: '' } })
    expect([store.get('k'), store.has('k')]).toEqual([undefined, true])
    await store.set('k', 0)
    expect(field.value).toBe('0')
  })

  test('range has a number', () => {
    const store = createStore([['k', 10]])
    const field = input('range')
    bindInput(field, store, 'k')
    fireEvent.input(field, { target: { value: '20' } })
    expect(store.get('k')).toBe(20)
  })

  test('checkbox has whether it is checked', async () => {
    const store = createStore([['k', true]])
    const field = input('checkbox')
    bindInput(field, store, 'k')
    expect(field.checked).toBe(true)

    await userEvent.click(field)
    expect(store.get('k')).toBe(false)
    await store.set('k', true)
    expect(field.checked).toBe(true)
    await store.delete('k')
    expect(field.checked).toBe(false)
  })

  test('radio buttons have the value of the one that is checked', async () => {
    const store = createStore([['k', 'b']])
    const form = inPage(
      '<form><input type=radio name=r value=a><input type=radio name=r value=b><input type=radio name=r value=""></form>',
    )
    const buttons = [...form.querySelectorAll('input')]
    for (const button of buttons) bindInput(button, store, 'k')
    const checked = () => buttons.map((button) => button.checked)
    expect(checked()).toEqual([false, true, false])

    await userEvent.click(buttons[0] as HTMLInputElement)
    expect(store.get('k')).toBe('a')
    await store.set('k', 'b')
    expect(checked()).toEqual([false, true, false])
    await store.set('k', '')
    expect(checked()).toEqual([false, false, true])
    await store.delete('k')
    expect(checked()).toEqual([false, false, false])
  })

  test('select has the value of the chosen option', async () => {
    const store = createStore([['k', 'b']])
    const field = inPage<HTMLSelectElement>('<select><option>a<option>b</select>')
    bindInput(field, store, 'k')
    expect(field.value).toBe('b')

    await userEvent.selectOptions(field, 'a')
    expect(store.get('k')).toBe('a')
    await store.set('k', 'b')
    expect(field.selectedIndex).toBe(1)
    await store.set('k', 'none of them')
    expect(field.selectedIndex).toBe(-1)
  })

  test('select multiple has all chosen values', async () => {
    const store = createStore<string, readonly string[]>([['k', ['a', 'c']]])
    const field = inPage<HTMLSelectElement>('<select multiple><option>a<option>b<option>c</select>')
    bindInput(field, store, 'k')
    const chosen = () => Array.from(field.selectedOptions, (option) => option.value)
    expect(chosen()).toEqual(['a', 'c'])

    await userEvent.selectOptions(field, 'b')
    expect(store.get('k')).toEqual(['a', 'b', 'c'])
    await store.set('k', [])
    expect(chosen()).toEqual([])
  })

  test('file is refused', () => {
    expect(() => bindInput(input('file'), createStore([['k', '']]), 'k')).toThrow(TypeError)
  })
})

describe('parse and format', () => {
  test('parse makes the value, and is handed the field', () => {
    const store = createStore<string, boolean | number>([
      ['n', 0],
      ['on', false],
    ])
    const [number, box] = [input(), input('checkbox')]
    bindInput(number, store, 'n', { parse: Number })
    bindInput(box, store, 'on', { parse: (_text, field) => !field.checked })

    fireEvent.input(number, { target: { value: '12' } })
    fireEvent.click(box)
    expect([store.get('n'), store.get('on')]).toEqual([12, false])
  })

  test('what is being typed is kept, though format says it otherwise, until the field is left', async () => {
    const store = createStore([['k', 1]])
    const field = input()
    bindInput(field, store, 'k', { parse: Number.parseFloat, format: (n) => n.toFixed(1) })
    expect(field.value).toBe('1.0')

    fireEvent.input(field, { target: { value: '2.' } })
    expect([field.value, store.get('k')]).toEqual(['2.', 2])
    fireEvent.change(field)
    expect(field.value).toBe('2.0')
  })

  test('what somebody else sets is shown at once, whatever is being typed', async () => {
    const store = createStore([['k', 1]])
    const field = input()
    bindInput(field, store, 'k', { parse: Number.parseFloat, format: (n) => n.toFixed(1) })
    fireEvent.input(field, { target: { value: '2.' } })
    await store.set('k', 3)
    expect(field.value).toBe('3.0')
    await store.set('k', 2)
    expect(field.value).toBe('2.0')
  })

  test('a parse that throws leaves the store as it is', () => {
    const thrown: unknown[] = []
    const catchIt = (event: ErrorEvent) => {
      thrown.push(event.error)
      event.preventDefault()
    }
    window.addEventListener('error', catchIt)
    const store = createStore([['k', 1]])
    const field = input()
    const no = new RangeError('no number')
    bindInput(field, store, 'k', {
      parse(text) {
        if (Number.isNaN(Number(text))) throw no
        return Number(text)
      },
    })
    fireEvent.input(field, { target: { value: 'x' } })
    expect([field.value, store.get('k'), thrown]).toEqual(['x', 1, [no]])
    fireEvent.input(field, { target: { value: '5' } })
    expect(store.get('k')).toBe(5)
    window.removeEventListener('error', catchIt)
  })

  test('a format that throws is reported, leaves the field as it is, and is tried again', async () => {
    const report = vi.fn()
    vi.stubGlobal('reportError', report)
    const errors: unknown[] = []
    const store = createStore([['k', 0]], { onError: (error) => errors.push(error) })
    const field = input()
    bindInput(field, store, 'k', {
      format(n) {
        if (n % 2 === 0) throw new RangeError(String(n))
        return n
      },
    })
    expect(report).toHaveBeenCalledTimes(1)
    await store.set('k', 1)
    await store.set('k', 2)
    expect(field.value).toBe('1')
    expect(errors).toEqual([new RangeError('2')])
  })
})

describe('a field that is typed into', () => {
  test('is not written to by what was typed', async () => {
    const store = createStore([['k', 'ab']])
    const field = input()
    bindInput(field, store, 'k')
    await userEvent.type(field, 'XYZ', { initialSelectionStart: 1 })
    expect([field.value, store.get('k'), field.selectionStart]).toEqual(['aXYZb', 'aXYZb', 4])
  })

  test('keeps the caret between the same characters when somebody else changes the text', async () => {
    const store = createStore([['k', 'hello world']])
    const field = input()
    bindInput(field, store, 'k')
    field.focus()
    field.setSelectionRange(6, 8, 'backward')

    await store.set('k', 'hey, hello world')
    expect([field.selectionStart, field.selectionEnd, field.selectionDirection]).toEqual([11, 13, 'backward'])
    await store.set('k', 'hey, hello world!!')
    expect([field.selectionStart, field.selectionEnd]).toEqual([11, 13])
    await store.set('k', 'no')
    expect([field.selectionStart, field.selectionEnd]).toEqual([2, 2])
  })

  test('without the focus it takes no focus', async () => {
    const store = createStore([['k', 'a']])
    bindInput(input(), store, 'k')
    await store.set('k', 'b')
    expect(document.activeElement).toBe(document.body)
  })

  test('is alone with what is composed: nothing is written into it, the store gets every step', async () => {
    const store = createStore([['k', 'ab']])
    const field = input()
    bindInput(field, store, 'k')
    const count = countWrites(field)
    const steps: unknown[] = []
    store.subscribeKey('k', (text) => steps.push(text))

    fireEvent.compositionStart(field)
    fireEvent.input(field, { target: { value: 'anb' }, isComposing: true })
    await store.set('k', 'somebody else')
    expect(field.value).toBe('anb')
    fireEvent.input(field, { target: { value: 'aにb' }, isComposing: true })
    fireEvent.compositionEnd(field)

    expect(steps).toEqual(['anb', 'somebody else', 'aにb'])
    expect([field.value, store.get('k')]).toEqual(['aにb', 'aにb'])
    expect(count.writes).toBe(0)
  })

  test('shows at the end of a composition what others have set after its last step', async () => {
    const store = createStore([['k', 'ab']])
    const field = input()
    bindInput(field, store, 'k')
    fireEvent.compositionStart(field)
    fireEvent.input(field, { target: { value: 'anb' }, isComposing: true })
    await store.set('k', 'later')
    fireEvent.compositionEnd(field)
    expect([field.value, store.get('k')]).toEqual(['later', 'later'])
  })

  test('has in the store what a composition leaves without an input event', () => {
    const store = createStore([['k', 'ab']])
    const field = input()
    bindInput(field, store, 'k')
    fireEvent.compositionStart(field)
    field.value = 'aにb'
    fireEvent.compositionEnd(field)
    expect(store.get('k')).toBe('aにb')
  })

  test('keeps every character while an async writer of the key reads the text, waits, and writes it back', async () => {
    const store = createStore([['k', 'ab']])
    const field = input()
    bindInput(field, store, 'k')
    const [first, second] = [deferred(), deferred()]
    const slow = (gate: Promise<void>) =>
      store.update('k', async (text) => {
        await gate
        return text
      })
    const running = [slow(first.promise), slow(second.promise)]

    await userEvent.type(field, 'X', { initialSelectionStart: 1 })
    first.resolve()
    await running[0]
    await userEvent.keyboard('Y')
    second.resolve()
    await running[1]
    await store.idle()

    expect([field.value, field.selectionStart, store.confirmed.get('k')]).toEqual(['aXYb', 3, 'aXYb'])
  })

  test('is not set back to what was published before, where views are published by frames', async () => {
    let promote = () => {}
    const store = createStore([['k', 'a']], {
      promotion: (run) => {
        promote = run
      },
    })
    const field = input()
    bindInput(field, store, 'k')

    fireEvent.input(field, { target: { value: 'ab' } })
    fireEvent.change(field)
    expect([field.value, store.get('k')]).toEqual(['ab', 'a'])
    promote()
    expect([field.value, store.get('k')]).toEqual(['ab', 'ab'])

    fireEvent.compositionStart(field)
    await store.set('k', 'others')
    promote()
    fireEvent.input(field, { target: { value: 'abc' } })
    fireEvent.compositionEnd(field)
    expect(field.value).toBe('abc')
    promote()
    expect([field.value, store.get('k')]).toEqual(['abc', 'abc'])
  })

  test('a change that no input event told of is set', () => {
    const store = createStore([['k', 'a']])
    const field = input()
    bindInput(field, store, 'k')
    fireEvent.change(field, { target: { value: 'ab' } })
    expect(store.get('k')).toBe('ab')
  })

  test('a change event alone does not set what somebody else has set since back', async () => {
    let promote = () => {}
    const store = createStore([['k', 'a']], {
      promotion: (run) => {
        promote = run
      },
    })
    const field = input()
    bindInput(field, store, 'k')
    await store.set('k', 'others')
    fireEvent.change(field)
    promote()
    expect(field.value).toBe('others')
  })

  test('shows the newest in a listener that writes again', async () => {
    const store = createStore([['k', 'a']])
    const field = input()
    store.subscribeKey('k', (text) => void store.set('k', (text as string).trim()))
    bindInput(field, store, 'k')
    fireEvent.input(field, { target: { value: 'ab ' } })
    expect([field.value, store.get('k')]).toEqual(['ab', 'ab'])
  })
})

describe('the reset of a form', () => {
  test('leaves in the store what it leaves in the fields', async () => {
    const store = createStore<string, string | boolean>([
      ['text', 'changed'],
      ['box', false],
      ['radio', 'b'],
    ])
    const form = inPage<HTMLFormElement>(
      '<form><input value="as it was"><input type=checkbox checked><input type=radio name=r value=a checked><input type=radio name=r value=b></form>',
    )
    const [text, box, a, b] = form.querySelectorAll('input') as unknown as HTMLInputElement[]
    bindInput(text!, store, 'text')
    bindInput(box!, store, 'box')
    for (const radio of [a!, b!]) bindInput(radio, store, 'radio')
    expect([text!.value, box!.checked, b!.checked]).toEqual(['changed', false, true])

    form.reset()
    await vi.waitFor(() =>
      expect([...store]).toEqual([
        ['text', 'as it was'],
        ['box', true],
        ['radio', 'a'],
      ]),
    )
    expect(a!.checked).toBe(true)
  })

  test('of another form changes nothing, nor does one that is prevented', async () => {
    const store = createStore([['k', 'changed']])
    const form = inPage<HTMLFormElement>('<form><input value="as it was"></form>')
    const other = inPage<HTMLFormElement>('<form></form>')
    form.addEventListener('reset', (event) => event.preventDefault())
    const field = form.querySelector('input')!
    bindInput(field, store, 'k')
    const set = vi.spyOn(store, 'set')

    form.reset()
    other.reset()
    await new Promise((resolve) => setTimeout(resolve))

    expect(set).not.toHaveBeenCalled()
    expect(field.value).toBe('changed')
  })

  test('is heard by a field that came into its form after it was bound', async () => {
    const store = createStore([['k', 'changed']])
    const template = inPage<HTMLTemplateElement>('<template><input value="as it was"></template>')
    const field = (template.content.cloneNode(true) as DocumentFragment).querySelector('input')!
    bindInput(field, store, 'k')
    const form = inPage<HTMLFormElement>('<form></form>')
    form.append(field)

    form.reset()
    await vi.waitFor(() => expect(store.get('k')).toBe('as it was'))
  })
})

describe('the end of a binding', () => {
  test('leaves no listener behind, on the store, the field, or the signal', async () => {
    const store = createStore([['k', 'a']])
    const count = countSubscriptions(store)
    const field = input()
    const add = [vi.spyOn(field, 'addEventListener'), vi.spyOn(document, 'addEventListener')]
    const remove = [vi.spyOn(field, 'removeEventListener'), vi.spyOn(document, 'removeEventListener')]
    const controller = countedController()

    const stop = bindInput(field, store, 'k', { signal: controller.signal })
    const added = add.flatMap(({ mock }) => mock.calls.map(([name]) => name))
    stop()
    stop()
    const removed = remove.flatMap(({ mock }) => mock.calls.map(([name]) => name))

    expect(removed).toEqual(added)
    expect([count.open, count.made, controller.listeners]).toEqual([0, 1, 0])
    fireEvent.input(field, { target: { value: 'b' } })
    expect(store.get('k')).toBe('a')
    await store.set('k', 'c')
    expect(field.value).toBe('b')
  })

  test('between a reset and its effect is the end too', async () => {
    const store = createStore([['k', 'changed']])
    const form = inPage<HTMLFormElement>('<form><input value="as it was"></form>')
    const stop = bindInput(form.querySelector('input')!, store, 'k')
    form.reset()
    stop()
    await new Promise((resolve) => setTimeout(resolve))
    expect(store.get('k')).toBe('changed')
  })

  test('a signal that has aborted binds nothing', () => {
    const store = createStore([['k', 'a']])
    const count = countSubscriptions(store)
    const field = input()
    bindInput(field, store, 'k', { signal: AbortSignal.abort() })
    expect([field.value, count.made]).toEqual(['', 0])
  })

  test('a disposed store is shown; what is typed stays in the field, and rejects unseen', () => {
    const store = createStore([['k', 'a']])
    store.dispose()
    const field = input()
    bindInput(field, store, 'k')
    fireEvent.input(field, { target: { value: 'ab' } })
    expect([field.value, store.get('k')]).toEqual(['ab', 'a'])
  })
})
