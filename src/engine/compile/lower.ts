import { type NDArray, ndarray } from '../array.ts'
import { allocate, type DType, isFloat } from '../dtype.ts'
import type { Aval, Node } from '../graph/node.ts'
import type { Graph } from '../graph/trace.ts'
import {
  type AttributeValue,
  bytesOf,
  elementType,
  type OnnxGraph,
  type OnnxNode,
  type OnnxTensor,
  type OnnxType,
  type OnnxValue,
} from '../onnx/format.ts'
import { swapsLast } from '../primitives/movement.ts'
import { projectPrimitive } from '../primitives/structural.ts'
import { blockedDomain } from '../runtime/blocked.ts'
import { listing } from './order.ts'
import { simplify } from './simplify.ts'

export interface LoweringOptions {
  /** Use only operators of the ONNX standard, so that any runtime can load the model. Otherwise also those that ONNX Runtime adds. */
  readonly portable?: boolean
  /** The runtime's `channelBlock`: convolutions go through its layout of blocks. */
  readonly channelBlock?: number
  /** Filled with the node of the graph that each ONNX node, by name, comes from. */
  readonly origins?: Map<string, Node>
}

type Attributes = Readonly<Record<string, AttributeValue>>

/** What lowering rules write to: a list of ONNX nodes under construction. Equal nodes are emitted once. */
export class LoweringContext {
  readonly #nodes: OnnxNode[] = []
  readonly #names = new Map<string, string>()
  readonly #initializers: Map<string, OnnxTensor>
  readonly #counter: { last: number }
  readonly #outer?: LoweringContext
  readonly #options: LoweringOptions
  /** The node that is being lowered. */
  #current?: Node
  /** The names of nodes lowered so far, for rules that look through their inputs. */
  #lowered = new Map<Node, readonly string[]>()
  /** Results of blocked convolutions, by their names in the usual order. */
  readonly #blocked = new Map<string, string>()
  /** For nodes with several results: which of these anybody reads. */
  #read = new Map<Node, Set<number>>()

  constructor(options: LoweringOptions = {}, outer?: LoweringContext) {
    this.#options = options
    this.#outer = outer
    this.#initializers = outer ? outer.#initializers : new Map()
    this.#counter = outer ? outer.#counter : { last: 0 }
  }

  /** Whether the model is to be read by others, who know nothing of this runtime. */
  get portable(): boolean {
    return this.#options.portable === true
  }

  get channelBlock(): number | undefined {
    return this.portable ? undefined : this.#options.channelBlock
  }

  /** An image [n, c, h, w] in blocks of channels, which the result of a blocked convolution is already. */
  blocked(x: string): string {
    return this.#blocked.get(x) ?? this.emit('ReorderInput', [x], {}, blockedDomain)
  }

  /** What lies in blocks, back in the order of all other operations. */
  unblocked(x: string, channels: number): string {
    const name = this.emit('ReorderOutput', [x], { channels }, blockedDomain)
    this.#blocked.set(name, x)
    return name
  }

  fresh(prefix: string): string {
    return `${prefix}_${++this.#counter.last}`
  }

  /** Adds a node with one result; returns the result's name. */
  emit(type: string, inputs: readonly string[], attributes: Attributes = {}, domain?: string): string {
    const key = `${domain ?? ''}${type}(${inputs.join(',')})${JSON.stringify(attributes)}`
    const existing = this.#find(key)
    if (existing) return existing
    const name = this.fresh(type)
    this.#add({ type, domain, name, inputs, outputs: [name], attributes })
    this.#names.set(key, name)
    return name
  }

  /** Adds a node with several results. */
  emitMany(type: string, inputs: readonly string[], count: number, attributes: Attributes = {}): string[] {
    const outputs = Array.from({ length: count }, () => this.fresh(type))
    this.#add({ type, name: outputs[0], inputs, outputs, attributes })
    return outputs
  }

  #add(node: OnnxNode): void {
    this.#nodes.push(node)
    if (this.#current) this.#options.origins?.set(node.name, this.#current)
  }

  #find(key: string): string | undefined {
    return this.#names.get(key) ?? (this.#outer ? this.#outer.#find(key) : undefined)
  }

  /** A constant tensor; equal ones are stored once. */
  constant(array: NDArray): string {
    return this.#initializer(array.dtype, array.shape, bytesOf(array))
  }

  scalar(value: number, dtype: DType): string {
    const data = allocate(dtype, 1)
    data[0] = value
    return this.constant(ndarray(data, [], dtype))
  }

  /** A one-dimensional int64 constant: shapes, axes, bounds. */
  integers(...values: number[]): string {
    return this.#initializer('int64', [values.length], new Uint8Array(BigInt64Array.from(values, BigInt).buffer))
  }

  #initializer(dtype: OnnxType, shape: readonly number[], bytes: Uint8Array): string {
    const key = `${dtype}[${shape}]${bytes.length <= 64 ? bytes.join() : `#${hashBytes(bytes)}`}`
    const existing = this.#initializers.get(key)
    if (existing) return existing.name
    const name = this.fresh('constant')
    this.#initializers.set(key, { name, dtype, shape, bytes })
    return name
  }

  cast(x: string, dtype: OnnxType): string {
    return this.emit('Cast', [x], { to: elementType[dtype] })
  }

  /** A reduction over these axes. The runtime has none for unsigned integers, which pass through int64. */
  reduce(type: string, x: string, axes: readonly number[], dtype: DType): string {
    if (dtype === 'uint32') return this.cast(this.reduce(type, this.cast(x, 'int64'), axes, 'int32'), dtype)
    return this.emit(type, [x, this.integers(...axes)], { keepdims: 0, noop_with_empty_axes: 1 })
  }

  /** A matrix product. ONNX Runtime can read its operands transposed, which saves writing the transposed ones. */
  matmul([a, b]: readonly string[], node: Node): string {
    if (this.#options.portable || !isFloat(node.dtype)) return this.emit('MatMul', [a, b])
    const [left, right] = node.inputs.map((input) => this.#untransposed(input))
    if (!left && !right) return this.emit('MatMul', [a, b])
    return this.emit(
      'FusedMatMul',
      [left ?? a, right ?? b],
      { transA: Number(left !== undefined), transB: Number(right !== undefined) },
      'com.microsoft',
    )
  }

  /** The name of what `node` transposes, if it exchanges just the last two axes. */
  #untransposed(node: Node): string | undefined {
    return swapsLast(node) ? this.#lowered.get(node.inputs[0])?.[0] : undefined
  }

  /** Lowers a graph that depends on its parameters alone, which are here under these names; returns the names of its outputs. */
  inlineGraph(graph: Graph, names: readonly string[]): string[] {
    const [lowered, read] = [this.#lowered, this.#read]
    this.#lowered = new Map(graph.parameters.map((parameter, i) => [parameter, [names[i]]]))
    this.#read = new Map()
    const order = listing(graph).listed
    for (const { primitive, inputs, attributes } of order) {
      if (primitive !== projectPrimitive) continue
      const indices = this.#read.get(inputs[0]) ?? new Set()
      this.#read.set(inputs[0], indices.add(attributes.index as number))
    }
    for (const node of order) {
      if (this.#lowered.has(node)) continue
      const inputs = node.inputs.map((input) => this.#nameOf(input))
      this.#current = node
      this.#lowered.set(node, node.primitive === projectPrimitive ? [this.#nameOf(node)] : node.primitive.lower(this, inputs, node))
    }
    const outputs = graph.outputs.map((output) => this.#nameOf(output))
    this.#lowered = lowered
    this.#read = read
    return outputs
  }

  /** Whether anybody reads a result of the node that is being lowered: the name of one that nobody reads does not matter. */
  isRead(node: Node, index: number): boolean {
    return !node.results || (this.#read.get(node)?.has(index) ?? false)
  }

  #nameOf(node: Node): string {
    if (node.primitive === projectPrimitive) return this.#lowered.get(node.inputs[0])![node.attributes.index as number]
    return this.#lowered.get(node)![0]
  }

  /**
   * A graph as the attribute of an operator: the body of a loop, a branch. Its first parameters become inputs, after those that the operator
   * itself adds; the others are values of this context, which the graph sees by these names.
   */
  subgraph(graph: Graph, outside: readonly string[], added: readonly OnnxValue[] = []): OnnxGraph {
    const body = new LoweringContext(this.#options, this)
    const own = graph.parameters.slice(0, graph.parameters.length - outside.length)
    const inputs = own.map(({ dtype, shape }) => ({ name: this.fresh('input'), dtype, shape }))
    const simple = { parameters: graph.parameters, outputs: simplify(graph.outputs) }
    const produced = body.inlineGraph(simple, [...inputs.map(({ name }) => name), ...outside])
    return { name: this.fresh('body'), inputs: [...added, ...inputs], ...body.finish(produced, graph.outputs), initializers: [] }
  }

  /** The nodes that the outputs need, and the outputs under names of their own. */
  finish(
    outputs: readonly string[],
    avals: readonly Aval[],
    names = outputs.map(() => this.fresh('output')),
  ): Pick<OnnxGraph, 'nodes' | 'outputs'> {
    outputs.forEach((name, i) => {
      this.#nodes.push({ type: 'Identity', name: names[i], inputs: [name], outputs: [names[i]], attributes: {} })
    })
    return {
      nodes: renameOutputs(needed(this.#nodes, names), names),
      outputs: avals.map(({ dtype, shape }, i) => ({ name: names[i], dtype, shape })),
    }
  }

  get initializers(): readonly OnnxTensor[] {
    return [...this.#initializers.values()]
  }
}

/** 53 bits of a string hash over bytes: enough to tell constants of one graph apart. */
function hashBytes(bytes: Uint8Array): string {
  let [a, b] = [0xdeadbeef, 0x41c6ce57]
  for (const byte of bytes) {
    a = Math.imul(a ^ byte, 2654435761)
    b = Math.imul(b ^ byte, 1597334677)
  }
  return `${bytes.length}:${a >>> 0}:${b >>> 0}`
}

/** What a node reads: its inputs, and what the graphs inside it capture. */
function* reads(node: OnnxNode): Generator<string> {
  yield* node.inputs
  for (const value of Object.values(node.attributes)) {
    if (typeof value === 'object' && 'nodes' in value) for (const inner of value.nodes) yield* reads(inner)
  }
}

function needed(nodes: readonly OnnxNode[], outputs: readonly string[]): OnnxNode[] {
  const wanted = new Set(outputs)
  const kept: OnnxNode[] = []
  for (const node of nodes.toReversed()) {
    if (!node.outputs.some((name) => wanted.has(name))) continue
    kept.push(node)
    for (const name of reads(node)) wanted.add(name)
  }
  return kept.reverse()
}

/** Drops the Identity before an output where the value is computed here and is nobody else's output: the node then writes the output itself. */
function renameOutputs(nodes: readonly OnnxNode[], outputs: readonly string[]): OnnxNode[] {
  const producer = new Map(nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)))
  const renamed = new Map<string, string>()
  const dropped = new Set<OnnxNode>()
  for (const output of outputs) {
    const identity = producer.get(output)
    const source = identity?.inputs[0]
    if (!identity || source === undefined || !producer.has(source) || renamed.has(source) || outputs.includes(source)) continue
    renamed.set(source, output)
    dropped.add(identity)
  }
  const name = (old: string) => renamed.get(old) ?? old
  const rename = (node: OnnxNode): OnnxNode => ({
    ...node,
    inputs: node.inputs.map(name),
    outputs: node.outputs.map(name),
    attributes: Object.fromEntries(
      Object.entries(node.attributes).map(([key, value]) => [
        key,
        typeof value === 'object' && 'nodes' in value ? { ...value, nodes: value.nodes.map(rename) } : value,
      ]),
    ),
  })
  return nodes.filter((node) => !dropped.has(node)).map(rename)
}

/** A graph as ONNX: parameters become inputs, under these names. */
export function lowerGraph(
  graph: Graph,
  inputNames: readonly string[],
  outputNames: readonly string[],
  options: LoweringOptions = {},
): OnnxGraph {
  const context = new LoweringContext(options)
  const produced = context.inlineGraph(graph, inputNames)
  const { nodes, outputs } = context.finish(produced, graph.outputs, [...outputNames])
  const read = new Set(nodes.flatMap((node) => [...reads(node)]))
  return {
    name: 'quire',
    nodes,
    inputs: graph.parameters.map(({ dtype, shape }, i) => ({ name: inputNames[i], dtype, shape })),
    outputs,
    initializers: context.initializers.filter(({ name }) => read.has(name)),
  }
}
