import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { writeAtomically } from '../../data/files.ts'
import { documentStream } from './document-stream.ts'
import { promptIds } from './server/prompts.ts'
import { byteTokenizer, loadTokenizer, trainTokenizer } from './tokenizers/index.ts'

describe('documents as a stream', () => {
  test('each begins as a prompt does', () => {
    const { begin, end } = byteTokenizer
    const stream = [...documentStream(byteTokenizer, ['hi', ''])]
    expect(stream).toEqual([begin, 104, 105, end, begin, end])
    expect(stream.slice(0, 3)).toEqual(promptIds({ tokenizer: byteTokenizer }, 'hi'))
  })

  test('without a begin where the tokenizer adds none, and with one end where it adds that', async () => {
    const texts = ['ab ab ab', 'ba']
    const files = trainTokenizer(texts, { size: 262 }).files()
    const read = async (settings: object) => {
      const folder = mkdtempSync(join(tmpdir(), 'stream-'))
      const config = { ...JSON.parse(new TextDecoder().decode(files['tokenizer_config.json'])), ...settings }
      for (const [name, bytes] of Object.entries(files)) await writeAtomically(join(folder, name), bytes)
      await writeAtomically(join(folder, 'tokenizer_config.json'), new TextEncoder().encode(JSON.stringify(config)))
      return loadTokenizer(folder)
    }
    const plain = await read({ add_bos_token: false, add_eos_token: false })
    const both = await read({ add_bos_token: true, add_eos_token: true })
    const end = plain.end!
    expect([...documentStream(plain, texts)]).toEqual(texts.flatMap((text) => [...plain.encode(text), end]))
    expect([...documentStream(both, texts)]).toEqual(texts.flatMap((text) => [both.begin!, ...both.encode(text), end]))
  })
})
