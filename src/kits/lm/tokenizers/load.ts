import { decodeText, kindOf, namesIn, readContent } from '../../../data/files.ts'
import { builtin } from '../../../engine/builtin.ts'
import { InputError } from '../../../engine/index.ts'
import { byteTokenizer } from './bytes.ts'
import { parseGpt2Files } from './gpt2-files.ts'
import { parseSettings, type TokenizerSettings } from './settings.ts'
import type { Tokenizer } from './tokenizer.ts'
import { parseTokenizerJson } from './tokenizer-json.ts'

const { join, dirname, basename } = builtin('node:path')

/** Where transformers put the chat template since they left it out of `tokenizer_config.json`. */
const templateName = 'chat_template.jinja'

/** A tokenizer that was read, with what the files beside it say. */
export interface LoadedTokenizer extends Tokenizer {
  readonly settings: TokenizerSettings
}

/** The two files of GPT-2's kind, by the names that they go by. */
const pairs = [
  ['vocab.json', 'merges.txt'],
  ['encoder.json', 'vocab.bpe'],
] as const

/**
 * Reads the tokenizer of a model's folder: `tokenizer.json`, or `vocab.json` and `merges.txt` (or `encoder.json` and `vocab.bpe`); and, where they are
 * there, `tokenizer_config.json`, `special_tokens_map.json` and `chat_template.jinja`. The path of a `tokenizer.json` will do too.
 *
 * @throws InputError for a folder without these files, for what is damaged in them, and for tokenizers of other kinds.
 * @example
 * import { mkdirSync, writeFileSync } from 'node:fs'
 *
 * mkdirSync('model')
 * for (const [name, bytes] of Object.entries(byteTokenizer.files())) writeFileSync(`model/${name}`, bytes)
 * const tokenizer = await loadTokenizer('model')
 * tokenizer.encode('hi') // [104, 105]
 */
export async function loadTokenizer(path: string): Promise<LoadedTokenizer> {
  const folder = basename(path) === 'tokenizer.json' ? dirname(path) : path
  if ((await kindOf(folder)) !== 'folder')
    throw new InputError('there is no such folder', { where: path, fix: 'give the folder of a model' })
  const names = new Set(await namesIn(folder))
  const where = (name: string) => join(folder, name)
  const read = async (name: string) => (names.has(name) ? decodeText(await readContent(where(name)), where(name)) : undefined)
  const [config, specialMap] = [await read('tokenizer_config.json'), await read('special_tokens_map.json')]
  const settings = parseSettings({ config, specialMap, template: await read(templateName) }, where)
  const given = { config, specialMap, settings, where, read, names }
  const tokenizer = names.has('tokenizer.json') ? await ofJson(given) : await ofPair(given, folder)
  return { ...tokenizer, settings }
}

interface Given {
  readonly config?: string
  readonly specialMap?: string
  readonly settings: TokenizerSettings
  readonly names: ReadonlySet<string>
  where(name: string): string
  read(name: string): Promise<string | undefined>
}

const utf8 = new TextEncoder()

/** The files as they were read. */
const filesOf =
  ({ config, specialMap, settings, names }: Given, json: string | Uint8Array) =>
  (): Record<string, Uint8Array> => ({
    'tokenizer.json': typeof json === 'string' ? utf8.encode(json) : json,
    ...(config !== undefined && { 'tokenizer_config.json': utf8.encode(config) }),
    ...(specialMap !== undefined && { 'special_tokens_map.json': utf8.encode(specialMap) }),
    ...(names.has(templateName) && { [templateName]: utf8.encode(settings.chatTemplate ?? '') }),
  })

async function ofJson(given: Given): Promise<Tokenizer> {
  const json = (await given.read('tokenizer.json'))!
  if (json === new TextDecoder().decode(byteTokenizer.files()['tokenizer.json'])) return byteTokenizer
  const { roles, addBegin, addEnd } = given.settings
  return parseTokenizerJson(json, { where: given.where('tokenizer.json'), roles, addBegin, addEnd, files: filesOf(given, json) })
}

async function ofPair(given: Given, folder: string): Promise<Tokenizer> {
  const pair = pairs.find((names) => names.every((name) => given.names.has(name)))
  if (!pair) throw noTokenizer(folder, given.names)
  const [vocab, merges] = [(await given.read(pair[0]))!, (await given.read(pair[1]))!]
  const { roles, addBegin, addEnd } = given.settings
  const tokenizer = parseGpt2Files(vocab, merges, {
    where: given.where(pair[0]),
    whereMerges: given.where(pair[1]),
    roles,
    addBegin,
    addEnd,
  })
  return { ...tokenizer, files: () => filesOf(given, tokenizer.files()['tokenizer.json'])() }
}

function noTokenizer(folder: string, names: ReadonlySet<string>): InputError {
  const wanted = 'tokenizer.json, or vocab.json and merges.txt'
  if (names.has('tokenizer.model'))
    return new InputError('holds tokenizer.model alone, a SentencePiece model, which is not known here', {
      where: folder,
      fix: 'save its tokenizer.json: AutoTokenizer.from_pretrained(…).save_pretrained(…) of Python’s transformers does',
    })
  return new InputError(`holds no tokenizer (${wanted})`, { where: folder })
}
