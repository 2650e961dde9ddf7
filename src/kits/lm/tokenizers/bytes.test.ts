import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { byteTokenizer } from './bytes.ts'
import { anyText } from './testing/texts.ts'

describe('the byte tokenizer', () => {
  test('has ids that are the bytes', () => {
    expect(byteTokenizer.encode('aé水🌍\0')).toEqual([...Buffer.from('aé水🌍\0', 'utf8')])
    expect(byteTokenizer.encode('')).toEqual([])
  })

  test('begins a text, and finds special tokens in it', () => {
    expect(byteTokenizer.encode('a<|end|>b', { special: true })).toEqual([257, 97, 258, 98])
    expect(byteTokenizer.encode('<|begin|><|pad|><|other|>').slice(0, 2)).toEqual([257, 256])
    expect(byteTokenizer.decode([257, 97, 258, 259])).toBe('<|begin|>a<|end|><|reserved|>')
    expect(byteTokenizer.decode([257, 97, 258, 98], { skipSpecial: true })).toBe('ab')
  })

  test('gives any text back', () =>
    fc.assert(
      fc.property(anyText(), (text) => {
        expect(byteTokenizer.decode(byteTokenizer.encode(text))).toBe(text)
      }),
    ))

  test('decodes any bytes as Node does, at once and one at a time', () =>
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        const expected = Buffer.from(bytes).toString('utf8')
        const stream = byteTokenizer.stream()
        expect(Array.from(bytes, (byte) => stream.push(byte)).join('') + stream.end()).toBe(expected)
        expect(byteTokenizer.decode(bytes)).toBe(expected)
      }),
    ))

  test('holds a character back until it is whole', () => {
    const stream = byteTokenizer.stream({ skipSpecial: true })
    expect([...Buffer.from('水a'), 258].map((id) => stream.push(id))).toEqual(['', '', '水', 'a', ''])
    expect(stream.push(0xe6) + stream.end()).toBe('\ufffd')
  })

  test('refuses what is no token', () => {
    expect(() => byteTokenizer.decode([260])).toThrow('no token 260')
    expect(() => byteTokenizer.decode([-1])).toThrow('no token -1')
    expect(() => byteTokenizer.decode([1.5])).toThrow('no token 1.5')
  })
})
