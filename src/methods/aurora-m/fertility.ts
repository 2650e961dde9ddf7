import type { Tokenizer } from '../../kits/lm/tokenizers/tokenizer.ts'

/** What a tokenizer makes of one language. */
export interface Fertility {
  readonly bytes: number
  /** Code points. */
  readonly characters: number
  readonly tokens: number
  readonly tokensPerByte: number
  readonly tokensPerCharacter: number
  /** The share of the bytes that are spelled by pieces of characters, for want of a token with a whole one. */
  readonly pieces: number
}

/** Above this share of `pieces` a language costs several times what the tokenizer's own languages do. */
export const manyPieces = 0.2

/**
 * How many tokens each language costs. Losses per token compare neither tokenizers nor languages, since a token of one is a whole word and of another
 * a third of a letter; bits per byte do.
 *
 * @example
 * import { byteTokenizer } from 'quire/lm'
 *
 * analyseFertility(byteTokenizer, { eng: 'rain', hin: 'वर्षा' }).hin.tokensPerCharacter // 3
 */
export function analyseFertility(tokenizer: Tokenizer, texts: Readonly<Record<string, string>>): Record<string, Fertility> {
  const lengthOf = wholeCharacters(tokenizer)
  return Object.fromEntries(
    Object.entries(texts).map(([language, text]) => {
      const ids = tokenizer.encode(text)
      const bytes = utf8.encode(text).length
      const characters = [...text].length
      const whole = ids.reduce((sum, id) => sum + lengthOf(id), 0)
      const pieces = bytes === 0 ? 0 : Math.max(0, 1 - whole / bytes)
      const fertility = {
        bytes,
        characters,
        tokens: ids.length,
        tokensPerByte: ids.length / bytes,
        tokensPerCharacter: ids.length / characters,
      }
      return [language, { ...fertility, pieces }]
    }),
  )
}

const utf8 = new TextEncoder()

/** The bytes of a token that is made of whole characters; 0 of one that is a piece of some. */
function wholeCharacters(tokenizer: Tokenizer): (id: number) => number {
  const known = new Map<number, number>()
  return (id) => {
    const found = known.get(id)
    if (found !== undefined) return found
    const text = tokenizer.decode([id])
    const length = text.includes('\uFFFD') ? 0 : utf8.encode(text).length
    known.set(id, length)
    return length
  }
}
