import type { Tokenizer } from '../../tokenizers/tokenizer.ts'

const alphabet = Array.from({ length: 40 }, (_, id) => String.fromCharCode(id < 26 ? 97 + id : 65 + id - 26))

/** Forty letters, a token each. */
export const letters: Tokenizer = {
  size: 40,
  special: new Map(),
  encode: (text) => Array.from(text, (letter) => alphabet.indexOf(letter)),
  decode: (ids) => Array.from(ids, (id) => alphabet[id]).join(''),
  stream: () => ({ push: (id) => alphabet[id], end: () => '' }),
  files: () => ({}),
}
