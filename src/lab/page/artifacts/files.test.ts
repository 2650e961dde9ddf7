import { expect, test } from 'vitest'
import { writeSafetensors } from '../../../engine/safetensors.ts'
import { rowsOf } from './rows.ts'
import { elementsOf, headerLength, tensorsIn } from './tensors.ts'

test('tensors of a file that the engine wrote', () => {
  const bytes = writeSafetensors({
    'layer.weight': { data: new Float32Array(6), shape: [2, 3], dtype: 'float32' },
    bias: { data: new Float32Array(1), shape: [], dtype: 'float32' },
  })
  const file = bytes.slice().buffer as ArrayBuffer
  const length = headerLength(file)!
  const found = tensorsIn(new TextDecoder().decode(file.slice(8, 8 + length)))!
  expect(Object.fromEntries(found.map((tensor) => [tensor.name, [tensor.shape, elementsOf(tensor)]]))).toEqual({
    'layer.weight': [[2, 3], 6],
    bias: [[], 1],
  })
})

test.each([[''], ['\xff'.repeat(8)], ['\0'.repeat(8)], ['1234567']])('no safetensors: %j', (text) =>
  expect(headerLength(Uint8Array.from(text, (letter) => letter.charCodeAt(0)).buffer)).toBeUndefined(),
)

test.each(['', '[]', '{"a":{"dtype":"F32","shape":[-1]}}', '{"a":null}', '{"a":{"dtype":1,"shape":[]}}', 'null'])(
  'no tensor: %s',
  (header) => expect(tensorsIn(header) ?? []).toEqual([]),
)

test.each<[string, string, unknown]>([
  ['a.csv', 'x,y\n1,"a,b"\n', { head: ['x', 'y'], rows: [['1', 'a,b']] }],
  ['a.tsv', 'x\ty\n1\t2', { head: ['x', 'y'], rows: [['1', '2']] }],
  [
    'a.jsonl',
    '{"a":1}\n{"b":[2]}\n',
    {
      head: ['a', 'b'],
      rows: [
        ['1', ''],
        ['', '[2]'],
      ],
    },
  ],
  ['a.json', '[{"a":"x"}]', { head: ['a'], rows: [['x']] }],
  ['a.json', '{"a":"x"}', undefined],
  ['a.jsonl', '{"a":', undefined],
  ['a.jsonl', '3\n4', undefined],
])('%s with %j as a table', (path, text, rows) => expect(rowsOf(text, path)).toEqual(rows))
