import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { byteTokenizer } from './bytes.ts'
import { gpt2Pattern } from './pre-tokenizers.ts'
import { anyText } from './testing/texts.ts'
import { trainTokenizer } from './train.ts'

/** Counts everything anew for each merge, on hexadecimal bytes: what a page of a textbook would do. */
function naiveMerges(texts: readonly string[], count: number, minimum: number): string[] {
  const pattern = new RegExp(gpt2Pattern.replaceAll('\\s', '\\p{White_Space}').replaceAll('\\S', '\\P{White_Space}'), 'gu')
  let words: string[][] = texts
    .flatMap((text) => text.match(pattern) ?? [])
    .map((word) => [...Buffer.from(word).toString('hex').match(/../g)!])
  const merges: string[] = []
  while (merges.length < count) {
    const counts = new Map<string, number>()
    for (const word of words)
      for (let i = 1; i < word.length; i++) counts.set(`${word[i - 1]} ${word[i]}`, (counts.get(`${word[i - 1]} ${word[i]}`) ?? 0) + 1)
    // A space sorts before all digits, so a token comes before those that it begins.
    const [best] = [...counts].filter(([, n]) => n >= minimum).sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
    if (!best) break
    merges.push(best[0])
    const [left, right] = best[0].split(' ')
    words = words.map((word) => {
      const merged: string[] = []
      for (let i = 0; i < word.length; i++) merged.push(word[i] === left && word[i + 1] === right ? word[i++] + word[i] : word[i])
      return merged
    })
  }
  return merges
}

interface File {
  readonly model: { readonly vocab: Readonly<Record<string, number>>; readonly merges: readonly (readonly [string, string])[] }
}
const fileOf = (files: Readonly<Record<string, Uint8Array>>): File => JSON.parse(new TextDecoder().decode(files['tokenizer.json'])) as File

/** The merges of a trained tokenizer, in the words of the naive one. */
function mergesOf(texts: readonly string[], options: Parameters<typeof trainTokenizer>[1]): string[] {
  const { model } = fileOf(trainTokenizer(texts, options).files())
  const byCharacter = fileOf(byteTokenizer.files()).model.vocab
  const hex = (token: string) => {
    return Array.from(token, (character) => byCharacter[character].toString(16).padStart(2, '0')).join('')
  }
  return model.merges.map((pair) => pair.map(hex).join(' '))
}

describe('training', () => {
  test('merges what a naive trainer merges, in its order, on texts full of ties', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'ab', 'é', ' ', 'aaa', '1', '水'), maxLength: 40 })
    fc.assert(
      fc.property(fc.array(letters, { minLength: 1, maxLength: 6 }), fc.constantFrom(1, 2, 3), (texts, minimum) => {
        const distinct = mergesOf(texts, { size: 280, minimum })
        expect(distinct).toEqual(naiveMerges(texts, distinct.length, minimum))
        // And it stops only where the naive one does, or where there are enough.
        if (distinct.length < 20) expect(naiveMerges(texts, 20, minimum).length).toBe(distinct.length)
      }),
      { numRuns: 60 },
    )
  })

  test('takes a run of one character that is longer than a call has arguments', () => {
    const tokenizer = trainTokenizer(['='.repeat(200_000)], { size: 290, minimum: 1 })
    expect(tokenizer.decode(tokenizer.encode('='.repeat(77)))).toBe('='.repeat(77))
    expect(tokenizer.encode('='.repeat(200_000)).length).toBeLessThan(30)
  })

  test('keeps the ids of the byte tokenizer', () => {
    const tokenizer = trainTokenizer(['the cat and the hat and the bat'], { size: 264 })
    expect([tokenizer.size, tokenizer.begin, tokenizer.end, tokenizer.pad]).toEqual([264, 257, 258, 256])
    expect(tokenizer.special).toEqual(byteTokenizer.special)
    expect(tokenizer.encode('\x00\xffz')).toEqual([0, 195, 191, 122])
    expect(tokenizer.encode('<|end|>', { special: true })).toEqual([257, 258])
    expect(Math.max(...tokenizer.encode('the hat'))).toBeGreaterThanOrEqual(260)
  })

  test('makes texts shorter, and gives them back', () => {
    const text = 'She sells sea shells by the sea shore. '.repeat(20)
    const tokenizer = trainTokenizer([text], { size: 300 })
    expect(tokenizer.encode(text).length).toBeLessThan(text.length / 3)
    fc.assert(
      fc.property(anyText(40), (other) => {
        expect(tokenizer.decode(tokenizer.encode(text + other))).toBe(text + other)
      }),
    )
  })

  test('lets digits alone where it is told to', () => {
    const text = '2024 2024 2024 2024'
    expect(trainTokenizer([text], { size: 300 }).encode('2024')).toHaveLength(1)
    expect(trainTokenizer([text], { size: 300, digits: true }).encode('2024')).toHaveLength(4)
  })

  test('takes special tokens and roles', () => {
    const tokenizer = trainTokenizer(['aaaa'], { size: 258, special: ['<|endoftext|>'] })
    expect([tokenizer.begin, tokenizer.end, tokenizer.pad]).toEqual([256, 256, undefined])
    const other = trainTokenizer([], { size: 300, special: ['<s>', '</s>'], roles: { end: '</s>' } })
    expect([other.size, other.begin, other.end]).toEqual([258, 256, 257])
  })

  test('refuses sizes without room', () => {
    expect(() => trainTokenizer([], { size: 259 })).toThrow('no room for 256 bytes and 4 special tokens; give at least 260')
    expect(() => trainTokenizer([], { size: 300.5 })).toThrow('300.5')
  })
})
