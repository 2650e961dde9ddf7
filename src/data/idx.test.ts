import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ndarray, sizeOf } from '../engine/array.ts'
import { InputError } from '../engine/errors.ts'
import { parseIdx, readIdx, writeIdx } from './idx.ts'
import { expectOnlyInputErrors, inFolder } from './testing/helpers.ts'

const ubytes = Uint8Array.of(0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 255)

test('the published layout is read, plain and gzip', async () => {
  const expected = ndarray(Int32Array.of(1, 2, 3, 4, 5, 255), [2, 3], 'int32')
  await inFolder({ 'a.idx': ubytes, 'b.idx.gz': gzipSync(ubytes) }, async (folder) => {
    expect(await readIdx(`${folder}/a.idx`)).toEqual(expected)
    expect(await readIdx(`${folder}/b.idx.gz`)).toEqual(expected)
  })
  expect(parseIdx(ubytes, { dtype: 'float32' }).data).toEqual(Float32Array.of(1, 2, 3, 4, 5, 255))
})

test.each([
  ['byte', [0, 0, 9, 1, 0, 0, 0, 2, 255, 127], [-1, 127]],
  ['short', [0, 0, 11, 1, 0, 0, 0, 1, 255, 254], [-2]],
  ['int', [0, 0, 12, 1, 0, 0, 0, 1, 0, 1, 0, 0], [65536]],
  ['float', [0, 0, 13, 1, 0, 0, 0, 1, 0x3f, 0xc0, 0, 0], [1.5]],
  ['double', [0, 0, 14, 1, 0, 0, 0, 1, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0], [1.5]],
  ['a scalar', [0, 0, 8, 0, 7], [7]],
])('%s elements', (_, bytes, values) => {
  expect([...parseIdx(Uint8Array.from(bytes)).data]).toEqual(values)
})

test.each([
  ['byte 0: the file has 3 bytes', [0, 0, 8]],
  ['byte 0: begins with 0x1234', [0x12, 0x34, 8, 1]],
  ['byte 2: element type 0xa', [0, 0, 10, 1, 0, 0, 0, 0]],
  ['byte 4: 2 dimensions take 8 bytes', [0, 0, 8, 2, 0, 0, 0, 1]],
  ['byte 8: shape [3] of ubyte takes 3 bytes; the file has 2', [0, 0, 8, 1, 0, 0, 0, 3, 1, 2]],
  ['the file has 4 more', [0, 0, 8, 1, 0, 0, 0, 3, 1, 2, 3, 4]],
])('refused: %s', (message, bytes) => {
  expect(() => parseIdx(Uint8Array.from(bytes), { where: 'x.idx' })).toThrow(InputError)
  expect(() => parseIdx(Uint8Array.from(bytes), { where: 'x.idx' })).toThrow(`x.idx: ${message}`.replace('x.idx: the', 'the'))
})

test('a missing file, a folder and a cut gzip file are named', async () => {
  await inFolder({ 'cut.gz': gzipSync(ubytes).subarray(0, 20) }, async (folder) => {
    await expect(readIdx(`${folder}/none`)).rejects.toThrow(`${folder}/none: there is no such file`)
    await expect(readIdx(folder)).rejects.toThrow('is a folder')
    await expect(readIdx(`${folder}/cut.gz`)).rejects.toThrow(`${folder}/cut.gz: not a complete gzip file`)
  })
})

test('floats are not silently cut to integers, nor numbers to bytes', () => {
  const floats = writeIdx(ndarray(Float32Array.of(1.5), [1], 'float32'))
  expect(() => parseIdx(floats, { dtype: 'int32' })).toThrow(InputError)
  expect(() => writeIdx(ndarray(Int32Array.of(256), [1], 'int32'), { ubyte: true })).toThrow('element 0 is 256')
})

test('whatever is written is read back', () => {
  const shapes = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 })
  const property = fc.property(
    shapes,
    fc.constantFrom('int32', 'float32', 'float64'),
    fc.infiniteStream(fc.integer()),
    (shape, dtype, values) => {
      const list = Array.from({ length: sizeOf(shape) }, () => values.next().value as number)
      const data = dtype === 'int32' ? Int32Array.from(list) : dtype === 'float32' ? Float32Array.from(list) : Float64Array.from(list)
      const array = ndarray(data, shape, dtype as 'int32')
      expect(parseIdx(writeIdx(array))).toEqual(array)
    },
  )
  fc.assert(property, { numRuns: 200 })
})

test('damaged files give InputErrors only', () => expectOnlyInputErrors([ubytes], parseIdx))
