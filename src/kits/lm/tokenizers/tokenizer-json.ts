import { readAddedTokens } from './added-tokens.ts'
import { type BpeDefinition, bpeModel } from './bpe.ts'
import { readDecoder } from './decoders.ts'
import { type Field, isCount, parseJson } from './field.ts'
import { readNormalizer } from './normalizers.ts'
import { assemble } from './pipeline.ts'
import { readPreTokenizer } from './pre-tokenizers.ts'
import { type Roles, type RoleTexts, rolesOf } from './roles.ts'
import { type Frame, readFrame } from './templates.ts'
import type { Tokenizer } from './tokenizer.ts'

/** What the files beside a `tokenizer.json` add to it. */
export interface Surroundings {
  /** What errors call the file. */
  readonly where?: string
  readonly roles?: RoleTexts
  /** Whether a text gets its begin and end tokens; where this is not said, the file itself does. */
  readonly addBegin?: boolean
  readonly addEnd?: boolean
  /** What `files()` gives. */
  readonly files?: () => Readonly<Record<string, Uint8Array>>
}

/**
 * Reads the text of a `tokenizer.json`, the file of Hugging Face's tokenizers: a byte-pair encoding with the normalizers, pre-tokenizers, decoders and
 * templates that go with it.
 *
 * @throws InputError for what is damaged or of a kind that is not known here; it names the kind.
 * @example
 * const model = { type: 'BPE', vocab: { a: 0, b: 1, ab: 2 }, merges: ['a b'] }
 * parseTokenizerJson(JSON.stringify({ model, decoder: { type: 'Fuse' } })).encode('abba') // [2, 1, 0]
 */
export function parseTokenizerJson(text: string, surroundings: Surroundings = {}): Tokenizer {
  const { where = 'tokenizer.json', files = () => ({ 'tokenizer.json': new TextEncoder().encode(text) }) } = surroundings
  return readTokenizer(parseJson(text, where), { ...surroundings, files })
}

/** The same of its parsed content. */
export function readTokenizer(root: Field, surroundings: Surroundings & Required<Pick<Surroundings, 'files'>>): Tokenizer {
  const definition = readBpe(root.at('model'))
  const added = readAddedTokens(root.at('added_tokens'))
  const { vocabulary } = definition
  for (const { content, id } of added) {
    const known = vocabulary.get(content) ?? id
    if (known !== id) root.at('added_tokens').refuse(`has "${content}" as token ${id}, the vocabulary as ${known}`)
  }
  const ids = new Map([...vocabulary, ...added.map(({ content, id }) => [content, id] as const)])
  const roles = rolesOf(ids, surroundings.roles)
  const preTokenizer = readPreTokenizer(root.at('pre_tokenizer'))
  return assemble({
    vocabulary,
    added,
    normalize: readNormalizer(root.at('normalizer')),
    preTokenizer,
    model: bpeModel(definition, preTokenizer.spell),
    frame: framed(readFrame(root.at('post_processor')), roles, surroundings),
    decoder: readDecoder(root.at('decoder')),
    roles,
    files: surroundings.files,
  })
}

/** The frame of the file, but for what is said beside it. */
function framed({ before, after }: Frame, { begin, end }: Roles, { addBegin, addEnd }: Surroundings): Frame {
  const chosen = (said: boolean | undefined, id: number | undefined, own: readonly number[]) =>
    said === undefined || id === undefined ? own : said ? [id] : own.filter((other) => other !== id)
  return { before: chosen(addBegin, begin, before), after: chosen(addEnd, end, after) }
}

/** Ids above this are no id of a model. */
const mostTokens = 2 ** 24

function readBpe(model: Field): BpeDefinition {
  const type = model.at('type')
  const kind = type.missing && !model.at('merges').missing ? 'BPE' : type.text()
  if (kind !== 'BPE') type.refuse(`is "${kind}"`, 'only BPE is known here; convert the tokenizer, or take a model with another')
  const dropout = model.at('dropout')
  if (!dropout.missing && dropout.value !== 0) dropout.refuse('leaves merges out at random', 'set it to null')
  const vocabulary = readVocabulary(model.at('vocab'))
  const prefix = model.at('continuing_subword_prefix').optionalText() || undefined
  const unknown = model.at('unk_token')
  return {
    vocabulary,
    merges: readMerges(model.at('merges'), vocabulary, prefix),
    unknown: unknown.missing
      ? undefined
      : (vocabulary.get(unknown.text()) ?? unknown.refuse(`is "${unknown.value}", which is not in the vocabulary`)),
    fuseUnknown: model.at('fuse_unk').flag(false),
    byteFallback: model.at('byte_fallback').flag(false),
    ignoreMerges: model.at('ignore_merges').flag(false),
    prefix,
    suffix: model.at('end_of_word_suffix').optionalText() || undefined,
  }
}

/** Text → id. */
export function readVocabulary(field: Field): Map<string, number> {
  const vocabulary = new Map<string, number>()
  for (const [text, id] of Object.entries(field.record())) {
    if (!isCount(id) || id >= mostTokens) field.at(text).refuse(`is ${JSON.stringify(id)}, not an id below ${mostTokens}`)
    vocabulary.set(text, id as number)
  }
  return vocabulary
}

/** Pairs, or texts with a space between the two. */
function readMerges(field: Field, vocabulary: ReadonlyMap<string, number>, prefix = ''): BpeDefinition['merges'] {
  return field.list().map((merge, i) => {
    const pair = typeof merge === 'string' ? merge.split(' ') : merge
    if (!Array.isArray(pair) || pair.length !== 2 || typeof pair[0] !== 'string' || typeof pair[1] !== 'string')
      return field.item(i).refuse('is not a pair of tokens')
    return (
      mergeOf(pair[0], pair[1], vocabulary, prefix) ??
      field.item(i).refuse(`merges "${pair.join('" and "')}", which are not all in the vocabulary with what they become`)
    )
  })
}

/** The ids of two tokens and of both together; undefined where the vocabulary lacks one. */
export function mergeOf(
  left: string,
  right: string,
  vocabulary: ReadonlyMap<string, number>,
  prefix = '',
): readonly [number, number, number] | undefined {
  const [a, b, both] = [vocabulary.get(left), vocabulary.get(right), vocabulary.get(left + right.slice(prefix.length))]
  return a === undefined || b === undefined || both === undefined ? undefined : [a, b, both]
}
