import type { Tokenizer } from './tokenizers/tokenizer.ts'

/**
 * Texts one after another, for training: each begins as a prompt does, with what the tokenizer puts before a text, and ends with the token that ends one. A
 * model that has not seen what its prompts begin with goes on with them badly.
 *
 * @example
 * documentStream(byteTokenizer, ['hi', 'ho']) // Int32Array [257, 104, 105, 258, 257, 104, 111, 258]
 */
export function documentStream(tokenizer: Tokenizer, texts: readonly string[]): Int32Array {
  const ids: number[] = []
  for (const text of texts) {
    for (const id of tokenizer.encode(text, { special: true })) ids.push(id)
    if (tokenizer.end !== undefined && ids.at(-1) !== tokenizer.end) ids.push(tokenizer.end)
  }
  return Int32Array.from(ids)
}
