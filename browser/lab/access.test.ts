import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { texts } from '../../src/lab/texts.ts'
import { barriers, overflow } from '../barriers.ts'
import { readLab, word } from './testing/reader.ts'

/** Pictures for whoever wants to look. */
const pictures = join(import.meta.dirname, '.pictures')

mkdirSync(pictures, { recursive: true })
const { lab, read } = readLab()

const addresses = [
  '/',
  '/papers/ramda',
  '/papers/rl-mul',
  '/runs',
  '/start/ramda',
  '/demos/digit',
  '/demos/u-turn',
  '/demos/text',
  '/engine',
]
const looks = [
  { colorScheme: 'light', language: 'en', width: 1280 },
  { colorScheme: 'dark', language: 'zh', width: 390 },
] as const

test.each(addresses.flatMap((address) => looks.map((look) => [address, look.colorScheme, look.language, look.width] as const)))(
  '%s, %s, %s, %i wide: no barrier, no sideways scrolling, nothing asked of others',
  async (address, colorScheme, language, width) => {
    const look = { colorScheme, viewport: { width, height: 900 }, reducedMotion: 'reduce' } as const
    const { page, abroad, complaints, close } = await read(`${lab.url}${address}?lang=${language}`, look)
    await page.locator('main h1').waitFor()
    await page.waitForLoadState('networkidle')
    await page.screenshot({
      path: join(pictures, `${address.slice(1).replaceAll('/', '-') || 'papers'}-${colorScheme}-${language}-${width}.png`),
    })
    expect(await barriers(page)).toEqual([])
    expect(await overflow(page)).toBeLessThanOrEqual(0)
    expect([abroad, complaints]).toEqual([[], []])
    await close()
  },
)

test('the first load is below 300 kB', async () => {
  const { page, close } = await read('about:blank')
  const sizes: Promise<number>[] = []
  page.on('requestfinished', (request) => sizes.push(request.sizes().then(({ responseBodySize }) => responseBodySize)))
  await page.goto(lab.url)
  await page.waitForLoadState('networkidle')
  const bytes = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
  expect(bytes).toBeGreaterThan(10_000)
  expect(bytes).toBeLessThan(300_000)
  await close()
})

test('keys alone lead from the catalogue to a run’s form', async () => {
  const { page, close } = await read(lab.url)
  await page.locator('main ol > li').first().waitFor()
  const pressUntil = async (wanted: () => Promise<boolean>) => {
    for (let presses = 0; presses < 120; presses++) {
      await page.keyboard.press('Tab')
      if (await wanted()) return
    }
    throw new Error('the tabulator key does not get there')
  }
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute('href') ?? document.activeElement?.textContent ?? '')
  await pressUntil(async () => (await focused()) === '/papers/ramda')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { level: 1, name: /Dual Averaging/ }).waitFor()
  await pressUntil(async () => (await focused()).startsWith('/start/ramda'))
  await page.keyboard.press('Enter')
  await page.waitForURL(/\/start\/ramda/)
  await pressUntil(async () => (await focused()).includes(word(texts.start)))
  await close()
})

test.each([800, 640])('what has the focus is seen in a window %i high, whatever stays at its bottom', async (height) => {
  const { page, close } = await read(`${lab.url}/start/ramda`, { viewport: { width: 1280, height } })
  await page.getByLabel(word(texts.seedsField), { exact: true }).waitFor()
  const hidden: string[] = []
  let fields = 0
  for (let isBefore = true; isBefore; ) {
    await page.keyboard.press('Tab')
    const focused = await page.evaluate(() => {
      const [element, panel] = [document.activeElement!, document.querySelector('.launch')!]
      const { top, bottom } = element.getBoundingClientRect()
      const isPinned = getComputedStyle(panel).position === 'sticky'
      return {
        id: element.id,
        isField: element.matches('.field *'),
        isLast: panel.contains(element),
        isSeen: top >= 0 && bottom <= (isPinned ? panel.getBoundingClientRect().top : innerHeight),
      }
    })
    if (focused.isField && !focused.isSeen) hidden.push(focused.id)
    if (focused.isField) fields++
    isBefore = !focused.isLast
  }
  expect(fields).toBeGreaterThan(10)
  expect(hidden).toEqual([])
  await close()
})
