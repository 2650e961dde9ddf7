import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fixtureTexts } from './testing/fixture-texts.ts'
import { anyText } from './testing/texts.ts'
import { parseTokenizerJson } from './tokenizer-json.ts'

/** What the tests change in a file. */
interface File {
  normalizer: unknown
  pre_tokenizer: unknown
  post_processor: unknown
  added_tokens: unknown
  readonly model: { byte_fallback: boolean; end_of_word_suffix: unknown; readonly merges: unknown[] }
}

interface Fixture {
  readonly name: string
  readonly tokenizer: File
  readonly answers: {
    readonly plain: readonly (readonly number[])[]
    readonly framed: readonly (readonly number[])[]
    readonly decoded: readonly string[]
    readonly skipped: readonly string[]
  }
}

/** Tokenizers that Hugging Face's tokenizers made, with its answers (interop/tokenizers.interop.ts makes and checks them). */
const fixtures = readFileSync(join(import.meta.dirname, 'testing', 'fixtures.jsonl'), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Fixture)

const read = (tokenizer: unknown) => parseTokenizerJson(JSON.stringify(tokenizer))

describe.each(fixtures)('$name', ({ tokenizer: file, answers }) => {
  const tokenizer = read(file)

  test('encodes and decodes as Hugging Face does', () => {
    expect(fixtureTexts.map((text) => tokenizer.encode(text))).toEqual(answers.plain)
    expect(fixtureTexts.map((text) => tokenizer.encode(text, { special: true }))).toEqual(answers.framed)
    expect(answers.framed.map((ids) => tokenizer.decode(ids))).toEqual(answers.decoded)
    expect(answers.framed.map((ids) => tokenizer.decode(ids, { skipSpecial: true }))).toEqual(answers.skipped)
  })

  test('streams what it decodes, whatever the ids', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(tokenizer.size + 3), { maxLength: 40 }), fc.boolean(), (ids, skipSpecial) => {
        const stream = tokenizer.stream({ skipSpecial })
        expect(ids.map((id) => stream.push(id)).join('') + stream.end()).toBe(tokenizer.decode(ids, { skipSpecial }))
      }),
    )
  })
})

describe('texts come back', () => {
  const named = (name: string) => read(fixtures.find((fixture) => fixture.name === name)!.tokenizer)

  test.each(['starcoder', 'llama3', 'cl100k'])('byte for byte from %s', (name) => {
    const tokenizer = named(name)
    fc.assert(
      fc.property(anyText(60), (text) => {
        expect(tokenizer.decode(tokenizer.encode(text))).toBe(text)
      }),
    )
  })

  test('from llama2, with its one space at the beginning, and no other', () => {
    const tokenizer = named('llama2')
    fc.assert(
      fc.property(anyText(60), (text) => {
        expect(tokenizer.decode(tokenizer.encode(text))).toBe(text.replaceAll('▁', ' '))
      }),
    )
  })

  test('halves of characters become U+FFFD', () => {
    const tokenizer = named('starcoder')
    expect(tokenizer.decode(tokenizer.encode('a\ud83db\udf0dc'))).toBe('a\ufffdb\ufffdc')
  })
})

describe('what is missing a part comes out otherwise', () => {
  const [text] = [fixtureTexts.join(' ')]
  const without = (name: string, change: (file: File) => void) => {
    const { tokenizer } = fixtures.find((fixture) => fixture.name === name)!
    const changed = structuredClone(tokenizer)
    change(changed)
    return [`${read(tokenizer).encode(text, { special: true })}`, `${read(changed).encode(text, { special: true })}`]
  }
  test.each<[string, string, (file: File) => void]>([
    ['the normalizer', 'llama2', (file) => (file.normalizer = null)],
    ['the pre-tokenizer', 'starcoder', (file) => (file.pre_tokenizer = { type: 'ByteLevel' })],
    ['the template', 'llama3', (file) => (file.post_processor = null)],
    ['added tokens', 'starcoder', (file) => (file.added_tokens = [])],
    ['byte fallback', 'llama2', (file) => (file.model.byte_fallback = false)],
    ['the case', 'words', (file) => (file.normalizer = { type: 'NFKC' })],
    ['the last merge', 'cl100k', (file) => file.model.merges.splice(40, 1)],
    ['the suffix', 'ends of words', (file) => (file.model.end_of_word_suffix = null)],
  ])('%s of %s', (_, name, change) => {
    const [whole, changed] = without(name, change)
    expect(changed).not.toBe(whole)
  })
})

describe('parts that the fixtures lack', () => {
  const model = { type: 'BPE', vocab: { a: 0, b: 1, ab: 2, abb: 3, ' ': 4 }, merges: ['a b', 'ab b'] }

  test('merges as texts and as pairs are the same', () => {
    const pairs = model.merges.map((merge) => merge.split(' '))
    for (const merges of [model.merges, pairs]) expect(read({ model: { ...model, merges } }).encode('abbab')).toEqual([3, 2])
  })

  test('tokens that are words are found whole where merges are ignored', () => {
    const odd = { ...model, merges: ['a b'] }
    expect(read({ model: odd }).encode('abb')).toEqual([2, 1])
    expect(read({ model: { ...odd, ignore_merges: true } }).encode('abb')).toEqual([3])
  })

  test('unknown characters are a token each, one together, or nothing', () => {
    const unknown = { ...model, unk_token: ' ' }
    expect(read({ model: unknown }).encode('axxb')).toEqual([0, 4, 4, 1])
    expect(read({ model: { ...unknown, fuse_unk: true } }).encode('axxb')).toEqual([0, 4, 1])
    expect(read({ model }).encode('axxb')).toEqual([2])
  })

  test('the lowest rank is merged first, and the leftmost of several', () => {
    const vocab = { a: 0, aa: 1, b: 2, aab: 3, ab: 4 }
    expect(read({ model: { vocab, merges: ['a a', 'aa b', 'a b'] } }).encode('aaab')).toEqual([1, 4])
    expect(read({ model: { vocab, merges: ['a b', 'a a', 'aa b'] } }).encode('aab')).toEqual([0, 4])
  })

  test('a long piece takes no quadratic time', () => {
    const text = 'ab'.repeat(200_000)
    expect(read({ model }).encode(text)).toHaveLength(200_000)
  }, 10_000)

  test('without a decoder, tokens are joined by spaces', () => expect(read({ model }).decode([2, 0])).toBe('ab a'))

  test('what comes behind Fuse sees one token', () => {
    const replace = { type: 'Replace', pattern: { String: 'ba' }, content: '-' }
    const decoder = (decoders: unknown[]) => ({ type: 'Sequence', decoders })
    expect(read({ model, decoder: decoder([replace, { type: 'Fuse' }]) }).decode([2, 0])).toBe('aba')
    const after = read({ model, decoder: decoder([{ type: 'Fuse' }, replace]) })
    expect(after.decode([2, 0])).toBe('a-')
    const stream = after.stream()
    expect([stream.push(2), stream.push(0), stream.end()]).toEqual(['', '', 'a-'])
  })

  test('old Metaspace files say add_prefix_space', () => {
    const space = { ...model, vocab: { ...model.vocab, '▁': 5 } }
    const encode = (options: object) =>
      read({ model: space, pre_tokenizer: { type: 'Metaspace', replacement: '▁', ...options } }).encode('a b')
    expect(encode({ add_prefix_space: true })).toEqual([5, 0, 5, 1])
    expect(encode({ add_prefix_space: false })).toEqual([0, 5, 1])
    expect(() => encode({ add_prefix_space: false, prepend_scheme: 'always' })).toThrow('add_prefix_space')
  })

  test('ids that the model has beyond its tokenizer have no text', () => {
    expect(read({ model, decoder: { type: 'Fuse' } }).decode([0, 99, 1])).toBe('ab')
    expect(() => read({ model }).decode([-1])).toThrow('no token -1')
  })
})

describe('what is not known is refused by its name', () => {
  const model = { type: 'BPE', vocab: { a: 0, b: 1 }, merges: [] }
  test.each<[string, unknown, string]>([
    ['WordPiece', { model: { type: 'WordPiece', vocab: {} } }, '"model.type" is "WordPiece"; only BPE'],
    ['Unigram', { model: { type: 'Unigram', vocab: [] } }, '"model.type" is "Unigram"'],
    ['dropout', { model: { ...model, dropout: 0.1 } }, '"model.dropout" leaves merges out at random'],
    ['a normalizer', { model, normalizer: { type: 'BertNormalizer' } }, '"normalizer.type" is "BertNormalizer"; known here are NFC'],
    ['a step', { model, normalizer: { type: 'Sequence', normalizers: [{ type: 'Nmt' }] } }, '"normalizer.normalizers[0].type" is "Nmt"'],
    ['a pre-tokenizer', { model, pre_tokenizer: { type: 'UnicodeScripts' } }, '"pre_tokenizer.type" is "UnicodeScripts"'],
    ['a decoder', { model, decoder: { type: 'CTC' } }, '"decoder.type" is "CTC"'],
    ['a template', { model, post_processor: { type: 'RobertaProcessing' } }, '"post_processor.type" is "RobertaProcessing"'],
    ['a merge', { model: { ...model, merges: ['a b'] } }, '"model.merges[0]" merges "a" and "b"'],
    ['half a merge', { model: { ...model, merges: ['a'] } }, '"model.merges[0]" is not a pair'],
    ['an id', { model: { ...model, vocab: { a: -1 } } }, '"model.vocab.a" is -1'],
    ['two ids', { model, added_tokens: [{ id: 5, content: 'a' }] }, '"added_tokens" has "a" as token 5, the vocabulary as 0'],
    ['an unknown token', { model: { ...model, unk_token: 'x' } }, '"model.unk_token" is "x"'],
    ['no model', {}, '"model" is not an object'],
  ])('%s', (_, file, message) => expect(() => read(file)).toThrow(`tokenizer.json: ${message}`))

  test('and a file that is not JSON, at its offset', () => {
    expect(() => parseTokenizerJson('{"model": ', { where: 'x' })).toThrow('x: offset 10: not JSON')
  })
})
