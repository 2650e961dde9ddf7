import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type NDArray, ndarray, sizeOf } from '../engine/array.ts'
import { allocate, type DType, dtypes } from '../engine/dtype.ts'
import { InputError } from '../engine/errors.ts'
import { parseNpy, parseNpz, readNpy, readNpz, writeNpy } from './npy.ts'
import { expectOnlyInputErrors, inFolder, zip } from './testing/helpers.ts'

/** A .npy file by hand: the header as NumPy writes it, in the version asked for. */
function npy(dict: string, body: number[], version = 1): Uint8Array {
  const header = [...`${dict}\n`].map((c) => c.charCodeAt(0))
  const length = version === 1 ? [header.length & 255, header.length >> 8] : [header.length & 255, header.length >> 8, 0, 0]
  return Uint8Array.from([0x93, ...[...'NUMPY'].map((c) => c.charCodeAt(0)), version, 0, ...length, ...header, ...body])
}

const dict = (descr: string, shape: string, fortran = 'False') => `{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': ${shape}, }`

test.each([1, 2, 3])('format version %i is read', (version) => {
  expect(parseNpy(npy(dict('<i4', '(2,)'), [1, 0, 0, 0, 255, 255, 255, 255], version))).toEqual(ndarray(Int32Array.of(1, -1), [2], 'int32'))
})

test.each<[string, number[], DType, number]>([
  ['<f4', [0, 0, 192, 63], 'float32', 1.5],
  ['<f8', [0, 0, 0, 0, 0, 0, 248, 63], 'float64', 1.5],
  ['<f2', [0, 0x3e], 'float32', 1.5],
  ['<u4', [255, 255, 255, 255], 'uint32', 4294967295],
  ['|u1', [200], 'int32', 200],
  ['|b1', [1], 'bool', 1],
  ['<i8', [254, 255, 255, 255, 255, 255, 255, 255], 'int32', -2],
])('element type %s', (descr, body, dtype, value) => {
  expect(parseNpy(npy(dict(descr, '()'), body))).toEqual({ shape: [], dtype, data: expect.objectContaining({ 0: value, length: 1 }) })
})

test('Fortran order becomes row-major', () => {
  const columns = npy(dict('|u1', '(2, 3)', 'True'), [1, 4, 2, 5, 3, 6])
  expect([...parseNpy(columns).data]).toEqual([1, 2, 3, 4, 5, 6])
  // a[i, j, k] = 100 i + 10 j + k lies at i + 2 j + 6 k.
  const cube = Array.from({ length: 24 }, (_, at) => 100 * (at % 2) + 10 * (Math.floor(at / 2) % 3) + Math.floor(at / 6))
  const { shape, data } = parseNpy(npy(dict('|u1', '(2, 3, 4)', 'True'), cube))
  expect(shape).toEqual([2, 3, 4])
  expect([...data]).toEqual([0, 1].flatMap((i) => [0, 1, 2].flatMap((j) => [0, 1, 2, 3].map((k) => 100 * i + 10 * j + k))))
})

test.each([
  ['byte 0: does not begin', Uint8Array.of(1, 2, 3)],
  ['byte 6: format version 9', npy(dict('<f4', '()'), [0, 0, 0, 0], 9)],
  ['byte 8: a header of', npy(dict('<f4', '()'), []).subarray(0, 30)],
  ['not little-endian', npy(dict('>f4', '()'), [0, 0, 0, 0])],
  ['object arrays are not read', npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': ()}", [0, 0, 0, 0])],
  ['element type c8 is not read', npy(dict('<c8', '()'), [])],
  ['fortran_order is missing', npy("{'descr': '<f4', 'shape': ()}", [])],
  ['shape is not a tuple', npy(dict('<f4', '(1, , 2)'), [])],
  ['shape is not a tuple', npy("{'descr': '<f4', 'fortran_order': False}", [])],
  ['is not a Python dict', npy('hello', [])],
  ['takes 8 bytes; the file has 4 more', npy(dict('<f4', '(2,)'), [0, 0, 0, 0])],
  ['does not fit int32', npy(dict('<i8', '()'), [0, 0, 0, 0, 1, 0, 0, 0])],
])('refused: %s', (message, bytes) => {
  expect(() => parseNpy(bytes, 'x.npy')).toThrow(InputError)
  expect(() => parseNpy(bytes, 'x.npy')).toThrow(message)
  expect(() => parseNpy(bytes, 'x.npy')).toThrow('x.npy')
})

const arrays = fc
  .tuple(fc.constantFrom<DType>(...dtypes), fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 }))
  .map(([dtype, shape]): NDArray => {
    const data = allocate(dtype, sizeOf(shape))
    return ndarray(data.map((_, i) => (dtype === 'bool' ? i & 1 : i * 3)) as typeof data, shape, dtype)
  })

test('whatever is written is read back', () => {
  const property = fc.property(arrays, (array) => {
    const bytes = writeNpy(array)
    expect((bytes.length - array.data.byteLength) % 64).toBe(0)
    expect(parseNpy(bytes)).toEqual(array)
  })
  fc.assert(property, { numRuns: 200 })
})

const x = ndarray(Float32Array.of(1, 2, 3, 4), [2, 2], 'float32')
const y = ndarray(Int32Array.of(0, 1), [2], 'int32')
const members = { 'x.npy': writeNpy(x), 'y.npy': writeNpy(y) }

test('.npz, stored and deflated, with a comment, from files', async () => {
  await inFolder(
    { 'a.npz': zip(members), 'b.npz': zip(members, { deflate: true, comment: 'made by hand' }), 'x.npy': members['x.npy'] },
    async (folder) => {
      expect(await readNpz(`${folder}/a.npz`)).toEqual({ x, y })
      expect(await readNpz(`${folder}/b.npz`)).toEqual({ x, y })
      expect(await readNpy(`${folder}/x.npy`)).toEqual(x)
    },
  )
})

test('a .npz that NumPy wrote (savez_compressed of x = [[1, 2]] as int64) is read', () => {
  expect(parseNpz(Buffer.from(numpyFile, 'base64'))).toEqual({ x: ndarray(Int32Array.of(1, 2), [1, 2], 'int32') })
})

test.each([
  ['without a ZIP end record', Uint8Array.of(80, 75, 3, 4)],
  ['is encrypted', zip(members, { flags: 1 })],
  ['uses compression 12', zip(members, { method: 12 })],
  ['fails its checksum', flip(zip(members), 60)],
  ['cannot be decompressed', flip(zip(members, { deflate: true }), 35)],
  ['does not begin with \\x93NUMPY', zip({ 'x.npy': Uint8Array.of(1) })],
])('a .npz is refused: %s', (message, bytes) => {
  expect(() => parseNpz(bytes, 'x.npz')).toThrow(InputError)
  expect(() => parseNpz(bytes, 'x.npz')).toThrow(message)
})

function flip(bytes: Uint8Array, at: number): Uint8Array {
  bytes[at] ^= 0xff
  return bytes
}

test('damaged files give InputErrors only', () => {
  expectOnlyInputErrors([members['x.npy'], npy(dict('<i8', '(1,)', 'True'), [1, 0, 0, 0, 0, 0, 0, 0], 2)], parseNpy)
  expectOnlyInputErrors([zip(members), zip(members, { deflate: true })], parseNpz)
})

const numpyFile =
  'UEsDBC0AAAAIAAAAIQDJvGjW//////////8FABQAeC5ucHkBABAAkAAAAAAAAABMAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6TaaGuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GoY6CkaaOgq1CmQDLkYGCGCC0gBQSwECLQMtAAAACAAAACEAybxo1kwAAACQAAAABQAAAAAAAAAAAAAAgAEAAAAAeC5ucHlQSwUGAAAAAAEAAQAzAAAAgwAAAAAA'
