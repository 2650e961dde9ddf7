import { basename, extname } from 'node:path'
import { z } from 'zod'
import { kindOf, namesIn } from '../../data/files.ts'
import { readDocuments } from '../../data/index.ts'
import { InputError } from '../../engine/index.ts'
import { aligned } from '../../experiment/index.ts'
import { byteTokenizer } from '../../kits/lm/tokenizers/bytes.ts'
import { loadTokenizer } from '../../kits/lm/tokenizers/index.ts'
import { verb } from '../method.ts'
import { analyseFertility, manyPieces } from './fertility.ts'

export const fertilityVerb = verb({
  name: 'fertility',
  summary: { en: 'Counts how many tokens each language costs with a tokenizer', zh: '统计分词器对每种语言需要多少词元' },
  options: z.object({
    texts: z.array(z.string()).min(1).describe('name=FILE, files that are called like their language, or folders of them'),
    tokenizer: z.string().optional().describe('a directory with a tokenizer; without it each byte is a token'),
    field: z.string().default('text').describe('the field of JSONL lines that holds the text'),
  }),
  positional: 'texts',
  example: 'quire aurora-m fertility continual/',
  async run({ options, log }) {
    const tokenizer = options.tokenizer === undefined ? byteTokenizer : await loadTokenizer(options.tokenizer)
    const texts: Record<string, string> = {}
    for (const { name, path } of (await Promise.all(options.texts.map(namedFiles))).flat()) {
      if (texts[name] !== undefined) throw new InputError(`two texts are called '${name}'`, { where: path, fix: 'name them: name=FILE' })
      texts[name] = (await readDocuments([path], { field: options.field })).map(({ text }) => text).join('\n')
    }
    const table = analyseFertility(tokenizer, texts)
    for (const [name, { pieces }] of Object.entries(table))
      if (pieces > manyPieces) log(`${name}: ${(100 * pieces).toFixed(0)} % of its bytes are spelled by pieces of characters`)
    const rows = Object.entries(table).map(([name, own]) => [
      name,
      String(own.bytes),
      String(own.tokens),
      own.tokensPerByte.toFixed(3),
      own.tokensPerCharacter.toFixed(3),
      `${(100 * own.pieces).toFixed(0)} %`,
    ])
    return { lines: aligned([['text', 'bytes', 'tokens', 'a byte', 'a character', 'in pieces'], ...rows]), json: table }
  },
})

async function namedFiles(word: string): Promise<{ name: string; path: string }[]> {
  const [, name, path] = /^([^=/\\]+)=(.+)$/.exec(word) ?? []
  if (name !== undefined) return [{ name, path }]
  if ((await kindOf(word)) !== 'folder') return [{ name: nameOf(word), path: word }]
  const files = (await namesIn(word)).filter((file) => /\.(txt|jsonl)$/.test(file))
  if (files.length === 0) throw new InputError('holds no .txt or .jsonl files', { where: word, fix: 'give texts' })
  return files.map((file) => ({ name: nameOf(file), path: `${word.replace(/\/+$/, '')}/${file}` }))
}

const nameOf = (path: string): string => basename(path, extname(path))
