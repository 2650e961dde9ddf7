import { PbfWriter } from 'pbf'
import {
  type AttributeValue,
  attributeType,
  elementType,
  irVersion,
  isGraph,
  type OnnxFunction,
  type OnnxGraph,
  type OnnxModel,
  type OnnxNode,
  type OnnxTensor,
  type OnnxValue,
  opset,
} from './format.ts'

/*
 * Writes ONNX's protobuf. Field numbers are those of onnx.proto.
 */

/** A file beside the model, with the SHA-1 of its bytes in hexadecimal digits. */
export interface FileBeside {
  readonly location: string
  readonly checksum?: string
}

/** Bytes of that file, from an offset. */
export interface Piece {
  readonly offset: number
  readonly bytes: Uint8Array
}

/** Tensors from this size on go to the file beside the model, where there is one. */
const externalFrom = 1024
/** So that a reader can map a tensor into memory. */
const alignment = 4096

export interface WriteOptions {
  /**
   * A file beside the model for the tensors' bytes, or what gives it from its content. Without it they are stored in the model, which may have 2 GB
   * at most.
   */
  readonly external?: FileBeside | ((pieces: readonly Piece[]) => FileBeside)
}

export interface WrittenModel {
  readonly model: Uint8Array
  /** What the file beside the model consists of: each piece at its offset, zeros between them. */
  readonly external: readonly Piece[]
}

/** A graph as a model that Quire's runtimes load. */
export const encodeModel = (graph: OnnxGraph): Uint8Array => writeModel(modelOf(graph)).model

/** The model of a graph: its header says which operator sets it uses. */
export function modelOf(graph: OnnxGraph, parts: Partial<OnnxModel> = {}): OnnxModel {
  const domains = new Set(['', ...domainsOf(graph.nodes), ...(parts.functions ?? []).flatMap(({ nodes }) => [...domainsOf(nodes)])])
  const opsets = Object.fromEntries([...domains].map((domain) => [domain, domain === '' ? opset : 1]))
  return { irVersion, opsets, producer: 'quire', doc: '', metadata: {}, functions: [], ...parts, graph }
}

export function domainsOf(nodes: readonly OnnxNode[]): Set<string> {
  const inner = (node: OnnxNode) => Object.values(node.attributes).flatMap((value) => (isGraph(value) ? [...domainsOf(value.nodes)] : []))
  return new Set(nodes.flatMap((node) => [node.domain ?? '', ...inner(node)]))
}

/** Serialises a model. */
export function writeModel(model: OnnxModel, { external }: WriteOptions = {}): WrittenModel {
  const offsets = new Map<OnnxTensor, number>()
  const pieces: Piece[] = []
  let end = 0
  for (const tensor of external === undefined ? [] : model.graph.initializers) {
    if (tensor.bytes.length < externalFrom) continue
    const offset = Math.ceil(end / alignment) * alignment
    offsets.set(tensor, offset)
    pieces.push({ offset, bytes: tensor.bytes })
    end = offset + tensor.bytes.length
  }
  const beside = pieces.length === 0 ? undefined : typeof external === 'function' ? external(pieces) : external
  return { model: new ModelWriter(offsets, beside).write(model), external: pieces }
}

type Write<T> = (value: T, writer: PbfWriter) => void

class ModelWriter {
  readonly #offsets: ReadonlyMap<OnnxTensor, number>
  readonly #beside?: FileBeside

  constructor(offsets: ReadonlyMap<OnnxTensor, number>, beside?: FileBeside) {
    this.#offsets = offsets
    this.#beside = beside
  }

  write(model: OnnxModel): Uint8Array {
    const writer = new PbfWriter()
    writer.writeVarintField(1, model.irVersion)
    writer.writeStringField(2, model.producer)
    if (model.doc) writer.writeStringField(6, model.doc)
    writer.writeMessage(7, this.#graph, model.graph)
    for (const entry of Object.entries(model.opsets)) writer.writeMessage(8, writeOpset, entry)
    for (const entry of Object.entries(model.metadata)) writer.writeMessage(14, writeProperty, entry)
    for (const fn of model.functions) writer.writeMessage(25, this.#function, fn)
    return writer.finish()
  }

  readonly #graph: Write<OnnxGraph> = (graph, writer) => {
    for (const node of graph.nodes) writer.writeMessage(1, this.#node, node)
    writer.writeStringField(2, graph.name)
    for (const tensor of graph.initializers) writer.writeMessage(5, this.#tensor, tensor)
    for (const input of graph.inputs) writer.writeMessage(11, writeValue, input)
    for (const output of graph.outputs) writer.writeMessage(12, writeValue, output)
  }

  readonly #function: Write<OnnxFunction> = (fn, writer) => {
    writer.writeStringField(1, fn.name)
    for (const input of fn.inputs) writer.writeStringField(4, input)
    for (const output of fn.outputs) writer.writeStringField(5, output)
    for (const attribute of fn.attributes) writer.writeStringField(6, attribute)
    for (const node of fn.nodes) writer.writeMessage(7, this.#node, node)
    if (fn.doc) writer.writeStringField(8, fn.doc)
    for (const entry of Object.entries(fn.opsets)) writer.writeMessage(9, writeOpset, entry)
    writer.writeStringField(10, fn.domain)
    for (const entry of Object.entries(fn.defaults)) writer.writeMessage(11, this.#attribute, entry)
  }

  readonly #node: Write<OnnxNode> = (node, writer) => {
    for (const input of node.inputs) writer.writeStringField(1, input)
    for (const output of node.outputs) writer.writeStringField(2, output)
    writer.writeStringField(3, node.name)
    writer.writeStringField(4, node.type)
    for (const entry of Object.entries(node.attributes)) writer.writeMessage(5, this.#attribute, entry)
    if (node.domain) writer.writeStringField(7, node.domain)
  }

  readonly #attribute: Write<[name: string, value: AttributeValue]> = ([name, value], writer) => {
    writer.writeStringField(1, name)
    writer.writeVarintField(20, this.#attributeValue(value, writer))
  }

  /** Writes the value; returns the number of its kind. */
  #attributeValue(value: AttributeValue, writer: PbfWriter): number {
    if (typeof value === 'number') writer.writeVarintField(3, value)
    else if (typeof value === 'string') writer.writeBytesField(4, new TextEncoder().encode(value))
    else if (isGraph(value)) writer.writeMessage(6, this.#graph, value)
    else if ('float' in value) writer.writeFloatField(2, value.float)
    else if ('floats' in value) for (const entry of value.floats) writer.writeFloatField(7, entry)
    else if ('strings' in value) for (const entry of value.strings) writer.writeBytesField(9, new TextEncoder().encode(entry))
    else if ('tensor' in value) writer.writeMessage(5, this.#tensor, value.tensor)
    else if ('reference' in value) writer.writeStringField(21, value.reference)
    else for (const entry of value) writer.writeVarintField(8, entry)
    return kindOf(value)
  }

  readonly #tensor: Write<OnnxTensor> = (tensor, writer) => {
    for (const extent of tensor.shape) writer.writeVarintField(1, extent)
    writer.writeVarintField(2, elementType[tensor.dtype])
    writer.writeStringField(8, tensor.name)
    const offset = this.#offsets.get(tensor)
    if (offset === undefined) return writer.writeBytesField(9, tensor.bytes)
    const entries = { ...this.#beside, offset: `${offset}`, length: `${tensor.bytes.length}` }
    for (const entry of Object.entries(entries)) writer.writeMessage(13, writeProperty, entry)
    writer.writeVarintField(14, 1)
  }
}

function kindOf(value: AttributeValue): number {
  if (typeof value === 'number') return attributeType.int
  if (typeof value === 'string') return attributeType.string
  if (isGraph(value)) return attributeType.graph
  if ('float' in value) return attributeType.float
  if ('floats' in value) return attributeType.floats
  if ('strings' in value) return attributeType.strings
  if ('tensor' in value) return attributeType.tensor
  return 'reference' in value ? value.type : attributeType.ints
}

const writeOpset: Write<[domain: string, version: number]> = ([domain, version], writer) => {
  if (domain) writer.writeStringField(1, domain)
  writer.writeVarintField(2, version)
}

const writeProperty: Write<[key: string, value: string]> = ([key, value], writer) => {
  writer.writeStringField(1, key)
  writer.writeStringField(2, value)
}

const writeValue: Write<OnnxValue> = (value, writer) => {
  writer.writeStringField(1, value.name)
  if (value.dtype) writer.writeMessage(2, writeType, value)
}

const writeType: Write<OnnxValue> = (value, writer) => writer.writeMessage(1, writeTensorType, value)

const writeTensorType: Write<OnnxValue> = ({ dtype, shape }, writer) => {
  writer.writeVarintField(1, elementType[dtype!])
  if (shape) writer.writeMessage(2, writeShape, shape)
}

const writeShape: Write<readonly (number | string)[]> = (shape, writer) => {
  for (const extent of shape) writer.writeMessage(1, writeExtent, extent)
}

const writeExtent: Write<number | string> = (extent, writer) => {
  if (typeof extent === 'number') writer.writeVarintField(1, extent)
  else if (extent) writer.writeStringField(2, extent)
}
