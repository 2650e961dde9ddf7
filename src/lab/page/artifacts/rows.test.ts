import { expect, test } from 'vitest'
import { rowsOf } from './rows.ts'

test.each([
  ['a.csv', 'a,b\n1,2\n'],
  ['a.tsv', 'a\tb\n1\t2'],
  ['a.json', '[{"a":1,"b":2}]'],
  ['a.jsonl', '{"a":1,"b":2}\n'],
  ['a.jsonl', '{"a":1,"b":2}'],
])('%s as a table', (path, text) => expect(rowsOf(text, path)).toEqual({ head: ['a', 'b'], rows: [['1', '2']] }))

test('a last line that is still being written is left out', () => {
  expect(rowsOf('{"a":1}\n{"a":2}\n{"a":', 'a.jsonl')).toEqual({ head: ['a'], rows: [['1'], ['2']] })
  expect(rowsOf('{"a":', 'a.jsonl')).toBeUndefined()
})

test.each([
  ['a.jsonl', '{"a":1}\n{"a":\n{"a":3}\n'],
  ['a.jsonl', '{"a":1}\n{"a":\n'],
  ['a.json', '{"a":1}'],
])('what is no table is none: %s', (path, text) => expect(rowsOf(text, path)).toBeUndefined())
