import fc from 'fast-check'
import { expect, test } from 'vitest'
import { anyText } from './testing/texts.ts'
import { utf8Stream } from './utf8-stream.ts'

/** Bytes near the borders of what UTF-8 allows are more common than others. */
const bytes = fc.array(fc.oneof(fc.constantFrom(0x41, 0x80, 0xbf, 0xc0, 0xc2, 0xe0, 0xed, 0xef, 0xf0, 0xf4, 0xf8, 0xff), fc.nat(255)))
const pieces = fc.array(bytes.map((piece) => Uint8Array.from(piece)))

test('pieces give the text of the whole, as Node decodes it', () => {
  fc.assert(
    fc.property(pieces, (pieces) => {
      const stream = utf8Stream()
      const text = pieces.map((piece) => stream.push(piece)).join('') + stream.flush()
      expect(text).toBe(Buffer.concat(pieces).toString('utf8'))
      expect(stream.flush()).toBe('')
    }),
    { numRuns: 1000 },
  )
})

test('whole characters are not held back', () => {
  fc.assert(
    fc.property(anyText(), (text) => {
      const stream = utf8Stream()
      expect([...text].map((character) => stream.push(Buffer.from(character)))).toEqual([...text])
    }),
  )
})

test('a byte-order mark is text', () => expect(utf8Stream().push(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61))).toBe('\ufeffa'))
