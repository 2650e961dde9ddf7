import { type Language, languages } from '../../../experiment/text.ts'

const isLanguage = (word: unknown): word is Language => languages.includes(word as Language)

/** What the reader asks for: in the address, else what they chose before, else their browser's first language that there is. */
export function chooseLanguage(search: string, saved: string | null, browser: readonly string[]): Language {
  const asked = new URLSearchParams(search).get('lang')
  if (isLanguage(asked)) return asked
  if (isLanguage(saved)) return saved
  return browser.map((tag) => tag.slice(0, 2).toLowerCase()).find(isLanguage) ?? 'en'
}

/** For the `lang` attribute, and for how numbers and dates are written. */
export const localeOf = (language: Language): string => ({ en: 'en-GB', zh: 'zh-CN' })[language]
