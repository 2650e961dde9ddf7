import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright'
import { inLanguage, type Label, type Language } from '../../../src/experiment/text.ts'

export const launch = (): Promise<Browser> => chromium.launch({ executablePath: process.env.CHROMIUM, args: ['--no-sandbox'] })

/** Somebody who reads the lab. */
export interface Reader {
  readonly page: Page
  /** Addresses that are not the lab’s. */
  readonly abroad: string[]
  /** What the page complained of: errors, and what its policy forbade. */
  readonly complaints: string[]
  close(): Promise<void>
}

/** Opens an address of the lab in a browser that knows nothing of it yet. */
export async function read(browser: Browser, address: string, options: BrowserContextOptions = {}): Promise<Reader> {
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
  return { page, abroad, complaints, close: () => context.close() }
}

/** A text of the page in a language; English by default. */
export const word = (text: Label, language: Language = 'en'): string => inLanguage(text, language)
