// How smooth the lab's page is: the longest task of its main thread while it shows 1,000 runs, filters them, and draws 14 curves of 10,000 points.
//   npm run build && CHROMIUM=/usr/bin/chromium node bench/lab.mjs [--runs 1000] [--points 10000]
// The goal: no task over 50 ms, and no layout shift. By the clock a task is longer where others compute on the machine.
// Needs Chromium: that of playwright, or the one that CHROMIUM names.
import { spawn, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { chromium } from 'playwright'

const { values } = parseArgs({ options: { runs: { type: 'string', default: '1000' }, points: { type: 'string', default: '10000' } } })
const [runs, points] = [Number(values.runs), Number(values.points)]
const root = mkdtempSync(join(tmpdir(), 'quire-lab-'))
const cli = resolve(import.meta.dirname, '..', 'dist', 'cli', 'main.js')

/** Copies of a real run, and one with long curves. */
function generate() {
  const template = join(root, 'ramda', 'curves')
  const { status, stderr } = spawnSync(process.execPath, [cli, 'run', 'ramda', '--preset', 'smoke', '--out', template], {
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(stderr)
  for (let i = 0; i < runs; i++) {
    const folder = join(root, ['ramda', 'prgd', 'r2et'][i % 3], `20260101-${String(i).padStart(6, '0')}-abcdef`)
    mkdirSync(folder, { recursive: true })
    for (const file of ['run.json', 'report.json']) cpSync(join(template, file), join(folder, file))
  }
  const run = JSON.parse(readFileSync(join(template, 'run.json'), 'utf8'))
  const units = [0, 1, 2, 3, 4, 5, 6].flatMap((arm) =>
    [0, 1].map((seed) => ({ ...run.units[0], unit: `arm-${arm}--seed-${seed}`, arm: `arm-${arm}`, seed })),
  )
  writeFileSync(join(template, 'run.json'), JSON.stringify({ ...run, units, seeds: [0, 1] }))
  const lines = units.flatMap(({ unit }, k) =>
    Array.from({ length: points }, (_, step) => {
      const noise = ((step * 2654435761 + k * 40503) % 1000) / 1000
      return `{"unit":"${unit}","step":${step + 1},"name":"loss","value":${(3 / (1 + step / 500) + noise / 5).toFixed(5)},"time":${step}}`
    }),
  )
  writeFileSync(join(template, 'metrics.jsonl'), `${lines.join('\n')}\n`)
}

/** Serves the runs. @returns the process, and the page's address */
async function serve() {
  const lab = spawn(process.execPath, [cli, 'lab', root, '--port', '0'], { stdio: ['ignore', 'pipe', 'pipe'] })
  for await (const part of lab.stdout.setEncoding('utf8')) {
    const [address] = /http:\/\/[\d.:]+/.exec(part) ?? []
    if (address) return { lab, address }
  }
  throw new Error('the lab did not start')
}

/** The longest tasks of the page's main thread, by the clock and of computing, and the sum of all shifts: while something is done and for a while after it. */
async function measured(page, act) {
  await page.evaluate(() => Object.assign(window, { shift: 0 }))
  await browser.startTracing(page, { categories: ['toplevel', 'devtools.timeline', '__metadata'] })
  await act()
  await page.waitForTimeout(2500)
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString())
  const threads = traceEvents.filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain')
  const isMain = ({ pid, tid }) => threads.some((thread) => thread.pid === pid && thread.tid === tid)
  const tasks = traceEvents.filter((event) => event.name.endsWith('RunTask') && isMain(event))
  const longest = (key) => Math.round(Math.max(0, ...tasks.map((task) => task[key] ?? 0)) / 1000)
  return { wall: longest('dur'), cpu: longest('tdur'), shift: await page.evaluate(() => window.shift) }
}

const watchShifts = () => {
  Object.assign(window, { shift: 0 })
  new PerformanceObserver((list) => {
    for (const { value, hadRecentInput } of list.getEntries()) if (!hadRecentInput) window.shift += value
  }).observe({ type: 'layout-shift', buffered: true })
}

const report = (name, { wall, cpu, shift }) =>
  console.log(
    `${name.padEnd(34)} longest task ${String(cpu).padStart(4)} ms of computing, ${String(wall).padStart(4)} ms by the clock; shift ${shift.toFixed(3)}`,
  )

generate()
const { lab, address } = await serve()
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ['--no-sandbox'] })
try {
  console.log(`${runs} runs, 14 curves of ${points} points; ${cpus().length} × ${cpus()[0].model}, Chromium ${browser.version()}`)
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
  await page.addInitScript(watchShifts)
  await page.goto(address)
  const step = async (name, act) => report(name, await measured(page, act))
  const field = page.locator('input[type=search]')
  await step('the list is opened', async () => {
    await page.goto(`${address}/runs`)
    await page.locator('.runs tbody tr').first().waitFor()
  })
  await step('it is filtered', () => field.pressSequentially('prgd 0001', { delay: 60 }))
  await step('the filter is taken away', () => field.fill(''))
  await step('it is sorted', () => page.locator('thead .run button').click())
  await step('it is scrolled to its end', () => page.evaluate(() => window.scrollTo(0, document.body.scrollHeight)))
  await step('long curves are opened', async () => {
    await page.goto(`${address}/runs/ramda/curves`)
    await page.locator('#curves svg path').nth(20).waitFor({ state: 'attached' })
  })
  await step('the values are made logarithmic', () => page.getByLabel('log values').click())
  await step('they are smoothed', () => page.locator('.tools select').selectOption('0.8'))
  await step('the cursor moves over them', async () => {
    const { x, y, width } = await page.locator('.cursor').first().boundingBox()
    await page.mouse.move(x + 20, y + 80)
    await page.mouse.move(x + width - 40, y + 90, { steps: 60 })
  })
} finally {
  await browser.close()
  lab.kill('SIGINT')
  rmSync(root, { recursive: true, force: true })
}
