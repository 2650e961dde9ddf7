import { type NDArray, sizeOf } from './array.ts'
import { bytesPerElement, type DType } from './dtype.ts'
import { decodeElements } from './elements.ts'
import { InputError } from './errors.ts'
import { headerBytes, readHeader } from './safetensors-header.ts'

/*
 * The safetensors format (github.com/huggingface/safetensors): 8 bytes, little-endian, the header's length; the header, JSON; then the tensors' bytes.
 * A file comes from anywhere, so every statement of the header is checked before a byte is touched, and whatever is wrong is an InputError.
 */

export interface Safetensors {
  readonly tensors: Record<string, NDArray>
  /** Free text that the writer stored beside the tensors. */
  readonly metadata: Record<string, string>
}

const nativeName: Readonly<Record<DType, string>> = { float32: 'F32', float64: 'F64', int32: 'I32', uint32: 'U32', bool: 'BOOL' }

/**
 * Writes tensors of any dtype, and optional text metadata, as one safetensors file. The same tensors give the same bytes: tensors are ordered by
 * element size (largest first, so that every one is aligned) and then by name, whatever the order of the record's keys.
 *
 * @throws InputError if a name is `__metadata__`, or a shape and its data disagree.
 * @example
 * await writeFile('model.safetensors', writeSafetensors({ weight: { shape: [2], dtype: 'float32', data: Float32Array.of(1, 2) } }, { step: '7' }))
 */
export function writeSafetensors(tensors: Readonly<Record<string, NDArray>>, metadata: Readonly<Record<string, string>> = {}): Uint8Array {
  const entries = Object.entries(tensors).sort(([a, { dtype: da }], [b, { dtype: db }]) => {
    return bytesPerElement(db) - bytesPerElement(da) || (a < b ? -1 : 1)
  })
  for (const [name, array] of entries) requireWritable(name, array)
  const described = entries.map(([name, { dtype, shape }]) => ({ name, format: nativeName[dtype], shape }))
  const header = headerBytes(described, metadata)
  const file = new Uint8Array(header.length + entries.reduce((total, [, { data }]) => total + data.byteLength, 0))
  file.set(header)
  let at = header.length
  for (const [, { data }] of entries) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at)
    at += data.byteLength
  }
  return file
}

function requireWritable(name: string, { shape, dtype, data }: NDArray): void {
  const where = `tensor "${name}"`
  if (name === '__metadata__') throw new InputError('this name is reserved by the format', { where, fix: 'rename the tensor' })
  if (!nativeName[dtype]) throw new InputError(`the dtype ${dtype} has no name in the format`, { where })
  if (sizeOf(shape) !== data.length || data.BYTES_PER_ELEMENT !== bytesPerElement(dtype)) {
    throw new InputError(`shape [${shape.join(', ')}] of ${dtype} does not describe ${data.byteLength} bytes`, { where })
  }
}

/**
 * Reads a safetensors file from its bytes. Arrays are views on `bytes` where alignment allows, so keep `bytes` unchanged while they are in use.
 * Reads F32 F64 I32 U32 BOOL as they are, F16 and BF16 as float32, smaller and 64-bit integers as int32 or uint32 where every value fits.
 *
 * `where` names the file in errors. @throws InputError for anything that the format forbids, with the byte offset or the tensor's name.
 * @example
 * const { tensors, metadata } = readSafetensors(await readFile('model.safetensors'), 'model.safetensors')
 */
export function readSafetensors(bytes: Uint8Array, where = 'safetensors'): Safetensors {
  const { bodyStart, layouts, metadata } = readHeader(bytes, bytes.length, where)
  const body = bytes.subarray(bodyStart)
  const tensors = layouts.map(({ name, format, shape, begin, end }): [string, NDArray] => {
    return [name, decodeElements(body.subarray(begin, end), format, shape, `${where}: tensor "${name}"`)]
  })
  return { tensors: Object.fromEntries(tensors), metadata }
}
