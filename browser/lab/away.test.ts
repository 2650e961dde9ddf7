import { expect, test } from 'vitest'
import { texts } from '../../src/lab/texts.ts'
import { readLab, word } from './testing/reader.ts'

const { lab, read } = readLab()

test('a run that cannot be asked for says so in words, and the page finds out that the server is back', async () => {
  const { page, close } = await read(`${lab.url}/start/walk`)
  const start = page.getByRole('button', { name: word(texts.start), exact: true })
  await start.waitFor()
  await lab.stop()
  await start.click()
  await page.getByText(word(texts.noAnswer)).waitFor()
  expect(await page.locator('main').innerText()).not.toContain('/api/')
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe(word(texts.start))
  await page.getByText(word(texts.noConnection)).waitFor()
  await lab.start()
  await page.getByText(word(texts.noConnection)).waitFor({ state: 'detached' })
  await close()
})

test('a view that could not be loaded comes when the server is back', async () => {
  const { page, close } = await read(lab.url)
  await page.locator('main ol > li').first().waitFor()
  await lab.stop()
  await page.getByRole('link', { name: word(texts.runs), exact: true }).click()
  await page.getByText(word(texts.viewFailed)).waitFor()
  await page.getByText(word(texts.noConnection)).waitFor()
  await lab.start()
  await page.getByText(word(texts.noRuns)).waitFor()
  expect(await page.getByText(word(texts.noConnection)).count()).toBe(0)
  await close()
})
