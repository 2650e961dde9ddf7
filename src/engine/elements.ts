import { type NDArray, ndarray, sizeOf } from './array.ts'
import { allocate, bytesPerElement, type DType, type TypedArray } from './dtype.ts'
import { InputError } from './errors.ts'
import { fromBfloats, fromHalves } from './half.ts'

/*
 * Elements as files store them: little-endian, in more formats than there are dtypes.
 */

/** How a stored element is read: its size in bytes, and the dtype it becomes. Without a reader the bytes already are the dtype's own storage. */
interface ElementFormat {
  readonly bytes: number
  readonly dtype: DType
  /** Reads all elements. */
  readonly decode?: (bytes: Uint8Array) => TypedArray
  /** Reads one element, an integer that may not fit. */
  readonly read?: (view: DataView, at: number) => number
}

/** The element formats that Quire reads, by their names in the safetensors format. */
export const elementFormats: Readonly<Record<string, ElementFormat>> = {
  F32: { bytes: 4, dtype: 'float32' },
  F64: { bytes: 8, dtype: 'float64' },
  I32: { bytes: 4, dtype: 'int32' },
  U32: { bytes: 4, dtype: 'uint32' },
  BOOL: { bytes: 1, dtype: 'bool' },
  F16: { bytes: 2, dtype: 'float32', decode: fromHalves },
  BF16: { bytes: 2, dtype: 'float32', decode: fromBfloats },
  I64: { bytes: 8, dtype: 'int32', read: (view, at) => Number(view.getBigInt64(at, true)) },
  U64: { bytes: 8, dtype: 'uint32', read: (view, at) => Number(view.getBigUint64(at, true)) },
  I16: { bytes: 2, dtype: 'int32', read: (view, at) => view.getInt16(at, true) },
  U16: { bytes: 2, dtype: 'int32', read: (view, at) => view.getUint16(at, true) },
  I8: { bytes: 1, dtype: 'int32', read: (view, at) => view.getInt8(at) },
  U8: { bytes: 1, dtype: 'int32', read: (view, at) => view.getUint8(at) },
}

/**
 * Turns little-endian bytes into an array. F16 and BF16 become float32; 64-bit and small integers become int32 (U64: uint32) and are refused where
 * a value does not fit. The result is a view on `bytes` where the storage and the alignment agree, a copy otherwise.
 *
 * `bytes` must hold exactly `sizeOf(shape)` elements. @throws InputError that names `where` and the element.
 */
export function decodeElements(bytes: Uint8Array, format: string, shape: readonly number[], where: string): NDArray {
  const { bytes: width, dtype, decode, read } = elementFormats[format]
  const count = sizeOf(shape)
  if (decode) return ndarray(decode(bytes), shape, dtype)
  if (read) return ndarray(convert(bytes, { count, width, dtype, read, where }), shape, dtype)
  if (dtype === 'bool') requireBooleans(bytes, where)
  return ndarray(view(bytes, dtype, count), shape, dtype)
}

function view(bytes: Uint8Array, dtype: DType, count: number): TypedArray {
  if (bytes.byteOffset % bytesPerElement(dtype) !== 0) {
    const copy = allocate(dtype, count)
    new Uint8Array(copy.buffer).set(bytes)
    return copy
  }
  const storage = allocate(dtype, 0).constructor as new (buffer: ArrayBufferLike, offset: number, length: number) => TypedArray
  return new storage(bytes.buffer, bytes.byteOffset, count)
}

type Conversion = { count: number; width: number; dtype: DType; read: (view: DataView, at: number) => number; where: string }

function convert(bytes: Uint8Array, { count, width, dtype, read, where }: Conversion): TypedArray {
  const from = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const data = allocate(dtype, count)
  for (let i = 0; i < count; i++) {
    const value = read(from, i * width)
    data[i] = value
    if (data[i] !== value) throw new InputError(`element ${i} is ${value}, which does not fit ${dtype}`, { where })
  }
  return data
}

function requireBooleans(bytes: Uint8Array, where: string): void {
  const bad = bytes.findIndex((byte) => byte > 1)
  if (bad >= 0) throw new InputError(`element ${bad} is the byte ${bytes[bad]}; a boolean is 0 or 1`, { where })
}
