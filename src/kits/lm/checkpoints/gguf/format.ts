import { InputError, sizeOf } from '../../../../engine/index.ts'

/*
 * GGUF, the file format of llama.cpp, version 3: magic, version, counts; metadata; where each tensor lies; the tensors, aligned. Little-endian throughout.
 */

const magic = 0x46554747
const version = 3
const defaultAlignment = 32

/** A value of the metadata with its type, which readers are strict about. */
export type GgufValue =
  | { readonly type: 'uint32' | 'int32' | 'float32'; readonly value: number }
  | { readonly type: 'uint64'; readonly value: number }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'strings'; readonly value: readonly string[] }
  | { readonly type: 'int32s'; readonly value: readonly number[] }
  | { readonly type: 'float32s'; readonly value: readonly number[] }

export type GgufMetadata = Readonly<Record<string, GgufValue>>

const codes = { uint32: 4, int32: 5, float32: 6, bool: 7, string: 8, array: 9, uint64: 10 } as const

/** Element types of tensors, by their codes, with their sizes. */
const elementTypes = { F32: { code: 0, bytes: 4 }, F16: { code: 1, bytes: 2 }, BF16: { code: 30, bytes: 2 } } as const
export type GgufElement = keyof typeof elementTypes

/** A tensor's entry. `shape` is as everywhere here, the last axis running fastest; the file says it the other way around. */
export interface GgufTensor {
  readonly name: string
  readonly shape: readonly number[]
  readonly element: GgufElement
}

const aligned = (at: number): number => Math.ceil(at / defaultAlignment) * defaultAlignment

export const ggufBytes = ({ shape, element }: GgufTensor): number => sizeOf(shape) * elementTypes[element].bytes

/** How many zeros follow a tensor, so that the next one is aligned. */
export const paddingAfter = (tensor: GgufTensor): number => aligned(ggufBytes(tensor)) - ggufBytes(tensor)

const utf8 = new TextEncoder()

class Writer {
  readonly #parts: Uint8Array[] = []
  length = 0

  bytes(bytes: Uint8Array): void {
    this.#parts.push(bytes)
    this.length += bytes.length
  }

  #number(size: number, put: (view: DataView) => void): void {
    const bytes = new Uint8Array(size)
    put(new DataView(bytes.buffer))
    this.bytes(bytes)
  }

  uint32 = (value: number) => this.#number(4, (view) => view.setUint32(0, value, true))
  int32 = (value: number) => this.#number(4, (view) => view.setInt32(0, value, true))
  float32 = (value: number) => this.#number(4, (view) => view.setFloat32(0, value, true))
  uint64 = (value: number) => this.#number(8, (view) => view.setBigUint64(0, BigInt(value), true))
  bool = (value: boolean) => this.bytes(Uint8Array.of(value ? 1 : 0))

  string = (text: string) => {
    const bytes = utf8.encode(text)
    this.uint64(bytes.length)
    this.bytes(bytes)
  }

  array<T>(type: number, values: readonly T[], write: (value: T) => void): void {
    this.uint32(codes.array)
    this.uint32(type)
    this.uint64(values.length)
    for (const value of values) write(value)
  }

  joined(): Uint8Array {
    const out = new Uint8Array(this.length)
    let at = 0
    for (const part of this.#parts) {
      out.set(part, at)
      at += part.length
    }
    return out
  }
}

function writeValue(writer: Writer, { type, value }: GgufValue): void {
  if (type === 'strings') writer.array(codes.string, value, writer.string)
  else if (type === 'int32s') writer.array(codes.int32, value, writer.int32)
  else if (type === 'float32s') writer.array(codes.float32, value, writer.float32)
  else {
    writer.uint32(codes[type])
    writer[type](value as never)
  }
}

/** Everything before the tensors, which follow in this order, each with zeros up to a multiple of 32 bytes. */
export function ggufHeader(metadata: GgufMetadata, tensors: readonly GgufTensor[]): Uint8Array {
  const writer = new Writer()
  writer.uint32(magic)
  writer.uint32(version)
  writer.uint64(tensors.length)
  writer.uint64(Object.keys(metadata).length)
  for (const [key, value] of Object.entries(metadata)) {
    writer.string(key)
    writeValue(writer, value)
  }
  let offset = 0
  for (const tensor of tensors) {
    writer.string(tensor.name)
    writer.uint32(tensor.shape.length)
    for (const extent of [...tensor.shape].reverse()) writer.uint64(extent)
    writer.uint32(elementTypes[tensor.element].code)
    writer.uint64(offset)
    offset += aligned(ggufBytes(tensor))
  }
  writer.bytes(new Uint8Array(aligned(writer.length) - writer.length))
  return writer.joined()
}

/** A file that was read. */
export interface Gguf {
  readonly metadata: GgufMetadata
  readonly tensors: ReadonlyMap<string, GgufTensor & { readonly bytes: Uint8Array }>
}

/** Reads numbers and texts, each of which must lie within the file. */
class Reader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  readonly #where: string
  at = 0

  constructor(bytes: Uint8Array, where: string) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#where = where
  }

  fail(what: string): InputError {
    return new InputError(`byte ${this.at}: ${what}`, { where: this.#where, fix: 'the file is damaged, or of a kind that is not read' })
  }

  take(count: number): number {
    if (count > this.#bytes.length - this.at) throw this.fail(`${count} more bytes are not there`)
    this.at += count
    return this.at - count
  }

  uint32 = () => this.#view.getUint32(this.take(4), true)
  int32 = () => this.#view.getInt32(this.take(4), true)
  float32 = () => this.#view.getFloat32(this.take(4), true)

  uint64 = () => {
    const value = this.#view.getBigUint64(this.take(8), true)
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw this.fail(`${value} is too large`)
    return Number(value)
  }

  bool = () => {
    const value = this.#bytes[this.take(1)]
    if (value > 1) throw this.fail(`the byte ${value} is no boolean`)
    return value === 1
  }

  string = () => {
    const [length, start] = [this.uint64(), this.at]
    this.take(length)
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(this.#bytes.subarray(start, start + length))
    } catch {
      throw this.fail('a text is not UTF-8')
    }
  }

  /** A count of things that take at least `least` bytes each, so that nobody makes room for more than there can be. */
  count(least: number): number {
    const count = this.uint64()
    if (count > (this.#bytes.length - this.at) / least) throw this.fail(`${count} entries do not fit the file`)
    return count
  }

  piece(start: number, length: number): Uint8Array {
    return this.#bytes.subarray(start, start + length)
  }

  get length(): number {
    return this.#bytes.length
  }
}

/** Reads a GGUF file of version 3, with floats alone. @throws InputError for whatever the format forbids, and for types that are not written here. */
export function readGguf(bytes: Uint8Array, where = 'gguf'): Gguf {
  const reader = new Reader(bytes, where)
  if (reader.uint32() !== magic) throw reader.fail('the file does not begin with GGUF')
  const found = reader.uint32()
  if (found !== version) throw reader.fail(`version ${found} is not read, only ${version}`)
  const [tensorCount, keyCount] = [reader.count(24), reader.count(13)]
  const metadata: Record<string, GgufValue> = {}
  for (let i = 0; i < keyCount; i++) {
    const key = reader.string()
    if (Object.hasOwn(metadata, key)) throw reader.fail(`the key ${JSON.stringify(key)} is there twice`)
    Object.defineProperty(metadata, key, { value: readValue(reader), enumerable: true })
  }
  const entries = Array.from({ length: tensorCount }, () => readEntry(reader))
  const start = aligned(reader.at)
  const tensors = new Map<string, GgufTensor & { bytes: Uint8Array }>()
  let expected = 0
  for (const { offset, ...tensor } of entries) {
    if (tensors.has(tensor.name)) throw reader.fail(`tensor "${tensor.name}" is there twice`)
    if (offset !== expected) throw reader.fail(`tensor "${tensor.name}" begins at ${offset} where the one before makes it ${expected}`)
    const length = ggufBytes(tensor)
    if (start + offset + length > reader.length) throw reader.fail(`tensor "${tensor.name}" ends outside the file`)
    tensors.set(tensor.name, { ...tensor, bytes: reader.piece(start + offset, length) })
    expected = aligned(offset + length)
  }
  return { metadata, tensors }
}

function readEntry(reader: Reader): GgufTensor & { offset: number } {
  const name = reader.string()
  const axes = reader.uint32()
  if (axes < 1 || axes > 4) throw reader.fail(`tensor "${name}" has ${axes} axes; 1 to 4 are allowed`)
  const shape = Array.from({ length: axes }, () => reader.uint64()).reverse()
  const code = reader.uint32()
  const element = (Object.keys(elementTypes) as GgufElement[]).find((key) => elementTypes[key].code === code)
  if (!element) throw reader.fail(`tensor "${name}" has elements of type ${code}; F32, F16 and BF16 are read`)
  if (!Number.isSafeInteger(sizeOf(shape))) throw reader.fail(`tensor "${name}" is too large`)
  return { name, shape, element, offset: reader.uint64() }
}

function readValue(reader: Reader): GgufValue {
  const code = reader.uint32()
  const type = (['uint32', 'int32', 'float32', 'bool', 'string', 'uint64'] as const).find((key) => codes[key] === code)
  if (type) return { type, value: reader[type]() } as GgufValue
  if (code !== codes.array) throw reader.fail(`values of type ${code} are not read`)
  const inner = reader.uint32()
  if (inner === codes.string) return { type: 'strings', value: Array.from({ length: reader.count(8) }, reader.string) }
  if (inner === codes.int32) return { type: 'int32s', value: Array.from({ length: reader.count(4) }, reader.int32) }
  if (inner === codes.float32) return { type: 'float32s', value: Array.from({ length: reader.count(4) }, reader.float32) }
  throw reader.fail(`lists of type ${inner} are not read`)
}
