import { expect, test } from 'vitest'
import { chooseLanguage } from './language.ts'

test('the address wins, then the saved choice, then the browser', () => {
  expect(chooseLanguage('?lang=zh', 'en', ['en-GB'])).toBe('zh')
  expect(chooseLanguage('?q=1', 'zh', ['en-GB'])).toBe('zh')
  expect(chooseLanguage('', null, ['fr-CA', 'zh-Hant-TW', 'en'])).toBe('zh')
  expect(chooseLanguage('', null, ['EN-us', 'zh'])).toBe('en')
})

test('languages that there are not are passed over', () => {
  expect(chooseLanguage('?lang=xx', 'yy', ['fr'])).toBe('en')
  expect(chooseLanguage('?lang=__proto__', 'constructor', [])).toBe('en')
})
