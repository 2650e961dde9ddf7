import { InputError } from '../../../engine/index.ts'
import { Field, parseJson } from './field.ts'
import type { Tokenizer } from './tokenizer.ts'
import { readTokenizer, readVocabulary, type Surroundings } from './tokenizer-json.ts'
import { byteLevelDefinition, encodeJson } from './write.ts'

/** The tokens that GPT-2's kind writes out in texts, where the vocabulary has them. */
const written = ['<|endoftext|>', '<|padding|>', '<s>', '</s>', '<pad>', '<unk>', '<mask>']

/**
 * Reads the two files that byte-level tokenizers had before `tokenizer.json`: `vocab.json` (or `encoder.json`), text → id, and `merges.txt` (or
 * `vocab.bpe`), a pair a line in the order of merging.
 *
 * @throws InputError for what is damaged, at its line.
 * @example
 * parseGpt2Files('{"a":0,"b":1,"ab":2}', '#version: 0.2\na b\n').encode('abba') // [2, 1, 0]
 */
export function parseGpt2Files(
  vocab: string,
  merges: string,
  surroundings: Surroundings & { readonly whereMerges?: string } = {},
): Tokenizer {
  const { where = 'vocab.json', whereMerges = 'merges.txt' } = surroundings
  const vocabulary = readVocabulary(parseJson(vocab, where).named('vocabulary'))
  const pairs = readPairs(merges, vocabulary, whereMerges)
  const special = written.filter((text) => vocabulary.has(text))
  const definition = byteLevelDefinition({
    vocabulary,
    merges: pairs,
    special: special.map((content) => ({ content, id: vocabulary.get(content)! })),
  })
  const files = () => ({ 'tokenizer.json': encodeJson(definition) })
  return readTokenizer(new Field(definition, '', where), { files, ...surroundings })
}

function readPairs(text: string, vocabulary: ReadonlyMap<string, number>, where: string): [string, string][] {
  const pairs: [string, string][] = []
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    if (line === '' || line.startsWith('#version')) continue
    const pair = line.split(' ')
    if (pair.length !== 2) throw new InputError(`line ${i + 1}: "${line.slice(0, 40)}" is not two tokens with a space between`, { where })
    const unknown = [...pair, pair.join('')].find((token) => !vocabulary.has(token))
    if (unknown !== undefined) throw new InputError(`line ${i + 1}: "${unknown.slice(0, 40)}" is not in the vocabulary`, { where })
    pairs.push([pair[0], pair[1]])
  }
  return pairs
}
