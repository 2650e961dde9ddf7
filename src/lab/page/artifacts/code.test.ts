import { expect, test } from 'vitest'
import { tokensOf } from './code.ts'

const marked = (path: string, text: string) => tokensOf(path, text).map(({ kind, start, end }) => [kind, text.slice(start, end)])

test.each<[string, string, string[][]]>([
  [
    'm.v',
    'assign y = 8\'hFF; // all "ones"',
    [
      ['keyword', 'assign'],
      ['number', "8'hFF"],
      ['comment', '// all "ones"'],
    ],
  ],
  ['m.sv', '/* open', [['comment', '/* open']]],
  [
    'a.py',
    "def f(): # it's\n  return 'a\\'b', 1e-3",
    [
      ['keyword', 'def'],
      ['comment', "# it's"],
      ['keyword', 'return'],
      ['string', "'a\\'b'"],
      ['number', '1e-3'],
    ],
  ],
  [
    'a.ts',
    'const at = `a\nb`',
    [
      ['keyword', 'const'],
      ['string', '`a\nb`'],
    ],
  ],
  [
    'a.json',
    '{"a": [true, -1.5]}',
    [
      ['string', '"a"'],
      ['keyword', 'true'],
      ['number', '1.5'],
    ],
  ],
  ['a.md', 'if # this is "prose" 1', []],
  ['noending', '1', []],
])('%s', (path, text, expected) => expect(marked(path, text)).toEqual(expected))

test('a text that means harm costs no more than its length', () => {
  for (const text of ['"\\'.repeat(100_000), '/*'.repeat(100_000), '`'.repeat(200_000), "1'b".repeat(60_000)])
    for (const path of ['a.v', 'a.py', 'a.ts', 'a.json']) expect(tokensOf(path, text).length).toBeLessThan(300_001)
})
