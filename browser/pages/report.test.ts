import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { figureCsv } from '../../src/experiment/report/csv.ts'
import type { Figure } from '../../src/experiment/report/figure.ts'
import { barriers, overflow } from '../barriers.ts'
import { makePages, manyPoints } from './pages.ts'

let browser: Browser
let pages: Awaited<ReturnType<typeof makePages>>

beforeAll(async () => {
  ;[pages, browser] = await Promise.all([makePages(), chromium.launch({ executablePath: process.env.CHROMIUM, args: ['--no-sandbox'] })])
})

afterAll(() => browser.close())

const kinds = ['report', 'comparison'] as const
type Kind = (typeof kinds)[number]

interface Opened {
  readonly page: Page
  /** Everything that was asked of a network or a disk, but the file itself; and whatever the page complained of. */
  readonly requests: string[]
}

/** Opens a page as somebody who double-clicks the file. */
async function open(kind: Kind, options: BrowserContextOptions = {}, hash = ''): Promise<Opened> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: 'en-GB', ...options })
  const page = await context.newPage()
  const address = pathToFileURL(pages[kind]).href
  const requests: string[] = []
  context.on('request', (request) => {
    if (request.url().split('#')[0] !== address) requests.push(request.url())
  })
  page.on('console', (message) => requests.push(`console: ${message.text()}`))
  page.on('pageerror', (error) => requests.push(`error: ${error.message}`))
  await page.goto(address + hash)
  return { page, requests }
}

/** What is a barrier, with all folds open. Long tables are cut: their rows are alike, and each costs time. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(() => {
    for (const details of document.querySelectorAll('details')) details.open = true
    for (const row of document.querySelectorAll('figure tbody tr:nth-child(n + 10)')) row.remove()
  })
  return barriers(page)
}

describe.each(kinds)('%s', (kind) => {
  test.each([
    ['English, light', {}, '#lang=en'],
    ['Chinese, dark', { colorScheme: 'dark' }, '#lang=zh'],
    ['on a phone, as wide as at 400 % zoom', { viewport: { width: 320, height: 640 } }, ''],
  ] as const)('asks for nothing, has no barrier, and fits: %s', async (_, options, hash) => {
    const { page, requests } = await open(kind, options, hash)
    expect(await violations(page)).toEqual([])
    expect(await overflow(page)).toBe(0)
    expect(requests).toEqual([])
    await page.context().close()
  })

  test('one language is shown at a time, and charts are called and described in it', async () => {
    const { page } = await open(kind, { locale: 'zh-CN' })
    expect(await page.evaluate(() => document.documentElement.lang)).toBe('zh-CN')
    expect(await page.locator('main [lang=en]:visible').count()).toBe(0)
    const chart = page.getByRole('img', { name: /许多点$/ }).first()
    await expect(chart.getAttribute('aria-describedby')).resolves.toBeTruthy()
    const snapshot = await page.locator('main').ariaSnapshot()
    expect(snapshot).toMatch(/img "(A: |A：)?许多点"/)
    expect(snapshot).not.toContain('Many points')
    await page.getByRole('button', { name: 'English' }).click()
    expect(await page.locator('main [lang=zh]:visible').count()).toBe(0)
    expect(await page.locator('main').ariaSnapshot()).toMatch(/img "(A: )?Many points"/)
    await page.context().close()
  })

  test('on paper: the chosen language, light, no tables of figures, nothing folded that belongs there', async () => {
    const { page } = await open(kind, { colorScheme: 'dark' }, '#lang=zh')
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' })
    await page.evaluate(() => dispatchEvent(new Event('beforeprint')))
    expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe('rgb(255, 255, 255)')
    for (const hidden of ['.tools', '.contents', '.languages', '.anchor', '[lang=en]'])
      expect(await page.locator(`${hidden}:visible`).count(), hidden).toBe(0)
    expect(await page.locator('details.printed:not([open])').count()).toBe(0)
    const pdf = await page.pdf({ format: 'A4' })
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-')
    await page.context().close()
  })
})

test('axe sees a barrier where there is one', async () => {
  const { page } = await open('report')
  await page.evaluate(() => {
    document.body.insertAdjacentHTML('beforeend', '<main><p style="color:#ccc;background:#fff">pale</p><button></button></main>')
  })
  const found = await violations(page)
  for (const rule of ['color-contrast', 'button-name']) expect(found.some((line) => line.includes(` ${rule}: `))).toBe(true)
  await page.context().close()
})

test('a request would be seen', async () => {
  const { page, requests } = await open('report')
  await page.evaluate(() => document.body.insertAdjacentHTML('beforeend', '<iframe src="http://127.0.0.1:9/x"></iframe>'))
  await expect.poll(() => requests.length).toBeGreaterThan(0)
  await page.context().close()
})

test('the keyboard reaches every link, button and fold, sees where it is, and chooses the language', async () => {
  const { page } = await open('report')
  const count = await page.locator('a:visible, button:visible, summary:visible, [tabindex="0"]:visible').count()
  const reached = new Set<string>()
  for (let i = 0; i <= count + 5; i++) {
    await page.keyboard.press('Tab')
    const at = await page.evaluate(() => {
      const active = document.activeElement
      if (!active || active === document.body) return undefined
      const index = [...document.querySelectorAll('*')].indexOf(active)
      return `${index} ${getComputedStyle(active).outlineStyle}`
    })
    if (at) reached.add(at)
  }
  expect(reached.size).toBe(count)
  expect([...reached].filter((at) => !at.endsWith('solid'))).toEqual([])
  await page.getByRole('button', { name: '中文' }).focus()
  await page.keyboard.press('Enter')
  expect(await page.getByRole('button', { name: '中文' }).getAttribute('aria-pressed')).toBe('true')
  await page.context().close()
})

test('the CSV has every number, where the table has a part and says so', async () => {
  const { page, requests } = await open('report')
  const figure = page.locator('#figure-many')
  const [download] = await Promise.all([page.waitForEvent('download'), figure.getByRole('link', { name: /^CSV/ }).click()])
  expect(download.suggestedFilename()).toBe('many.csv')
  const stored = JSON.parse(readFileSync(join(pages.folder, 'artifacts', 'figures.json'), 'utf8')) as Figure[]
  const csv = readFileSync(await download.path(), 'utf8')
  expect(csv).toBe(figureCsv(stored.find(({ id }) => id === 'many')!))
  expect(csv.split('\r\n')).toHaveLength(3 * manyPoints + 2)
  await figure.locator('summary').click()
  expect(await figure.locator('tbody tr').count()).toBeLessThan(400)
  await expect(figure.getByText(/of 12,000 points/).isVisible()).resolves.toBe(true)
  expect(requests.filter((address) => !address.startsWith('data:'))).toEqual([])
  await page.context().close()
})

test('an anchor leads to its claim', async () => {
  const { page } = await open('report', { viewport: { width: 1280, height: 300 } }, '#claim-faster')
  const place = await page.locator('#claim-faster').boundingBox()
  expect(place!.y).toBeGreaterThanOrEqual(0)
  expect(place!.y).toBeLessThan(300)
  await page.context().close()
})

test('without scripts it is a page in English', async () => {
  const { page } = await open('report', { javaScriptEnabled: false, locale: 'zh-CN' })
  expect(await page.locator('main [lang=en]:visible').count()).toBeGreaterThan(50)
  expect(await page.locator('main [lang=zh]:visible').count()).toBe(0)
  await page.context().close()
})

test('how large it is, and when the first words are there', async () => {
  const { page } = await open('report')
  const paint = await page.evaluate(
    () =>
      new Promise<number>((done) => {
        new PerformanceObserver((list) => {
          for (const { name, startTime } of list.getEntries()) if (name === 'first-contentful-paint') done(startTime)
        }).observe({ type: 'paint', buffered: true })
      }),
  )
  console.log(
    `report.html with ${manyPoints} points a curve: ${Math.round(statSync(pages.report).size / 1024)} KiB, first words after ${Math.round(paint)} ms`,
  )
  await page.context().close()
})
