import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright'
import { expect, test } from 'vitest'
import { verdictTexts } from '../../src/experiment/report/messages.ts'
import type { Report } from '../../src/experiment/report/report.ts'
import { scratch } from '../../src/experiment/testing/comparable.ts'
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
