import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { byteTokenizer } from './bytes.ts'
import { loadTokenizer } from './load.ts'
import { trainTokenizer } from './train.ts'

const scratch = mkdtempSync(join(tmpdir(), 'quire-tokenizers-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

let folder: string
let count = 0
beforeEach(() => {
  folder = join(scratch, String(count++))
  mkdirSync(folder)
})

const put = (files: Readonly<Record<string, Uint8Array | object | string>>) => {
  for (const [name, content] of Object.entries(files))
    writeFileSync(join(folder, name), typeof content === 'string' || content instanceof Uint8Array ? content : JSON.stringify(content))
}

const vocab = { a: 0, b: 1, ab: 2, '<s>': 3, '</s>': 4 }
const token = (id: number, content: string) => ({ id, content, special: true, normalized: false })
const json = {
  added_tokens: [token(3, '<s>'), token(4, '</s>')],
  model: { type: 'BPE', vocab, merges: ['a b'] },
  decoder: { type: 'Fuse' },
}

describe('a folder', () => {
  test('gives the byte tokenizer itself back', async () => {
    put(byteTokenizer.files())
    const { settings, ...tokenizer } = await loadTokenizer(folder)
    expect(tokenizer).toEqual(byteTokenizer)
    expect(settings.roles).toEqual({ begin: '<|begin|>', end: '<|end|>', pad: '<|pad|>' })
  })

  test('gives a trained tokenizer back, and its files as they were', async () => {
    const trained = trainTokenizer(['ab ab abc'], { size: 265 })
    put(trained.files())
    const loaded = await loadTokenizer(join(folder, 'tokenizer.json'))
    expect(loaded.encode('abc ab', { special: true })).toEqual(trained.encode('abc ab', { special: true }))
    expect([loaded.size, loaded.begin, loaded.end, loaded.pad]).toEqual([trained.size, 257, 258, 256])
    expect(loaded.files()).toEqual(trained.files())
  })

  test.each([
    ['vocab.json', 'merges.txt'],
    ['encoder.json', 'vocab.bpe'],
  ])('with %s and %s', async (first, second) => {
    put({ [first]: vocab, [second]: '#version: 0.2\na b\n' })
    const loaded = await loadTokenizer(folder)
    expect(loaded.encode('aab</s>')).toEqual([0, 2, 4])
    // They are written as one file, which says the same.
    put(loaded.files())
    expect((await loadTokenizer(folder)).encode('aab</s>')).toEqual([0, 2, 4])
  })

  test.each([
    [{ add_bos_token: true, add_eos_token: true }, [3, 0, 4]],
    [{ add_bos_token: true }, [3, 0]],
    [{ add_bos_token: false }, [0]],
    [{}, [0]],
  ])('whose settings are %j', async (config, ids) => {
    put({ 'tokenizer.json': json, 'tokenizer_config.json': { bos_token: '<s>', eos_token: { content: '</s>' }, ...config } })
    const loaded = await loadTokenizer(folder)
    expect(loaded.encode('a', { special: true })).toEqual(ids)
    expect(loaded.encode('a')).toEqual([0])
  })

  test('says its longest text and its chat template, which is not run', async () => {
    put({ 'tokenizer.json': json, 'tokenizer_config.json': { model_max_length: 1e30 } })
    const { settings: none } = await loadTokenizer(folder)
    expect([none.maxLength, none.chatTemplate]).toEqual([undefined, undefined])
    const templates = [
      { name: 'tool_use', template: 'x' },
      { name: 'default', template: '{{ boom() }}' },
    ]
    put({ 'tokenizer_config.json': { model_max_length: 512, chat_template: templates } })
    expect((await loadTokenizer(folder)).settings).toMatchObject({ maxLength: 512, chatTemplate: '{{ boom() }}' })
  })

  test('a chat template in a file of its own counts first, and is kept', async () => {
    put({ 'tokenizer.json': json, 'tokenizer_config.json': { chat_template: 'old' } })
    writeFileSync(join(folder, 'chat_template.jinja'), '{{ new }}\n')
    const loaded = await loadTokenizer(folder)
    expect(loaded.settings.chatTemplate).toBe('{{ new }}\n')
    expect(new TextDecoder().decode(loaded.files()['chat_template.jinja'])).toBe('{{ new }}\n')
  })

  test('special_tokens_map.json says what tokenizer_config.json does not', async () => {
    put({ 'tokenizer.json': json, 'special_tokens_map.json': { eos_token: '<s>' }, 'tokenizer_config.json': { pad_token: null } })
    const { begin, end, pad } = await loadTokenizer(folder)
    expect([begin, end, pad]).toEqual([3, 3, undefined])
  })
})

describe('is refused', () => {
  test('a folder that is not there, or has no tokenizer', async () => {
    await expect(loadTokenizer(join(folder, 'nowhere'))).rejects.toThrow('nowhere: there is no such folder')
    await expect(loadTokenizer(folder)).rejects.toThrow('holds no tokenizer (tokenizer.json, or vocab.json and merges.txt)')
    put({ 'vocab.json': vocab })
    await expect(loadTokenizer(folder)).rejects.toThrow('holds no tokenizer')
  })

  test('a SentencePiece model, with what to do', async () => {
    put({ 'tokenizer.model': 'x' })
    await expect(loadTokenizer(folder)).rejects.toThrow('save its tokenizer.json')
  })

  test.each([
    ['tokenizer.json', '{', 'tokenizer.json: offset 1: not JSON'],
    ['tokenizer_config.json', { add_bos_token: 'yes' }, 'tokenizer_config.json: "add_bos_token" is neither true nor false'],
    ['tokenizer_config.json', { model_max_length: -1 }, '"model_max_length" is not a length'],
    ['special_tokens_map.json', { bos_token: 3 }, 'special_tokens_map.json: "bos_token" is not an object'],
  ])('a damaged %s', async (name, content, message) => {
    put({ 'tokenizer.json': json, [name]: content })
    await expect(loadTokenizer(folder)).rejects.toThrow(message)
  })
})
