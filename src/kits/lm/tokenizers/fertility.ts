import type { Tokenizer } from './tokenizer.ts'

/** How many tokens a text takes. */
export interface Fertility {
  readonly tokens: number
  /** Of the text in UTF-8. */
  readonly bytes: number
  /** Code points. */
  readonly characters: number
  readonly tokensPerByte: number
  readonly tokensPerCharacter: number
}

/**
 * What texts cost in tokens, by their names: languages that take more tokens for a character are slower and dearer to read and write. Empty texts have NaN.
 *
 * @example
 * fertility(byteTokenizer, { english: 'water', japanese: '水' }).japanese.tokensPerCharacter // 3
 */
export function fertility<Name extends string>(tokenizer: Tokenizer, texts: Readonly<Record<Name, string>>): Record<Name, Fertility> {
  const of = (text: string): Fertility => {
    const tokens = tokenizer.encode(text).length
    const bytes = new TextEncoder().encode(text).length
    let characters = 0
    for (const _ of text) characters++
    return { tokens, bytes, characters, tokensPerByte: tokens / bytes, tokensPerCharacter: tokens / characters }
  }
  return Object.fromEntries(Object.entries<string>(texts).map(([name, text]) => [name, of(text)])) as Record<Name, Fertility>
}
