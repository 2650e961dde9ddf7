import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Tiktoken } from 'js-tiktoken/lite'
import r50k from 'js-tiktoken/ranks/r50k_base'
import { describe, expect, test } from 'vitest'
import { charactersOfBytes } from './byte-alphabet.ts'
import { Field } from './field.ts'
import { parseGpt2Files } from './gpt2-files.ts'
import { loadTokenizer } from './load.ts'
import { readPreTokenizer } from './pre-tokenizers.ts'
import { fixtureTexts } from './testing/fixture-texts.ts'
import type { Tokenizer } from './tokenizer.ts'

/* GPT-2's encoding, against OpenAI's own in another program. js-tiktoken carries the vocabulary, so that GPT-2's two files can be made of it. */

const reference = new Tiktoken(r50k)

/** The bytes of tokens in the order of their ranks, which are their ids. */
const tokens = r50k.bpe_ranks.split('\n').flatMap((line) =>
  line
    .split(' ')
    .slice(2)
    .map((token) => charactersOfBytes(Buffer.from(token, 'base64'))),
)

/** `merges.txt`: each token with the pair that it is made of, found by merging its bytes with the ranks below its own. */
function mergesOf(tokens: readonly string[]): string {
  const rank = new Map(tokens.map((token, i) => [token, i]))
  const pairOf = (token: string): string => {
    const parts = Array.from(token)
    while (parts.length > 2) {
      let best = 0
      let lowest = Number.POSITIVE_INFINITY
      for (let i = 0; i + 1 < parts.length; i++) {
        const own = rank.get(parts[i] + parts[i + 1]) ?? Number.POSITIVE_INFINITY
        if (own < lowest) [lowest, best] = [own, i]
      }
      parts.splice(best, 2, parts[best] + parts[best + 1])
    }
    return parts.join(' ')
  }
  return ['#version: 0.2', ...tokens.slice(256).map(pairOf), ''].join('\n')
}

const vocabulary = JSON.stringify(Object.fromEntries([...tokens, '<|endoftext|>'].map((token, id) => [token, id])))
const made = parseGpt2Files(vocabulary, mergesOf(tokens))

const roots = [process.env.QUIRE_DATA, join(import.meta.dirname, '..', '..', '..', '..', '..', 'shared', 'data')].filter(
  (root) => root !== undefined,
)
const found = (...path: string[]) => roots.map((root) => join(root, ...path)).find(existsSync)
const real = found('gpt2-bpe', 'vocab.bpe') && found('gpt2-bpe')

const linesOf = (path: string | undefined): string[] => (path ? readFileSync(path, 'utf8').replaceAll('\r', '').split('\n') : [])

/** Every line of five languages and of Python code, where they are at hand. */
const corpora = [
  ...['eng', 'fin', 'hin', 'jpn', 'vie'].flatMap((name) => linesOf(found('ntrex-128-5lang', `${name}.txt`))),
  ...linesOf(found('mbpp', 'mbpp.jsonl')).flatMap((line) => (line === '' ? [] : (JSON.parse(line) as { code: string }).code)),
]

/** Characters that the pattern tells apart, in any order. U+FEFF and U+0085 are left out: JavaScript's `\s`, which js-tiktoken uses, has the former and lacks the latter. */
function noise(count: number): string[] {
  const characters = [...new Set(fixtureTexts.join(''))].filter((character) => !'\ufeff\u0085'.includes(character))
  let state = 7
  const random = (below: number) => Math.floor(((state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32) * below)
  return Array.from({ length: count }, () => Array.from({ length: random(30) }, () => characters[random(characters.length)]).join(''))
}

const differing = (tokenizer: Tokenizer, texts: readonly string[]): string[] =>
  texts.filter(
    (text) => `${tokenizer.encode(text)}` !== `${reference.encode(text, [], [])}` || tokenizer.decode(tokenizer.encode(text)) !== text,
  )

const vectors: readonly (readonly [string, readonly number[]])[] = [
  ['', []],
  [' ', [220]],
  ['\t', [197]],
  ['This is some text', [1212, 318, 617, 2420]],
  ['indivisible', [521, 452, 12843]],
  ['hello 👋 world 🌍', [31373, 50169, 233, 995, 12520, 234, 235]],
  ['toString constructor hasOwnProperty valueOf', [1462, 10100, 23772, 468, 23858, 21746, 1988, 5189]],
]

describe('the encoding of GPT-2', () => {
  test.each(vectors)('%j has the published ids', (text, ids) => {
    expect(made.encode(text)).toEqual(ids)
    expect(made.decode(ids)).toBe(text)
  })

  test('has its end of text', () => {
    expect([made.size, made.begin, made.end]).toEqual([50257, 50256, 50256])
    expect(made.encode('a<|endoftext|>b')).toEqual([64, 50256, 65])
  })

  test('agrees with js-tiktoken on noise', () => {
    const plain = noise(10_000).filter((text) => !text.includes('<|endoftext|>'))
    expect(plain.length).toBeGreaterThan(9000)
    expect(differing(made, plain)).toEqual([])
  })

  test('cuts at what Unicode calls white space', () => {
    // A next line is white space, a byte-order mark is not; JavaScript's \s has it the other way round.
    const { split } = readPreTokenizer(new Field({ type: 'ByteLevel', add_prefix_space: false }, '', ''))
    expect(split(['\u0085\u0085a !\ufeff!'], true)).toEqual(['\u0085', '\u0085', 'a', ' !\ufeff!'])
  })

  test.runIf(corpora.length > 0)('agrees with js-tiktoken on every line of the corpora', { timeout: 60_000 }, () => {
    expect(corpora.length).toBeGreaterThan(5000)
    expect(differing(made, corpora)).toEqual([])
  })

  test.runIf(real)('is that of the published files', async () => {
    const read = await loadTokenizer(real!)
    for (const [text, ids] of vectors) expect(read.encode(text)).toEqual(ids)
    expect(
      differing(
        read,
        corpora.filter((_, i) => i % 10 === 0),
      ),
    ).toEqual([])
  })
})

describe('damaged files', () => {
  const vocab = '{"a":0,"b":1,"ab":2}'
  test.each([
    ['a line of one token', 'a b\nab\n', 'merges.txt: line 2: "ab" is not two tokens'],
    ['a token that is not there', 'a c\n', 'merges.txt: line 1: "c" is not in the vocabulary'],
    ['a merge that is not there', 'b a\n', 'merges.txt: line 1: "ba" is not in the vocabulary'],
  ])('%s', (_, merges, message) => expect(() => parseGpt2Files(vocab, merges)).toThrow(message))

  test('a vocabulary that is none', () => expect(() => parseGpt2Files('[]', '')).toThrow('vocab.json: "vocabulary" is not an object'))
})
