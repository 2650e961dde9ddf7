import { type NDArray, ndarray } from '../array.ts'
import type { DType } from '../dtype.ts'
import { decodeElements } from '../elements.ts'
import type { OnnxTensor, OnnxType } from './format.ts'

/** What Quire computes with where a model says one of ONNX's types. */
export const dtypeOf: Readonly<Record<OnnxType, DType>> = {
  float16: 'float32',
  bfloat16: 'float32',
  float32: 'float32',
  float64: 'float64',
  uint8: 'int32',
  int8: 'int32',
  uint16: 'int32',
  int16: 'int32',
  int32: 'int32',
  int64: 'int32',
  uint32: 'uint32',
  uint64: 'uint32',
  bool: 'bool',
}

/** The same types by their names in safetensors, whose reader turns bytes into numbers. */
const elementFormat: Readonly<Record<OnnxType, string>> = {
  float16: 'F16',
  bfloat16: 'BF16',
  float32: 'F32',
  float64: 'F64',
  uint8: 'U8',
  int8: 'I8',
  uint16: 'U16',
  int16: 'I16',
  int32: 'I32',
  int64: 'I64',
  uint32: 'U32',
  uint64: 'U64',
  bool: 'BOOL',
}

/** Beyond this, an int64 means "to the end", as the bounds of a Slice do, and becomes the largest or least int32. */
const endless = 2n ** 62n

/** A tensor of a model as an array. @throws InputError where a 64-bit integer does not fit 32 bits. */
export function arrayOf({ name, dtype, shape, bytes }: OnnxTensor, where = 'onnx'): NDArray {
  return decodeElements(dtype === 'int64' ? withoutEndless(bytes) : bytes, elementFormat[dtype], shape, `${where}: tensor '${name}'`)
}

function withoutEndless(bytes: Uint8Array): Uint8Array {
  const copy = new Uint8Array(bytes) // a Buffer's own slice would share its memory
  const view = new DataView(copy.buffer)
  for (let at = 0; at < bytes.length; at += 8) {
    const value = view.getBigInt64(at, true)
    if (value >= endless) view.setBigInt64(at, 2n ** 31n - 1n, true)
    else if (value <= -endless) view.setBigInt64(at, -(2n ** 31n), true)
  }
  return copy
}

/** The array with floats in their own precision: the reference evaluator keeps all of them in float64. */
export const narrowed = (array: NDArray): NDArray =>
  array.dtype === 'float32' && !(array.data instanceof Float32Array) ? { ...array, data: Float32Array.from(array.data) } : array

/** A list of integers as an int32 array. */
export const integerArray = (values: readonly number[], shape: readonly number[] = [values.length]): NDArray =>
  ndarray(Int32Array.from(values), shape, 'int32')
