import { expect, test } from 'vitest'
import { papers } from '../../src/lab/papers.ts'
import { stateTexts, texts } from '../../src/lab/texts.ts'
import { methods } from '../../src/methods/index.ts'
import { readLab, word } from './testing/reader.ts'

const { lab, read } = readLab()

/** All papers, and the method of these tests. */
const count = papers.length + 1

test('the catalogue shows every paper with its sentence and its link, and asks nobody else', async () => {
  const { page, abroad, complaints, close } = await read(lab.url)
  await expect.poll(() => page.locator('main ol > li').count()).toBe(count)
  const main = await page.locator('main').innerText()
  for (const { title, summary } of papers) {
    expect(main).toContain(title)
    expect(main).toContain(summary.en)
  }
  for (const { arxiv } of papers) expect(await page.locator(`a[href="https://arxiv.org/abs/${arxiv}"]`).count()).toBe(1)
  expect([abroad, complaints]).toEqual([[], []])
  await close()
})

test('papers are found by words, by area and by state; the address keeps what was asked', async () => {
  const { page, complaints, close } = await read(lab.url)
  const items = page.locator('main ol > li')
  await page.getByLabel(word(texts.search)).fill('diffusion')
  await expect.poll(() => items.count()).toBeLessThan(10)
  expect(await items.allInnerTexts()).not.toHaveLength(0)
  for (const text of await items.allInnerTexts()) expect(text.toLowerCase()).toContain('diffusion')
  await page.getByLabel(word(texts.search)).fill('no such paper')
  await page.getByText(word(texts.noneFound)).waitFor()
  await page.getByLabel(word(texts.search)).fill('')
  await page.getByRole('combobox', { name: word(texts.area) }).selectOption({ label: 'audio' })
  await expect.poll(() => items.count()).toBe(papers.filter(({ area }) => area.en === 'audio').length)
  expect(new URL(page.url()).searchParams.get('area')).toBe('audio')
  await page.reload()
  await expect.poll(() => items.count()).toBe(papers.filter(({ area }) => area.en === 'audio').length)
  await page.getByRole('combobox', { name: word(texts.area) }).selectOption({ label: word(texts.all) })
  await page.getByRole('combobox', { name: word(texts.state) }).selectOption({ label: word(stateTexts.notBuilt) })
  await expect.poll(() => items.count()).toBe(papers.length - methods.length)
  expect(complaints).toEqual([])
  await close()
})

test('Chinese papers are found by Chinese words', async () => {
  const { page, close } = await read(`${lab.url}/?lang=zh`)
  await page.getByLabel(word(texts.search, 'zh')).fill('乘法器')
  await expect.poll(() => page.locator('main ol > li').count()).toBe(1)
  expect(await page.locator('main ol > li').innerText()).toContain('RL-MUL')
  await close()
})

test('a paper’s page says what the method does, how it is used, and what was measured', async () => {
  const { page, abroad, complaints, close } = await read(lab.url)
  await page.getByRole('link', { name: papers.find(({ name }) => name === 'ramda')!.title }).click()
  await page.getByRole('heading', { level: 1, name: /Dual Averaging/ }).waitFor()
  expect(new URL(page.url()).pathname).toBe('/papers/ramda')
  const main = await page.locator('main').innerText()
  for (const paragraph of papers.find(({ name }) => name === 'ramda')!.text.en.split('\n\n')) expect(main).toContain(paragraph)
  expect(main).toContain('npx quire run ramda')
  expect(main).toContain("from 'quire/ramda'")
  const { kept, verbs } = await (await page.request.get(`${lab.url}/api/papers/ramda`)).json()
  expect(kept.claims).not.toHaveLength(0)
  for (const { statement } of kept.claims) expect(main).toContain(statement)
  for (const { example } of verbs) expect(main).toContain(example)
  await page.goBack()
  await expect.poll(() => page.locator('main ol > li').count()).toBe(count)
  expect([abroad, complaints]).toEqual([[], []])
  await close()
})

test('a paper that is no method yet says so, and offers no run', async () => {
  const { page, complaints, close } = await read(`${lab.url}/papers/mert`)
  await page.getByText(word(texts.notBuiltYet)).first().waitFor()
  expect(await page.getByRole('link', { name: word(texts.startRun) }).count()).toBe(0)
  expect(complaints).toEqual([])
  await close()
})

test('an address of nothing is answered in a line, with a way back', async () => {
  const { page, close } = await read(`${lab.url}/papers/nothing`)
  await page.getByText('there is no such paper').waitFor()
  await page.getByRole('heading', { level: 1, name: 'nothing' }).waitFor()
  expect(await page.title()).toBe('nothing · Quire')
  await page.goto(`${lab.url}/no/such/place`)
  await page.getByText(word(texts.nothingHere)).waitFor()
  await page.getByRole('link', { name: word(texts.toPapers) }).click()
  await expect.poll(() => page.locator('main ol > li').count()).toBe(count)
  await close()
})

test('commands are copied', async () => {
  const { page, close } = await read(`${lab.url}/papers/prgd`, { permissions: ['clipboard-read', 'clipboard-write'] })
  await page.getByRole('button', { name: 'npx quire run prgd' }).first().click()
  await page.getByText(word(texts.copied)).first().waitFor()
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('npx quire run prgd')
  await close()
})
