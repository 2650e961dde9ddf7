/** `npm run build && node scripts/screenshots.mjs`: makes the README's picture, the lab's catalogue as Chromium shows it, docs/images/lab.webp. */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium as browsers } from 'playwright'
import sharp from 'sharp'
import { chromium } from '../browser/chromium.mjs'

const runs = mkdtempSync(join(tmpdir(), 'quire-screenshots-'))
const lab = spawn(process.execPath, ['dist/cli/main.js', 'lab', runs, '--port', '0'], { stdio: ['ignore', 'pipe', 'inherit'] })
const address = await new Promise((resolve) => lab.stdout.on('data', (text) => resolve(/http:\S+?(?=;)/.exec(text)[0])))
const browser = await browsers.launch({ executablePath: chromium(), args: ['--no-sandbox'] })
const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, colorScheme: 'light' })
await page.goto(`${address}/?lang=en`)
await page.getByText('26 of 26 papers').waitFor()
await sharp(await page.screenshot())
  .webp({ quality: 86 })
  .toFile('docs/images/lab.webp')
await browser.close()
lab.kill('SIGINT')
rmSync(runs, { recursive: true })
