import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Page } from 'playwright'
import { expect, test } from 'vitest'
import { verdictTexts } from '../../src/experiment/report/messages.ts'
import type { Report } from '../../src/experiment/report/report.ts'
import { lock } from '../../src/experiment/run/lock.ts'
import { scratch } from '../../src/experiment/testing/comparable.ts'
import { unfinished } from '../../src/lab/server/testing/lab.ts'
import { sentences, stateTexts, texts } from '../../src/lab/texts.ts'
import { readLab, word } from './testing/reader.ts'
import { judgedRun } from './testing/runs.ts'

const { lab, read } = readLab()

/** Starts a run of the walk by its form; it takes some `steps` · 60 ms. Returns its folder. */
async function start(page: Page, steps: number): Promise<string> {
  await page.goto(`${lab.url}/start/walk`)
  await page.getByLabel('steps', { exact: true }).fill(String(steps))
  await page.getByRole('button', { name: word(texts.start), exact: true }).click()
  await page.waitForURL(/\/runs\/walk\/./)
  return join(lab.root, decodeURIComponent(new URL(page.url()).pathname.slice('/runs/'.length)))
}

const facts = (page: Page) => page.locator('main header').first()

/** Until the page says that the claims are judged. */
const judged = (page: Page) => facts(page).getByText(word(stateTexts.holds)).waitFor()

/** What has the focus: its id, or else its words. */
const focused = (page: Page) => page.evaluate(() => document.activeElement?.id || (document.activeElement as HTMLElement)?.innerText)

const reportOf = (folder: string): Report => JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8'))

/** What was measured and judged, seed by seed. */
const measurements = ({ claims, controls }: Report) => JSON.stringify({ claims, controls })

test('a run from its form to its judged claims: curves while it goes, verdicts at its end, without a reload', async () => {
  const { page, abroad, complaints, close } = await read(lab.url)
  const folder = await start(page, 60)
  await facts(page).getByText(word(texts.running)).waitFor()
  await page.locator('#curves svg').first().waitFor()
  expect(existsSync(join(folder, 'report.json'))).toBe(false)
  await page.evaluate(() => Object.assign(window, { sameDocument: true }))
  await judged(page)
  const { claims } = reportOf(folder)
  for (const { id, verdict, statement } of claims) {
    const row = await page.locator(`#claim-${id}`).innerText()
    expect(row).toContain(statement)
    expect(row).toContain(word(verdictTexts[verdict]))
  }
  expect(claims).not.toHaveLength(0)
  expect(await page.locator('#repeat').innerText()).toContain(`quire run --like ${folder}`)
  expect(await page.evaluate(() => 'sameDocument' in window)).toBe(true)
  expect([abroad, complaints]).toEqual([[], []])
  await close()
})

test('what cannot be right is said beside its field, before and after it is asked', async () => {
  const { page, close } = await read(`${lab.url}/start/walk`)
  await page.getByLabel('steps', { exact: true }).fill('many')
  await page.getByText(word(texts.notANumber)).waitFor()
  expect(await page.getByRole('button', { name: word(texts.start), exact: true }).isDisabled()).toBe(true)
  await page.getByLabel('steps', { exact: true }).fill('')
  await page.getByLabel(word(texts.seedsField), { exact: true }).fill('0')
  await page.getByText(word(sentences.notWholeNumber('0', 1))).waitFor()
  await close()
})

test('what only the server can refuse is said beside its field, which has the focus', async () => {
  const { page, close } = await read(`${lab.url}/start/walk`)
  await page.getByLabel('steps', { exact: true }).fill('1e300')
  await page.getByRole('button', { name: word(texts.start), exact: true }).click()
  await page.locator('#set-steps-help strong').getByText("'1e300' is not a value for it").waitFor()
  expect(await focused(page)).toBe('set-steps')
  await page.getByLabel('steps', { exact: true }).fill('5')
  expect(await page.locator('main .problem').count()).toBe(0)
  await close()
})

test('the focus stays where somebody was when a run is stopped, gone on with, and over', async () => {
  const { page, close } = await read(lab.url)
  await start(page, 60)
  await page.getByRole('button', { name: word(texts.stop), exact: true }).press('Enter')
  await facts(page).getByText(word(texts.interrupted)).waitFor()
  await expect.poll(() => focused(page)).toBe(word(texts.resume))
  await page.keyboard.press('Enter')
  await facts(page).getByText(word(texts.running)).waitFor()
  await expect.poll(() => focused(page)).toBe(word(texts.stop))
  await judged(page)
  const heading = await page.getByRole('heading', { level: 1 }).innerText()
  await expect.poll(() => focused(page)).toBe(heading)
  await close()
})

test('a run is stopped and gone on with, and ends with the numbers of one that was left alone', async () => {
  const { page, complaints, close } = await read(lab.url)
  const folder = await start(page, 80)
  await page.locator('#curves svg').first().waitFor()
  await page.getByRole('button', { name: word(texts.stop), exact: true }).click()
  await facts(page).getByText(word(texts.interrupted)).waitFor()
  expect(existsSync(join(folder, 'lock'))).toBe(false)
  expect(existsSync(join(folder, 'report.json'))).toBe(false)
  await page.getByRole('button', { name: word(texts.resume), exact: true }).click()
  await facts(page).getByText(word(texts.running)).waitFor()
  await judged(page)
  const alone = await judgedRun(scratch(), 'alone', { steps: 80 })
  expect(measurements(reportOf(folder))).toBe(measurements(alone))
  expect(complaints).toEqual([])
  await close()
})

test('the server goes and comes back while a run goes on: the page says so, recovers, and misses nothing', async () => {
  const { page, abroad, close } = await read(lab.url)
  const folder = await start(page, 120)
  await page.locator('#curves svg').first().waitFor()
  await page.evaluate(() => Object.assign(window, { sameDocument: true }))
  await lab.stop()
  await page.getByText(word(texts.noConnection)).waitFor()
  const before = readFileSync(join(folder, 'metrics.jsonl'), 'utf8').length
  await expect.poll(() => readFileSync(join(folder, 'metrics.jsonl'), 'utf8').length).toBeGreaterThan(before)
  await lab.start()
  await page.getByText(word(texts.noConnection)).waitFor({ state: 'detached' })
  await judged(page)
  expect(await page.evaluate(() => 'sameDocument' in window)).toBe(true)
  expect(reportOf(folder).claims.map(({ verdict }) => verdict)).toEqual(['holds', 'holds'])
  expect(abroad).toEqual([])
  await close()
})

test('a run that somebody finishes from a terminal between two looks is shown finished', async () => {
  await judgedRun(lab.root, 'finished')
  const record = join(lab.root, 'walk', 'finished', 'run.json')
  const finished = readFileSync(record, 'utf8')
  unfinished(dirname(record))
  const { page, close } = await read(`${lab.url}/runs/walk/finished`)
  await facts(page).getByText(word(texts.interrupted)).waitFor()
  writeFileSync(record, finished)
  await judged(page)
  await facts(page).getByText(word(texts.complete)).waitFor()
  await close()
})

test('more runs than a browser has connections are followed side by side, and leave room for others', async () => {
  const ids = Array.from({ length: 7 }, (_, i) => `beside-${i}`)
  await judgedRun(lab.root, ids[0])
  const folders = ids.map((id) => join(lab.root, 'walk', id))
  for (const folder of folders.slice(1)) cpSync(folders[0], folder, { recursive: true })
  const releases = folders.map((folder) => lock(unfinished(folder)))
  const { page, close } = await read(`${lab.url}/compare?${new URLSearchParams(ids.map((id) => ['run', `walk/${id}`]))}`)
  const listed = (id: string) => page.locator('.compared li').filter({ hasText: id })
  for (const id of ids) await page.locator('.legend, #curves').getByText(id).first().waitFor()
  const other = await page.context().newPage()
  await other.goto(`${lab.url}/runs`)
  await other.getByText('/beside-6').waitFor()
  for (const release of releases) release()
  for (const id of ids) await listed(id).getByText(word(texts.interrupted)).waitFor()
  await close()
})

test('a run that was started elsewhere is shown, streamed and stopped like one from the page', async () => {
  const elsewhere = await read(lab.url)
  const folder = await start(elsewhere.page, 100)
  await elsewhere.close()
  const { page, close } = await read(`${lab.url}/runs`)
  const row = page.getByRole('row').filter({ hasText: word(texts.running) })
  await row.getByRole('link').first().click()
  await page.getByRole('button', { name: word(texts.stop), exact: true }).click()
  await facts(page).getByText(word(texts.interrupted)).waitFor()
  expect(existsSync(join(folder, 'lock'))).toBe(false)
  await close()
})
