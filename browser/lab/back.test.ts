import { cpSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright'
import { expect, test } from 'vitest'
import { sentences, texts } from '../../src/lab/texts.ts'
import { readLab, word } from './testing/reader.ts'
import { judgedRun } from './testing/runs.ts'

const { lab, read } = readLab(async ({ root }) => {
  await judgedRun(root, 'run-00')
  for (let i = 1; i < 60; i++)
    cpSync(join(root, 'walk', 'run-00'), join(root, 'walk', `run-${String(i).padStart(2, '0')}`), { recursive: true })
})

/** Scrolls as far, once there is so much. */
async function scroll(page: Page, to: number): Promise<void> {
  const reached = async () => {
    await page.evaluate((to) => scrollTo(0, to), to)
    return scrolled(page)
  }
  await expect.poll(reached).toBe(to)
}
const scrolled = (page: Page) => page.evaluate(() => scrollY)

/** Follows the link that is highest in the window. */
const followLink = (page: Page, of: string) =>
  page.evaluate((of) => {
    const links = [...document.querySelectorAll<HTMLAnchorElement>(of)]
    links.find((link) => link.getBoundingClientRect().top > 0)!.click()
  }, of)

test('Back leads to the place in the list of runs, and to its marks', async () => {
  const { page, complaints, close } = await read(`${lab.url}/runs`)
  for (const id of ['run-03', 'run-04']) await page.getByLabel(word(sentences.mark(`walk/${id}`))).check()
  await scroll(page, 900)
  await followLink(page, 'th.run a')
  await page.getByRole('heading', { level: 1, name: 'run-' }).waitFor()
  expect(await scrolled(page)).toBe(0)
  await page.goBack()
  await expect.poll(() => scrolled(page)).toBe(900)
  await page.getByRole('link', { name: word(sentences.compareMarked(2)) }).waitFor()
  await page.goForward()
  await page.getByRole('heading', { level: 1, name: 'run-' }).waitFor()
  await expect.poll(() => scrolled(page)).toBe(0)
  expect(complaints).toEqual([])
  await close()
})

test('Back leads to the place among the papers, and so does a reload', async () => {
  const { page, complaints, close } = await read(lab.url)
  await scroll(page, 900)
  await followLink(page, 'main h2 a')
  await page.getByRole('heading', { level: 2, name: word(texts.whatItDoes) }).waitFor()
  await page.goBack()
  await expect.poll(() => scrolled(page)).toBe(900)
  await page.reload()
  await expect.poll(() => scrolled(page)).toBe(900)
  expect(complaints).toEqual([])
  await close()
})

test('Back leads to a form as it was filled in', async () => {
  const { page, complaints, close } = await read(`${lab.url}/start/walk`)
  await page.getByRole('radio', { name: 'smoke' }).check()
  await page.getByLabel('steps', { exact: true }).fill('7')
  await page.getByLabel(word(texts.seedsField), { exact: true }).fill('4')
  await page.getByRole('link', { name: word(texts.catalogue), exact: true }).click()
  await page.getByRole('heading', { level: 1, name: word(texts.catalogue) }).waitFor()
  await page.goBack()
  await page.getByText('npx quire run walk --preset smoke --seeds 4 --set steps=7').waitFor()
  expect(await page.getByLabel(word(texts.seedsField), { exact: true }).inputValue()).toBe('4')
  expect(complaints).toEqual([])
  await close()
})

test('the link to the content stays in the view', async () => {
  const { page, close } = await read(lab.url)
  await scroll(page, 900)
  await page.getByRole('link', { name: word(texts.skip) }).focus()
  await page.keyboard.press('Enter')
  await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe('main')
  await page.goBack()
  expect(new URL(page.url()).hash).toBe('')
  await close()
})
