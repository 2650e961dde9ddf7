import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ndarray } from '../engine/array.ts'
import { InputError } from '../engine/errors.ts'
import { type CsvOptions, parseCsv, readCsv } from './csv.ts'
import { decodeText } from './files.ts'
import { standardize } from './standardize.ts'
import { inFolder } from './testing/helpers.ts'

const people = `age,work,"home, town",income
39, state ,A,<=50K
50,self,"B",>50K
38,state,"C ""c""",<=50K
`

test('numbers stay numbers, texts become one feature a level, the last column is the class', async () => {
  const { x, y, classes, featureNames, levels, imputed } = await parseCsv(people)
  expect(featureNames).toEqual(['age', 'work=self', 'work=state', 'home, town=A', 'home, town=B', 'home, town=C "c"'])
  expect(x.shape).toEqual([3, 6])
  expect([...x.data]).toEqual([39, 0, 1, 1, 0, 0, 50, 1, 0, 0, 1, 0, 38, 0, 1, 0, 0, 1])
  expect([...y.data]).toEqual([0, 1, 0])
  expect(classes).toEqual(['<=50K', '>50K'])
  expect(levels).toEqual({ work: ['self', 'state'], 'home, town': ['A', 'B', 'C "c"'] })
  expect(imputed).toBe(0)
})

test('target, dropped and categorical columns, order of classes, other delimiters, gzip and byte-order mark', async () => {
  const text = '\ufeffid;kind;size\n1;b;10\n2;a;9\n3;b;10\n'
  const table = await parseCsv(text, { target: 'kind', drop: ['id'], categorical: ['size'], classOrder: 'appearance' })
  expect(table.featureNames).toEqual(['size=10', 'size=9'])
  expect(table.classes).toEqual(['b', 'a'])
  await inFolder({ 'a.csv.gz': gzipSync(text) }, async (folder) => {
    const read = await readCsv(`${folder}/a.csv.gz`)
    expect(read.classes).toEqual(['9', '10'])
    expect([...read.y.data]).toEqual([1, 0, 1])
  })
})

const holes = 'a,b,y\n1,p,0\n?,q,1\n5,,0\n3,q,1\n'

test('missing values are filled from the fitting rows only, when asked', async () => {
  const { x, imputed } = await parseCsv(holes, { missing: 'impute' })
  expect([...x.data]).toEqual([1, 1, 0, 3, 0, 1, 5, 0, 1, 3, 0, 1])
  expect(imputed).toBe(2)
  const fitted = await parseCsv(holes, { missing: 'impute', fitRows: [0, 1] })
  expect(fitted.x.data[3]).toBe(1)
  expect([...fitted.x.data.subarray(7, 9)]).toEqual([1, 0])
  expect((await parseCsv(holes, { missingValues: [], categorical: ['a'] })).featureNames).toEqual([
    'a=1',
    'a=3',
    'a=5',
    'a=?',
    'b=',
    'b=p',
    'b=q',
  ])
})

test.each<[string, string, CsvOptions?]>([
  ['x.csv: line 3, column "a": the value is missing', holes],
  ['x.csv: line 3, column "y": the class is missing', 'a,y\n1,0\n2,\n'],
  ['x.csv: line 2, column "a": NaN is not a finite number', 'a,y\nNaN,0\n2,1\n'],
  ['x.csv: line 4, column "a": -Infinity is not', 'a,y\n1,0\n2,1\n-Infinity,0\n'],
  ['x.csv: line 3, column "a": 1e39 is not', 'a,y\n1,0\n1e39,1\n'],
  ['x.csv: line 3, column "a": "1O" is not a number', 'a,y\n1,0\n1O,1\n7,1\n'],
  ['x.csv: line 5, column "a": the value is missing', 'a,b,y\n1,"two\nlines",0\n\n,z,1\n'],
  ['x.csv: line 3 has 1 fields, the header 2', 'a,y\n1,0\n2\n'],
  ['x.csv: line 2: a space stands before a quote', 'a,y\n1, "0"\n2,1\n'],
  ['x.csv: there is no column "incom"; did you mean "income"?', people, { target: 'incom' }],
  ['did you mean "age"?', people, { drop: ['aged'] }],
  ['has the column "a" twice', 'a,a,y\n1,2,0\n'],
  ['column 1 has no name', ',a,y\n1,2,0\n'],
  ['numbers instead of column names', '1,2\n3,4\n'],
  ['line 1: no rows follow a header', 'a,y\n'],
  ['line 1: no rows follow a header', ''],
  ['no column is left', 'y\n1\n2\n'],
  ['one class only', 'a,y\n1,0\n2,0\n'],
  ['is a quantity, not a class', 'a,y\n1,0.5\n2,1\n'],
  ['300 different texts', `a,y\n${Array.from({ length: 300 }, (_, i) => `id${i},${i % 2}`).join('\n')}`],
  ['column "a" holds no value', 'a,y\n?,0\n?,1\n', { missing: 'impute' }],
  ['x.csv: line 2: Quoted field unterminated', 'a,y\n"1,0\n2,1\n'],
  ['x.csv: line 2: Trailing quote on quoted field is malformed', 'a,y\n"1"x,0\n2,1\n'],
])('refused: %s', async (message, text, options) => {
  const failure = await parseCsv(text, { where: 'x.csv', ...options }).catch((error) => error)
  expect(failure).toBeInstanceOf(InputError)
  expect(failure.message).toContain(message)
})

test('text that is not UTF-8 is named', async () => {
  await inFolder({ 'a.csv': Uint8Array.of(0x61, 0xff, 0x0a) }, async (folder) => {
    await expect(readCsv(`${folder}/a.csv`)).rejects.toThrow(`${folder}/a.csv: byte 1: not UTF-8 text`)
  })
})

test.each([
  ['a byte that begins nothing', [0xff, 0x61], 0],
  ['a character broken off by another', [0xf0, 0x9f, 0x61, 0x61], 2],
  ['a character broken off by the end', [0xf0, 0x9f, 0x98], 3],
])('text that is not UTF-8 for %s is named by the byte, wherever a block of the search ends', (_, bad, offset) => {
  for (let length = 2 ** 16 - 8; length <= 2 ** 16 + 8; length++)
    for (const character of ['a', 'é', '😀']) {
      const text = Buffer.from('x'.repeat(length - Buffer.byteLength(character)) + character)
      expect(() => decodeText(Buffer.concat([text, Buffer.from(bad)]), 'a.csv')).toThrow(`a.csv: byte ${length + offset}: not UTF-8 text`)
    }
})

test('any table of numbers is read back', async () => {
  const row = fc.tuple(fc.float({ noNaN: true, noDefaultInfinity: true }), fc.integer({ min: -1000, max: 1000 }))
  const property = fc.asyncProperty(fc.array(row, { minLength: 2, maxLength: 20 }), async (rows) => {
    const text = ['a,b,y', ...rows.map(([a, b], i) => `${a},${b},${i % 2}`)].join('\r\n')
    const { x } = await parseCsv(text)
    expect([...x.data].map((v) => v + 0)).toEqual(rows.flat().map((v) => v + 0))
  })
  await fc.assert(property, { numRuns: 100 })
})

test('arbitrary text is read or refused with an InputError', async () => {
  const soup = fc
    .array(fc.constantFrom(',', '\n', '"', 'a', 'b', '1', ';', '\r', ' ', '?', 'é', '\0'), { maxLength: 40 })
    .map((parts) => parts.join(''))
  const property = fc.asyncProperty(soup, async (text) => {
    await parseCsv(text).catch((error) => {
      if (!(error instanceof InputError)) throw error
    })
  })
  await fc.assert(property, { numRuns: 500, interruptAfterTimeLimit: 10_000 })
})

test('standardisation is fitted on the given rows and applied to others', () => {
  const { mean, std, apply } = standardize(ndarray(Float32Array.of(1, 0.1, 3, 0.1), [2, 2], 'float32'))
  expect([...mean]).toEqual([2, Math.fround(0.1)])
  expect([...std]).toEqual([1, 1])
  expect([...apply(ndarray(Float32Array.of(5, Math.fround(0.1)), [1, 2], 'float32')).data]).toEqual([3, 0])
  expect(() => apply(ndarray(Float32Array.of(5), [1, 1], 'float32'))).toThrow('1 features cannot be standardised as 2')
  expect(() => standardize(ndarray(new Float32Array(0), [0, 2], 'float32'))).toThrow(InputError)
})
