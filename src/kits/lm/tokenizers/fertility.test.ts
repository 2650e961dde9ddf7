import { expect, test } from 'vitest'
import { byteTokenizer } from './bytes.ts'
import { fertility } from './fertility.ts'
import { trainTokenizer } from './train.ts'

test('counts tokens, bytes and characters', () => {
  const { emoji, english, empty } = fertility(byteTokenizer, { emoji: '🌍é', english: 'ab', empty: '' })
  expect(emoji).toEqual({ tokens: 6, bytes: 6, characters: 2, tokensPerByte: 1, tokensPerCharacter: 3 })
  expect(english.tokensPerCharacter).toBe(1)
  expect(empty.tokensPerByte).toBeNaN()
})

test('is lower for the language that a tokenizer was trained on', () => {
  const texts = { finnish: 'Meillä on kaikki hyvin tänään. ', hindi: 'आज सब कुछ ठीक है। ' }
  const tokenizer = trainTokenizer([texts.finnish.repeat(9)], { size: 300 })
  const { finnish, hindi } = fertility(tokenizer, texts)
  expect(finnish.tokensPerByte).toBeLessThan(0.5 * hindi.tokensPerByte)
})
