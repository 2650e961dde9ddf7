import { InputError } from '../../../engine/index.ts'
import { byteCharacters, bytesOfCharacters, charactersOfBytes } from './byte-alphabet.ts'
import { byteTokenizer } from './bytes.ts'
import { Field } from './field.ts'
import { mergePairs } from './learn-merges.ts'
import { readPreTokenizer } from './pre-tokenizers.ts'
import { settingsFiles } from './settings.ts'
import type { Tokenizer } from './tokenizer.ts'
import { readTokenizer } from './tokenizer-json.ts'
import { byteLevelDefinition, encodeJson } from './write.ts'

export interface TrainOptions {
  /** How many tokens there are to be: bytes, special tokens and merges. Fewer where no pair is left that is common enough. */
  readonly size: number
  /** How often a pair must stand in the texts (default: 2). */
  readonly minimum?: number
  /** Tokens with a meaning of their own (default: those of the byte tokenizer, with its ids). */
  readonly special?: readonly string[]
  /** Which of them begins, ends and fills up a text; by default those of the byte tokenizer, or the first for begin and end. */
  readonly roles?: { readonly begin?: string; readonly end?: string; readonly pad?: string }
  /** Each digit is a token of its own, as with StarCoder (default: false). */
  readonly digits?: boolean
  /** Told now and then how many tokens there are. */
  readonly onProgress?: (tokens: number) => void
}

/**
 * Trains a byte-level byte-pair encoding (Sennrich et al. 2016, on bytes as in GPT-2): the pair that is most common in the texts becomes a token, until
 * there are enough. Of pairs as common, the one whose bytes come first is taken, so the same texts give the same tokenizer. Ids 0 to 255 are the bytes, then
 * come the special tokens, then the merges.
 *
 * @throws InputError for a size below the bytes and special tokens.
 * @example
 * const tokenizer = trainTokenizer(['low lower lowest', 'new newer newest'], { size: 270 })
 * tokenizer.decode(tokenizer.encode('lowest')) // 'lowest'
 */
export function trainTokenizer(documents: Iterable<string>, options: TrainOptions): Tokenizer {
  const { size, minimum = 2, special = [...byteTokenizer.special.keys()], digits = false, onProgress } = options
  const least = 256 + special.length
  if (!Number.isInteger(size) || size < least)
    throw new InputError(`a vocabulary of ${size} has no room for 256 bytes and ${special.length} special tokens`, {
      fix: `give at least ${least}`,
    })
  const preTokenizer = digits ? digitsAlone : wordsOfGpt2
  const vocabulary = new Map(byteCharacters.map((character, byte) => [character, byte]))
  const added = special.map((content, i) => ({ content, id: 256 + i }))
  const counts = countPieces(documents, preTokenizer)
  const merges: [string, string][] = []
  for (const [left, right] of mergePairs(counts, minimum)) {
    if (vocabulary.size + special.length >= size) break
    const pair = [left, right].map(charactersOfBytes) as [string, string]
    merges.push(pair)
    const token = pair.join('')
    if (!vocabulary.has(token)) vocabulary.set(token, vocabulary.size + special.length)
    if (merges.length % 256 === 0) onProgress?.(vocabulary.size + special.length)
  }
  const roles = rolesOf(special, options.roles)
  const definition = byteLevelDefinition({ vocabulary, merges, special: added, begin: roles.begin, preTokenizer })
  const files = () => ({ 'tokenizer.json': encodeJson(definition), ...settingsFiles({ roles }) })
  return readTokenizer(new Field(definition, '', 'a trained tokenizer'), { roles, files })
}

const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true }
const wordsOfGpt2 = byteLevel
const digitsAlone = { type: 'Sequence', pretokenizers: [{ type: 'Digits', individual_digits: true }, byteLevel] }

function rolesOf(special: readonly string[], roles: TrainOptions['roles']): { begin?: string; end?: string; pad?: string } {
  const [pad, begin, end] = [...byteTokenizer.special.keys()]
  const known = (text: string) => (special.includes(text) ? text : undefined)
  return { begin: known(begin) ?? special[0], end: known(end) ?? special[0], pad: known(pad), ...roles }
}

/** How often each piece stands in the documents, by its bytes. */
function countPieces(documents: Iterable<string>, preTokenizer: unknown): { bytes: Uint8Array; count: number }[] {
  const { split, spell } = readPreTokenizer(new Field(preTokenizer, 'pre_tokenizer', 'a trained tokenizer'))
  const counts = new Map<string, number>()
  for (const document of documents) for (const piece of split([document], true)) counts.set(piece, (counts.get(piece) ?? 0) + 1)
  counts.delete('')
  return [...counts].map(([piece, count]) => ({ bytes: bytesOfCharacters(spell!(piece))!, count }))
}
