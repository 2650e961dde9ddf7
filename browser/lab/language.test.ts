import type { Page } from 'playwright'
import { expect, test } from 'vitest'
import { texts } from '../../src/lab/texts.ts'
import { readLab, word } from './testing/reader.ts'

const { lab, read } = readLab()

/** The language that a page says it is in, once its heading is in that language too. */
async function languageOf(page: Page): Promise<string> {
  await page.getByRole('heading', { level: 1 }).waitFor()
  const [declared, heading] = [await page.locator('html').getAttribute('lang'), await page.getByRole('heading', { level: 1 }).innerText()]
  return heading === word(texts.catalogue, 'zh') && declared === 'zh-CN'
    ? 'zh'
    : heading === word(texts.catalogue)
      ? 'en'
      : `${declared}: ${heading}`
}

test.each([
  ['zh-CN', 'zh'],
  ['en-GB', 'en'],
  ['fr-FR', 'en'],
] as const)('a browser in %s reads %s', async (locale, language) => {
  const { page, close } = await read(lab.url, { locale })
  expect(await languageOf(page)).toBe(language)
  await close()
})

test('what the reader chose comes before the browser, and the address before both', async () => {
  const { page, close } = await read(lab.url, { locale: 'en-GB' })
  await page.getByRole('button', { name: '中文' }).click()
  await expect.poll(() => languageOf(page)).toBe('zh')
  await page.reload()
  expect(await languageOf(page)).toBe('zh')
  await page.goto(`${lab.url}/?lang=en`)
  expect(await languageOf(page)).toBe('en')
  await page.goto(lab.url)
  expect(await languageOf(page)).toBe('zh')
  await page.getByRole('button', { name: 'English' }).click()
  await expect.poll(() => languageOf(page)).toBe('en')
  await close()
})

test('a switch changes an address that names a language, and stays in the view', async () => {
  const { page, close } = await read(`${lab.url}/papers/u-turn?lang=en`)
  await page.getByRole('heading', { level: 2, name: word(texts.whatItDoes) }).waitFor()
  await page.getByRole('button', { name: '中文' }).click()
  await page.getByRole('heading', { level: 2, name: word(texts.whatItDoes, 'zh') }).waitFor()
  expect(page.url()).toBe(`${lab.url}/papers/u-turn?lang=zh`)
  await page.getByRole('link', { name: word(texts.catalogue, 'zh') }).click()
  await expect.poll(() => languageOf(page)).toBe('zh')
  await close()
})

test('nonsense in the address changes nothing', async () => {
  const { page, complaints, close } = await read(`${lab.url}/?lang=<script>&q=__proto__&area=constructor&state=x`)
  expect(await page.locator('html').getAttribute('lang')).toBe('en-GB')
  expect(complaints).toEqual([])
  await close()
})
