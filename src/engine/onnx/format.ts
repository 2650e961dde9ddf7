import type { NDArray } from '../array.ts'
import type { DType } from '../dtype.ts'

/*
 * ONNX models as plain data: what `write.ts` writes and `read.ts` reads. Names follow onnx.proto.
 */

/** ONNX 1.16: understood by every runtime since 2024. The newest that ONNX Runtime 1.30 accepts is 26. */
export const opset = 21
export const irVersion = 10

/** Element types by the numbers of onnx.proto. Strings, complex numbers and types below 8 bits are not read. */
export const elementType = {
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
  uint64: 13,
  bfloat16: 16,
} as const satisfies Record<DType, number> & Record<string, number>

export type OnnxType = keyof typeof elementType

/** The numbers that stand for the kinds of attributes. */
export const attributeType = { float: 1, int: 2, string: 3, tensor: 4, graph: 5, floats: 6, ints: 7, strings: 8, graphs: 10 } as const

/** An integer, a string, a list of integers, or a value whose kind JavaScript's types do not tell. */
export type AttributeValue =
  | number
  | string
  | readonly number[]
  | { readonly float: number }
  | { readonly floats: readonly number[] }
  | { readonly strings: readonly string[] }
  | { readonly tensor: OnnxTensor }
  /** In a function's body: the value of the attribute that the function is called with. */
  | { readonly reference: string; readonly type: number }
  | OnnxGraph

export interface OnnxNode {
  readonly type: string
  readonly domain?: string
  readonly name: string
  /** Names of values; an empty name stands for an optional input that is left out. */
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes: Readonly<Record<string, AttributeValue>>
}

/** An input or output. Those of graphs inside a node may leave their type out. Extents that are names are symbolic; of `''` nothing is known. */
export interface OnnxValue {
  readonly name: string
  readonly dtype?: OnnxType
  readonly shape?: readonly (number | string)[]
}

export interface OnnxTensor {
  readonly name: string
  readonly dtype: OnnxType
  readonly shape: readonly number[]
  /** Little-endian, row-major. */
  readonly bytes: Uint8Array
}

export interface OnnxGraph {
  readonly name: string
  readonly nodes: readonly OnnxNode[]
  readonly inputs: readonly OnnxValue[]
  readonly outputs: readonly OnnxValue[]
  readonly initializers: readonly OnnxTensor[]
}

/** A model-local function: a node of type `name` in `domain` stands for these nodes. */
export interface OnnxFunction {
  readonly domain: string
  readonly name: string
  readonly doc?: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  /** Attributes without a default, and those with one. */
  readonly attributes: readonly string[]
  readonly defaults: Readonly<Record<string, AttributeValue>>
  readonly opsets: Readonly<Record<string, number>>
  readonly nodes: readonly OnnxNode[]
}

export interface OnnxModel {
  readonly irVersion: number
  /** The version of each domain's operators; the standard's own domain is ''. */
  readonly opsets: Readonly<Record<string, number>>
  readonly producer: string
  readonly doc: string
  readonly metadata: Readonly<Record<string, string>>
  readonly graph: OnnxGraph
  readonly functions: readonly OnnxFunction[]
}

export const isGraph = (value: AttributeValue): value is OnnxGraph => typeof value === 'object' && 'nodes' in value

/** The bytes of a typed array, without a copy. */
export const bytesOf = ({ data }: Pick<NDArray, 'data'>): Uint8Array => new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
