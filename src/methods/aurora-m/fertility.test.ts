import { expect, test } from 'vitest'
import { byteTokenizer } from '../../kits/lm/tokenizers/bytes.ts'
import type { Tokenizer } from '../../kits/lm/tokenizers/tokenizer.ts'
import { analyseFertility } from './fertility.ts'

/** A token a character, by code point. */
const characters: Tokenizer = {
  ...byteTokenizer,
  encode: (text) => Array.from(text, (character) => character.codePointAt(0)!),
  decode: (ids) => String.fromCodePoint(...ids),
}

test('bytes: a token a byte, three a character of Devanagari, all of them pieces', () => {
  const { eng, hin } = analyseFertility(byteTokenizer, { eng: 'rain falls', hin: 'वर्षा' })
  expect(eng).toEqual({ bytes: 10, characters: 10, tokens: 10, tokensPerByte: 1, tokensPerCharacter: 1, pieces: 0 })
  expect(hin).toEqual({ bytes: 15, characters: 5, tokens: 15, tokensPerByte: 1, tokensPerCharacter: 3, pieces: 1 })
})

test('a tokenizer with whole characters has no pieces; a mixed text has the share of its bytes that are', () => {
  const { hin } = analyseFertility(characters, { hin: 'वर्षा' })
  expect([hin.tokensPerCharacter, hin.pieces]).toEqual([1, 0])
  const { mixed } = analyseFertility(byteTokenizer, { mixed: 'abcdefव' })
  expect(mixed.pieces).toBeCloseTo(1 / 3, 12)
})
