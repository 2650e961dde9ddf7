import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright'
import { afterAll, beforeAll, expect } from 'vitest'
import { inLanguage, type Label, type Language } from '../../../src/experiment/text.ts'
import { TestLab } from './lab.ts'

const launch = (): Promise<Browser> => chromium.launch({ executablePath: process.env.CHROMIUM, args: ['--no-sandbox'] })

/** Somebody who reads the lab. */
export interface Reader {
  readonly page: Page
  /** Addresses that are not the lab’s. */
  readonly abroad: string[]
  /** What the page complained of: errors, and what its policy forbade. */
  readonly complaints: string[]
  close(): Promise<void>
}

/**
 * A lab and a browser for the tests of a file, there before its first and gone after its last; the lab must have had nothing to complain of. `prepare` fills
 * the folder of runs. `read` opens an address of the lab as somebody whose browser knows nothing of it yet.
 */
export function readLab(prepare: (lab: TestLab) => Promise<void> = async () => {}) {
  const lab = new TestLab()
  let browser: Browser
  beforeAll(async () => {
    ;[browser] = await Promise.all([launch(), lab.start(), prepare(lab)])
  })
  afterAll(async () => {
    await browser.close()
    await lab.stop()
    expect(lab.complaints).toEqual([])
  })
  return { lab, read: (address: string, options?: BrowserContextOptions) => open(browser, address, options) }
}

async function open(browser: Browser, address: string, options: BrowserContextOptions = {}): Promise<Reader> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: 'en-GB', ...options })
  const page = await context.newPage()
  const { origin } = new URL(address)
  const abroad: string[] = []
  const complaints: string[] = []
  context.on('request', (request) => {
    const url = request.url()
    if (!url.startsWith(`${origin}/`) && !/^(?:data|blob):/.test(url)) abroad.push(url)
  })
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(error.stack ?? error.message))
  await page.goto(address)
  const close = async () => {
    // A test may answer in the server's place, and a page asks until it is closed.
    await page.unrouteAll({ behavior: 'ignoreErrors' })
    await context.close()
  }
  return { page, abroad, complaints, close }
}

/** A text of the page in a language; English by default. */
export const word = (text: Label, language: Language = 'en'): string => inLanguage(text, language)
