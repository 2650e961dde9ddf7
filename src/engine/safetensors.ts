import { type NDArray, ndarray, sizeOf } from './array.ts'
import { allocate, bytesPerElement, type DType, type TypedArray } from './dtype.ts'
import { InputError } from './errors.ts'

/*
 * The safetensors format (github.com/huggingface/safetensors): 8 bytes, little-endian, the header's length; the header, JSON; then the tensors' bytes.
 * A file comes from anywhere, so every statement of the header is checked before a byte is touched, and whatever is wrong is an InputError.
 */

/** The header's size limit, that of the reference implementation. */
const headerLimit = 100_000_000

export interface Safetensors {
  readonly tensors: Record<string, NDArray>
  /** Free text that the writer stored beside the tensors. */
  readonly metadata: Record<string, string>
}

/** How a stored element is read: its size in bytes, and the dtype it becomes. */
interface ElementFormat {
  readonly bytes: number
  readonly dtype: DType
  /** Reads one element; absent where the bytes already are the dtype's own storage. */
  readonly read?: (view: DataView, at: number) => number
}

/** The element formats that Quire reads, by their names in the safetensors format. */
export const elementFormats: Readonly<Record<string, ElementFormat>> = {
  F32: { bytes: 4, dtype: 'float32' },
  F64: { bytes: 8, dtype: 'float64' },
  I32: { bytes: 4, dtype: 'int32' },
  U32: { bytes: 4, dtype: 'uint32' },
  BOOL: { bytes: 1, dtype: 'bool' },
  F16: { bytes: 2, dtype: 'float32', read: (view, at) => halfToNumber(view.getUint16(at, true)) },
  BF16: { bytes: 2, dtype: 'float32', read: (view, at) => bfloatToNumber(view.getUint16(at, true)) },
  I64: { bytes: 8, dtype: 'int32', read: (view, at) => Number(view.getBigInt64(at, true)) },
  U64: { bytes: 8, dtype: 'uint32', read: (view, at) => Number(view.getBigUint64(at, true)) },
  I16: { bytes: 2, dtype: 'int32', read: (view, at) => view.getInt16(at, true) },
  U16: { bytes: 2, dtype: 'int32', read: (view, at) => view.getUint16(at, true) },
  I8: { bytes: 1, dtype: 'int32', read: (view, at) => view.getInt8(at) },
  U8: { bytes: 1, dtype: 'int32', read: (view, at) => view.getUint8(at) },
}

const nativeName: Readonly<Record<DType, string>> = { float32: 'F32', float64: 'F64', int32: 'I32', uint32: 'U32', bool: 'BOOL' }

/**
 * Turns little-endian bytes into an array. F16 and BF16 become float32; 64-bit and small integers become int32 (U64: uint32) and are refused where
 * a value does not fit. The result is a view on `bytes` where the storage and the alignment agree, a copy otherwise.
 *
 * `bytes` must hold exactly `sizeOf(shape)` elements. @throws InputError that names `where` and the element.
 */
export function decodeElements(bytes: Uint8Array, format: string, shape: readonly number[], where: string): NDArray {
  const { bytes: width, dtype, read } = elementFormats[format]
  const count = sizeOf(shape)
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
  const whole = dtype !== 'float32'
  for (let i = 0; i < count; i++) {
    const value = read(from, i * width)
    data[i] = value
    if (whole && data[i] !== value) throw new InputError(`element ${i} is ${value}, which does not fit ${dtype}`, { where })
  }
  return data
}

function requireBooleans(bytes: Uint8Array, where: string): void {
  const bad = bytes.findIndex((byte) => byte > 1)
  if (bad >= 0) throw new InputError(`element ${bad} is the byte ${bytes[bad]}; a boolean is 0 or 1`, { where })
}

const pun = new DataView(new ArrayBuffer(4))

function bfloatToNumber(half: number): number {
  pun.setUint32(0, half << 16)
  return pun.getFloat32(0)
}

function halfToNumber(half: number): number {
  const sign = half & 0x8000 ? -1 : 1
  const exponent = (half >>> 10) & 31
  const fraction = half & 1023
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

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
  const described: [string, unknown][] = Object.keys(metadata).length > 0 ? [['__metadata__', sortedText(metadata)]] : []
  let end = 0
  for (const [name, array] of entries) {
    requireWritable(name, array)
    const begin = end
    end += array.data.byteLength
    described.push([name, { dtype: nativeName[array.dtype], shape: array.shape, data_offsets: [begin, end] }])
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(described)))
  const headerLength = Math.ceil(json.length / 8) * 8
  if (headerLength > headerLimit) throw new InputError(`the header would have ${headerLength} bytes; the format allows ${headerLimit}`)
  const file = new Uint8Array(8 + headerLength + end).fill(0x20, 8, 8 + headerLength)
  new DataView(file.buffer).setBigUint64(0, BigInt(headerLength), true)
  file.set(json, 8)
  let at = 8 + headerLength
  for (const [, { data }] of entries) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at)
    at += data.byteLength
  }
  return file
}

function sortedText(metadata: Readonly<Record<string, string>>): Record<string, string> {
  for (const [key, value] of Object.entries(metadata)) {
    if (typeof value !== 'string') throw new InputError(`metadata "${key}" is not text`, { fix: 'write it as a string' })
  }
  return Object.fromEntries(Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1)))
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
  const header = readHeader(bytes, where)
  const body = bytes.subarray(8 + header.length)
  const metadata = readMetadata(header.entries.get('__metadata__'), where)
  header.entries.delete('__metadata__')
  const layouts = [...header.entries].map(([name, entry]) => readLayout(name, entry, where))
  requireGapless(layouts, { begin: 8 + header.length, length: body.length }, where)
  const tensors = layouts.map(({ name, format, shape, begin, end }): [string, NDArray] => {
    return [name, decodeElements(body.subarray(begin, end), format, shape, `${where}: tensor "${name}"`)]
  })
  return { tensors: Object.fromEntries(tensors), metadata }
}

function readHeader(bytes: Uint8Array, where: string): { length: number; entries: Map<string, unknown> } {
  const fail = (what: string, cause?: unknown) =>
    new InputError(what, { where, cause, fix: 'the file is damaged or not a safetensors file' })
  if (bytes.length < 8) throw fail(`offset 0: ${bytes.length} bytes are too few for the header's length`)
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true))
  if (length > headerLimit) throw fail(`offset 0: a header of ${length} bytes is above the format's ${headerLimit}`)
  if (length > bytes.length - 8) throw fail(`offset 0: a header of ${length} bytes does not fit a file of ${bytes.length}`)
  if (bytes[8] !== 0x7b) throw fail('offset 8: the header does not begin with {')
  let text: string
  let parsed: unknown
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes.subarray(8, 8 + length))
    parsed = JSON.parse(text)
  } catch (cause) {
    throw fail(`offset 8: the header is not JSON (${(cause as Error).message})`, cause)
  }
  const repeated = repeatedKey(text)
  if (repeated !== undefined) throw fail(`the header has the key ${repeated} twice`)
  return { length, entries: new Map(Object.entries(parsed as object)) }
}

/** The first key that an object of this (valid) JSON text has twice, as it is written; JSON.parse would silently keep the last one. */
function repeatedKey(text: string): string | undefined {
  const open: Set<string>[] = []
  for (let at = 0; at < text.length; at++) {
    const character = text[at]
    if (character === '{' || character === '[') open.push(new Set())
    else if (character === '}' || character === ']') open.pop()
    else if (character === '"') {
      const end = endOfString(text, at)
      const raw = text.slice(at, end)
      at = end - 1
      if (!isKey(text, end)) continue
      const key = JSON.parse(raw) as string
      if (open.at(-1)!.has(key)) return raw
      open.at(-1)!.add(key)
    }
  }
  return undefined
}

function endOfString(text: string, start: number): number {
  let at = start + 1
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  return at + 1
}

function isKey(text: string, afterString: number): boolean {
  let at = afterString
  while (' \t\n\r'.includes(text[at]) && at < text.length) at++
  return text[at] === ':'
}

function readMetadata(entry: unknown, where: string): Record<string, string> {
  if (entry === undefined) return {}
  const legal = isRecord(entry) && Object.values(entry).every((value) => typeof value === 'string')
  if (!legal) throw new InputError('__metadata__ is not a record of strings', { where })
  return entry as Record<string, string>
}

interface Layout {
  readonly name: string
  readonly format: string
  readonly shape: number[]
  readonly begin: number
  readonly end: number
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0 && !Object.is(value, -0)

function readLayout(name: string, entry: unknown, file: string): Layout {
  const fail = (what: string) => new InputError(what, { where: `${file}: tensor "${name}"` })
  const keys = isRecord(entry) ? Object.keys(entry).sort().join() : ''
  if (keys !== 'data_offsets,dtype,shape') throw fail('its entry is not { dtype, shape, data_offsets }')
  const { dtype: format, shape, data_offsets: offsets } = entry as Record<string, unknown>
  if (typeof format !== 'string' || !Object.hasOwn(elementFormats, format)) {
    throw fail(`dtype ${JSON.stringify(format)} is not read; Quire reads ${Object.keys(elementFormats).join(' ')}`)
  }
  if (!Array.isArray(shape) || !shape.every(isCount)) throw fail(`shape ${JSON.stringify(shape)} is not a list of sizes`)
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount) || offsets[0] > offsets[1]) {
    throw fail(`data_offsets ${JSON.stringify(offsets)} are not [begin, end]`)
  }
  const [begin, end] = offsets as [number, number]
  const expected = sizeOf(shape) * elementFormats[format].bytes
  if (expected !== end - begin)
    throw fail(`shape [${shape.join(', ')}] of ${format} takes ${expected} bytes; data_offsets give ${end - begin}`)
  return { name, format, shape, begin, end }
}

/** The format's own rule: the tensors cover the body exactly, so nothing can be hidden between, under or after them. */
function requireGapless(layouts: readonly Layout[], body: { begin: number; length: number }, where: string): void {
  const { length } = body
  const inOrder = [...layouts].sort((a, b) => a.begin - b.begin || a.end - b.end)
  let covered = 0
  for (const { name, begin, end } of inOrder) {
    const fault =
      begin > covered
        ? 'leaves a hole before it'
        : begin < covered
          ? 'overlaps the one before it'
          : end > length
            ? 'ends outside the file'
            : ''
    if (fault)
      throw new InputError(`its bytes ${begin} to ${end} ${fault} (at ${covered} of ${length})`, { where: `${where}: tensor "${name}"` })
    covered = end
  }
  if (covered !== length) throw new InputError(`byte ${body.begin + covered}: ${length - covered} bytes follow the last tensor`, { where })
}
