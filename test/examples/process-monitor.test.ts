// The example as its user has it: the real server, this machine's processes, a real Chromium. It takes tidemap from `dist`.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Page } from 'playwright'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { Example } from '../support/example.ts'

let example: Example
let page: Page
let children: ChildProcess[]

beforeAll(async () => {
  example = await Example.start('process-monitor')
})

afterAll(async () => {
  await example?.stop()
})

async function open(path: string, viewport: { width: number; height: number }): Promise<void> {
  page = await example.open(path, viewport)
  await page.locator('.row').first().waitFor()
}

const row = (pid: number) => page.locator(`.row[data-pid="${pid}"]`)
const note = (pid: number) => page.getByLabel(`Note on ${pid}`, { exact: true })
const button = (name: string) => page.getByRole('button', { name, exact: true })
const filter = (text: string) => page.getByLabel('Filter').fill(text)
const figure = async (name: string, store = 'processes') =>
  Number(await page.locator(`[data-figure=${name}] [data-store=${store}]`).textContent())

/** A real process, to be found in the list. */
async function startProcess(
  script = 'setInterval(() => {}, 1000)',
): Promise<{ pid: number; end: () => Promise<void> }> {
  const child = spawn(process.execPath, ['-e', script], { stdio: 'ignore' })
  await once(child, 'spawn')
  children.push(child)
  const end = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  return { pid: child.pid ?? 0, end }
}

describe.each([
  { made: 'in plain DOM', path: '' },
  { made: 'in React', path: 'react' },
])('the page $made', ({ path }) => {
  beforeEach(async () => {
    children = []
    await open(path, { width: 1400, height: 900 })
  })

  afterEach(async () => {
    for (const child of children) child.kill('SIGKILL')
    expect(await example.closePages()).toEqual([])
  })

  describe('processes', () => {
    test('this process is in the list, under its name and user', async () => {
      await filter(String(process.pid))
      await row(process.pid).waitFor()
      expect(await row(process.pid).locator('.process').textContent()).not.toBe('')
      expect(await row(process.pid).locator('.memory').textContent()).toMatch(/iB$/)
    })

    test('rows are drawn again by themselves, and not all of them', async () => {
      const draws = () =>
        page
          .locator('.row')
          .evaluateAll((rows) => rows.map((row) => Number((row as HTMLElement).dataset['draws'])))
      await expect.poll(async () => Math.max(...(await draws())), { timeout: 15_000 }).toBeGreaterThan(4)
      expect(Math.min(...(await draws()))).toBe(1)
      await expect.poll(() => figure('views'), { timeout: 15_000 }).toBeGreaterThan(0)
    })

    test('a process comes and goes with its row', async () => {
      const child = await startProcess()
      await filter(String(child.pid))
      await row(child.pid).waitFor()
      await child.end()
      await row(child.pid).waitFor({ state: 'detached' })
    })

    test('the row under the pointer keeps its place while others overtake it', async () => {
      await row(1).hover()
      const place = () =>
        page.locator('.row').evaluateAll((rows) => rows.findIndex((element) => element.matches(':hover')))
      const before = await place()
      const busy = await startProcess('for (;;);')
      const share = async () => Number(await row(busy.pid).locator('.percent').textContent())
      await expect.poll(share, { timeout: 15_000 }).toBeGreaterThan(20)
      await busy.end()
      await row(busy.pid).waitFor({ state: 'detached' })

      // A row that React has moved on its way to the same place is under the pointer again after the next layout.
      await expect.poll(place, { timeout: 15_000 }).toBe(before)
      expect(await page.locator('.row:hover').getAttribute('data-pid')).toBe('1')
    })

    test('with threads there are hundreds of rows, or as many as the machine has', async () => {
      const before = await page.locator('.row').count()
      await page.getByRole('checkbox', { name: 'Threads' }).check()
      await expect.poll(() => page.locator('.row').count(), { timeout: 15_000 }).toBeGreaterThan(before)
      const shown = await page.locator('.count').textContent()
      expect(shown).toMatch(/^(\d+) of \1$/)
    })
  })

  test('freeze shows the old view while the store goes on', async () => {
    await page.waitForTimeout(500)
    await button('Freeze').click()
    const shown = () => page.locator('.rows').textContent()
    const before = await shown()
    const promotions = await figure('promotions')
    await expect.poll(() => figure('promotions'), { timeout: 15_000 }).toBeGreaterThan(promotions + 4)
    expect(await shown()).toBe(before)

    await button('Freeze').click()
    await expect.poll(shown, { timeout: 15_000 }).not.toBe(before)
  })

  test('the timeline goes back by the keyboard', async () => {
    const slider = page.getByLabel('Moment shown')
    await expect.poll(() => figure('promotions'), { timeout: 15_000 }).toBeGreaterThan(6)
    await slider.focus()
    for (let step = 0; step < 4; step += 1) await page.keyboard.press('ArrowLeft')
    expect(await button('Freeze').getAttribute('aria-pressed')).toBe('true')
    expect(await page.locator('.when').textContent()).toMatch(/ s ago, \d+ rows have changed since/)
    await page.keyboard.press('End')
    expect(await button('Freeze').getAttribute('aria-pressed')).toBe('false')
  })

  describe('a note', () => {
    /** The slow service takes as long as the test does, however slowly the machine types. */
    const holdTidying = async () => {
      let letGo = () => {}
      const held = new Promise<void>((resolve) => {
        letGo = resolve
      })
      await page.route('**/api/tidy', async (route) => {
        await held
        await route.continue()
      })
      return letGo
    }
    const typed = 'the quick brown fox jumps over it'

    test.each([
      ['while samples arrive', false],
      ['while samples arrive and a slow writer holds the turn', true],
    ])('typed fast in the middle keeps every character and the caret %s', async (_name, isBusy) => {
      await page.getByRole('checkbox', { name: 'Threads' }).check()
      await note(process.pid).waitFor()
      await note(process.pid).fill('beginning end')
      const letGo = await holdTidying()
      if (isBusy) await button(`Tidy the note on ${process.pid}`).click()
      await note(process.pid).focus()
      await note(process.pid).evaluate((field) => (field as HTMLInputElement).setSelectionRange(9, 9))

      await page.keyboard.type(` ${typed}`, { delay: 25 })

      const state = () =>
        note(process.pid).evaluate((field) => {
          const { value, selectionStart } = field as HTMLInputElement
          return { value, selectionStart, hasFocus: document.activeElement === field }
        })
      const expected = { value: `beginning ${typed} end`, selectionStart: 10 + typed.length, hasFocus: true }
      expect(await state()).toEqual(expected)
      if (isBusy) await expect.poll(() => figure('running', 'notes'), { timeout: 15_000 }).toBe(1)
      letGo()
      await expect.poll(() => figure('running', 'notes'), { timeout: 15_000 }).toBe(0)
      await page.waitForTimeout(600)
      expect(await state()).toEqual(expected)
      expect(await figure('layers', 'notes')).toBe(0)
    })

    test('is tidied by the slow service', async () => {
      await filter(String(process.pid))
      await note(process.pid).fill('  so   it is')
      await button(`Tidy the note on ${process.pid}`).click()
      await expect.poll(() => note(process.pid).inputValue(), { timeout: 15_000 }).toBe('So it is.')
    })

    test('outlives its process', async () => {
      const child = await startProcess()
      await filter(String(child.pid))
      await note(child.pid).fill('mine')
      await child.end()
      await button(`Remove ${child.pid}`).click()
      await row(child.pid).waitFor({ state: 'detached' })
    })
  })

  describe('the action', () => {
    test('is pending, then shows what it found', async () => {
      await filter(String(process.pid))
      await button(`Inspect ${process.pid}`).click()
      await button(`Stop ${process.pid}`).waitFor()
      expect(await row(process.pid).getAttribute('aria-busy')).toBe('true')
      await button(`Close ${process.pid}`).waitFor()
      expect(await row(process.pid).locator('.details').textContent()).toContain('Command')
      await button(`Close ${process.pid}`).click()
      expect(await row(process.pid).locator('.details').isHidden()).toBe(true)
    })

    test('is aborted, and leaves nothing behind', async () => {
      await filter(String(process.pid))
      const failed = page.waitForEvent('requestfailed')
      await button(`Inspect ${process.pid}`).click()
      await page.waitForTimeout(300)
      await button(`Stop ${process.pid}`).click()
      await button(`Inspect ${process.pid}`).waitFor()
      await failed
      expect(await row(process.pid).locator('.details').isHidden()).toBe(true)
      await expect.poll(() => figure('running', 'inspections'), { timeout: 15_000 }).toBe(0)
    })
  })

  test.each([320, 390, 768])('at a width of %i nothing has to be scrolled sideways', async (width) => {
    await page.context().close()
    await open(path, { width, height: 800 })
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
    expect(overflow).toBe(0)
    await page
      .getByLabel(/^Note on/)
      .first()
      .fill('a note')
  })
})

describe('the server', () => {
  test('answers its own page only', async () => {
    const foreign = await fetch(`${example.address}api/inspect/${process.pid}`, {
      method: 'POST',
      headers: { Origin: 'http://example.com' },
    })
    expect(foreign.status).toBe(403)
  })

  test('says where a process is not there any more', async () => {
    const child = await startProcess()
    await child.end()
    const answer = await fetch(`${example.address}api/inspect/${child.pid}`, { method: 'POST' })
    expect(answer.status).toBe(404)
  })
})
