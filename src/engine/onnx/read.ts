import { PbfReader } from 'pbf'
import { sizeOf } from '../array.ts'
import { InputError } from '../errors.ts'
import {
  type AttributeValue,
  attributeType,
  elementType,
  type OnnxFunction,
  type OnnxGraph,
  type OnnxModel,
  type OnnxNode,
  type OnnxTensor,
  type OnnxType,
  type OnnxValue,
} from './format.ts'

/*
 * Reads ONNX's protobuf. A file comes from anywhere: every length is checked against the message that holds it before it is believed, so that
 * time and memory stay in proportion to the file. Tensors are views on the file.
 */

export interface ReadOptions {
  /** The file's name, for errors. */
  readonly where?: string
  /** Gives the bytes of a file beside the model, where the model keeps its tensors in one; it may say their SHA-1. */
  readonly external?: ReadBeside
}

export type ReadBeside = (location: string, checksum?: string) => Uint8Array

/** Graphs inside nodes inside graphs; real models have three. */
const deepest = 64

const typeNames = new Map<number, OnnxType>(Object.entries(elementType).map(([name, code]) => [code, name as OnnxType]))

const bytesPerElement: Readonly<Record<OnnxType, number>> = {
  float32: 4,
  uint8: 1,
  int8: 1,
  uint16: 2,
  int16: 2,
  int32: 4,
  int64: 8,
  bool: 1,
  float16: 2,
  float64: 8,
  uint32: 4,
  uint64: 8,
  bfloat16: 2,
}

/** The model in a file's bytes. @throws InputError with the offset where the file stops making sense. */
export const readModel = (bytes: Uint8Array, options: ReadOptions = {}): OnnxModel => read(bytes, options, (reader) => reader.model())

/** A tensor in a file of its own, as the standard's tests keep them. */
export const readTensor = (bytes: Uint8Array, options: ReadOptions = {}): OnnxTensor => read(bytes, options, (reader) => reader.tensor())

function read<T>(bytes: Uint8Array, { where = 'onnx', external }: ReadOptions, parse: (reader: ModelReader) => T): T {
  const reader = new ModelReader(bytes, external)
  try {
    return parse(reader)
  } catch (error) {
    if (error instanceof InputError && error.where) throw error
    const what = error instanceof InputError ? error.what : 'the bytes are no protobuf'
    throw new InputError(`offset ${Math.min(reader.offset, bytes.length)}: ${what}`, {
      where,
      cause: error,
      fix: 'the file is damaged, truncated or not an ONNX model',
    })
  }
}

const fail = (what: string): never => {
  throw new InputError(what)
}

type Field = (field: number) => void

class ModelReader {
  readonly #pbf: PbfReader
  readonly #external?: ReadBeside
  #end: number
  #depth = 0

  constructor(bytes: Uint8Array, external?: ReadBeside) {
    this.#pbf = new PbfReader(bytes)
    this.#end = bytes.length
    this.#external = external
  }

  get offset(): number {
    return this.#pbf.pos
  }

  model(): OnnxModel {
    const model = { irVersion: 0, opsets: {} as Record<string, number>, producer: '', doc: '', metadata: {} as Record<string, string> }
    const functions: OnnxFunction[] = []
    let graph: OnnxGraph | undefined
    this.#fields((field) => {
      if (field === 1) model.irVersion = this.#integer()
      else if (field === 2) model.producer = this.#text()
      else if (field === 6) model.doc = this.#text()
      else if (field === 7) graph = this.#message(() => this.#graph())
      else if (field === 8) this.#opset(model.opsets)
      else if (field === 14) this.#property(model.metadata)
      else if (field === 25) functions.push(this.#message(() => this.#function()))
    })
    return { ...model, functions, graph: graph ?? fail('the model has no graph') }
  }

  #graph(): OnnxGraph {
    if (++this.#depth > deepest) fail(`graphs are nested deeper than ${deepest}`)
    let name = ''
    const nodes: OnnxNode[] = []
    const inputs: OnnxValue[] = []
    const outputs: OnnxValue[] = []
    const initializers: OnnxTensor[] = []
    this.#fields((field) => {
      if (field === 1) nodes.push(this.#message(() => this.#node()))
      else if (field === 2) name = this.#name()
      else if (field === 5) initializers.push(this.#message(() => this.tensor()))
      else if (field === 11) inputs.push(this.#message(() => this.#value()))
      else if (field === 12) outputs.push(this.#message(() => this.#value()))
      else if (field === 15) fail('sparse initializers are not read')
    })
    this.#depth--
    return { name, nodes, inputs, outputs, initializers }
  }

  #function(): OnnxFunction {
    const fn = { domain: '', name: '', doc: '', opsets: {} as Record<string, number>, defaults: {} as Record<string, AttributeValue> }
    const inputs: string[] = []
    const outputs: string[] = []
    const attributes: string[] = []
    const nodes: OnnxNode[] = []
    this.#fields((field) => {
      if (field === 1) fn.name = this.#name()
      else if (field === 4) inputs.push(this.#name())
      else if (field === 5) outputs.push(this.#name())
      else if (field === 6) attributes.push(this.#name())
      else if (field === 7) nodes.push(this.#message(() => this.#node()))
      else if (field === 8) fn.doc = this.#text()
      else if (field === 9) this.#opset(fn.opsets)
      else if (field === 10) fn.domain = this.#name()
      else if (field === 11) this.#attribute(fn.defaults)
    })
    return { ...fn, inputs, outputs, attributes, nodes }
  }

  #node(): OnnxNode {
    const node = { type: '', domain: '', name: '' }
    const inputs: string[] = []
    const outputs: string[] = []
    const attributes: Record<string, AttributeValue> = {}
    this.#fields((field) => {
      if (field === 1) inputs.push(this.#name())
      else if (field === 2) outputs.push(this.#name())
      else if (field === 3) node.name = this.#name()
      else if (field === 4) node.type = this.#name()
      else if (field === 5) this.#attribute(attributes)
      else if (field === 7) node.domain = this.#name()
    })
    return { ...node, inputs, outputs, attributes }
  }

  #attribute(into: Record<string, AttributeValue>): void {
    let name = ''
    let kind = 0
    let reference = ''
    let single: AttributeValue | undefined
    const floats: number[] = []
    const ints: number[] = []
    const strings: string[] = []
    this.#message(() =>
      this.#fields((field) => {
        if (field === 1) name = this.#name()
        else if (field === 2) single = { float: this.#float() }
        else if (field === 3) single = this.#integer()
        else if (field === 4) single = this.#text()
        else if (field === 5) single = { tensor: this.#message(() => this.tensor()) }
        else if (field === 6) single = this.#message(() => this.#graph())
        else if (field === 7) this.#floats(floats)
        else if (field === 8) this.#integers(ints)
        else if (field === 9) strings.push(this.#text())
        else if (field === 20) kind = this.#integer()
        else if (field === 21) reference = this.#name()
      }),
    )
    if (reference) define(into, name, { reference, type: kind })
    else if (kind === attributeType.floats) define(into, name, { floats })
    else if (kind === attributeType.ints) define(into, name, ints)
    else if (kind === attributeType.strings) define(into, name, { strings })
    else define(into, name, single ?? defaultOf(kind, name))
  }

  #value(): OnnxValue {
    let name = ''
    let type: Partial<OnnxValue> = {}
    this.#fields((field) => {
      if (field === 1) name = this.#name()
      else if (field === 2) type = this.#message(() => this.#type())
    })
    return { name, ...type }
  }

  #type(): Partial<OnnxValue> {
    let type: Partial<OnnxValue> = {}
    this.#fields((field) => {
      if (field === 1) type = this.#message(() => this.#tensorType())
      else if (field === 4 || field === 5 || field === 8 || field === 9) fail('sequences, maps, optional and sparse values are not read')
    })
    return type
  }

  #tensorType(): Partial<OnnxValue> {
    let dtype: OnnxType | undefined
    let shape: (number | string)[] | undefined
    this.#fields((field) => {
      if (field === 1) dtype = this.#elementType()
      else if (field === 2) shape = this.#message(() => this.#shape())
    })
    return { dtype, shape }
  }

  #shape(): (number | string)[] {
    const extents: (number | string)[] = []
    this.#fields((field) => {
      if (field === 1) extents.push(this.#message(() => this.#extent()))
    })
    return extents
  }

  #extent(): number | string {
    let extent: number | string = ''
    this.#fields((field) => {
      if (field === 1) {
        const value = this.#integer()
        extent = value >= 0 ? value : ''
      } else if (field === 2) extent = this.#name()
    })
    return extent
  }

  tensor(): OnnxTensor {
    const shape: number[] = []
    let name = ''
    let dtype: OnnxType | undefined
    let bytes: Uint8Array | undefined
    const listed: number[] = []
    let isExternal = false
    const place: Record<string, string> = {}
    this.#fields((field) => {
      if (field === 1) for (const extent of this.#integers([])) shape.push(extent >= 0 ? extent : fail('a tensor has a negative extent'))
      else if (field === 2) dtype = this.#elementType()
      else if (field === 3) fail('tensors in segments are not read')
      else if (field === 4) this.#floats(listed)
      else if (field === 5 || field === 7 || field === 11) this.#integers(listed)
      else if (field === 6) fail('tensors of strings are not read')
      else if (field === 8) name = this.#name()
      else if (field === 9) bytes = this.#bytes()
      else if (field === 10) this.#doubles(listed)
      else if (field === 13) this.#property(place)
      else if (field === 14) isExternal = this.#integer() === 1
    })
    const type = dtype ?? fail(`tensor '${name}' has no element type`)
    const found = isExternal ? this.#fromBeside(place) : (bytes ?? packed(listed, type))
    const size = sizeOf(shape) * bytesPerElement[type]
    if (found.length !== size) fail(`tensor '${name}': ${type} [${shape.join(', ')}] takes ${size} bytes, there are ${found.length}`)
    return { name, dtype: type, shape, bytes: found }
  }

  #fromBeside({ location = '', offset = '0', length, checksum }: Record<string, string>): Uint8Array {
    // The name comes from the file: it must not lead out of the model's own folder.
    if (!location || /^[\\/]|^[a-z]:|(^|[\\/])\.\.([\\/]|$)/i.test(location)) fail(`'${location}' is no name of a file beside the model`)
    if (!this.#external) throw new InputError(`its tensors lie in '${location}'`, { where: 'onnx', fix: 'read it with readOnnx(path)' })
    const file = this.#external(location, checksum)
    const start = Number(offset)
    const end = length === undefined ? file.length : start + Number(length)
    if (!(start >= 0 && end >= start && end <= file.length)) fail(`bytes ${offset} and ${length} more do not lie in '${location}'`)
    return file.subarray(start, end)
  }

  #opset(into: Record<string, number>): void {
    let domain = ''
    let version = 0
    this.#message(() =>
      this.#fields((field) => {
        if (field === 1) domain = this.#name()
        else if (field === 2) version = this.#integer()
      }),
    )
    define(into, domain === 'ai.onnx' ? '' : domain, version)
  }

  #property(into: Record<string, string>): void {
    let key = ''
    let value = ''
    this.#message(() =>
      this.#fields((field) => {
        if (field === 1) key = this.#text()
        else if (field === 2) value = this.#text()
      }),
    )
    define(into, key, value)
  }

  #elementType(): OnnxType {
    const code = this.#integer()
    return typeNames.get(code) ?? fail(`elements of type ${code} are not read; Quire reads ${[...typeNames.values()].join(', ')}`)
  }

  // The wire format

  /** Visits the fields of the message that ends at `#end`. */
  #fields(visit: Field): void {
    const pbf = this.#pbf
    for (let field = pbf.nextField(this.#end); field > 0; field = pbf.nextField(this.#end)) {
      visit(field)
      if (!(pbf.pos <= this.#end)) fail('a field ends outside of its message')
    }
    if (pbf.pos !== this.#end) fail('a message does not end where it says')
  }

  #message<T>(read: () => T): T {
    const end = this.#lengthEnd()
    const outer = this.#end
    this.#end = end
    const result = read()
    this.#end = outer
    return result
  }

  #lengthEnd(): number {
    if (this.#pbf.type !== 2) fail('a field has another wire type than its number says')
    const length = this.#pbf.readVarint()
    const end = this.#pbf.pos + length
    if (!(length >= 0 && end <= this.#end)) fail(`${length} bytes do not fit what is left`)
    return end
  }

  #bytes(): Uint8Array {
    const end = this.#lengthEnd()
    const bytes = this.#pbf.buf.subarray(this.#pbf.pos, end)
    this.#pbf.pos = end
    return bytes
  }

  readonly #utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

  #text(): string {
    return this.#utf8.decode(this.#bytes())
  }

  /** A text that stands in error messages of one line. */
  #name(): string {
    const name = this.#text()
    return /\p{Cc}/u.test(name) ? fail('a name has control characters') : name
  }

  #integer(): number {
    if (this.#pbf.type !== 0) fail('a field has another wire type than its number says')
    return this.#pbf.readVarint(true)
  }

  #float(): number {
    return this.#pbf.type === 5 ? this.#pbf.readFloat() : fail('a field has another wire type than its number says')
  }

  #integers(into: number[]): number[] {
    return this.#list(into, 0, () => this.#pbf.readVarint(true))
  }

  #floats(into: number[]): number[] {
    return this.#list(into, 5, () => this.#pbf.readFloat())
  }

  #doubles(into: number[]): number[] {
    return this.#list(into, 1, () => this.#pbf.readDouble())
  }

  /** A repeated number: one, or a packed run of them. */
  #list(into: number[], wire: number, read: () => number): number[] {
    if (this.#pbf.type === wire) into.push(read())
    else {
      const end = this.#lengthEnd()
      while (this.#pbf.pos < end) into.push(read())
      if (this.#pbf.pos !== end) fail('a list does not end where it says')
    }
    return into
  }
}

/** As an own property, whatever its name: a file may call something `__proto__`. */
function define<T>(into: Record<string, T>, name: string, value: T): void {
  Object.defineProperty(into, name, { value, enumerable: true, configurable: true, writable: true })
}

/** Protobuf leaves out what has its default value. */
function defaultOf(kind: number, name: string): AttributeValue {
  if (kind === attributeType.float) return { float: 0 }
  if (kind === attributeType.int) return 0
  if (kind === attributeType.string) return ''
  return fail(`attribute '${name}' is of kind ${kind}, which is not read`)
}

/** Elements that are listed one by one instead of as bytes. Halves are listed by their bits. */
function packed(values: readonly number[], dtype: OnnxType): Uint8Array {
  const width = bytesPerElement[dtype]
  const view = new DataView(new ArrayBuffer(values.length * width))
  const write: Record<OnnxType, (at: number, value: number) => void> = {
    float32: (at, value) => view.setFloat32(at, value, true),
    float64: (at, value) => view.setFloat64(at, value, true),
    float16: (at, value) => view.setUint16(at, value, true),
    bfloat16: (at, value) => view.setUint16(at, value, true),
    int64: (at, value) => view.setBigInt64(at, value >= 2 ** 63 ? 2n ** 63n - 1n : BigInt(value), true),
    uint64: (at, value) => view.setBigUint64(at, BigInt(value), true),
    int32: (at, value) => view.setInt32(at, value, true),
    uint32: (at, value) => view.setUint32(at, value, true),
    int16: (at, value) => view.setInt16(at, value, true),
    uint16: (at, value) => view.setUint16(at, value, true),
    int8: (at, value) => view.setInt8(at, value),
    uint8: (at, value) => view.setUint8(at, value),
    bool: (at, value) => view.setUint8(at, value),
  }
  values.forEach((value, i) => {
    write[dtype](i * width, value)
  })
  return new Uint8Array(view.buffer)
}
