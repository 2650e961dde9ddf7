import { expect, test } from 'vitest'
import { demoTexts, digitTexts, outcomeTexts, textTexts, uTurnTexts } from '../../src/lab/page/demos/texts.ts'
import { readLab, word } from './testing/reader.ts'

// The models run in the page: whatever the lab’s server is asked for is a file.
const { lab, read } = readLab()

test('a digit is recognised, explained twice, and changed until the explanations part', async () => {
  const { page, abroad, complaints, close } = await read(`${lab.url}/demos/digit`)
  const change = page.getByRole('button', { name: word(digitTexts.perturb) })
  await expect.poll(() => change.isEnabled(), { timeout: 60_000 }).toBe(true)
  const shares = (await page.locator('.pair').innerText()).match(/\d+\.\d(?= %)/g)!.map(Number)
  // Ten probabilities of each network; the digit that is there at first is a four.
  for (const own of [shares.slice(0, 10), shares.slice(10, 20)]) {
    expect(own.reduce((sum, share) => sum + share, 0)).toBeCloseTo(100, 0)
    expect(own.indexOf(Math.max(...own))).toBe(4)
  }
  await change.focus()
  await page.keyboard.press('Enter')
  const outcomes = Object.values(outcomeTexts).map((text) => word(text))
  await expect.poll(async () => outcomes.includes(await page.locator('.outcome').innerText()), { timeout: 60_000 }).toBe(true)
  expect([abroad, complaints]).toEqual([[], []])
  await close()
})

test('a U-turn of little noise brings the same digit back, one of much noise another', async () => {
  const { page, abroad, complaints, close } = await read(`${lab.url}/demos/u-turn`)
  const go = page.getByRole('button', { name: word(uTurnTexts.go) })
  await expect.poll(() => go.isEnabled(), { timeout: 60_000 }).toBe(true)
  await page.getByLabel(word(uTurnTexts.samples)).fill('2')
  const depth = page.getByRole('slider').first()
  const correlations = async (key: 'Home' | 'End') => {
    await depth.focus()
    await page.keyboard.press(key)
    await go.click()
    await expect.poll(() => go.isEnabled(), { timeout: 100_000 }).toBe(true)
    return (await page.locator('ol.samples li').allInnerTexts()).map(Number)
  }
  const near = await correlations('Home')
  expect(near).toHaveLength(2)
  for (const correlation of near) expect(correlation).toBeGreaterThan(0.9)
  for (const correlation of await correlations('End')) expect(correlation).toBeLessThan(0.8)
  expect([abroad, complaints]).toEqual([[], []])
  await close()
})

test('a text is gone on with, the same for the same seed, and can be stopped', async () => {
  const { page, abroad, complaints, close } = await read(`${lab.url}/demos/text`)
  const go = page.getByRole('button', { name: word(textTexts.go), exact: true })
  const tokens = page.getByRole('spinbutton', { name: word(textTexts.length) })
  const written = async (count: string, meanwhile = async () => {}) => {
    await expect.poll(() => go.isEnabled(), { timeout: 60_000 }).toBe(true)
    await tokens.fill(count)
    await go.click()
    await meanwhile()
    await expect.poll(() => go.isEnabled(), { timeout: 60_000 }).toBe(true)
    return page.locator('.completion .new').innerText()
  }
  // The model comes only after the page has asked for the next token as well, unbidden: its answer, which is late, takes nothing away.
  let release = () => {}
  const held = new Promise<void>((resolve) => (release = resolve))
  await page.route('**/text-lisa*', (route) => held.then(() => route.continue()))
  await page.reload()
  const first = await written('24', async () => {
    await page.waitForTimeout(500)
    release()
  })
  expect(new TextEncoder().encode(first).length).toBeGreaterThanOrEqual(20)
  expect(await written('24')).toBe(first)
  const chances = (await page.locator('table.bars .value').allInnerTexts()).map((text) => Number.parseFloat(text))
  expect(Math.max(...chances)).toBeLessThanOrEqual(100)
  expect(chances).toEqual([...chances].sort((a, b) => b - a))
  await tokens.fill('600')
  await go.click()
  await page.getByRole('button', { name: word(textTexts.stop), exact: true }).click()
  await expect.poll(() => go.isEnabled(), { timeout: 10_000 }).toBe(true)
  expect(await page.getByText(word(demoTexts.failed)).count()).toBe(0)
  expect([abroad, complaints]).toEqual([[], []])
  await close()
})
