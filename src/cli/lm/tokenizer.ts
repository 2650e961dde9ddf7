import { join } from 'node:path'
import { z } from 'zod'
import { writeAtomically } from '../../data/files.ts'
import { readDocuments } from '../../data/index.ts'
import { fertility, trainTokenizer } from '../../kits/lm/tokenizers/index.ts'
import { verb } from '../../methods/method.ts'

export const tokenizer = verb({
  name: 'tokenizer',
  summary: { en: 'Trains a tokenizer on text: byte-level byte-pair encoding', zh: '在文本上训练分词器：字节级的字节对编码' },
  example: 'quire lm tokenizer story.txt --size 512 --out tokenizer',
  positional: 'data',
  options: z.object({
    data: z.array(z.string()).min(1).describe('text or JSONL files, or folders of them'),
    out: z.string().describe('the folder for tokenizer.json and the files beside it'),
    size: z.number().int().min(260).max(1_000_000).default(4096).describe('tokens: 256 bytes, 4 special ones, and merges'),
    minimum: z.number().int().min(1).default(2).describe('how often a pair must stand in the text to become a token'),
    digits: z.boolean().default(false).describe('each digit is a token of its own'),
    field: z.string().default('text').describe('the field of JSONL lines that holds the text'),
  }),
  async run({ options: { data, out, size, minimum, digits, field }, log, progress }) {
    const texts = (await readDocuments(data, { field })).map(({ text }) => text)
    await progress(0, 1, `documents: ${texts.length}`)
    const trained = trainTokenizer(texts, { size, minimum, digits })
    for (const [name, bytes] of Object.entries(trained.files())) await writeAtomically(join(out, name), bytes)
    if (trained.size < size) log(`no other pair stands ${minimum} times in the text: ${trained.size} tokens instead of ${size}`)
    const { tokens, bytes, tokensPerByte, tokensPerCharacter } = fertility(trained, { all: texts.join('\n') }).all
    const lines = [
      `${trained.size} tokens, written to ${join(out, 'tokenizer.json')}`,
      `the text takes ${tokens} tokens for ${bytes} bytes: ${tokensPerByte.toFixed(3)} a byte, ${tokensPerCharacter.toFixed(3)} a character`,
    ]
    return { lines, json: { out, size: trained.size, documents: texts.length, tokens, bytes, tokensPerByte, tokensPerCharacter } }
  },
})
