// The example as its user has it: the real server, a real Chromium, `dist`. What goes wrong is ordered from the server: nothing sleeps.
import type { Page } from 'playwright'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Order } from '../../examples/kitchen/protocol.ts'
import { Example } from '../support/example.ts'

let example: Example
let page: Page

async function order(wanted: Order): Promise<void> {
  const answer = await fetch(`${example.address}orders`, { method: 'POST', body: JSON.stringify(wanted) })
  expect(answer.status).toBe(200)
}
const hold = (path: string, count = 1) => order({ do: 'hold', path, count })
const fail = (path: string, count = 1) => order({ do: 'fail', path, count })
const release = (path: string, fails = false) => order({ do: 'release', path, fails })

beforeAll(async () => {
  example = await Example.start('kitchen')
})

afterAll(async () => {
  await example?.stop()
})

beforeEach(async () => {
  await order({ do: 'reset' })
  await open({ width: 1400, height: 900 })
})

afterEach(async () => {
  expect((await example.closePages()).filter((text) => !ORDERED.test(text))).toEqual([])
})

/** What the browser itself says of every answer that is an error. */
const ORDERED = /^Failed to load resource: the server responded with a status of 503/

async function open(viewport: { width: number; height: number }): Promise<void> {
  page = await example.open('', viewport)
}

const button = (name: string) => page.getByRole('button', { name, exact: true })
const dish = (id: number) => page.locator(`[data-dish="${id}"]`)
const portions = (id: number) => dish(id).locator('.portions')
const pageStatus = (number: number) => page.locator('#pages .status').nth(number - 1)
const failures = () => page.locator('#failures li')
const log = (what: string | RegExp, state?: string) =>
  page
    .locator(state === undefined ? '#log li' : `#log li[data-state="${state}"]`)
    .filter({ has: page.locator('.what', { hasText: what }) })
const figure = (name: string) => page.locator(`[data-figure="${name}"]`)

/** Text and counts settle by themselves; a deadline is a failure. */
const shows = (read: () => Promise<unknown>) => expect.poll(read, { timeout: 20_000, interval: 20 })
const text = (of: { textContent(): Promise<string | null> }) => shows(() => of.textContent())
const count = (of: { count(): Promise<number> }) => shows(() => of.count())

describe('pages', () => {
  test('come one after the other, each with its status in words', async () => {
    await text(pageStatus(1)).toBe('success · idle')
    await count(page.locator('.dish')).toBe(8)
    await hold('/api/pages/2')
    await button('Load more').click()
    await text(pageStatus(2)).toBe('pending · fetching · stale')
    await release('/api/pages/2')
    await text(pageStatus(2)).toBe('success · idle')
    await count(page.locator('.dish')).toBe(16)
    await text(page.locator('#count')).toBe('16 of 48 dishes')
  })

  test('are tried again by themselves, then say that they have failed, and load when asked again', async () => {
    await text(pageStatus(1)).toBe('success · idle')
    await fail('/api/pages/2', 3)
    await button('Load more').click()
    await text(pageStatus(2)).toBe('error · idle · stale · 3 failed')
    await count(log('GET /pages/2', 'failed')).toBe(3)
    await count(page.locator('.dish')).toBe(8)

    await button('Reload page 2').click()
    await text(pageStatus(2)).toBe('success · idle')
    await count(page.locator('.dish')).toBe(16)
  })

  test('that are stale stay on the page while they are loaded again', async () => {
    await text(pageStatus(1)).toBe('success · idle')
    await hold('/api/pages/1')
    await button('Mark all stale').click()
    await text(pageStatus(1)).toBe('success · fetching · stale')
    expect(await page.locator('.dish').count()).toBe(8)
    await release('/api/pages/1')
    await text(pageStatus(1)).toBe('success · idle')
  })

  test('wait for the network, and go on by themselves when it is there', async () => {
    await text(pageStatus(1)).toBe('success · idle')
    await page.getByLabel('Offline').check()
    await button('Load more').click()
    await text(pageStatus(2)).toBe('pending · paused · stale')
    expect(await log('GET /pages/2').count()).toBe(0)
    await page.getByLabel('Offline').uncheck()
    await text(pageStatus(2)).toBe('success · idle')
    await count(log('GET /pages/2', 'done')).toBe(1)
  })

  test('are sorted and filtered as one list, live', async () => {
    await count(page.locator('.dish')).toBe(8)
    await page.getByLabel('Sort').selectOption('by portions')
    const ids = () =>
      page.locator('.dish').evaluateAll((rows) => rows.map((row) => (row as HTMLElement).dataset['dish']))
    await shows(ids).toEqual(['4', '7', '3', '6', '2', '5', '8', '1'])
    await hold('/api/dishes/7/portions', 2)
    await button('One more portion of Smoky Salad').click()
    await button('One more portion of Smoky Salad').click()
    await shows(ids).toEqual(['7', '4', '3', '6', '2', '5', '8', '1'])
    await page.getByLabel('Kind').selectOption('pot')
    await shows(ids).toEqual(['4', '8'])
  })
})

describe('details', () => {
  test('are one request, though pointing, opening and two panels ask for them', async () => {
    await hold('/api/dishes/2')
    const row = dish(2).locator('.open')
    await row.hover()
    await count(log('GET /dishes/2', 'in flight')).toBe(1)
    await row.click()
    await text(page.locator('#recipe .status')).toBe('pending · fetching · stale')
    await text(page.locator('#shopping .status')).toBe('pending · fetching · stale')
    await release('/api/dishes/2')
    await count(page.locator('#recipe li')).toBe(5)
    await count(page.locator('#shopping li')).toBe(4)
    expect(await log('GET /dishes/2').count()).toBe(1)
  })

  test('that fail say why, and come when they are asked for again', async () => {
    await fail('/api/dishes/2', 3)
    await dish(2).locator('.open').click()
    const recipe = page.locator('#recipe')
    await text(recipe.locator('.status')).toBe('error · idle · stale · 3 failed')
    await text(recipe.locator('.error')).toBe('The kitchen has dropped it.')
    await recipe.getByRole('button', { name: 'Try again' }).click()
    await count(recipe.locator('li')).toBe(5)
    await count(page.locator('#shopping li')).toBe(4)
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('recipe')
    await count(log('GET /dishes/2')).toBe(4)
  })

  test('that nobody waits for any more are aborted; with one who stays they are not (F48)', async () => {
    await hold('/api/dishes/', 2)
    await dish(2).locator('.open').hover()
    await count(log('GET /dishes/2', 'in flight')).toBe(1)
    await dish(3).locator('.open').hover()
    await count(log('GET /dishes/2', 'aborted')).toBe(1)

    await dish(3).locator('.open').click()
    await page.locator('h1').hover()
    await release('/api/dishes/3')
    await count(page.locator('#recipe li')).toBe(5)
    expect(await log('GET /dishes/3', 'aborted').count()).toBe(0)
  })
})

describe('edits', () => {
  test('five in flight of which two fail: only these are taken back (F26)', async () => {
    await text(portions(3)).toBe('6')
    await hold('/api/dishes/3/portions', 5)
    const add = button('One more portion of Midnight Curry')
    for (let i = 0; i < 5; i += 1) await add.click()
    await text(portions(3)).toBe('11')
    await text(figure('dishes layers')).toBe('5')

    await release('/api/dishes/3/portions')
    await release('/api/dishes/3/portions', true)
    await text(figure('dishes layers')).toBe('3')
    await text(portions(3)).toBe('10')
    await release('/api/dishes/3/portions', true)
    await release('/api/dishes/3/portions')
    await release('/api/dishes/3/portions')
    await text(figure('dishes layers')).toBe('0')
    await text(portions(3)).toBe('9')
    expect(await failures().count()).toBe(2)

    await failures().first().getByRole('button', { name: 'Try again' }).click()
    await text(portions(3)).toBe('10')
    await text(figure('dishes layers')).toBe('0')
    expect(await failures().count()).toBe(1)
  })

  test('are in no answer twice and get lost in none, whatever is loaded meanwhile (F45)', async () => {
    await text(portions(3)).toBe('6')
    await hold('/api/pages/1')
    await button('Reload page 1').click()
    await hold('/api/dishes/3/portions')
    await button('One more portion of Midnight Curry').click()
    await release('/api/pages/1')
    await text(pageStatus(1)).toBe('success · idle')
    expect(await portions(3).textContent()).toBe('7')
    await release('/api/dishes/3/portions')
    await text(figure('dishes layers')).toBe('0')
    expect(await portions(3).textContent()).toBe('7')
  })

  test('of a name are taken back with the reason, and can be tried again', async () => {
    await dish(2).locator('.open').click()
    const field = page.getByLabel('Name of the dish')
    await shows(() => field.inputValue()).toBe('Sunday Risotto')
    await hold('/api/dishes/2/name')
    await field.fill('Tuesday Risotto')
    await button('Rename').click()
    await text(dish(2).locator('.open')).toBe('Tuesday Risotto')
    await text(page.locator('#recipe .title')).toBe('Tuesday Risotto')

    await release('/api/dishes/2/name', true)
    await text(failures()).toContain(
      '“Tuesday Risotto” for Sunday Risotto was taken back: The kitchen has dropped it.',
    )
    expect(await dish(2).locator('.open').textContent()).toBe('Sunday Risotto')
    expect(await field.inputValue()).toBe('Sunday Risotto')

    await button('Try again').click()
    await text(figure('dishes layers')).toBe('0')
    expect(await dish(2).locator('.open').textContent()).toBe('Tuesday Risotto')
    expect(await failures().count()).toBe(0)
  })

  test('made without a network stay on the page, and are sent when there is one', async () => {
    await text(portions(1)).toBe('0')
    await page.getByLabel('Offline').check()
    const add = button('One more portion of Smoky Ramen')
    for (let i = 0; i < 3; i += 1) await add.click()
    await text(portions(1)).toBe('3')
    await text(figure('dishes layers')).toBe('3')
    expect(await log('POST').count()).toBe(0)
    await page.getByLabel('Offline').uncheck()
    await text(figure('dishes layers')).toBe('0')
    expect(await portions(1).textContent()).toBe('3')
    const answer = await fetch(`${example.address}api/pages/1`)
    const { dishes } = (await answer.json()) as { dishes: { portions: number }[] }
    expect(dishes[0]?.portions).toBe(3)
  })
})

describe('the search', () => {
  const status = () => page.locator('#search-status')
  const matches = () => page.locator('.match').allTextContents()

  test('shows what was asked for last, and ends what was asked before (F47)', async () => {
    await hold('/api/search?q=t', 1)
    await hold('/api/search?q=ta', 1)
    const field = page.getByLabel('Search the book')
    await field.pressSequentially('t')
    await count(log('q=t', 'in flight')).toBe(1)
    await field.pressSequentially('a')
    await count(log('q=t', 'aborted')).toBe(1)
    await field.pressSequentially('rt')
    await text(status()).toBe('6 found for “tart”')
    const shown = await matches()
    expect(shown.every((name) => name.includes('Tart'))).toBe(true)
    await count(log(/q=ta$/, 'aborted')).toBe(1)
    expect(await matches()).toEqual(shown)
  })

  test('says that it has failed, and asks again', async () => {
    await fail('/api/search?q=x', 1)
    await page.getByLabel('Search the book').fill('x')
    await text(status()).toBe('Failed: The kitchen has dropped it.')
    await page.locator('.search').getByRole('button', { name: 'Try again' }).click()
    await text(status()).toBe('0 found for “x”')
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('search')
  })

  test('finds dishes of pages that are not loaded, and opens them', async () => {
    await page.getByLabel('Search the book').fill('harbour ramen')
    await button('Harbour Ramen').click()
    await text(page.locator('#recipe .title')).toBe('Harbour Ramen')
  })
})

test('everything can be done by the keyboard alone', async () => {
  await count(page.locator('.dish')).toBe(8)
  await dish(1).locator('.open').focus()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await text(page.locator('#recipe .title')).toBe('Sunday Risotto')
  await fail('/api/dishes/2/portions')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await count(failures()).toBe(1)
  await button('Try again').focus()
  await page.keyboard.press('Enter')
  await text(portions(2)).toBe('4')
  // The row that had the focus has gone; the focus has not.
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Sunday Risotto')

  await page.getByLabel('Search the book').focus()
  await page.keyboard.type('soup')
  await text(page.locator('#search-status')).toBe('6 found for “soup”')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await text(page.locator('#recipe .title')).toMatch(/Soup$/)
  await page.getByLabel('Offline').focus()
  await page.keyboard.press('Space')
  expect(await page.getByLabel('Offline').isChecked()).toBe(true)
})

test('the sliders set the trouble of the server, which keeps it', async () => {
  await page.getByLabel('Failures').focus()
  await page.keyboard.press('End')
  const weather = async () => (await fetch(`${example.address}weather`)).json()
  await shows(weather).toEqual({ latency: 0, jitter: 0, failures: 1 })
  await button('One more portion of Smoky Ramen').click()
  await count(failures()).toBe(1)
  await text(portions(1)).toBe('0')
})

test.each([320, 390, 768])(
  'at a width of %i nothing has to be scrolled sideways, and what is opened is in sight',
  async (width) => {
    await page.context().close()
    await open({ width, height: 800 })
    await fail('/api/dishes/1/portions')
    await button('One more portion of Smoky Ramen').click()
    await count(failures()).toBe(1)
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
    expect(overflow).toBe(0)
    await dish(2).locator('.open').click()
    await count(page.locator('#recipe li')).toBe(5)
    const top = () =>
      page.locator('#recipe').evaluate((panel) => panel.getBoundingClientRect().top / innerHeight)
    await shows(top).toBeGreaterThanOrEqual(0)
    await shows(top).toBeLessThan(0.5)
  },
)

test('the server answers its own page only', async () => {
  const foreign = await fetch(`${example.address}api/dishes/1/portions`, {
    method: 'POST',
    headers: { Origin: 'http://example.com' },
  })
  expect(foreign.status).toBe(403)
})
