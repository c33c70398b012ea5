import { query } from 'tidemap/collection'
import { bindAttribute, bindList, bindText } from 'tidemap/dom'
import { createStore } from 'tidemap/store'
import { afterEach, expect, test, vi } from 'vitest'

afterEach(() => document.body.replaceChildren())

const store = () => createStore(Array.from({ length: 20 }, (_, i): [string, number] => [`row ${i}`, i]))

/** Rows with a field and something to scroll. */
function mount(source: Parameters<typeof bindList<string, number, HTMLElement>>[1]) {
  const list = document.body.appendChild(document.createElement('div'))
  bindList(list, source, {
    create(_value, key) {
      const row = document.createElement('div')
      row.innerHTML =
        '<input><div style="height: 20px; overflow: auto"><div style="height: 500px"></div></div>'
      row.title = key
      row.querySelector('input')!.value = `text of ${key}`
      return row
    },
  })
  return list
}

const titles = (list: Element) => Array.from(list.children, (row) => (row as HTMLElement).title)

test('a row that the user is in keeps focus, selection and scroll position when it moves, and is told of nothing', async () => {
  const rows = store()
  const list = mount(query(rows, { orderBy: (a, b) => a - b }))
  const row = list.children[3] as HTMLElement
  const field = row.querySelector('input')!
  const scroller = row.querySelector('div')!
  field.focus()
  field.setSelectionRange(2, 4)
  scroller.scrollTop = 123
  const blurred = vi.fn()
  field.addEventListener('blur', blurred)

  await rows.set('row 3', 10.5)

  expect(titles(list)).toEqual([...query(rows, { orderBy: (a, b) => a - b }).keys()])
  expect(list.children[10]).toBe(row)
  expect(document.activeElement).toBe(field)
  expect([field.selectionStart, field.selectionEnd, scroller.scrollTop]).toEqual([2, 4, 123])
  expect(blurred).not.toHaveBeenCalled()
})

test('rows that stay keep what they have while all others are turned round about them', async () => {
  const rows = store()
  const list = mount(rows)
  const row = list.children[7] as HTMLElement
  const field = row.querySelector('input')!
  field.focus()
  field.setSelectionRange(1, 3)

  await rows.replace([...rows].reverse())

  expect(titles(list)).toEqual([...rows.keys()])
  expect(list.children[12]).toBe(row)
  expect([document.activeElement, field.selectionStart, field.selectionEnd]).toEqual([field, 1, 3])
})

test('what is bound is data: neither text nor attribute runs', async () => {
  const [ran, report] = [vi.fn(), vi.fn()]
  vi.stubGlobal('reportError', report)
  Object.assign(window, { ran })
  const rows = createStore([['x', '<img src=x onerror="ran()"><script>ran()</script>']])
  const link = document.body.appendChild(document.createElement('a'))
  bindText(link, rows, 'x')
  bindAttribute(link, 'title', rows, 'x')
  bindAttribute(link, 'href', rows, 'x', () => 'javascript:ran()')
  link.click()
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(report).toHaveBeenCalledTimes(1)
  expect(ran).not.toHaveBeenCalled()
  expect(link.hasAttribute('href')).toBe(false)
})
