import { type NDArray, ndarray, sizeOf } from '../engine/array.ts'
import { allocate, type DType } from '../engine/dtype.ts'
import { InputError } from '../engine/errors.ts'
import { readContent } from './files.ts'

/*
 * IDX, the format of MNIST: two zero bytes, an element type, the number of dimensions; each dimension as a big-endian uint32; the elements, big-endian.
 */

interface IdxType {
  readonly name: string
  readonly bytes: number
  readonly dtype: DType
  readonly read: (view: DataView, at: number) => number
}

const types: Readonly<Record<number, IdxType>> = {
  8: { name: 'ubyte', bytes: 1, dtype: 'int32', read: (view, at) => view.getUint8(at) },
  9: { name: 'byte', bytes: 1, dtype: 'int32', read: (view, at) => view.getInt8(at) },
  11: { name: 'short', bytes: 2, dtype: 'int32', read: (view, at) => view.getInt16(at) },
  12: { name: 'int', bytes: 4, dtype: 'int32', read: (view, at) => view.getInt32(at) },
  13: { name: 'float', bytes: 4, dtype: 'float32', read: (view, at) => view.getFloat32(at) },
  14: { name: 'double', bytes: 8, dtype: 'float64', read: (view, at) => view.getFloat64(at) },
}

export interface IdxOptions {
  /** The dtype wanted; default: int32 for whole numbers, float32 for float, float64 for double. */
  dtype?: 'int32' | 'float32' | 'float64'
  /** The file's name, for errors. */
  where?: string
}

/**
 * Reads an IDX file, plain or gzip, of any element type and any number of dimensions. Values keep their range (pixels stay 0..255).
 *
 * @throws InputError with the byte offset, if the file is damaged, cut short, or longer than its header says.
 * @example
 * import { writeFileSync } from 'node:fs'
 *
 * writeFileSync('labels.idx', writeIdx({ data: Int32Array.of(1, 2), shape: [2], dtype: 'int32' }))
 * const { shape } = await readIdx('labels.idx')
 * shape // [2]
 */
export async function readIdx(path: string, options: IdxOptions = {}): Promise<NDArray> {
  return parseIdx(await readContent(path), { where: path, ...options })
}

/**
 * `readIdx` for (decompressed) bytes that are already in memory.
 *
 * @example
 * const bytes = writeIdx({ data: Float32Array.of(0, 255), shape: [2], dtype: 'float32' }, { ubyte: true })
 * parseIdx(bytes).data // Float32Array [0, 255]
 */
export function parseIdx(bytes: Uint8Array, { dtype, where = 'idx' }: IdxOptions = {}): NDArray {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const { type, shape, offset } = readHeader(view, where)
  const wanted = dtype ?? type.dtype
  if (wanted === 'int32' && type.dtype !== 'int32') throw new InputError(`holds ${type.name} values, which int32 cannot hold`, { where })
  const data = allocate(wanted, sizeOf(shape))
  if (type.bytes === 1 && type.name === 'ubyte') data.set(bytes.subarray(offset))
  else for (let i = 0; i < data.length; i++) data[i] = type.read(view, offset + i * type.bytes)
  return ndarray(data, shape, wanted)
}

function readHeader(view: DataView, where: string): { type: IdxType; shape: number[]; offset: number } {
  const fail = (offset: number, what: string) =>
    new InputError(`byte ${offset}: ${what}`, { where, fix: 'this is not a complete IDX file' })
  const size = view.byteLength
  if (size < 4) throw fail(0, `the file has ${size} bytes, its header at least 4`)
  if (view.getUint16(0) !== 0) throw fail(0, `begins with 0x${view.getUint16(0).toString(16).padStart(4, '0')} instead of 0x0000`)
  const type = types[view.getUint8(2)]
  if (!type) throw fail(2, `element type 0x${view.getUint8(2).toString(16)} is none of 0x8 0x9 0xb 0xc 0xd 0xe`)
  const rank = view.getUint8(3)
  const offset = 4 + 4 * rank
  if (size < offset) throw fail(4, `${rank} dimensions take ${4 * rank} bytes; the file has ${size - 4} more`)
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis))
  const expected = sizeOf(shape) * type.bytes
  // Not "<": a product too large to be a number (0 times infinity) must be refused too.
  if (expected !== size - offset) {
    throw fail(offset, `shape [${shape.join(', ')}] of ${type.name} takes ${expected} bytes; the file has ${size - offset} more`)
  }
  return { type, shape, offset }
}

/**
 * Writes an array as IDX bytes: int32 as int, or as ubyte on request; float32 as float; float64 as double. @throws InputError if a value is no ubyte.
 *
 * @example
 * writeIdx({ data: Int32Array.of(1, 2), shape: [2], dtype: 'int32' }).length // 16
 */
export function writeIdx({ shape, dtype, data }: NDArray, { ubyte = false }: { ubyte?: boolean } = {}): Uint8Array {
  const code = ubyte ? 0x08 : { float32: 0x0d, float64: 0x0e, int32: 0x0c, uint32: undefined, bool: 0x08 }[dtype]
  if (code === undefined) throw new InputError(`IDX has no element type for ${dtype}`)
  const { bytes: width } = types[code]
  const offset = 4 + 4 * shape.length
  const out = new Uint8Array(offset + width * data.length)
  const view = new DataView(out.buffer)
  out.set([0, 0, code, shape.length])
  for (const [axis, extent] of shape.entries()) view.setUint32(4 + 4 * axis, extent)
  for (let i = 0; i < data.length; i++) {
    if (code === 0x08) {
      out[offset + i] = data[i]
      if (out[offset + i] !== data[i]) throw new InputError(`element ${i} is ${data[i]}; a ubyte holds whole numbers from 0 to 255`)
    } else if (code === 0x0c) view.setInt32(offset + 4 * i, data[i])
    else if (code === 0x0d) view.setFloat32(offset + 4 * i, data[i])
    else view.setFloat64(offset + 8 * i, data[i])
  }
  return out
}
