// `npm run build && npm run test:cdn`: the packed package on a server that does as content delivery networks do, and a page of another origin that
// imports it in Chromium: without a bundler, without an installation.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { chromium as browsers } from 'playwright'
import { network } from './cdn/network.mjs'
import { check, page, program, ways } from './cdn/page.mjs'
import { chromium } from './chromium.mjs'

const executablePath = chromium()
const root = resolve(import.meta.dirname, '..')
const folder = mkdtempSync(join(tmpdir(), 'quire-cdn-'))
const packed = spawnSync('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: root, encoding: 'utf8' }).stdout.trim()
spawnSync('tar', ['xzf', packed], { cwd: folder })

const listening = (server) => new Promise((done) => server.listen(0, '127.0.0.1', () => done(`http://127.0.0.1:${server.address().port}`)))
const { server: cdn, versions } = network(join(folder, 'package'), join(root, 'node_modules'))
const origin = await listening(cdn)
const pages = createServer(({ url }, answer) => {
  answer.writeHead(200, { 'Content-Type': 'text/html' })
  answer.end(page(url.slice(1), origin, versions))
})
const site = await listening(pages)

const inNode = await program({
  quire: await import('../dist/engine/index.js'),
  nn: await import('../dist/nn/index.js'),
  optim: await import('../dist/optim/index.js'),
  train: await import('../dist/train/index.js'),
})

let [passed, failed] = [0, 0]
const browser = await browsers.launch({ executablePath, args: ['--no-sandbox'] })
for (const how of Object.keys(ways)) {
  const tab = await browser.newPage()
  const errors = []
  tab.on('pageerror', (error) => errors.push(error.message))
  tab.on('console', (message) => message.type() === 'error' && errors.push(message.text()))
  await tab.goto(`${site}/${how}`)
  const result = await tab.waitForFunction('globalThis.result', undefined, { timeout: 60_000 }).then(
    (handle) => handle.jsonValue(),
    () => undefined,
  )
  for (const [name, problem] of check(how, result, inNode)) {
    problem ? failed++ : passed++
    console.log(`${problem ? 'FAILED' : 'ok'}  ${how}: ${name}${problem ? ` (${problem})` : ''}`)
  }
  if (how !== 'lost') for (const error of errors) console.log(`    ${error}`)
}
await browser.close()
pages.close()
cdn.close()
rmSync(folder, { recursive: true })
console.log(`${passed} passed, ${failed} failed`)
process.exit(failed > 0 ? 1 : 0)
