// The example as its user has it: the real server, a real Chromium, tidemap from `dist`. Both pages keep one behaviour.
import type { Page } from 'playwright'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { Example } from '../support/example.ts'

let example: Example
let page: Page

beforeAll(async () => {
  example = await Example.start('table')
})

afterAll(async () => {
  await example?.stop()
})

type Row = readonly [id: number, label: string, isSelected: boolean]

describe.each(['react', 'dom'])('the page /%s', (name) => {
  beforeEach(async () => {
    await open({ width: 1400, height: 900 })
  })

  afterEach(async () => {
    expect(await example.closePages()).toEqual([])
  })

  async function open(viewport: { width: number; height: number }): Promise<void> {
    page = await example.open(name, viewport)
    await page.locator('.operations button').first().waitFor()
  }

  const rows = (): Promise<Row[]> =>
    page.evaluate(() =>
      [...document.querySelectorAll('tbody tr')].map(
        (row): Row => [
          Number(row.querySelector('.id')?.textContent),
          row.querySelector('.label')?.textContent ?? '',
          row.getAttribute('aria-selected') === 'true',
        ],
      ),
    )

  /** Does it, and waits until the page has said how many rows were drawn for it. */
  async function drawnFor(operation: string, act: () => Promise<void>): Promise<number> {
    await page.evaluate(() => {
      // Marks the nodes that are there: who still has it afterwards is the same node.
      for (const row of document.querySelectorAll('tbody tr')) Object.assign(row, { wasThere: true })
    })
    await act()
    const shown = page.locator('.facts .operation', { hasText: new RegExp(`^${operation}$`) })
    await shown.waitFor()
    return Number((await page.locator('.facts .drawn').innerText()).replace(',', ''))
  }

  const press = (operation: string): Promise<number> =>
    drawnFor(operation, () => page.locator('.operations').getByText(operation, { exact: true }).click())

  const idsThatWereThere = (): Promise<number[]> =>
    page.evaluate(() =>
      [...document.querySelectorAll('tbody tr')]
        .filter((row) => 'wasThere' in row)
        .map((row) => Number(row.querySelector('.id')?.textContent)),
    )

  const idsFrom = (first: number, count: number) => Array.from({ length: count }, (_, i) => first + i)
  const idsOf = (shown: readonly Row[]) => shown.map(([id]) => id)
  const label = (id: number) => page.locator('tbody tr .label').nth(id - 1)

  test('creates 1,000 rows, and replaces them by others', async () => {
    expect(await press('Create 1,000')).toBe(1000)
    const created = await rows()
    expect(idsOf(created)).toEqual(idsFrom(1, 1000))
    expect(created.every(([, text]) => /^\w+ \w+ \w+$/.test(text))).toBe(true)

    await page.locator('tbody tr .label').nth(4).click()
    await press('Append 1,000')
    expect(await press('Create 1,000')).toBe(1000)
    expect(idsOf(await rows())).toEqual(idsFrom(2001, 1000))
    expect((await rows()).some(([, , isSelected]) => isSelected)).toBe(false)
    expect(await idsThatWereThere()).toEqual([])
  })

  test('creates 10,000 rows, and clears them', async () => {
    expect(await press('Create 10,000')).toBe(10_000)
    expect(idsOf(await rows())).toEqual(idsFrom(1, 10_000))
    expect(await page.locator('.size').innerText()).toBe('10,000')

    expect(await press('Clear')).toBe(0)
    expect(await rows()).toEqual([])
    expect(await page.locator('.size').innerText()).toBe('0')
  })

  test('appends 1,000 rows and draws no other', async () => {
    await press('Create 1,000')
    const before = await rows()
    expect(await press('Append 1,000')).toBe(1000)
    const after = await rows()
    expect(after.slice(0, 1000)).toEqual(before)
    expect(idsOf(after)).toEqual(idsFrom(1, 2000))
    expect(await idsThatWereThere()).toEqual(idsFrom(1, 1000))
  })

  test('updates every tenth row and draws these 100 alone', async () => {
    await press('Create 1,000')
    const before = await rows()
    expect(await press('Update every 10th')).toBe(100)
    expect(await rows()).toEqual(
      before.map(([id, text, is], i) => (i % 10 === 0 ? [id, `${text} !!!`, is] : [id, text, is])),
    )
    expect(await idsThatWereThere()).toEqual(idsFrom(1, 1000))
  })

  test('swaps two rows and draws none', async () => {
    await press('Create 1,000')
    const before = await rows()
    expect(await press('Swap two')).toBe(0)
    const expected = [...before]
    expected[1] = before[998] as Row
    expected[998] = before[1] as Row
    expect(await rows()).toEqual(expected)
    expect((await idsThatWereThere()).length).toBe(1000)
  })

  test('selects a row and draws two: the one before, and the one now', async () => {
    await press('Create 1,000')
    await drawnFor('Select', () => label(3).click())
    await press('Swap two') // so that the next fact is a new one
    expect(await drawnFor('Select', () => label(5).click())).toBe(2)
    expect((await rows()).filter(([, , isSelected]) => isSelected).map(([id]) => id)).toEqual([5])
  })

  test('removes a row and draws none', async () => {
    await press('Create 1,000')
    expect(await drawnFor('Remove', () => page.locator('[aria-label="Remove 7"]').click())).toBe(0)
    expect(idsOf(await rows())).toEqual(idsFrom(1, 1000).filter((id) => id !== 7))
    expect((await idsThatWereThere()).length).toBe(999)
  })

  test('is worked by the keyboard alone', async () => {
    const focused = () =>
      page.evaluate(() => Number(document.activeElement?.closest('tr')?.querySelector('.id')?.textContent))
    await page.locator('.operations button').first().focus()
    await drawnFor('Create 1,000', () => page.keyboard.press('Enter'))

    for (let stops = 0; stops < 6; stops += 1) await page.keyboard.press('Tab')
    for (let downs = 0; downs < 3; downs += 1) await page.keyboard.press('ArrowDown')
    expect(await focused()).toBe(3)
    await drawnFor('Select', () => page.keyboard.press('Enter'))
    expect((await rows())[2]?.[2]).toBe(true)

    await drawnFor('Remove', () => page.keyboard.press('Delete'))
    expect(await focused()).toBe(4)
    expect(idsOf(await rows()).slice(0, 4)).toEqual([1, 2, 4, 5])

    await page.keyboard.press('End')
    expect(await focused()).toBe(1000)
    await page.keyboard.press('Delete')
    expect(await focused()).toBe(999)
    await page.keyboard.press('Home')
    expect(await focused()).toBe(1)
  })

  test.each([320, 390, 768])('has nothing to scroll sideways at a width of %i', async (width) => {
    await page.context().close()
    await open({ width, height: 800 })
    await press('Create 1,000')
    const overflow = await page.evaluate(() => {
      const sheet = document.querySelector('.sheet')
      return [
        document.documentElement.scrollWidth - innerWidth,
        sheet && sheet.scrollWidth - sheet.clientWidth,
      ]
    })
    expect(overflow).toEqual([0, 0])
  })
})
