import { PbfWriter } from 'pbf'
import type { NDArray } from '../array.ts'
import type { DType } from '../dtype.ts'

/*
 * The part of the ONNX format that Quire writes. Field numbers are those of onnx.proto.
 */

/** ONNX 1.16: understood by every runtime since 2024. The newest that ONNX Runtime 1.30 accepts is 26. */
export const opset = 21
const irVersion = 10

export type OnnxType = DType | 'int64'

export const elementType: Record<OnnxType, number> = { float32: 1, int32: 6, int64: 7, bool: 9, float64: 11, uint32: 12 }

export type AttributeValue = number | string | readonly number[] | { readonly float: number } | OnnxGraph

export interface OnnxNode {
  readonly type: string
  readonly domain?: string
  readonly name: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes: Readonly<Record<string, AttributeValue>>
}

export interface OnnxValue {
  readonly name: string
  readonly dtype: OnnxType
  readonly shape: readonly (number | string)[]
}

export interface OnnxInitializer {
  readonly name: string
  readonly dtype: OnnxType
  readonly shape: readonly number[]
  readonly bytes: Uint8Array
}

export interface OnnxGraph {
  readonly name: string
  readonly nodes: readonly OnnxNode[]
  readonly inputs: readonly OnnxValue[]
  readonly outputs: readonly OnnxValue[]
  readonly initializers: readonly OnnxInitializer[]
}

/** The bytes of a typed array, without a copy. */
export const bytesOf = ({ data }: NDArray): Uint8Array => new Uint8Array(data.buffer, data.byteOffset, data.byteLength)

/** Serialises a graph as an ONNX model. */
export function encodeModel(graph: OnnxGraph, metadata: Readonly<Record<string, string>> = {}): Uint8Array {
  const writer = new PbfWriter()
  writer.writeVarintField(1, irVersion)
  writer.writeStringField(2, 'quire')
  writer.writeMessage(7, writeGraph, graph)
  writer.writeMessage(8, writeOpset, { domain: '', version: opset })
  if (usesMicrosoftDomain(graph)) writer.writeMessage(8, writeOpset, { domain: 'com.microsoft', version: 1 })
  for (const [key, value] of Object.entries(metadata)) writer.writeMessage(14, writeProperty, { key, value })
  return writer.finish()
}

const usesMicrosoftDomain = (graph: OnnxGraph): boolean =>
  graph.nodes.some(
    (node) =>
      node.domain === 'com.microsoft' || Object.values(node.attributes).some((value) => isGraph(value) && usesMicrosoftDomain(value)),
  )

function writeOpset({ domain, version }: { domain: string; version: number }, writer: PbfWriter): void {
  if (domain) writer.writeStringField(1, domain)
  writer.writeVarintField(2, version)
}

function writeProperty({ key, value }: { key: string; value: string }, writer: PbfWriter): void {
  writer.writeStringField(1, key)
  writer.writeStringField(2, value)
}

function writeGraph(graph: OnnxGraph, writer: PbfWriter): void {
  for (const node of graph.nodes) writer.writeMessage(1, writeNode, node)
  writer.writeStringField(2, graph.name)
  for (const initializer of graph.initializers) writer.writeMessage(5, writeInitializer, initializer)
  for (const input of graph.inputs) writer.writeMessage(11, writeValue, input)
  for (const output of graph.outputs) writer.writeMessage(12, writeValue, output)
}

function writeNode(node: OnnxNode, writer: PbfWriter): void {
  for (const input of node.inputs) writer.writeStringField(1, input)
  for (const output of node.outputs) writer.writeStringField(2, output)
  writer.writeStringField(3, node.name)
  writer.writeStringField(4, node.type)
  for (const [name, value] of Object.entries(node.attributes)) writer.writeMessage(5, writeAttribute, { name, value })
  if (node.domain) writer.writeStringField(7, node.domain)
}

const isGraph = (value: AttributeValue): value is OnnxGraph => typeof value === 'object' && 'nodes' in value

function writeAttribute({ name, value }: { name: string; value: AttributeValue }, writer: PbfWriter): void {
  writer.writeStringField(1, name)
  if (typeof value === 'number') {
    writer.writeVarintField(3, value)
    writer.writeVarintField(20, 2)
  } else if (typeof value === 'string') {
    writer.writeBytesField(4, new TextEncoder().encode(value))
    writer.writeVarintField(20, 3)
  } else if (isGraph(value)) {
    writer.writeMessage(6, writeGraph, value)
    writer.writeVarintField(20, 5)
  } else if ('float' in value) {
    writer.writeFloatField(2, value.float)
    writer.writeVarintField(20, 1)
  } else {
    for (const entry of value) writer.writeVarintField(8, entry)
    writer.writeVarintField(20, 7)
  }
}

function writeInitializer({ name, dtype, shape, bytes }: OnnxInitializer, writer: PbfWriter): void {
  for (const extent of shape) writer.writeVarintField(1, extent)
  writer.writeVarintField(2, elementType[dtype])
  writer.writeStringField(8, name)
  writer.writeBytesField(9, bytes)
}

function writeValue({ name, dtype, shape }: OnnxValue, writer: PbfWriter): void {
  writer.writeStringField(1, name)
  writer.writeMessage(2, writeType, { dtype, shape })
}

type TensorType = Pick<OnnxValue, 'dtype' | 'shape'>

function writeType(type: TensorType, writer: PbfWriter): void {
  writer.writeMessage(1, writeTensorType, type)
}

function writeTensorType({ dtype, shape }: TensorType, writer: PbfWriter): void {
  writer.writeVarintField(1, elementType[dtype])
  writer.writeMessage(2, writeShape, shape)
}

function writeShape(shape: readonly (number | string)[], writer: PbfWriter): void {
  for (const extent of shape) writer.writeMessage(1, writeExtent, extent)
}

function writeExtent(extent: number | string, writer: PbfWriter): void {
  if (typeof extent === 'number') writer.writeVarintField(1, extent)
  else writer.writeStringField(2, extent)
}
