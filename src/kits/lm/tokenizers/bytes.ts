import { InputError } from '../../../engine/index.ts'
import { byteCharacters } from './byte-alphabet.ts'
import { settingsFiles } from './settings.ts'
import type { Tokenizer } from './tokenizer.ts'
import { utf8Stream } from './utf8-stream.ts'
import { byteLevelDefinition, encodeJson } from './write.ts'

/** What a byte cannot be, and what stands for it in a text. */
const specialTokens = { pad: '<|pad|>', begin: '<|begin|>', end: '<|end|>', reserved: '<|reserved|>' } as const
const ids = { pad: 256, begin: 257, end: 258, reserved: 259 } as const
const names = Object.keys(ids) as (keyof typeof ids)[]

const special: ReadonlyMap<string, number> = new Map(names.map((name) => [specialTokens[name], ids[name]]))
const written = /(<\|(?:pad|begin|end|reserved)\|>)/
const utf8 = new TextEncoder()

/**
 * Bytes as tokens: 0 to 255 are the bytes of the text in UTF-8, 256 fills up, 257 begins and 258 ends a text, 259 is reserved. `<|pad|>`, `<|begin|>`,
 * `<|end|>` and `<|reserved|>` in a text stand for the latter four. With `special`, a text is encoded with its beginning, and without an end, so that a
 * model can go on.
 *
 * @example
 * byteTokenizer.encode('né', { special: true }) // [257, 110, 195, 169]
 */
export const byteTokenizer: Tokenizer = {
  size: 260,
  special,
  begin: ids.begin,
  end: ids.end,
  pad: ids.pad,
  encode(text, { special: whole = false } = {}) {
    const out: number[] = whole ? [ids.begin] : []
    for (const part of text.includes('<|') ? text.split(written) : [text]) {
      const id = special.get(part)
      if (id !== undefined) out.push(id)
      else for (const byte of utf8.encode(part)) out.push(byte)
    }
    return out
  },
  decode(tokens, { skipSpecial = false } = {}) {
    const bytes: number[] = []
    for (const id of tokens) for (const byte of bytesOf(id, skipSpecial)) bytes.push(byte)
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(Uint8Array.from(bytes))
  },
  stream({ skipSpecial = false } = {}) {
    const text = utf8Stream()
    return { push: (id) => text.push(bytesOf(id, skipSpecial)), end: () => text.flush() }
  },
  files,
}

const single = Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte))
const spelled = new Map(names.map((name) => [ids[name] as number, utf8.encode(specialTokens[name])]))
const nothing = new Uint8Array(0)

function bytesOf(id: number, skipSpecial: boolean): Uint8Array {
  const bytes = single[id] ?? spelled.get(id)
  if (!bytes) throw new InputError(`there is no token ${id}; the byte tokenizer has 0 to 259`)
  return skipSpecial && id > 255 ? nothing : bytes
}

/** A `tokenizer.json` of which Hugging Face's tokenizers make the same ids: a byte-level encoding without a merge. */
function files(): Record<string, Uint8Array> {
  const { begin, end, pad } = specialTokens
  const definition = byteLevelDefinition({
    vocabulary: new Map(byteCharacters.map((character, byte) => [character, byte])),
    merges: [],
    special: names.map((name) => ({ content: specialTokens[name], id: ids[name] })),
    begin,
    preTokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false },
  })
  return { 'tokenizer.json': encodeJson(definition), ...settingsFiles({ roles: { begin, end, pad }, addBegin: true }) }
}
