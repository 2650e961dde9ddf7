import type { Page } from 'playwright'
import { expect, test } from 'vitest'
import { verdictTexts } from '../../src/experiment/report/messages.ts'
import { sentences, stateTexts, texts } from '../../src/lab/texts.ts'
import { readLab, word } from './testing/reader.ts'
import { corruptRuns, hostileId, hostileRun, judgedRun } from './testing/runs.ts'

const { lab, read } = readLab(async ({ root }) => {
  await Promise.all([judgedRun(root, 'good'), judgedRun(root, 'short', { steps: 7 })])
  hostileRun(root, 'good')
  corruptRuns(root, 'good')
})

const hacked = (page: Page) => page.evaluate(() => 'hacked' in window || document.title === 'hacked')

test('runs are listed, searched, sorted and compared', async () => {
  const { page, complaints, close } = await read(`${lab.url}/runs`)
  await page.getByText('/good').waitFor()
  await page.getByLabel(word(texts.search)).fill('walk/short')
  await expect.poll(() => page.getByRole('row').count()).toBe(2)
  await page.getByLabel(word(texts.search)).fill('')
  for (const id of ['good', 'short']) await page.getByLabel(word(sentences.mark(`walk/${id}`))).check()
  await page.getByRole('link', { name: word(sentences.compareMarked(2)) }).click()
  await page.getByRole('heading', { level: 1, name: word(texts.compareRuns) }).waitFor()
  await page.locator('#curves svg').first().waitFor()
  const settings = await page.locator('#settings').innerText()
  expect(settings).toContain('steps')
  expect(settings).toMatch(/20[\s\S]*7|7[\s\S]*20/)
  expect(complaints).toEqual([])
  await close()
})

test('where there is no room for the head of the table, runs are sorted by a choice', async () => {
  const { page, complaints, close } = await read(`${lab.url}/runs?q=walk&status=complete`, { viewport: { width: 768, height: 900 } })
  const order = page.getByRole('combobox', { name: word(texts.sortBy), exact: true })
  const links = page.locator('th.run a')
  await expect.poll(() => links.count()).toBeGreaterThan(2)
  for (const [value, sign] of [
    ['run', 1],
    ['-run', -1],
  ] as const) {
    await order.selectOption(value)
    await expect.poll(() => new URL(page.url()).searchParams.get('sort')).toBe(value)
    const names = await links.allInnerTexts()
    expect(names).toEqual(names.toSorted((a, b) => (a < b ? -sign : sign)))
  }
  await page.setViewportSize({ width: 1280, height: 900 })
  expect(await order.count()).toBe(0)
  expect(complaints).toEqual([])
  await close()
})

test('what is out of sight is printed, however soon', async () => {
  const { page, close } = await read(`${lab.url}/runs/walk/good`, { viewport: { width: 900, height: 160 } })
  await page.locator('#curves figure').first().waitFor({ state: 'attached' })
  const [charts, drawn] = await page.evaluate(async () => {
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))) // their width is known
    dispatchEvent(new Event('beforeprint'))
    // The page is printed before the next task, to say nothing of the next frame.
    for (let i = 0; i < 20; i++) await Promise.resolve()
    return ['#curves figure', '#curves .drawing svg'].map((what) => document.querySelectorAll(what).length)
  })
  expect(charts).toBeGreaterThan(0)
  expect(drawn).toBe(charts)
  await close()
})

test('a damaged folder costs a line, and the others nothing', async () => {
  const { page, complaints, close } = await read(`${lab.url}/runs`)
  await page.getByText('/good').waitFor()
  for (const id of ['cut-short', 'other-shape'])
    expect(
      await page
        .getByRole('row')
        .filter({ hasText: `/${id}` })
        .innerText(),
    ).toContain(word(texts.damaged))
  expect(await page.getByText('elsewhere').count()).toBe(0)
  const row = page.getByRole('row').filter({ hasText: '/good' })
  expect(await row.innerText()).toContain(word(stateTexts.holds))
  expect(complaints).toEqual([])
  await close()
})

test.each(['cut-short', 'no-metrics', 'bad-report', 'other-version', 'empty', 'other-shape', 'elsewhere', 'nowhere'])(
  'the page of walk/%s says what is wrong in a line, or shows what is left',
  async (id) => {
    const { page, complaints, close } = await read(`${lab.url}/runs/walk/${id}`)
    await expect
      .poll(async () => (await page.locator('main').innerText()).replace(word(texts.loading), ''), { timeout: 20_000 })
      .not.toBe('')
    const text = await page.locator('main').innerText()
    expect(text).not.toMatch(/at \S+ \(|TypeError|undefined|\[object/)
    if (id !== 'no-metrics') expect(await page.locator('main .problem').count()).toBeGreaterThan(0)
    else expect(text).toContain('walk')
    // A refusal of the server is a line in the browser’s log; nothing else is.
    expect(complaints.filter((line) => !line.includes('the server responded with a status of 4'))).toEqual([])
    await close()
  },
)

test('a report of another version costs its run a line, on every page', async () => {
  const { page, complaints, close } = await read(`${lab.url}/runs`)
  const row = (id: string) => page.getByRole('row').filter({ hasText: `/${id}` })
  await row('other-version').getByText('another version (claims.0.verdict)').waitFor()
  expect(await row('good').innerText()).toContain(word(stateTexts.holds))
  await page.goto(`${lab.url}/compare?run=walk/good&run=walk/other-version`)
  await page.locator('#curves svg').first().waitFor()
  expect(await page.locator('#claims').innerText()).toContain(word(verdictTexts.holds))
  await page.locator('.compared').getByText('another version (claims.0.verdict)').waitFor()
  expect(complaints).toEqual([])
  await close()
})

test('a part that cannot be shown says so, and the rest is shown', async () => {
  const { page, close } = await read(lab.url)
  await page.route('**/api/runs/walk/good', async (route) => {
    const answer = await (await route.fetch()).json()
    answer.report.claims[0].paper = null
    await route.fulfill({ json: answer })
  })
  await page.goto(`${lab.url}/runs/walk/good`)
  await page.locator('#claims').getByText(word(texts.cannotShow)).waitFor()
  await page.locator('#curves svg').first().waitFor()
  expect(await page.locator('main h1').innerText()).toBe('good')
  await close()
})

test('a word of another version stands as it is', async () => {
  const { page, close } = await read(lab.url)
  await page.route('**/api/runs', async (route) => {
    const cards = (await (await route.fetch()).json()) as object[]
    await route.fulfill({ json: cards.map((card) => ({ ...card, status: 'constructor', outcome: 'maybe' })) })
  })
  await page.goto(`${lab.url}/runs`)
  const row = page.getByRole('row').filter({ hasText: '/good' })
  for (const badge of ['constructor', 'maybe']) await row.getByText(badge).waitFor()
  await close()
})

test('a run that is not there is not asked for without end', async () => {
  const { page, close } = await read(lab.url)
  const asked: string[] = []
  page.on('request', (request) => {
    if (request.url().includes('/api/')) asked.push(request.url())
  })
  await page.clock.install()
  await page.goto(`${lab.url}/runs/walk/nowhere`)
  await page.locator('main .problem').waitFor()
  for (let i = 0; i < 20; i++) {
    await page.clock.runFor(3000)
    await page.evaluate(() => fetch('/api/runs'))
  }
  expect(asked.filter((url) => !url.endsWith('/api/runs')).length).toBeLessThan(6)
  await close()
})

test('names and texts of a run are shown as they are, and do nothing', async () => {
  const { page, abroad, complaints, close } = await read(`${lab.url}/runs`)
  await page.getByText(hostileId).first().waitFor()
  expect(await hacked(page)).toBe(false)
  await page.getByRole('link', { name: hostileId }).first().click()
  await page.locator('#curves svg').first().waitFor()
  await page.locator('#artifacts').waitFor()
  expect(await page.locator('main').innerText()).toContain('<img src=x')
  for (const summary of await page.locator('#artifacts summary').all()) await summary.click()
  await page.getByText('gpj.exe').first().waitFor({ timeout: 5000 })
  // What cannot be shown says so, and of what is enormous the beginning is shown.
  for (const words of [texts.spectrogramFailed, texts.noSolid, texts.noTensors]) await page.getByText(word(words)).first().waitFor()
  await page
    .getByText(word(sentences.graphWords(1, 0)))
    .or(page.getByLabel(word(sentences.graphWords(1, 0))))
    .waitFor()
  const enormous = page.locator('details').filter({ hasText: 'enormous.txt' })
  expect((await enormous.locator('code').last().innerText()).length).toBeLessThan(2 ** 18 + 1)
  expect(await page.locator('main img[src="x"]').count()).toBe(0)
  expect(await hacked(page)).toBe(false)
  await page.goto(`${lab.url}/compare?run=${encodeURIComponent(`walk/${hostileId}`)}&run=walk/good`)
  await page.locator('#curves svg').first().waitFor()
  expect(await hacked(page)).toBe(false)
  expect([abroad, complaints]).toEqual([[], []])
  await close()
})

test.each(['evil.html', 'evil.svg', 'evil.txt', 'evil.md', 'evil.csv'])('%s does nothing when it is opened by itself', async (file) => {
  const address = `${lab.url}/api/runs/walk/${encodeURIComponent(hostileId)}/files/artifacts/${file}`
  const { page, abroad, close } = await read(lab.url)
  const download = page.waitForEvent('download', { timeout: 2000 }).catch(() => undefined)
  const opened = await page.goto(address).catch(() => undefined)
  if (!opened) expect(await download).toBeDefined()
  expect(await hacked(page)).toBe(false)
  expect(abroad).toEqual([])
  await close()
})
